"""The voices: all of them, always in the same places, with what each has of the mix. UI thread only.

A click brings a voice into play or sends it away, a double click solos it, an upright drag sets its weight, a right
click opens its menu; while the pointer is over a row its S and M stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import (
    ChipStyle,
    bar,
    caption,
    chip,
    focus_ring,
    held_tick,
    letter_button,
    panel,
    pill,
    title,
)
from frontend.control.panels.frame import PanelFrame
from frontend.control.state.edits import UNIT_RANGE, percent
from frontend.look.theme import CAPTION, NAME, VALUE
from protocol.messages import Card
from protocol.tree import weight_address

WEIGHT_DRAG_DP = 188.0  # dp of drag from weight 0 to 1, as a fader's
ROWS_TOP_DP = 48.0  # of the first row, below the panel's top
BUTTON_DP = 20.0


class _Row(NamedTuple):
    rect: Rect
    solo: Rect
    mute: Rect


class _Look(NamedTuple):
    """All that a row shows; while none of it changes, the row is not drawn anew."""

    row: _Row
    compact: bool
    entered: float  # how far the voice has come into play, 0 to 1
    hover: float
    on: bool
    awake: bool
    silenced: bool
    muted: bool
    soloed: bool
    hot: bool
    keyboard: bool
    stale: bool
    share: float
    held: float | None  # the share that is heard while the mix is held
    mark: tuple[str, float] | None

    @property
    def chip(self) -> ChipStyle:
        if self.on:
            return ChipStyle.OUTLINED if self.silenced or self.share < 0.0 else ChipStyle.FULL
        return ChipStyle.OUTLINED if self.awake else ChipStyle.FAINT


@dataclass
class VoicesPanel:
    """Remembers the touches of this frame's first pass for its second."""

    name: str = "voices"
    _touches: dict[int, tuple[Touch, Touch, Touch]] = field(default_factory=dict)
    _rows: list[_Row] = field(default_factory=list)
    _rows_of: tuple[Rect, int] | None = None
    _doubled: bool = False  # the release to come belongs to a double click

    def rows(self, frame: PanelFrame) -> list[_Row]:
        """One row a voice; closer together only where there are more than there is room for."""
        rect, count, compact = frame.layout.voices, len(frame.controller.slugs), frame.layout.compact
        if self._rows_of != (rect, count):
            top = rect.y + (12.0 if compact else ROWS_TOP_DP)
            h = min(33.0 if compact else 40.0, (rect.bottom - top - 8.0) / max(1, count))
            self._rows_of = (rect, count)
            self._rows = [
                _Row(
                    Rect(rect.x + 1, y, rect.w - 2, h),
                    Rect(rect.x + 172, y + 5, BUTTON_DP, BUTTON_DP),
                    Rect(rect.x + 196, y + 5, BUTTON_DP, BUTTON_DP),
                )
                for y in (top + place * h for place in range(count))
            ]
        return self._rows

    def touch(self, frame: PanelFrame) -> None:
        controller, tracker = frame.controller, frame.tracker
        if not frame.layout.compact:
            frame.head(self.name, frame.layout.voices)
        self._touches.clear()
        for voice, row in enumerate(self.rows(frame)):
            slug = controller.slugs[voice]
            over = (
                row.rect.has(tracker.pointer.x, tracker.pointer.y) and not frame.layout.compact and controller.on(voice)
            )
            solo = tracker.area(f"solo {slug}", row.solo) if over else NO_TOUCH
            mute = tracker.area(f"mute {slug}", row.mute) if over else NO_TOUCH
            touch = tracker.area(f"voice {slug}", row.rect, focusable=True)
            self._touches[voice] = (touch, solo, mute)
            if touch is NO_TOUCH and not over:
                continue
            if solo.clicked:
                controller.solo(voice)
            if mute.clicked:
                controller.mute(voice)
            share = frame.moved(touch, UNIT_RANGE.share(controller.fader(voice)), WEIGHT_DRAG_DP, upright=True)
            if touch.double:
                self._solo(frame, voice)
            elif frame.pressed(touch) and not self._doubled:
                controller.toggle(voice)
            elif share is not None and (touch.dragging or not touch.held):
                if not controller.on(voice) and touch.dragging:
                    controller.enter_at(voice, 0.0)
                    tracker.grip = share = 0.0
                controller.set_fader(voice, share)
            if touch.right:
                frame.menu = weight_address(slug)
            if touch.released:
                self._doubled = False
            frame.tip(touch, f"{controller.called(voice)}: {controller.cards[voice].description}")
            frame.tip(solo, "solo: only soloed voices are heard  \u00b7  S")
            frame.tip(mute, "mute: not heard, fader kept  \u00b7  M")

    def _solo(self, frame: PanelFrame, voice: int) -> None:
        """A double click: the first click has sent the voice away or brought it in; now it is in, and alone."""
        controller = frame.controller
        self._doubled = True
        if not controller.in_play_soon(voice):
            controller.toggle(voice)
        controller.solo(voice)

    def draw(self, frame: PanelFrame) -> None:
        canvas, controller, rect = frame.canvas, frame.controller, frame.layout.voices
        panel(canvas, rect)
        if not frame.layout.compact:
            title(canvas, rect, "voices")
            caption(canvas, rect, f"{len(controller.playing)} in play")
        stale, shares = controller.stale, controller.shares.tolist()
        looks = tuple(
            self._look(frame, voice, row, round(shares[voice], 3), stale) for voice, row in enumerate(self.rows(frame))
        )
        canvas.kept("voices", (controller.cards, looks), lambda: _draw_rows(canvas, controller.cards, looks))

    def _look(self, frame: PanelFrame, voice: int, row: _Row, share: float, stale: bool) -> _Look:
        controller = frame.controller
        slug, on = controller.slugs[voice], controller.on(voice)
        touch, solo, mute = self._touches[voice]
        return _Look(
            row,
            frame.layout.compact,
            entered=frame.animated.toward(f"in play {slug}", float(on), frame.motion.enter),
            hover=1.0 if touch.held else frame.hover(f"voice {slug}", touch),
            on=on,
            awake=voice in controller.link.session.distributions,
            silenced=controller.silenced(voice),
            muted=slug in controller.muted,
            soloed=slug in controller.soloed,
            hot=touch.hot or solo.hot or mute.hot,
            keyboard=touch.keyboard,
            stale=stale,
            share=share,
            held=None if controller.held_shares is None else round(float(controller.held_shares[voice]), 3),
            mark=midi_mark(frame, controller.weight_addresses[voice]),
        )


