"""The puck: the voices in play on a circle, and a white disc whose nearness gives them weight. UI thread only.

A drag moves the puck, pressing the circle brings it there, letting go while it moves throws it, a double click lifts
it off so that the faders stand alone. A voice can be dragged to another place of the circle. What moves the puck by
itself is the controller's autopilot; the buttons choose it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from imgui_bundle import imgui

from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import NO_TOUCH, Touch
from frontend.control.drawing.shapes import pill
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.puck_geometry import AUTOPILOT_BUTTONS, SNAP_RADII, PuckCircle, PuckPlan, circle, puck_plan
from frontend.control.panels.puck_view import (
    CHOIRS,
    chip_size,
    draw_button,
    draw_chips,
    draw_choirs,
    draw_holder,
    draw_lines,
    draw_more,
    draw_panel,
    draw_path,
    draw_poem,
    draw_shares,
    draw_slider,
    draw_swarm,
    look_of,
    reach,
)
from frontend.control.panels.voices import midi_mark
from frontend.control.state.autopilot import TEMPO_RANGE, AutopilotMode
from frontend.control.state.edits import ControlRange, slot
from frontend.inputs.interface import Ellipse
from frontend.inputs.last_touch import AUTOPILOT, Holder
from frontend.look.colour import Floats
from frontend.look.easing import half_life
from frontend.look.poem import MapBounds, PoemMap, place_of_mix
from frontend.look.theme import TITLE
from frontend.stage.crowd import CrowdPoints
from protocol.puck import clamp, position
from protocol.tree import ANTIPHONY, TURN

__all__ = ["FieldKey", "PuckCircle", "PuckField", "PuckPanel", "circle"]

FALLOFF = "/puck/falloff"
LIFTED = "/puck/lifted"
MAP_ALPHA = 0.86  # opacity of the field where it fills the window
GRASP_DP = 24.0  # dp around the puck's middle that take hold of it
FieldKey = tuple[tuple[int, ...], tuple[str, ...], float]  # voices round the circle, colours, falloff
STEP, FINE_STEP = 0.05, 0.005  # radii a key press
TURN_HALF_LIFE_S = 0.05  # seconds, half-life of a voice on its way to another place of the circle
TIPS = {
    AutopilotMode.PATH: "record the puck's next way and repeat it; once more: stop  \u00b7  R",
    AutopilotMode.DRIFT: "the puck wanders by itself  \u00b7  A: drift, orbit, figure",
    AutopilotMode.ORBIT: "the puck goes round at the distance it has  \u00b7  A: drift, orbit, figure",
    AutopilotMode.FIGURE: "the puck draws a Lissajous figure  \u00b7  A: drift, orbit, figure",
}


class PuckField(Protocol):
    """The circle's ground; ``frontend.control.window.FieldTexture`` is the one on a screen."""

    def reference(
        self, key: FieldKey, places: Sequence[tuple[float, float]], oklab: Floats, now: float, bounds: MapBounds
    ) -> imgui.ImTextureRef:
        """The field of voices at ``places`` with these colours, as ``key`` names it, within ``bounds``."""


