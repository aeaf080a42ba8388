"""The faders: one strip for each voice in play, for mouse, keyboard and hardware. UI thread only.

A drag moves the handle as far as the hand moves, with shift a tenth of it; below zero it goes on past a notch. A double
click goes to zero; a press on the track brings the handle to the pointer. Strips show weights, or each one's part of
all weights; bright is what is heard of a fader where the pucks are, dim what they keep back. Where a voice is below
zero the zero line moves up by a third; below it a unit is half as long as above. Where there are more voices than
hardware faders, a bracket over the strips shows the bank; its ends turn it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np

from frontend.control.drawing.canvas import Align, ImGuiCanvas, pack_all, rgbs
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import (
    CHIP_H,
    CHIP_W,
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
from frontend.control.panels.frame import FINE_SHARE, PanelFrame, held_words
from frontend.control.panels.voices import midi_mark
from frontend.control.state.edits import MINUS, two_places
from frontend.look.theme import BIG, CAPTION, FIGURE, LABEL, PLAIN_ABOVE_VOICES, VALUE
from protocol.messages import Card

# ---- geometry of the strips (pure) -----------------------------------------------------------------------------------

LEFT, RIGHT = 56.0, 16.0  # of the strips inside the panel
TRACK_OVERHANG_DP = 5.0  # that the track reaches beyond its ends
HANDLE_W, HANDLE_H = 48.0, 16.0
TOUCH_HANDLE_DP = 44.0  # of a handle in a panel that has the whole window
ZERO_NOTCH_SHARE = 0.07  # of the way above zero, that a hand goes on before a fader goes below it
BELOW_ZERO_SHARE = 1 / 3  # of the length, that lies below zero where anybody does


@dataclass(frozen=True)
class StripGeometry:
    """``below`` is how far the zero line has moved up, 0 to 1."""

    panel: Rect
    count: int
    compact: bool
    below: float = 0.0
    large: bool = False

    @cached_property
    def top(self) -> float:
        """The y of value 1."""
        return self.panel.y + (76.0 if self.compact else 80.5) + (14.0 if self.large else 0.0)

    @cached_property
    def length(self) -> float:
        """dp from the lowest end to 1."""
        foot = 148.0 if self.plain else 172.0  # names take their room
        return self.panel.h - foot + (14.0 if self.compact else 0.0) - (60.0 if self.large else 0.0)

    @cached_property
    def way(self) -> float:
        """dp from 0 to 1."""
        return self.length * (1.0 - BELOW_ZERO_SHARE * self.below)

    @cached_property
    def zero(self) -> float:
        """The y of value 0."""
        return self.top + self.way

    @cached_property
    def foot_y(self) -> float:
        """The y of the lowest end."""
        return self.top + self.length

    @cached_property
    def pitch(self) -> float:
        return (self.panel.w - LEFT - RIGHT) / max(1, self.count)

    @cached_property
    def plain(self) -> bool:
        """Whether there are so many that names are left out."""
        return self.count > PLAIN_ABOVE_VOICES and self.panel.w < 80.0 * self.count

    @cached_property
    def handle(self) -> float:
        """How wide a handle is."""
        return min(HANDLE_W * (1.5 if self.large else 1.0), self.pitch - 6)

    @cached_property
    def handle_h(self) -> float:
        return TOUCH_HANDLE_DP if self.large else HANDLE_H

    def x(self, place: int) -> float:
        """The middle of a strip."""
        return self.panel.x + LEFT + self.pitch * (place + 0.5)

    def y(self, value: float) -> float:
        """Where a value stands."""
        if value >= 0.0:
            return self.zero - self.way * value
        return self.zero - (self.foot_y - self.zero) * value

    def value(self, y: float) -> float:
        """The value that stands at y, from the lowest that there is room for to 1."""
        if y <= self.zero:
            return min(1.0, (self.zero - y) / self.way)
        room = self.foot_y - self.zero
        return max(-1.0, (self.zero - y) / room) if room > 1.0 else 0.0

    def grasp(self, place: int) -> Rect:
        """Where a strip can be taken hold of."""
        return self._areas[place][0]

    def foot(self, place: int) -> Rect:
        """Chip and name below a strip."""
        return self._areas[place][1]

    @cached_property
    def _areas(self) -> list[tuple[Rect, Rect]]:
        reach, y = self.handle_h / 2 + 6, self.foot_y + TRACK_OVERHANG_DP + (14.0 if self.large else 0.0)
        lefts = [self.x(place) - self.pitch / 2 for place in range(self.count)]
        return [
            (
                Rect(x, self.top - reach, self.pitch, self.length + 2 * reach),
                Rect(x, y + 9, self.pitch, self.panel.bottom - y - 13),
            )
            for x in lefts
        ]


strip_geometry = lru_cache(maxsize=8)(StripGeometry)  # the same strips in every frame, measured once


def value_of(grip: float) -> float:
    """A fader's value for how far the hand went, as a share of the way above zero: with a notch at zero.

    Below it a hand that went as far as above has gone twice the value: there the scale is half as long.
    """
    if grip >= 0.0:
        return min(1.0, grip)
    return max(-1.0, min(0.0, (grip + ZERO_NOTCH_SHARE) / _UNIT_BELOW))


def grip_of(value: float) -> float:
    """The inverse of ``value_of``; at zero the hand is above the notch."""
    return value if value >= 0.0 else value * _UNIT_BELOW - ZERO_NOTCH_SHARE


_UNIT_BELOW = BELOW_ZERO_SHARE / (1.0 - BELOW_ZERO_SHARE)  # of a unit below zero, as a share of one above

__all__ = ["FadersPanel", "StripGeometry"]

TRACK_WIDTH_DP = 10.0
MARKS = ((1.0, "1"), (0.75, ".75"), (0.5, ".5"), (0.25, ".25"), (0.0, "0"))
MARKS_BELOW = ((-0.5, f"{MINUS}.5"), (-1.0, f"{MINUS}1"))
VIEWS = ("weights", "balance")
VIEW_BUTTON_WIDTH_DP = 124.0
UNHEARD_ALPHA = 0.3  # of what a fader holds and nobody hears
WINDOW_CHIP_SCALE = 1.5  # chips and names in a panel that has the whole window


class _Look(NamedTuple):
    """All that a strip shows; while none of it changes, the strip is not drawn anew."""

    voice: int
    value: float
    silenced: bool
    dimmed: bool  # whether the pucks keep a part of it back
    muted: bool
    held: bool
    keyboard: bool
    hover: float
    entered: float  # how far the voice has come into play, 0 to 1
    ghost: float | None
    ghost_seen: float
    mark: tuple[str, float] | None
    leads_to: float | None  # where a scene on its way will put it


@dataclass
class FadersPanel:
    name: str = "faders"
    _touches: dict[int, Touch] = field(default_factory=dict)  # by voice: some may come or go between the two passes
    _ghosts: dict[str, float] = field(default_factory=dict)  # where each last was, for its going
    _view: Touch = NO_TOUCH
    _sinking: bool = False  # a hand is below zero

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        controller, tracker = frame.controller, frame.tracker
        frame.head(self.name, frame.layout.faders)
        strips = self.strips(frame)
        self._touches.clear()
        self._sinking = False
        values = self._values(frame)
        for place, voice in enumerate(controller.playing):
            address = controller.weight_addresses[voice]
            touch = self._touches[voice] = tracker.area(address, strips.grasp(place), focusable=True)
            foot = tracker.area(f"foot {address}", strips.foot(place))
            if touch is NO_TOUCH and foot is NO_TOUCH:
                continue
            wanted = self._moved(frame, touch, strips, values[voice])
            if wanted is not None:
                (controller.set_share if self._shares(frame) else controller.set_fader)(voice, wanted)
            if touch.right or foot.right:
                frame.menu = address
            if touch.pressed and controller.hub.learning == address:
                controller.hub.cancel()
            frame.tip(
                touch,
                f"{controller.called(voice)}  \u00b7  shift: fine, on below zero: less of it, "
                f"double click: zero, right click: MIDI{held_words(frame, address)}",
            )
            frame.tip(foot, f"{controller.called(voice)}: {controller.cards[voice].description}")
        touch_bank(frame, strips)
        view = self._view = tracker.area("faders view", self._view_rect(frame), focusable=True)
        if frame.pressed(view):
            turn_view(frame)
        frame.tip(view, "weights: each fader's own; balance: its part of all, moving one moves the others  \u00b7  N")

    def _moved(self, frame: PanelFrame, touch: Touch, strips: StripGeometry, value: float) -> float | None:
        """Where hand or keyboard want the fader, None where they do not."""
        tracker, nudges = frame.tracker, frame.nudges
        if touch.double or (touch.focused and nudges.default):
            tracker.grip = 0.0
            return 0.0
        if touch.pressed:
            tracker.grip = grip_of(value)
            if not touch.shift and abs(tracker.pointer.y - strips.y(value)) > strips.handle_h:
                value = strips.value(tracker.pointer.y)
                tracker.grip = grip_of(value)
                return value
            return None
        if touch.held or touch.released:
            if touch.moved:
                tracker.grip -= touch.dy / strips.way * (FINE_SHARE if touch.shift else 1.0)
            self._sinking = self._sinking or (touch.held and tracker.grip < -ZERO_NOTCH_SHARE)
            return value_of(tracker.grip) if touch.moved else None
        if touch.focused and (nudges.home or nudges.end):
            return 1.0 if nudges.end else 0.0
        if touch.focused and nudges.steps:
            return value + nudges.amount
        return None

    @staticmethod
    def _shares(frame: PanelFrame) -> bool:
        return frame.controller.preferences.settings.strips == "balance"

    def _values(self, frame: PanelFrame) -> dict[int, float]:
        """What each strip shows: the fader, or its share of all of them."""
        faders = frame.faders
        whole = sum(map(abs, faders.values()))
        if not self._shares(frame) or whole == 0.0:
            return faders
        return {voice: weight / whole for voice, weight in faders.items()}

    def strips(self, frame: PanelFrame) -> StripGeometry:
        """Where the strips stand in this frame."""
        faders, layout = frame.faders.values(), frame.layout
        sinking = self._sinking or min(faders, default=0.0) < 0.0
        below = frame.animated.toward("below zero", float(sinking), frame.motion.enter)
        return strip_geometry(layout.faders, len(faders), layout.compact, below, layout.enlarged == self.name)

    @staticmethod
    def _view_rect(frame: PanelFrame) -> Rect:
        rect = frame.layout.faders
        return Rect(rect.x + 84, rect.y + 10, VIEW_BUTTON_WIDTH_DP, 26)

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        canvas, chrome, controller, rect = frame.canvas, frame.canvas.chrome, frame.controller, frame.layout.faders
        strips = self.strips(frame)
        panel(canvas, rect, chrome.blue_panel, chrome.blue_line)
        title(canvas, rect, "faders", chrome.blue)
        self._draw_view(frame)
        bound = sum(controller.mark(address) is not None for address in controller.weight_addresses)
        caption(canvas, rect, f"{controller.midi.status}, {bound} bound" if bound else controller.midi.status)
        if not controller.playing:
            x, y = rect.centre
            words = "no voice in play: click one on the left"
            canvas.text(x, y, words, chrome.mid, LABEL, align=Align.CENTRE)
            return
        canvas.kept("fader grid", strips, lambda: _draw_grid(canvas, strips))
        values = self._values(frame)
        looks = tuple(self._look(frame, voice, values[voice]) for voice in controller.playing)
        cards = [controller.cards[voice] for voice in controller.playing]
        canvas.kept("strips", (strips, cards, looks), lambda: _draw_strips(canvas, strips, cards, looks))
        _draw_heard(canvas, strips, cards, looks, controller.passing)
        draw_bank(frame, strips)

    def _draw_view(self, frame: PanelFrame) -> None:
        """The two views; the one that is shown is lit."""
        canvas, chrome, rect = frame.canvas, frame.canvas.chrome, self._view_rect(frame)
        hover = frame.hover("faders view", self._view)
        if hover > 0.0:
            canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, 0.6 * hover, 4)
        x = rect.x + 8
        for words in VIEWS:
            chosen = words == frame.controller.preferences.settings.strips
            x += canvas.text(x, rect.y + 19, words, chrome.hi if chosen else chrome.low, LABEL) + 12
        if self._view.keyboard:
            focus_ring(canvas, rect)

    def _look(self, frame: PanelFrame, voice: int, value: float) -> _Look:
        controller, touch = frame.controller, self._touches.get(voice, NO_TOUCH)
        slug, address = controller.slugs[voice], controller.weight_addresses[voice]
        ghost = controller.hub.ghost(address) if not self._shares(frame) else None
        seen = frame.animated.toward(f"ghost {address}", float(ghost is not None), frame.motion.ghost)
        if ghost is not None:
            self._ghosts[address] = ghost
        elif seen <= 0.0:
            self._ghosts.pop(address, None)
        leads_to = (
            controller.fading.ends.get(address)
            if controller.fading.toward is not None and not self._shares(frame)
            else None
        )
        return _Look(
            voice,
            value,
            controller.silenced(voice),
            controller.passing.get(voice, 1.0) < 1.0,
            slug in controller.muted,
            touch.held,
            touch.keyboard,
            hover=frame.hover(address, touch),
            entered=frame.animated.toward(f"in play {slug}", 1.0, frame.motion.enter),
            ghost=self._ghosts.get(address),
            ghost_seen=seen,
            mark=midi_mark(frame, address),
            leads_to=float(leads_to) if isinstance(leads_to, (int, float)) else None,
        )


def turn_view(frame: PanelFrame) -> None:
    """From weights to shares and back."""
    preferences = frame.controller.preferences
    preferences.set("strips", VIEWS[VIEWS.index(preferences.settings.strips) - 1])


def _draw_grid(canvas: ImGuiCanvas, strips: StripGeometry) -> None:
    rect, chrome = strips.panel, canvas.chrome
    high = max(CAPTION, canvas.least_type)
    for value, words in MARKS if strips.below == 0.0 else (*MARKS, *MARKS_BELOW):
        y = strips.y(value)
        strong = value == 0.0 and strips.below > 0.0
        seen = strips.below if value < 0.0 else 1.0
        canvas.hair_h(rect.x + LEFT, rect.right - RIGHT, y, chrome.off if strong else chrome.blue_line, 0.6 * seen)
        if value not in (0.0, 1.0, -1.0) and strips.way * 0.25 < high:
            continue  # figures would stand over one another
        if value < 0.0 and (strips.foot_y - strips.zero) * (0.5 if value > -1.0 else 1.0) < high:
            continue
        canvas.text(
            rect.x + 40,
            canvas.middle(y, CAPTION),
            words,
            chrome.mid if strong else chrome.low,
            CAPTION,
            align=Align.RIGHT,
            alpha=seen,
        )


def _draw_strips(canvas: ImGuiCanvas, strips: StripGeometry, cards: Sequence[Card], looks: Sequence[_Look]) -> None:
    canvas.kept_each(
        (("strip", place), (strips, card, look), partial(_draw_strip, canvas, strips, place, card, look))
        for place, (card, look) in enumerate(zip(cards, looks, strict=True))
    )


def _draw_heard(
    canvas: ImGuiCanvas,
    strips: StripGeometry,
    cards: Sequence[Card],
    looks: Sequence[_Look],
    passing: Mapping[int, float],
) -> None:
    """What is heard of the faders that the pucks keep a part of: bright from the ground up, ending under the handle."""
    ground = strips.zero if strips.below > 0.0 else strips.foot_y + TRACK_OVERHANG_DP
    edges, colours = [], []
    for place, (card, look) in enumerate(zip(cards, looks, strict=True)):
        if look.dimmed and look.value > 0.0 and not look.silenced:
            y = strips.y(look.value)
            top = max(ground - (ground - y) * passing.get(look.voice, 1.0), y + strips.handle_h / 2)
            x = strips.x(place)
            edges.append((x - TRACK_WIDTH_DP / 2, top, x + TRACK_WIDTH_DP / 2, ground - 3))
            colours.append(card.colour)
    if edges:
        canvas.boxes(np.array(edges), pack_all(rgbs(colours), np.ones(len(edges))))


def _draw_strip(canvas: ImGuiCanvas, strips: StripGeometry, place: int, card: Card, look: _Look) -> None:
    with canvas.faded(look.entered):
        _draw_track(canvas, strips, strips.x(place), look, card.colour)
        _draw_foot(canvas, strips, strips.x(place), look, card)


def _draw_track(canvas: ImGuiCanvas, strips: StripGeometry, x: float, look: _Look, colour: str) -> None:
    """Value, track, ghost and handle."""
    chrome, w = canvas.chrome, strips.handle
    y, top, foot = strips.y(look.value), strips.top - TRACK_OVERHANG_DP, strips.foot_y + TRACK_OVERHANG_DP
    if look.hover > 0.0:
        canvas.fill(x - w / 2 - 6, top - 4, w + 12, foot - top + 8, chrome.bg3, 0.45 * look.hover, 6)
    canvas.fill(x - TRACK_WIDTH_DP / 2, top, TRACK_WIDTH_DP, foot - top, chrome.bg0, 1.0, TRACK_WIDTH_DP / 2)
    canvas.outline(x - TRACK_WIDTH_DP / 2, top, TRACK_WIDTH_DP, foot - top, chrome.line, 0.9, TRACK_WIDTH_DP / 2)
    alpha = UNHEARD_ALPHA if look.silenced else 1.0
    ground = strips.zero if strips.below > 0.0 else foot
    if look.value > 0.0:
        radius = TRACK_WIDTH_DP / 2 if strips.below == 0.0 else 2
        alpha = UNHEARD_ALPHA if look.silenced or look.dimmed else 1.0
        canvas.fill(x - TRACK_WIDTH_DP / 2, y, TRACK_WIDTH_DP, ground - y, colour, alpha, radius)
    elif look.value < 0.0:
        canvas.hatch(x - TRACK_WIDTH_DP / 2 + 1, ground, TRACK_WIDTH_DP - 2, y - ground, colour, alpha, 2.0)
        canvas.outline(x - TRACK_WIDTH_DP / 2, ground, TRACK_WIDTH_DP, y - ground, colour, alpha, 0, 1.25)
    if look.leads_to is not None:
        at = strips.y(look.leads_to)
        canvas.fill(x - w / 2 - 4, at - 1, w + 8, 2, chrome.hi, 0.8)
    if look.ghost is not None:
        _draw_ghost(canvas, strips, x, y, look.ghost, look.ghost_seen)
    handle(canvas, x, y, w, look.held, strips.handle_h)
    if look.keyboard:
        focus_ring(canvas, Rect(x - w / 2, y - strips.handle_h / 2, w, strips.handle_h))
    size = LABEL if strips.plain else BIG
    ink = chrome.hi if look.held or look.hover > 0.5 or look.keyboard else chrome.mid
    words = two_places(look.value, strips.plain)
    canvas.text(x, strips.top - 14.5 - (strips.handle_h - 16) / 2, words, ink, size, canvas.faces.bold, Align.CENTRE)


def _draw_ghost(canvas: ImGuiCanvas, strips: StripGeometry, x: float, y: float, ghost: float, seen: float) -> None:
    """Where the hardware's fader stands that has not been picked up yet."""
    chrome, at, w, h = canvas.chrome, strips.y(ghost), strips.handle, strips.handle_h
    towards = h / 2 if at < y else -h / 2
    if abs(at - y) > h:
        dotted_v(canvas, x, at + towards, y - towards, chrome.blue, seen)
    canvas.outline(x - w / 2, at - h / 2, w, h, chrome.blue, seen, 4, 1.25)
    if not strips.plain:
        canvas.text(x + w / 2 + 6, canvas.middle(at, CAPTION), two_places(ghost), chrome.blue, CAPTION, alpha=seen)


