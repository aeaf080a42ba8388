"""The faders: one strip a voice in play, for mouse, keyboard and the hardware whose place is shown. UI thread only.

A drag moves the handle by as much as the hand moves, with shift a tenth of it; a double click goes to zero; pressing
the track brings the handle to the hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from frontend.control.draw import Align, Canvas
from frontend.control.frame import Frame
from frontend.control.hand import NOTHING, Touch
from frontend.control.layout import Rect
from frontend.control.shapes import (
    CHIP_H,
    CHIP_W,
    HANDLE_H,
    LIST_CHIP_H,
    LIST_CHIP_W,
    ChipStyle,
    caption,
    chip,
    dotted_v,
    focus_ring,
    handle,
    panel,
    title,
)
from frontend.control.travel import UNIT, two_places
from frontend.control.voices import midi_mark
from frontend.theme import BIG, CAPTION, FIGURE, LABEL, STRIP_LIMIT, VALUE
from protocol.messages import Card
from protocol.tree import weight_address

LEFT, RIGHT = 56.0, 16.0  # of the strips inside the panel
TRACK = 10.0
OVER = 5.0  # that the track reaches beyond its ends
HANDLE = 48.0
MARKS = ((1.0, "1"), (0.75, ".75"), (0.5, ".5"), (0.25, ".25"), (0.0, "0"))


@dataclass(frozen=True)
class Strips:
    """Where the strips stand in the panel: pure geometry, values and dp."""

    panel: Rect
    count: int
    compact: bool

    @property
    def top(self) -> float:
        """The y of value 1."""
        return self.panel.y + (76.0 if self.compact else 80.5)

    @property
    def way(self) -> float:
        """dp from 0 to 1."""
        foot = 132.0 if self.plain else 172.0  # names take their room
        return self.panel.h - foot + (14.0 if self.compact else 0.0)

    @property
    def pitch(self) -> float:
        return (self.panel.w - LEFT - RIGHT) / max(1, self.count)

    @property
    def plain(self) -> bool:
        """Whether there are so many that names are left out."""
        return self.count > STRIP_LIMIT

    @property
    def handle(self) -> float:
        """How wide a handle is."""
        return min(HANDLE, self.pitch - 6)

    def x(self, place: int) -> float:
        """The middle of a strip."""
        return self.panel.x + LEFT + self.pitch * (place + 0.5)

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self.top + self.way * (1.0 - value)

    def value(self, y: float) -> float:
        """The value that stands at y, 0 to 1."""
        return min(1.0, max(0.0, 1.0 - (y - self.top) / self.way))

    def grasp(self, place: int) -> Rect:
        """Where a strip can be taken hold of."""
        return Rect(self.x(place) - self.pitch / 2, self.top - 14, self.pitch, self.way + 28)

    def foot(self, place: int) -> Rect:
        """Chip and name below a strip."""
        y = self.top + self.way + OVER
        return Rect(self.x(place) - self.pitch / 2, y + 9, self.pitch, self.panel.bottom - y - 13)


@dataclass(frozen=True)
class _Look:
    """All that a strip shows; while none of it changes, the strips are not drawn anew."""

    voice: int
    value: float
    silenced: bool
    muted: bool
    held: bool
    keyboard: bool
    hover: float
    entered: float  # how far the voice has come into play, 0 to 1
    ghost: float | None
    ghost_seen: float
    mark: tuple[str, float] | None


@dataclass
class FadersPanel:
    _touches: dict[int, Touch] = field(default_factory=dict)  # by voice: some may come or go between the two passes
    _ghosts: dict[str, float] = field(default_factory=dict)  # where each last was, for its going

    def touch(self, frame: Frame) -> None:
        desk, hand = frame.desk, frame.hand
        strips = self._strips(frame)
        self._touches.clear()
        for place, voice in enumerate(desk.playing):
            address = weight_address(desk.slugs[voice])
            value = desk.fader(voice)
            touch = hand.area(address, strips.grasp(place), focusable=True)
            self._touches[voice] = touch
            share = frame.moved(touch, value, strips.way, upright=True)
            if touch.double or (touch.focused and frame.nudges.default):
                share = hand.grip = 0.0
            elif touch.pressed and not touch.shift and abs(hand.pointer.y - strips.y(value)) > HANDLE_H:
                share = hand.grip = strips.value(hand.pointer.y)
            if share is not None:
                desk.set_fader(voice, UNIT.value(share))
            foot = hand.area(f"foot {address}", strips.foot(place))
            if touch.right or foot.right:
                frame.menu = address
            if touch.pressed and desk.midi.learning == address:
                desk.midi.cancel()
            frame.tip(touch, f"{desk.cards[voice].name}  \u00b7  shift: fine, double click: zero, right click: MIDI")
            frame.tip(foot, f"{desk.cards[voice].name}: {desk.cards[voice].description}")

    def _strips(self, frame: Frame) -> Strips:
        return Strips(frame.layout.faders, len(frame.desk.playing), frame.layout.compact)

    def draw(self, frame: Frame) -> None:
        canvas, chrome, desk, rect = frame.canvas, frame.canvas.chrome, frame.desk, frame.layout.faders
        strips = self._strips(frame)
        panel(canvas, rect, chrome.blue_panel, chrome.blue_line)
        title(canvas, rect, "faders", chrome.blue)
        bound = sum(desk.mark(weight_address(slug)) is not None for slug in desk.slugs)
        caption(canvas, rect, f"{desk.midi.status}, {bound} bound" if bound else desk.midi.status)
        if not desk.playing:
            x, y = rect.centre
            canvas.text(x, y, "no voice in play: click one on the left", chrome.mid, LABEL, align=Align.CENTRE)
            return
        canvas.kept("fader grid", strips, lambda: _draw_grid(canvas, strips))
        looks = tuple(self._look(frame, strips, voice) for voice in desk.playing)
        canvas.kept("strips", (strips, desk.colours, looks), lambda: self._draw_strips(frame, strips, looks))

    def _look(self, frame: Frame, strips: Strips, voice: int) -> _Look:
        desk, touch = frame.desk, self._touches.get(voice, NOTHING)
        slug = desk.slugs[voice]
        address = weight_address(slug)
        ghost = desk.midi.ghost(address)
        seen = frame.eases.toward(f"ghost {address}", float(ghost is not None), frame.motion.ghost)
        if ghost is not None:
            self._ghosts[address] = ghost
        elif seen <= 0.0:
            self._ghosts.pop(address, None)
        return _Look(
            voice, desk.fader(voice), desk.silenced(voice), slug in desk.muted, touch.held, touch.keyboard,
            hover=frame.hover(address, touch),
            entered=frame.eases.toward(f"in play {slug}", 1.0, frame.motion.enter),
            ghost=self._ghosts.get(address), ghost_seen=seen, mark=midi_mark(frame, address),
        )  # fmt: skip

    @staticmethod
    def _draw_strips(frame: Frame, strips: Strips, looks: Sequence[_Look]) -> None:
        for place, look in enumerate(looks):
            x = strips.x(place)
            with frame.canvas.faded(look.entered):
                _draw_track(frame.canvas, strips, x, look, frame.desk.colours[look.voice])
                _draw_foot(frame.canvas, strips, x, look, frame.desk.cards[look.voice])


def _draw_grid(canvas: Canvas, strips: Strips) -> None:
    rect, chrome = strips.panel, canvas.chrome
    for value, words in MARKS:
        y = strips.y(value)
        canvas.hair_h(rect.x + LEFT, rect.right - RIGHT, y, chrome.blue_line, 0.6)
        canvas.text(rect.x + 40, canvas.middle(y, CAPTION), words, chrome.low, CAPTION, align=Align.RIGHT)


def _draw_track(canvas: Canvas, strips: Strips, x: float, look: _Look, colour: str) -> None:
    """Value, track, ghost and handle."""
    chrome, w = canvas.chrome, strips.handle
    y, top, foot = strips.y(look.value), strips.top - OVER, strips.top + strips.way + OVER
    if look.hover > 0.0:
        canvas.fill(x - w / 2 - 6, top - 4, w + 12, foot - top + 8, chrome.bg3, 0.45 * look.hover, 6)
    canvas.fill(x - TRACK / 2, top, TRACK, foot - top, chrome.bg0, 1.0, TRACK / 2)
    canvas.outline(x - TRACK / 2, top, TRACK, foot - top, chrome.line, 0.9, TRACK / 2)
    if look.value > 0.0:
        canvas.fill(x - TRACK / 2, y, TRACK, foot - y, colour, 0.3 if look.silenced else 1.0, TRACK / 2)
    if look.ghost is not None:
        _draw_ghost(canvas, strips, x, y, look.ghost, look.ghost_seen)
    handle(canvas, x, y, w, look.held)
    if look.keyboard:
        focus_ring(canvas, Rect(x - w / 2, y - HANDLE_H / 2, w, HANDLE_H))
    size = LABEL if strips.plain else BIG
    ink = chrome.hi if look.held or look.hover > 0.5 or look.keyboard else chrome.mid
    words = two_places(look.value, strips.plain)
    canvas.text(x, strips.top - 14.5, words, ink, size, canvas.faces.bold, Align.CENTRE)


def _draw_ghost(canvas: Canvas, strips: Strips, x: float, y: float, ghost: float, seen: float) -> None:
    """Where the hardware's fader stands that has not been picked up yet."""
    chrome, at, w = canvas.chrome, strips.y(ghost), strips.handle
    towards = 8.0 if at < y else -8.0
    if abs(at - y) > HANDLE_H:
        dotted_v(canvas, x, at + towards, y - towards, chrome.blue, seen)
    canvas.outline(x - w / 2, at - HANDLE_H / 2, w, HANDLE_H, chrome.blue, seen, 4, 1.25)
    if not strips.plain:
        canvas.text(x + w / 2 + 6, canvas.middle(at, CAPTION), two_places(ghost), chrome.blue, CAPTION, alpha=seen)


def _draw_foot(canvas: Canvas, strips: Strips, x: float, look: _Look, card: Card) -> None:
    """Chip, name and MIDI mark below a strip."""
    chrome, y = canvas.chrome, strips.top + strips.way + OVER + (8.0 if strips.compact else 10.0)
    w, h = (LIST_CHIP_W, LIST_CHIP_H) if strips.plain else (CHIP_W, CHIP_H)
    chip(
        canvas, x - w / 2, y, card.monogram, card.colour, ChipStyle.OUTLINED if look.silenced else ChipStyle.FULL, w, h
    )
    y += h + (16.0 if strips.compact else 19.0)
    if not strips.plain:
        width = canvas.text(x, y, card.slug, chrome.hi, VALUE, align=Align.CENTRE)
        if look.muted:
            canvas.hair_h(x - width / 2 - 2, x + width / 2 + 2, y - 5, chrome.hi)
        y += 20.0
    if look.mark is not None:
        words, alpha = look.mark
        size = FIGURE if strips.plain else CAPTION
        words = words.removeprefix("CC ") if strips.plain else words
        canvas.text(x, y, words, chrome.blue, size, canvas.faces.bold, Align.CENTRE, alpha)