@dataclass
class PuckPanel:
    field_texture: PuckField | None = None
    name: str = "puck"
    _puck: Touch = NO_TOUCH
    _chips: dict[int, Touch] = field(default_factory=dict)
    _falloff: Touch = NO_TOUCH
    _tempo: Touch = NO_TOUCH
    _buttons: list[Touch] = field(default_factory=list)
    _antiphony: Touch = NO_TOUCH
    _choirs: tuple[Touch, ...] = (NO_TOUCH, NO_TOUCH)
    _offset: tuple[float, float] = (0.0, 0.0)  # from the pointer to the puck's middle, dp
    _before: Holder | None = None  # who had the puck in the last frame
    _swarm: CrowdPoints = field(default_factory=CrowdPoints)
    _poem: PoemMap = field(default_factory=PoemMap)
    _turns: dict[int, float] = field(default_factory=dict)  # where each voice is drawn, in turns from twelve

    # ---- the hand --------------------------------------------------------------------------------------------------

    def touch(self, frame: PanelFrame) -> None:
        controller, tracker = frame.controller, frame.tracker
        plan = puck_plan(frame.layout)
        ring, w, h = plan.circle, frame.layout.width, frame.layout.height
        controller.hub.circle = Ellipse(ring.x / w, ring.y / h, ring.radius / w, ring.radius / h)
        frame.head(self.name, frame.layout.puck, 56)
        self._falloff = frame.slide("falloff", FALLOFF, plan.falloff.grasp, plan.falloff.way, self._travel(frame))
        self._touch_tempo(frame, plan)
        self._buttons = [
            tracker.area(f"way {way.value}", rect, focusable=True)
            for way, rect in zip(AUTOPILOT_BUTTONS, plan.buttons, strict=True)
        ]
        for way, touch in zip(AUTOPILOT_BUTTONS, self._buttons, strict=True):
            if frame.pressed(touch):
                controller.autopilot.choose(way, controller.puck)
                self.land(frame, way is not AutopilotMode.PATH)
            frame.tip(touch, TIPS[way])
        self._touch_choirs(frame, plan)
        self._touch_puck(frame, plan.circle)
        self._touch_chips(frame, plan.circle)
        self._touch_circle(frame, plan.circle)
        self._fly(frame)

    def _fly(self, frame: PanelFrame) -> None:
        """Let the autopilot move the puck, unless a hand from elsewhere has taken it since."""
        controller = frame.controller
        place, holder = controller.autopilot.place(frame.now), controller.hub.holders.of("/puck")
        if place is not None and not self._puck.held:
            if holder is not None and holder.short and holder is not self._before:
                controller.autopilot.stop()
            else:
                controller.hub.set("/puck", place, AUTOPILOT)
        self._before = holder

    def land(self, frame: PanelFrame, wanted: bool = True) -> None:
        """A lifted puck that is to move by itself comes down."""
        if wanted and frame.controller.autopilot.moving and frame.controller.flag(LIFTED):
            frame.controller.set(LIFTED, False)

    def _touch_tempo(self, frame: PanelFrame, plan: PuckPlan) -> None:
        controller = frame.controller
        touch = self._tempo = frame.tracker.area("tempo", plan.tempo.grasp, focusable=True)
        share = frame.moved(touch, _share_of_tempo(controller.autopilot.tempo), plan.tempo.way, upright=False)
        if touch.pressed and not touch.shift:
            share = frame.tracker.grip = (frame.tracker.pointer.x - plan.tempo.grasp.x) / plan.tempo.way
        if touch.double or (touch.focused and frame.nudges.default):
            share = _share_of_tempo(1.0)
        if share is not None:
            controller.autopilot.tempo = TEMPO_RANGE[0] * (TEMPO_RANGE[1] / TEMPO_RANGE[0]) ** min(1.0, max(0.0, share))
        frame.tip(touch, "how fast path, drift, orbit and figure go  \u00b7  double click: as drawn")

    def _touch_choirs(self, frame: PanelFrame, plan: PuckPlan) -> None:
        controller, tracker = frame.controller, frame.tracker
        touch = self._antiphony = tracker.area("antiphony", plan.antiphony, focusable=True)
        if frame.pressed(touch):
            controller.toggle_antiphony()
        if touch.right:
            frame.menu = ANTIPHONY
        frame.tip(touch, "antiphony: two choirs that answer each other, sentence by sentence  \u00b7  =")
        if not controller.flag(ANTIPHONY):
            self._choirs = (NO_TOUCH, NO_TOUCH)
            return
        self._choirs = tuple(
            tracker.area(f"{name} choir", rect, focusable=True) for name, rect in zip(CHOIRS, plan.choirs, strict=True)
        )
        for side, (name, choir) in enumerate(zip(CHOIRS, self._choirs, strict=True)):
            if frame.pressed(choir):
                controller.pass_turn(float(side))
            if choir.right:
                frame.menu = TURN
            frame.tip(choir, f"the {name} choir's turn  \u00b7  ;: the other's  \u00b7  the puck on its side keeps it")

    def _touch_puck(self, frame: PanelFrame, ring: PuckCircle) -> None:
        """The disc itself, which lies over all else."""
        tracker, pointer = frame.tracker, frame.tracker.pointer
        x, y = ring.outward(frame.controller.puck)
        near = math.hypot(pointer.x - x, pointer.y - y) <= GRASP_DP * ring.size and not frame.controller.flag(LIFTED)
        reach = Rect(pointer.x - 1, pointer.y - 1, 2, 2)  # the puck is round, an area is not
        self._puck = tracker.area("puck", reach if near else Rect(-1e6, -1e6, 0, 0), focusable=True)
        if self._puck.pressed:
            self._offset = (x - pointer.x, y - pointer.y)

    def _touch_chips(self, frame: PanelFrame, ring: PuckCircle) -> None:
        """The voices on the circle: a drag gives one another place, a click brings the puck to it."""
        controller, tracker = frame.controller, frame.tracker
        self._chips.clear()
        n = len(controller.ring)
        w, h = chip_size(ring, n)
        for place, voice in enumerate(controller.ring):
            x, y = ring.outward(self._drawn(voice, place, n))
            touch = tracker.area(f"chip {controller.slugs[voice]}", Rect(x - w / 2, y - h / 2, w, h))
            self._chips[voice] = touch
            if touch is NO_TOUCH:
                continue
            if touch.held and touch.dragging:
                pointer = tracker.pointer
                across, up = pointer.x - ring.x, ring.y - pointer.y
                self._turns[voice] = math.atan2(across, up) / math.tau
                to = slot(across, up, n)
                if to != place:
                    controller.reorder(voice, to)
            elif touch.clicked:
                controller.autopilot.stop()
                controller.set(LIFTED, False)
                controller.set("/puck", position(place, n))
            if touch.right:
                frame.menu = f"/style/{controller.slugs[voice]}/weight"
            frame.tip(touch, f"{controller.called(voice)}  \u00b7  drag: another place on the circle, click: the puck")

    def _touch_circle(self, frame: PanelFrame, ring: PuckCircle) -> None:
        """The whole disc of the circle: a press brings the puck there, and the same hand goes on holding it."""
        controller, tracker, pointer = frame.controller, frame.tracker, frame.tracker.pointer
        lifted, touch = controller.flag(LIFTED), self._puck
        if touch is NO_TOUCH or not (touch.hot or touch.released):
            inside = ring.has(pointer.x, pointer.y)
            ground = tracker.area(
                "circle", Rect(pointer.x - 1, pointer.y - 1, 2, 2) if inside else Rect(-1e6, -1e6, 0, 0)
            )
            if ground.pressed:
                self._offset = (0.0, 0.0)
                controller.set(LIFTED, False)
                tracker.hand_over("puck")
            if ground.hot or ground.double:
                touch = ground
        if touch.double:
            controller.autopilot.stop()
            controller.set(LIFTED, not lifted)
            tracker.held = None
        elif touch.moved or (touch.pressed and self._puck is not touch):
            place = ring.inward(pointer.x + self._offset[0], pointer.y + self._offset[1])
            controller.set("/puck", place if touch.shift else snapped(place, len(controller.ring)))
        if touch.held and not touch.double:
            controller.autopilot.held(controller.puck, frame.now)
        elif touch.released:
            controller.autopilot.released(frame.now, controller.preferences.settings.throwing)
        self._keyboard(frame, touch)
        if touch.right:
            frame.menu = "/puck"
        frame.tip(touch, "drag: weights by nearness, throw it: it glides  \u00b7  double click, U: lift, faders alone")

    def _keyboard(self, frame: PanelFrame, touch: Touch) -> None:
        if touch.focused and not touch.held and (frame.nudges.across or frame.nudges.upward):
            step = FINE_STEP if frame.nudges.fine else STEP
            x, y = frame.controller.puck
            frame.controller.autopilot.stop()
            frame.controller.set("/puck", clamp(x + step * frame.nudges.across, y + step * frame.nudges.upward))

    def _drawn(self, voice: int, place: int, n: int) -> tuple[float, float]:
        """Where a voice is drawn: at its place, or on its way there."""
        turn = self._turns.get(voice)
        if turn is None:
            return position(place, n)
        return math.sin(math.tau * turn), math.cos(math.tau * turn)

    def _turn(self, frame: PanelFrame) -> None:
        """Voices that were moved aside go to their new places."""
        ring = frame.controller.ring
        left = half_life(TURN_HALF_LIFE_S if frame.motion.hover else 0.0, frame.dt)
        turns = {}
        for place, voice in enumerate(ring):
            target = place / len(ring)
            turn = self._turns.get(voice, target)
            off = (turn - target + 0.5) % 1.0 - 0.5
            if not self._chips.get(voice, NO_TOUCH).dragging:
                off = off * left if abs(off) > 1e-3 else 0.0
            turns[voice] = target + off
        self._turns = turns

    def _travel(self, frame: PanelFrame) -> ControlRange:
        return ControlRange.of(frame.controller.parameter(FALLOFF), 0.5)

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, frame: PanelFrame) -> None:
        canvas, controller, layout = frame.canvas, frame.controller, frame.layout
        plan = puck_plan(layout)
        ring = plan.circle
        self._turn(frame)
        lifted = controller.flag(LIFTED)
        mapped = layout.enlarged == self.name and canvas.chrome.field_alpha > 0.0
        state = (layout.puck, lifted, mapped)
        canvas.kept("puck", state, lambda: draw_panel(canvas, layout.puck, lifted, titled=not mapped))
        self._ground(frame, plan, mapped)
        self._follow_text(frame, plan)
        if mapped:
            self._draw_map(frame, plan, lifted)
        sizes, turn = controller.choir_sizes, controller.number(TURN)
        switches = {"antiphony": self._antiphony, **dict(zip(CHOIRS, self._choirs, strict=True))}
        hovers = tuple(frame.hover(*each) for each in switches.items())
        canvas.kept(
            "puck choirs",
            (plan, *switches.values(), hovers, controller.flag(ANTIPHONY), sizes, turn),
            lambda: draw_choirs(frame, plan, self._antiphony, self._choirs, sizes, turn),
        )
        places = tuple(self._drawn(voice, place, len(controller.ring)) for place, voice in enumerate(controller.ring))
        silenced = tuple(map(controller.silenced, controller.ring))
        faders = frame.faders
        below = tuple(faders[voice] < 0.0 for voice in controller.ring)
        start = (ring.x, ring.y) if lifted else ring.outward(controller.puck)
        shares = tuple(controller.shares[list(controller.ring)].round(3).tolist())
        lines = (ring, controller.ring, controller.colours, places, silenced, start, shares, mapped)
        canvas.kept("puck lines", lines, lambda: draw_lines(frame, ring, start, places, shares, mapped))
        draw_path(frame, ring)
        hot = next((voice for voice, touch in self._chips.items() if touch.hot), None)
        under = None if lifted else self._under(frame, places)
        if not lifted:
            self._disc(frame, ring, under is not None)
        looks = (ring, controller.ring, controller.colours, controller.cards, places, silenced, below, hot, under)
        canvas.kept("puck chips", (*looks, mapped), lambda: draw_chips(frame, ring, places, below, hot, under, mapped))
        draw_swarm(frame, ring, self._swarm.follow(controller.link.session.crowd, frame.now))
        draw_more(frame, ring, lifted)
        if lifted:
            self._hollow(frame, ring)
        draw_shares(frame, plan)
        self._controls(frame, plan)

    @staticmethod
    def _under(frame: PanelFrame, places: Sequence[tuple[float, float]]) -> int | None:
        """The voice that the puck lies on."""
        ring, puck = frame.controller.ring, frame.controller.puck
        near = [voice for voice, place in zip(ring, places, strict=True) if math.dist(place, puck) <= SNAP_RADII]
        return near[0] if near else None

    def _follow_text(self, frame: PanelFrame, plan: PuckPlan) -> None:
        """Letters that came lie where the puck lies now, whether the map is seen or not."""
        controller, session = frame.controller, frame.controller.link.session
        place = place_of_mix(controller.puck, controller.flag(LIFTED), controller.ring, controller.shares)
        bounds = plan.bounds if frame.layout.enlarged == self.name else MapBounds()
        self._poem.follow(session.text, session.dropped, session.revision, place, bounds)

    def _draw_map(self, frame: PanelFrame, plan: PuckPlan, lifted: bool) -> None:
        canvas, ring = frame.canvas, plan.circle
        with canvas.clipped(plan.map):
            canvas.kept("poem", (ring, self._poem.changes), lambda: draw_poem(canvas, ring, self._poem))
        words = "puck, lifted: faders alone" if lifted else "puck"
        canvas.text(plan.map.x + 14, plan.map.y + 26, words, canvas.chrome.bg0, TITLE, canvas.faces.bold)

    def _ground(self, frame: PanelFrame, plan: PuckPlan, mapped: bool) -> None:
        canvas, chrome, controller, ring = frame.canvas, frame.canvas.chrome, frame.controller, plan.circle
        r = ring.radius
        n = len(controller.ring)
        if n and self.field_texture is not None and chrome.field_alpha > 0.0:
            places = [position(place, n) for place in range(n)]
            key = (controller.ring, controller.colours, round(controller.number(FALLOFF), 3))
            texture = self.field_texture.reference(
                key,
                places,
                controller.palette.oklab[list(controller.ring)],
                frame.now,
                plan.bounds if mapped else MapBounds(),
            )
            if mapped:
                room = plan.map
                canvas.image(texture, room.x, room.y, room.w, room.h, MAP_ALPHA, 8)
            else:
                canvas.image(texture, ring.x - r, ring.y - r, 2 * r, 2 * r, chrome.field_alpha, r)
        ink = chrome.bg0 if mapped else chrome.pink_line
        canvas.ring(ring.x, ring.y, r, ink, 0.5 if mapped else 1.0, max(1.25, chrome.edge_width))

    def _hollow(self, frame: PanelFrame, ring: PuckCircle) -> None:
        """Where a lifted puck is."""
        canvas, chrome, k = frame.canvas, frame.canvas.chrome, ring.size
        canvas.ring(ring.x, ring.y, 12 * k, chrome.hi, 0.8, 2.5)
        if self._puck.keyboard:
            canvas.ring(ring.x, ring.y, 18 * k, chrome.hi, 1.0, 1.5)

    def _disc(self, frame: PanelFrame, ring: PuckCircle, on_a_voice: bool) -> None:
        """The puck; on a voice it is a ring round its chip, which is drawn over it."""
        canvas, chrome, k = frame.canvas, frame.canvas.chrome, ring.size
        x, y = ring.outward(frame.controller.puck)
        draw_holder(frame, ring)
        hover = frame.hover("puck", self._puck)
        edge = reach(*chip_size(ring, len(frame.controller.ring))) if on_a_voice else 16 * k
        canvas.disc(x, y, edge + (4 + 2 * hover) * k, chrome.pink, 0.22)
        canvas.ring(x, y, edge, chrome.pink, 1.0, 4.0 if self._puck.held else 2.5)
        if on_a_voice:
            canvas.disc(x, y, edge - 2.0, chrome.white, 0.9)
        else:
            canvas.disc(x, y, 12 * k, chrome.white)
        if self._puck.keyboard:
            canvas.ring(x, y, edge + 7 * k, chrome.hi, 1.0, 1.5)

    def _controls(self, frame: PanelFrame, plan: PuckPlan) -> None:
        canvas, controller = frame.canvas, frame.controller
        falloff, tempo = controller.number(FALLOFF), controller.autopilot.tempo
        at, mark = self._travel(frame).share(falloff), midi_mark(frame, FALLOFF)
        looks = tuple(
            look_of(frame, *button) for button in zip(AUTOPILOT_BUTTONS, plan.buttons, self._buttons, strict=True)
        )

        def draw() -> None:
            draw_slider(canvas, plan.falloff, "falloff", f"{falloff:.1f}", at, self._falloff)
            draw_slider(canvas, plan.tempo, "tempo", f"\u00d7{tempo:.2f}", _share_of_tempo(tempo), self._tempo)
            if mark is not None:
                pill(canvas, plan.falloff.grasp.right - 40, plan.falloff.grasp.y - 8, *mark)
            for look in looks:
                draw_button(canvas, look)

        canvas.kept("puck controls", (plan, falloff, tempo, self._falloff, self._tempo, mark, looks), draw)


def snapped(place: tuple[float, float], n: int) -> tuple[float, float]:
    """``place``, or that of the voice, of ``n``, that is very near."""
    near = min((position(i, n) for i in range(n)), key=lambda there: math.dist(there, place), default=place)
    return near if math.dist(near, place) <= SNAP_RADII else place


def _share_of_tempo(tempo: float) -> float:
    return math.log(tempo / TEMPO_RANGE[0]) / math.log(TEMPO_RANGE[1] / TEMPO_RANGE[0])