def _draw_rows(canvas: ImGuiCanvas, cards: Sequence[Card], looks: Sequence[_Look]) -> None:
    canvas.kept_each(
        (("voice", place), (card, look), partial(_draw_row, canvas, card, look))
        for place, (card, look) in enumerate(zip(cards, looks, strict=True))
    )


def _draw_row(canvas: ImGuiCanvas, card: Card, look: _Look) -> None:
    _draw_ground(canvas, card, look)
    (_draw_compact if look.compact else _draw_full)(canvas, card, look)


def _draw_ground(canvas: ImGuiCanvas, card: Card, look: _Look) -> None:
    """The row's ground and edge."""
    chrome = canvas.chrome
    r = look.row.rect.inset(chrome.edge_width - 1)
    if look.entered > 0.0:
        canvas.fill(r.x, r.y, r.w, r.h, chrome.bg2, look.entered)
    if look.hover > 0.0:
        canvas.fill(r.x, r.y, r.w, r.h, chrome.bg3, look.hover * (1.0 if look.entered else 0.6))
    if look.entered > 0.0:
        canvas.fill(r.x, r.y, 3, r.h, card.colour, look.entered * (0.3 if look.silenced else 1.0))
    if look.keyboard:
        focus_ring(canvas, r.grown(-3), 4)


def _draw_full(canvas: ImGuiCanvas, card: Card, look: _Look) -> None:
    chrome, r = canvas.chrome, look.row.rect
    middle, left, right = r.y + r.h / 2, r.x + 15, r.right - 15
    chip(canvas, left, middle - 12, card.monogram, card.colour, look.chip)
    ink = chrome.hi if look.on else chrome.mid if look.awake or look.hot else chrome.low
    width = canvas.text(left + 42, canvas.middle(middle - 5.0 * look.entered, NAME), card.slug, ink, NAME)
    if not look.on:
        if look.awake:
            ink = chrome.mid if look.hot else chrome.low
            canvas.text(right, canvas.middle(middle, CAPTION), "awake", ink, CAPTION, align=Align.RIGHT)
        return
    if look.muted:
        canvas.hair_h(left + 40, left + 44 + width, middle - 5, chrome.hi)
    with canvas.faded(0.5 if look.stale else 1.0):
        alpha = (0.3 if look.silenced else 1.0) * look.entered
        bar(canvas, left + 42, middle + 8, right - left - 42, look.share, card.colour, alpha)
        held_tick(canvas, left + 42, middle + 10, right - left - 42, look.held)
        base = canvas.middle(middle - 5, NAME)
        canvas.text(right, base, percent(look.share), chrome.mid, NAME, align=Align.RIGHT)
    _draw_marks(canvas, look)


def _draw_marks(canvas: ImGuiCanvas, look: _Look) -> None:
    """S and M while the pointer is near or they are on; else the MIDI mark."""
    chrome = canvas.chrome
    if look.hot or look.soloed:
        ink, ground = (chrome.bg0, chrome.warn) if look.soloed else (chrome.hi, None)
        letter_button(canvas, look.row.solo, "S", ink, ground)
    if look.hot or look.muted:
        ink, ground = (chrome.bg0, chrome.hi) if look.muted else (chrome.hi, None)
        letter_button(canvas, look.row.mute, "M", ink, ground)
    if look.mark is not None and not (look.hot or look.soloed or look.muted):
        words, alpha = look.mark
        pill(canvas, look.row.rect.right - 45, look.row.rect.y + 15, words, alpha)


def _draw_compact(canvas: ImGuiCanvas, card: Card, look: _Look) -> None:
    r = look.row.rect
    middle = r.y + r.h / 2
    chip(canvas, r.x + 9, middle - 12, card.monogram, card.colour, look.chip)
    if look.on:
        with canvas.faded(0.5 if look.stale else 1.0):
            base = canvas.middle(middle - 4, VALUE)
            canvas.text(r.right - 9, base, percent(look.share), canvas.chrome.mid, VALUE, align=Align.RIGHT)
            bar(canvas, r.x + 47, middle + 8, r.w - 56, look.share, card.colour, 0.3 if look.silenced else 1.0)
            held_tick(canvas, r.x + 47, middle + 10, r.w - 56, look.held)


def midi_mark(frame: PanelFrame, address: str) -> tuple[str, float] | None:
    """What a control's mark says and how strongly: learning (it pulses once a second), who holds it from outside this
    window, what is bound to it, or nothing."""
    if frame.controller.hub.learning == address:
        return "move it", 0.4 + 0.6 * abs(1.0 - 2.0 * (frame.now % 1.0)) if frame.motion.hover else 1.0
    holder = frame.controller.hub.holders.fresh(address, frame.now)
    if holder is not None and holder.short:
        return holder.short, 1.0
    label = frame.controller.mark(address)
    return None if label is None else (label, 1.0)
