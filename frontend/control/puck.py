"""The puck: the voices in play on a circle, and a white disc whose nearness gives them weight. UI thread only.

A drag moves the puck, pressing the circle brings it there, a double click lifts it off so that the faders stand alone.
"path" records the next drag and repeats it. The arrows move a puck that has the keyboard.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from imgui_bundle import imgui

from frontend.colour import Floats
from frontend.control.draw import Align
from frontend.control.frame import Frame
from frontend.control.hand import NOTHING, Touch
from frontend.control.layout import Layout, Rect
from frontend.control.path import Recorder
from frontend.control.shapes import (
    LIST_CHIP_H,
    LIST_CHIP_W,
    ChipStyle,
    bar,
    chip,
    focus_ring,
    panel,
    pill,
    title,
    track,
)
from frontend.control.travel import Travel, percent
from frontend.control.voices import midi_mark
from frontend.theme import LABEL, STRIP_LIMIT, VALUE
from protocol.puck import clamp, position

FALLOFF = "/puck/falloff"
LIFTED = "/puck/lifted"
GRASP = 24.0  # dp around the puck's middle that take hold of it
STRONGEST = 7
FieldKey = tuple[tuple[int, ...], tuple[str, ...], float]  # voices in play, colours, falloff
STEP, FINE_STEP = 0.05, 0.005  # radii a key press


@dataclass(frozen=True)
class Circle:
    """Where the circle is: panel and puck coordinates."""

    x: float
    y: float
    radius: float

    def outward(self, place: tuple[float, float], radii: float = 1.0) -> tuple[float, float]:
        """Puck coordinates (y up) as dp."""
        return self.x + place[0] * self.radius * radii, self.y - place[1] * self.radius * radii

    def inward(self, x: float, y: float) -> tuple[float, float]:
        """dp as puck coordinates, kept inside the circle."""
        return clamp((x - self.x) / self.radius, (self.y - y) / self.radius)

    def has(self, x: float, y: float) -> bool:
        return math.hypot(x - self.x, y - self.y) <= self.radius


def circle(layout: Layout) -> Circle:
    rect = layout.puck
    if layout.compact:
        return Circle(rect.x + rect.w / 2, rect.y + 168, 104)
    return Circle(rect.x + 250, rect.y + 196, 132)


class FieldLike(Protocol):
    """The circle's ground; ``frontend.control.field.FieldTexture`` is the one on a screen."""

    def reference(
        self, key: FieldKey, places: Sequence[tuple[float, float]], oklab: Floats, now: float
    ) -> imgui.ImTextureRef:
        """The field of voices at ``places`` with these colours, as ``key`` names it."""


