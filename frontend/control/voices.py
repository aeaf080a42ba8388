"""The voices: all of them, always in the same places, with what each has of the mix. UI thread only.

A click brings a voice into play or sends it away, an upright drag sets its weight, a right click opens its menu; while
the pointer is over a row its S and M stand there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from frontend.control.draw import Align
from frontend.control.frame import Frame
from frontend.control.hand import NOTHING, Touch
from frontend.control.layout import Rect
from frontend.control.shapes import ChipStyle, bar, caption, chip, focus_ring, letter_button, panel, pill, title
from frontend.control.travel import UNIT, percent
from frontend.theme import CAPTION, NAME, VALUE
from protocol.tree import weight_address

WAY = 188.0  # dp of drag from weight 0 to 1, as a fader's
TOP = 48.0  # of the first row, below the panel's top
BUTTON = 20.0


@dataclass(frozen=True)
class _Row:
    rect: Rect
    solo: Rect
    mute: Rect


@dataclass
class VoicesPanel:
    """Remembers the touches of this frame's first pass for its second."""

    _touches: dict[int, tuple[Touch, Touch, Touch]] = field(default_factory=dict)
    _rows: list[_Row] = field(default_factory=list)
    _rows_of: tuple[Rect, int] | None = None

    def rows(self, frame: Frame) -> list[_Row]:
        """One row a voice; closer together only where there are more than there is room for."""
        rect, count, compact = frame.layout.voices, len(frame.desk.slugs), frame.layout.compact
        if self._rows_of != (rect, count):
            top = rect.y + (12.0 if compact else TOP)
            h = min(33.0 if compact else 40.0, (rect.bottom - top - 8.0) / max(1, count))
            self._rows_of = (rect, count)
            self._rows = [
                _Row(Rect(rect.x + 1, y, rect.w - 2, h), Rect(rect.x + 172, y + 5, BUTTON, BUTTON),
                     Rect(rect.x + 196, y + 5, BUTTON, BUTTON))
                for y in (top + place * h for place in range(count))
            ]  # fmt: skip
        return self._rows

    def touch(self, frame: Frame) -> None:
        desk, hand = frame.desk, frame.hand
        self._touches.clear()
        for voice, row in enumerate(self.rows(frame)):
            slug = desk.slugs[voice]
            over = row.rect.has(hand.pointer.x, hand.pointer.y) and not frame.layout.compact and desk.on(voice)
            solo = hand.area(f"solo {slug}", row.solo) if over else NOTHING
            mute = hand.area(f"mute {slug}", row.mute) if over else NOTHING
            touch = hand.area(f"voice {slug}", row.rect, focusable=True)
            self._touches[voice] = (touch, solo, mute)
            if solo.clicked:
                desk.solo(voice)
            if mute.clicked:
                desk.mute(voice)
            share = frame.moved(touch, UNIT.share(desk.fader(voice)), WAY, upright=True)
            if touch.clicked:
                desk.toggle(voice)
            elif share is not None and (touch.dragging or not touch.held):
                if not desk.on(voice) and touch.dragging:
                    desk.enter_at(voice, 0.0)
                    hand.grip = share = 0.0
                desk.set_fader(voice, share)
            if touch.right:
                frame.menu = weight_address(slug)
            frame.tip(touch, f"{desk.cards[voice].name}: {desk.cards[voice].description}")
            frame.tip(solo, "solo: only soloed voices are heard")
            frame.tip(mute, "mute: not heard, fader kept")

    def draw(self, frame: Frame) -> None:
        canvas, desk, rect = frame.canvas, frame.desk, frame.layout.voices
        panel(canvas, rect)
        if not frame.layout.compact:
            title(canvas, rect, "voices")
            caption(canvas, rect, f"{len(desk.playing)} in play, {desk.awake} awake")
        for voice, row in enumerate(self.rows(frame)):
            if frame.layout.compact:
                self._compact_row(frame, voice, row)
            else:
                self._full_row(frame, voice, row)

    def _ground(self, frame: Frame, voice: int, row: _Row) -> float:
        """The row's ground and edge; gives how far the voice has come into play, 0 to 1."""
        canvas, chrome, desk = frame.canvas, frame.canvas.chrome, frame.desk
        touch = self._touches[voice][0]
        entered = frame.eases.toward(f"in play {desk.slugs[voice]}", float(desk.on(voice)), frame.motion.enter)
        hover = max(frame.hover(f"voice {desk.slugs[voice]}", touch), 1.0 if touch.held else 0.0)
        r = row.rect.inset(chrome.edge_width - 1)
        if entered > 0.0:
            canvas.fill(r.x, r.y, r.w, r.h, chrome.bg2, entered)
        if hover > 0.0:
            canvas.fill(r.x, r.y, r.w, r.h, chrome.bg3, hover * (1.0 if entered else 0.6))
        if entered > 0.0:
            canvas.fill(r.x, r.y, 3, r.h, desk.colours[voice], entered * (0.3 if desk.silenced(voice) else 1.0))
        if touch.keyboard:
            focus_ring(canvas, r.grown(-3), 4)
        return entered

    def _full_row(self, frame: Frame, voice: int, row: _Row) -> None:
        canvas, chrome, desk = frame.canvas, frame.canvas.chrome, frame.desk
        card, colour, r = desk.cards[voice], desk.colours[voice], row.rect
        entered = self._ground(frame, voice, row)
        touch, solo, mute = self._touches[voice]
        on, silenced = desk.on(voice), desk.silenced(voice)
        is_awake = voice in desk.link.mirror.distributions
        middle = r.y + r.h / 2
        left, right = r.x + 15, r.right - 15
        if on:
            style = ChipStyle.OUTLINED if silenced else ChipStyle.FULL
        else:
            style = ChipStyle.OUTLINED if is_awake else ChipStyle.FAINT
        chip(canvas, left, middle - 12, card.monogram, colour, style)
        name_y = canvas.middle(middle - 5.0 * entered, NAME)
        ink = chrome.hi if on else chrome.mid if is_awake else chrome.low
        if touch.hot and ink == chrome.low:
            ink = chrome.mid
        width = canvas.text(left + 42, name_y, card.slug, ink, NAME)
        if not on:
            if is_awake:
                ink = chrome.mid if touch.hot else chrome.low
                canvas.text(right, canvas.middle(middle, CAPTION), "awake", ink, CAPTION, align=Align.RIGHT)
            return
        if desk.slugs[voice] in desk.muted:
            canvas.hair_h(left + 40, left + 44 + width, middle - 5, chrome.hi)
        share = float(desk.shares[voice])
        with canvas.faded(0.5 if desk.stale else 1.0):
            bar(canvas, left + 42, middle + 8, right - left - 42, share, colour, (0.3 if silenced else 1.0) * entered)
            canvas.text(right, canvas.middle(middle - 5, NAME), percent(share), chrome.mid, NAME, align=Align.RIGHT)
        self._marks(frame, voice, row, bool(touch.hot or solo.hot or mute.hot))

    def _marks(self, frame: Frame, voice: int, row: _Row, hot: bool) -> None:
        """S and M while the pointer is near or they are on; else the MIDI mark."""
        canvas, chrome, desk = frame.canvas, frame.canvas.chrome, frame.desk
        slug = desk.slugs[voice]
        soloed, muted = slug in desk.soloed, slug in desk.muted
        if hot or soloed:
            letter_button(canvas, row.solo, "S", chrome.bg0 if soloed else chrome.hi, chrome.warn if soloed else None)
        if hot or muted:
            letter_button(canvas, row.mute, "M", chrome.bg0 if muted else chrome.hi, chrome.hi if muted else None)
        mark = midi_mark(frame, weight_address(slug))
        if mark and not (hot or soloed or muted):
            words, alpha = mark
            pill(canvas, row.rect.right - 45, row.rect.y + 15, words, alpha)

    def _compact_row(self, frame: Frame, voice: int, row: _Row) -> None:
        canvas, desk = frame.canvas, frame.desk
        card, colour, r = desk.cards[voice], desk.colours[voice], row.rect
        self._ground(frame, voice, row)
        on, silenced = desk.on(voice), desk.silenced(voice)
        style = ChipStyle.FULL if on and not silenced else ChipStyle.OUTLINED
        if not on and voice not in desk.link.mirror.distributions:
            style = ChipStyle.FAINT
        middle = r.y + r.h / 2
        chip(canvas, r.x + 9, middle - 12, card.monogram, colour, style)
        if on:
            with canvas.faded(0.5 if desk.stale else 1.0):
                words = percent(float(desk.shares[voice]))
                canvas.text(
                    r.right - 9, canvas.middle(middle - 4, VALUE), words, canvas.chrome.mid, VALUE, align=Align.RIGHT
                )
                bar(
                    canvas,
                    r.x + 47,
                    middle + 8,
                    r.right - r.x - 56,
                    float(desk.shares[voice]),
                    colour,
                    0.3 if silenced else 1,
                )


def midi_mark(frame: Frame, address: str) -> tuple[str, float] | None:
    """What a control's MIDI mark says and how strongly: bound, learning (it pulses once a second), or nothing."""
    if frame.desk.midi.learning == address:
        return "move it", 0.4 + 0.6 * abs(1.0 - 2.0 * (frame.now % 1.0)) if frame.motion.hover else 1.0
    label = frame.desk.mark(address)
    return None if label is None else (label, 1.0)