def _draw_foot(canvas: ImGuiCanvas, strips: StripGeometry, x: float, look: _Look, card: Card) -> None:
    """Chip, name and MIDI mark below a strip."""
    chrome = canvas.chrome
    y = strips.foot_y + TRACK_OVERHANG_DP + (8.0 if strips.compact else 10.0) + (14.0 if strips.large else 0.0)
    k = WINDOW_CHIP_SCALE if strips.large else 1.0
    w, h = (LIST_CHIP_W * k, LIST_CHIP_H * k) if strips.plain else (CHIP_W * k, CHIP_H * k)
    outlined = look.silenced or look.value < 0.0
    style = ChipStyle.OUTLINED if outlined else ChipStyle.FULL
    chip(canvas, x - w / 2, y, card.monogram, card.colour, style, w, h)
    y += h + (16.0 if strips.compact else 19.0) * k
    if not strips.plain:
        width = canvas.text(x, y, card.slug, chrome.hi, VALUE * k, align=Align.CENTRE)
        if look.muted:
            canvas.hair_h(x - width / 2 - 2, x + width / 2 + 2, y - 5, chrome.hi)
        y += 20.0
    if look.mark is not None:
        words, alpha = look.mark
        size = FIGURE if strips.plain else CAPTION
        words = words.removeprefix("CC ") if strips.plain else words
        canvas.text(x, y, words, chrome.blue, size, canvas.faces.bold, Align.CENTRE, alpha)