@dataclass
class PuckPanel:
    recorder: Recorder = field(default_factory=Recorder)
    field_texture: FieldLike | None = None
    _puck: Touch = NOTHING
    _falloff: Touch = NOTHING
    _path: Touch = NOTHING
    _offset: tuple[float, float] = (0.0, 0.0)  # from the pointer to the puck's middle, dp

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: Frame) -> None:
        desk, hand, layout = frame.desk, frame.hand, frame.layout
        ring, pointer = circle(layout), hand.pointer
        x, y = ring.outward(desk.puck)
        lifted = desk.flag(LIFTED)
        on_puck = math.hypot(pointer.x - x, pointer.y - y) <= GRASP and not lifted
        reach = Rect(pointer.x - 1, pointer.y - 1, 2, 2)  # the circle is round, an area is not
        if on_puck or ring.has(pointer.x, pointer.y) or hand.held == "puck":
            self._puck = hand.area("puck", reach, focusable=True)
        else:
            self._puck = hand.area("puck", Rect(-1e6, -1e6, 0, 0), focusable=True)
        touch = self._puck
        if touch.double:
            desk.set(LIFTED, not lifted)
            hand.held = None
        elif touch.pressed:
            self._offset = (x - pointer.x, y - pointer.y) if on_puck else (0.0, 0.0)
            if lifted:
                desk.set(LIFTED, False)
        if not touch.double and (touch.moved or (touch.pressed and not on_puck)):
            desk.set("/puck", ring.inward(pointer.x + self._offset[0], pointer.y + self._offset[1]))
        self._keyboard(frame, touch)
        self._follow_path(frame, touch)
        self._falloff = frame.slide(
            "falloff", FALLOFF, self._falloff_rect(layout), self._falloff_way(layout), self._travel(frame)
        )
        self._path = hand.area("path", self._path_rect(layout))
        if self._path.clicked:
            self.recorder.button()
        if touch.right:
            frame.menu = "/puck"
        frame.tip(touch, "drag: weights by nearness  \u00b7  double click: lift the puck, faders alone")
        frame.tip(self._path, "record the puck's next way and repeat it; once more: stop")

    def _keyboard(self, frame: Frame, touch: Touch) -> None:
        if touch.focused and not touch.held and (frame.nudges.across or frame.nudges.upward):
            step = FINE_STEP if frame.nudges.fine else STEP
            x, y = frame.desk.puck
            frame.desk.set("/puck", clamp(x + step * frame.nudges.across, y + step * frame.nudges.upward))

    def _follow_path(self, frame: Frame, touch: Touch) -> None:
        if touch.held:
            self.recorder.held(frame.desk.puck, frame.now)
        elif touch.released:
            self.recorder.released(frame.now)
        place = self.recorder.place(frame.now)
        if place is not None and not touch.held:
            frame.desk.set("/puck", place)

    def _travel(self, frame: Frame) -> Travel:
        return Travel.of(frame.desk.parameter(FALLOFF), 0.5)

    @staticmethod
    def _falloff_way(layout: Layout) -> float:
        return 120.0 if layout.compact else 196.0

    def _falloff_rect(self, layout: Layout) -> Rect:
        rect = layout.puck
        if layout.compact:
            return Rect(rect.right - 172, rect.y + 14, 120, 24)
        return Rect(rect.x + 500, rect.y + 272, 196, 24)

    @staticmethod
    def _path_rect(layout: Layout) -> Rect:
        rect = layout.puck
        return (
            Rect(rect.x + 16, rect.bottom - 44, 168, 30)
            if layout.compact
            else Rect(rect.x + 500, rect.y + 312, 196, 32)
        )

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: Frame) -> None:
        canvas, chrome, desk, layout = frame.canvas, frame.canvas.chrome, frame.desk, frame.layout
        panel(canvas, layout.puck, chrome.pink_panel, chrome.pink_line)
        right = title(canvas, layout.puck, "puck", chrome.pink)
        lifted = desk.flag(LIFTED)
        if lifted:
            canvas.text(right + 10, layout.puck.y + 30, "lifted: faders alone", chrome.low, LABEL)
        ring = circle(layout)
        self._ground(frame, ring)
        with canvas.faded(0.35 if lifted else 1.0):
            self._lines(frame, ring)
        self._recorded(frame, ring)
        state = (ring, desk.playing, desk.colours, tuple(map(desk.silenced, desk.playing)))
        canvas.kept("puck chips", state, lambda: self._chips(frame, ring))
        self._disc(frame, ring, lifted)
        if not layout.compact:
            self._list(frame)
        self._controls(frame)

    def _ground(self, frame: Frame, ring: Circle) -> None:
        canvas, chrome, desk = frame.canvas, frame.canvas.chrome, frame.desk
        r = ring.radius
        n = len(desk.playing)
        if n and self.field_texture is not None and chrome.field_alpha > 0.0:
            places = [position(place, n) for place in range(n)]
            key = (desk.playing, desk.colours, round(desk.number(FALLOFF), 3))
            texture = self.field_texture.reference(key, places, desk.palette.oklab[list(desk.playing)], frame.now)
            canvas.image(texture, ring.x - r, ring.y - r, 2 * r, 2 * r, chrome.field_alpha, r)
        canvas.ring(ring.x, ring.y, r, chrome.pink_line, 1.0, max(1.25, chrome.edge_width))

    def _lines(self, frame: Frame, ring: Circle) -> None:
        """From each voice to the puck, the weakest first."""
        canvas, desk = frame.canvas, frame.desk
        x0, y0 = ring.outward(desk.puck)
        n = len(desk.playing)
        for place in sorted(range(n), key=lambda place: desk.influence[place]):
            voice, w = desk.playing[place], desk.influence[place]
            x1, y1 = ring.outward(position(place, n))
            alpha = (0.25 + 0.75 * min(1.0, 2.2 * w)) * (0.3 if desk.silenced(voice) else 1.0)
            canvas.line(x0, y0, x1, y1, desk.colours[voice], alpha, max(canvas.chrome.influence_width, 1 + 9 * w))

    def _recorded(self, frame: Frame, ring: Circle) -> None:
        places = self.recorder.path.places
        if len(places) > 1:
            points = np.array([ring.outward(place) for place in places])
            closed = np.concatenate([points, points[:1]]) if self.recorder.looping else points
            frame.canvas.polyline(closed, frame.canvas.chrome.hi, 0.30, 1.5)
            frame.canvas.ring(*ring.outward(places[0]), 4, frame.canvas.chrome.hi, 0.6, 1.25)

    def _chips(self, frame: Frame, ring: Circle) -> None:
        canvas, chrome, desk = frame.canvas, frame.canvas.chrome, frame.desk
        n = len(desk.playing)
        plain = n > STRIP_LIMIT
        w, h = (26.0, 18.0) if plain else (30.0, 24.0)
        for place, voice in enumerate(desk.playing):
            card = desk.cards[voice]
            across, up = position(place, n)
            x, y = ring.outward((across, up))
            style = ChipStyle.OUTLINED if desk.silenced(voice) else ChipStyle.FULL
            chip(canvas, x - w / 2, y - h / 2, card.monogram, desk.colours[voice], style, w, h, halo=chrome.pink_panel)
            if plain:
                continue
            if abs(across) < 0.3:
                base = y - h / 2 - 8 if up > 0 else y + h / 2 + 17
                canvas.text(x, base, card.slug, chrome.mid, LABEL, align=Align.CENTRE)
            elif across > 0:
                canvas.text(x + w / 2 + 7, canvas.middle(y, LABEL), card.slug, chrome.mid, LABEL)
            else:
                canvas.text(x - w / 2 - 7, canvas.middle(y, LABEL), card.slug, chrome.mid, LABEL, align=Align.RIGHT)

    def _disc(self, frame: Frame, ring: Circle, lifted: bool) -> None:
        canvas, chrome = frame.canvas, frame.canvas.chrome
        if lifted:
            canvas.ring(ring.x, ring.y, 12, chrome.hi, 0.8, 2.5)
            if self._puck.keyboard:
                canvas.ring(ring.x, ring.y, 18, chrome.hi, 1.0, 1.5)
            return
        x, y = ring.outward(frame.desk.puck)
        hover = frame.hover("puck", self._puck)
        canvas.disc(x, y, 20 + 2 * hover, chrome.pink, 0.22)
        canvas.ring(x, y, 16, chrome.pink, 1.0, 4.0 if self._puck.held else 2.5)
        canvas.disc(x, y, 12, chrome.white)
        if self._puck.keyboard:
            canvas.ring(x, y, 23, chrome.hi, 1.0, 1.5)

    def _list(self, frame: Frame) -> None:
        """The seven strongest shares of the mix."""
        canvas, chrome, desk, rect = frame.canvas, frame.canvas.chrome, frame.desk, frame.layout.puck
        strongest = sorted(desk.playing, key=lambda voice: -desk.shares[voice])[:STRONGEST]
        x, right = rect.x + 500, rect.right - 20
        with canvas.faded(0.5 if desk.stale else 1.0):
            for place, voice in enumerate(strongest):
                y = rect.y + 58 + 28 * place
                card, share = desk.cards[voice], float(desk.shares[voice])
                style = ChipStyle.OUTLINED if desk.silenced(voice) else ChipStyle.FULL
                chip(canvas, x, y - 10, card.monogram, desk.colours[voice], style, LIST_CHIP_W, LIST_CHIP_H)
                bar(canvas, x + 36, y - 2, right - x - 71, share, desk.colours[voice])
                canvas.text(right, canvas.middle(y, VALUE), percent(share), chrome.mid, VALUE, align=Align.RIGHT)

    def _controls(self, frame: Frame) -> None:
        canvas, chrome, desk, layout = frame.canvas, frame.canvas.chrome, frame.desk, frame.layout
        grasp, way = self._falloff_rect(layout), self._falloff_way(layout)
        falloff = desk.number(FALLOFF)
        x, y = grasp.x, grasp.y + grasp.h / 2 + (0 if layout.compact else 2)
        track(canvas, x, y, way, self._travel(frame).share(falloff), chrome.pink, chrome.bg0)
        if self._falloff.keyboard:
            focus_ring(canvas, Rect(x - 4, y - 9, way + 8, 18))
        ink = chrome.hi if self._falloff.held else chrome.mid
        bold = canvas.faces.bold
        if layout.compact:
            canvas.text(x - 12, canvas.middle(y, LABEL), "falloff", chrome.low, LABEL, align=Align.RIGHT)
            canvas.text(
                layout.puck.right - 16, canvas.middle(y, VALUE), f"{falloff:.1f}", ink, VALUE, bold, Align.RIGHT
            )
        else:
            canvas.text(x, y - 16, "falloff", chrome.low, LABEL)
            canvas.text(x + way, y - 16, f"{falloff:.1f}", chrome.hi, VALUE, bold, Align.RIGHT)
            mark = midi_mark(frame, FALLOFF)
            if mark is not None:
                pill(canvas, x + way - 32, y - 20, *mark)
        self._path_box(frame, self._path_rect(layout))

    def _path_box(self, frame: Frame, rect: Rect) -> None:
        canvas, chrome, recorder = frame.canvas, frame.canvas.chrome, self.recorder
        hover = frame.hover("path", self._path)
        canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, hover, 4)
        canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.pink_line, 1.0, 4)
        y = rect.y + rect.h / 2
        busy = recorder.armed or recorder.recording or recorder.looping
        if recorder.looping or recorder.recording:
            canvas.disc(rect.x + 16, y, 5, chrome.pink)
        else:
            canvas.ring(rect.x + 16, y, 4.5, chrome.pink, 1.0 if busy else 0.8, 1.25)
        canvas.text(rect.x + 30, canvas.middle(y, LABEL), "path", chrome.hi, LABEL)
        words = "record"
        if recorder.looping:
            words = f"loop {recorder.path.lasts:.1f} s"
        elif recorder.recording:
            words = f"{recorder.path.times[-1] if recorder.path.times else 0.0:.1f} s"
        elif recorder.armed:
            words = "drag the puck"
        canvas.text(rect.right - 12, canvas.middle(y, LABEL), words, chrome.mid, LABEL, align=Align.RIGHT)