# ---- the bank of hardware faders -------------------------------------------------------------------------------------

CHIPS_HEIGHT_DP = 33.0  # dp over the top of the strips
BUTTON_DP = 22.0


def touch_bank(frame: PanelFrame, strips: StripGeometry) -> None:
    """A click at either end brings the voices before, or the next ones, under the faders."""
    midi = frame.controller.midi
    if midi.bank.of < 2:
        return
    for key, by, rect, words in _ends(frame, strips):
        touch = frame.tracker.area(key, rect, focusable=True)
        if frame.pressed(touch):
            midi.turn_bank(by)
        frame.tip(touch, f"{words} under the hardware's faders; each waits until its fader meets it")


def draw_bank(frame: PanelFrame, strips: StripGeometry) -> None:
    """A line over the strips of the bank, its name in the middle, an arrow at each end."""
    bank, canvas, chrome = frame.controller.midi.bank, frame.canvas, frame.canvas.chrome
    if bank.of < 2:
        return
    left, right = _span(frame, strips)
    y = strips.top - CHIPS_HEIGHT_DP
    words = bank.words
    wide = canvas.width(words, CAPTION) + 12
    middle = (left + right) / 2
    room = right - left > wide + 24
    for x0, x1 in ((left, middle - wide / 2), (middle + wide / 2, right)) if room else ((left, right),):
        canvas.fill(x0, y - 1, x1 - x0, 2, chrome.blue, 0.9)
    for x in (left, right):
        canvas.fill(x - 1, y - 1, 2, 7, chrome.blue, 0.9)
    if room:
        canvas.text(middle, canvas.middle(y, CAPTION), words, chrome.blue, CAPTION, align=Align.CENTRE)
    for (key, by, rect, _), there in zip(_ends(frame, strips), (bank.number > 1, bank.number < bank.of), strict=True):
        x, y = rect.centre
        ink = chrome.hi if frame.tracker.hovered == key and there else chrome.blue if there else chrome.off
        canvas.triangle(((x - 3 * by, y - 5), (x + 4 * by, y), (x - 3 * by, y + 5)), ink)


def _span(frame: PanelFrame, strips: StripGeometry) -> tuple[float, float]:
    """From where to where the bank's strips reach."""
    places = frame.controller.midi.bank.places
    last = min(places.stop, strips.count) - 1
    half = strips.pitch / 2 - 2
    return strips.x(min(places.start, max(0, last))) - half, strips.x(max(0, last)) + half


def _ends(frame: PanelFrame, strips: StripGeometry) -> tuple[tuple[str, int, Rect, str], ...]:
    left, right = _span(frame, strips)
    y = strips.top - CHIPS_HEIGHT_DP - BUTTON_DP / 2
    return (
        ("bank left", -1, Rect(left - BUTTON_DP, y, BUTTON_DP, BUTTON_DP), "the voices before"),
        ("bank right", 1, Rect(right, y, BUTTON_DP, BUTTON_DP), "the next voices"),
    )
