"""How the puck's panel looks: lines, chips, a recorded path, the strongest voices, sliders, buttons. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontend.control.drawing.canvas import Align, ImGuiCanvas
from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.drawing.pointer import Touch
from frontend.control.drawing.shapes import (
    LIST_CHIP_H,
    LIST_CHIP_W,
    ChipStyle,
    bar,
    chip,
    focus_ring,
    panel,
    title,
    track,
)
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.puck_geometry import ROW, PuckCircle, PuckPlan, PuckSlider
from frontend.control.state.autopilot import AutopilotMode
from frontend.control.state.edits import percent
from frontend.look.theme import LABEL, PLAIN_ABOVE_VOICES, VALUE
from protocol.puck import influence, position

LEAST_LINE = 0.06  # of a further puck's say; weaker lines would only be noise


def draw_panel(canvas: ImGuiCanvas, rect: Rect, lifted: bool) -> None:
    chrome = canvas.chrome
    panel(canvas, rect, chrome.pink_panel, chrome.pink_line)
    right = title(canvas, rect, "puck", chrome.pink)
    if lifted:
        canvas.text(right + 10, rect.y + 30, "lifted: faders alone", chrome.low, LABEL)


def draw_lines(
    frame: PanelFrame, ring: PuckCircle, places: Sequence[tuple[float, float]], below: Sequence[bool]
) -> None:
    """From the puck to each voice, the weakest first; dashes that grow with the influence, dots for less of it."""
    canvas, controller = frame.canvas, frame.controller
    x0, y0 = ring.outward(controller.puck)
    for place in sorted(range(len(places)), key=lambda place: controller.influence[place]):
        voice, w = controller.ring[place], controller.influence[place]
        x1, y1 = ring.outward(places[place])
        alpha = (0.25 + 0.75 * min(1.0, 2.2 * w)) * (0.3 if controller.silenced(voice) else 1.0)
        width = max(canvas.chrome.influence_width, (1 + 9 * w) * ring.size)
        on, off = (2.0, 6.0) if below[place] else (8.0 + 4 * w, 4.0)
        canvas.dashed(x1, y1, x0, y0, controller.colours[voice], alpha, width, on * ring.size, off * ring.size)


def draw_path(frame: PanelFrame, ring: PuckCircle) -> None:
    recorder = frame.controller.autopilot.recorder
    places = recorder.path.places
    if len(places) > 1:
        points = np.array([ring.outward(place) for place in places])
        closed = np.concatenate([points, points[:1]]) if recorder.looping else points
        frame.canvas.polyline(closed, frame.canvas.chrome.hi, 0.30, 1.5)
        frame.canvas.ring(*ring.outward(places[0]), 4, frame.canvas.chrome.hi, 0.6, 1.25)


def draw_swarm(frame: PanelFrame, ring: PuckCircle, points: NDArray[np.float64]) -> None:
    """The crowd's pucks, (P, 3): points, as strong as they weigh."""
    for px, py, weight in points.tolist():
        x, y = ring.outward((px, py))
        frame.canvas.disc(x, y, 3.5 * ring.size, frame.canvas.chrome.hi, 0.55 * weight)


def draw_chips(
    frame: PanelFrame, ring: PuckCircle, places: Sequence[tuple[float, float]], below: Sequence[bool], hot: int | None
) -> None:
    """The voices on the circle, the one under the pointer ringed."""
    canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
    n = len(places)
    w, h = chip_size(ring, n)
    size = LABEL * min(1.5, ring.size)
    for place, voice in enumerate(controller.ring):
        card = controller.cards[voice]
        across, up = places[place]
        x, y = ring.outward((across, up))
        style = ChipStyle.OUTLINED if controller.silenced(voice) or below[place] else ChipStyle.FULL
        chip(
            canvas, x - w / 2, y - h / 2, card.monogram, controller.colours[voice], style, w, h, halo=chrome.pink_panel
        )
        if voice == hot:
            focus_ring(canvas, Rect(x - w / 2, y - h / 2, w, h))
        if n > PLAIN_ABOVE_VOICES and ring.size < 1.5 and voice != hot:
            continue
        ink = chrome.hi if voice == hot else chrome.mid
        if abs(across) < 0.3:
            base = y - h / 2 - 8 if up > 0 else y + h / 2 + 4 + size
            canvas.text(x, base, card.slug, ink, size, align=Align.CENTRE)
        elif across > 0:
            canvas.text(x + w / 2 + 7, canvas.middle(y, size), card.slug, ink, size)
        else:
            canvas.text(x - w / 2 - 7, canvas.middle(y, size), card.slug, ink, size, align=Align.RIGHT)


def draw_strongest(frame: PanelFrame, plan: PuckPlan) -> None:
    """The strongest shares of the mix."""
    canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
    shares = controller.shares.tolist()
    strongest = sorted(controller.playing, key=lambda voice: -abs(shares[voice]))[: plan.rows]
    x, right = plan.strongest.x, plan.strongest.right
    with canvas.faded(0.5 if controller.stale else 1.0):
        for place, voice in enumerate(strongest):
            y = plan.strongest.y + ROW * (place + 0.5)
            card, share = controller.cards[voice], shares[voice]
            style = ChipStyle.OUTLINED if controller.silenced(voice) or share < 0.0 else ChipStyle.FULL
            chip(canvas, x, y - 10, card.monogram, controller.colours[voice], style, LIST_CHIP_W, LIST_CHIP_H)
            bar(canvas, x + 36, y - 2, right - x - 71, share, controller.colours[voice])
            canvas.text(right, canvas.middle(y, VALUE), percent(share), chrome.mid, VALUE, align=Align.RIGHT)


def draw_more(frame: PanelFrame, ring: PuckCircle, lifted: bool) -> None:
    """The performer's further pucks: smaller discs, as strong as they weigh, with lines to those they speak for."""
    canvas, chrome, controller, k = frame.canvas, frame.canvas.chrome, frame.controller, ring.size
    n = len(controller.ring)
    with canvas.faded(0.35 if lifted else 1.0):
        for px, py, weight in controller.link.session.more:
            x, y = ring.outward((px, py))
            for place, w in enumerate(influence((px, py), n, controller.number("/puck/falloff"))):
                if w * weight >= LEAST_LINE:
                    x1, y1 = ring.outward(position(place, n))
                    canvas.dashed(
                        x1,
                        y1,
                        x,
                        y,
                        controller.colours[controller.ring[place]],
                        0.8 * w * weight,
                        (1 + 5 * w) * k,
                        8 * k,
                        4 * k,
                    )
            canvas.disc(x, y, 17 * k, chrome.pink, 0.22 * weight)
            canvas.ring(x, y, 13 * k, chrome.pink, weight, 2.0)
            canvas.disc(x, y, 8 * k, chrome.white, weight)


def draw_holder(frame: PanelFrame, ring: PuckCircle) -> None:
    """Who moves the puck, beside it, where that is nobody at this window."""
    canvas, controller = frame.canvas, frame.controller
    holder = controller.hub.holders.fresh("/puck", frame.now)
    if holder is None or not holder.short:
        return
    x, y = ring.outward(controller.puck)
    side, align = (-1.0, Align.RIGHT) if controller.puck[0] > 0.2 else (1.0, Align.LEFT)
    base = canvas.middle(y - 22 * ring.size, LABEL)
    canvas.text(x + side * 16 * ring.size, base, holder.short, canvas.chrome.hi, LABEL, align=align)


def draw_slider(
    canvas: ImGuiCanvas, slider: PuckSlider, name: str, words: str, share: float, touch: Touch, beside: bool
) -> None:
    """``beside``: its name stands at its left."""
    chrome, bold = canvas.chrome, canvas.faces.bold
    x, y = slider.grasp.x, slider.grasp.y + 13
    track(canvas, x, y, slider.way, share, chrome.pink, chrome.bg0)
    if touch.hot or touch.held:
        canvas.ring(x + slider.way * share, y, 9.5, chrome.hi, 0.35 if not touch.held else 0.7, 1.5)
    if touch.keyboard:
        focus_ring(canvas, Rect(x - 4, y - 9, slider.way + 8, 18))
    ink = chrome.hi if touch.held else chrome.mid
    if beside:
        canvas.text(x - 12, canvas.middle(y, LABEL), name, chrome.low, LABEL, align=Align.RIGHT)
        canvas.text(x + slider.way + 44, canvas.middle(y, LABEL), words, ink, LABEL, bold, Align.RIGHT)
    else:
        canvas.text(x, y - 14, name, chrome.low, LABEL)
        canvas.text(x + slider.way, y - 14, words, chrome.hi, VALUE, bold, Align.RIGHT)


def tight(layout: PanelLayout) -> bool:
    """Whether there is no room over a slider for its name."""
    return layout.compact and layout.enlarged != "puck"


class ModeButtonLook(NamedTuple):
    """All that the button of one of the ways shows."""

    rect: Rect
    touch: Touch
    hover: float
    chosen: bool
    moving: bool
    words: str


def look_of(frame: PanelFrame, way: AutopilotMode, rect: Rect, touch: Touch) -> ModeButtonLook:
    pilot, recorder = frame.controller.autopilot, frame.controller.autopilot.recorder
    chosen, words = pilot.way is way, way.value
    if chosen and way is AutopilotMode.PATH and recorder.recording:
        words = f"{recorder.path.times[-1] if recorder.path.times else 0.0:.1f} s"
    elif chosen and way is AutopilotMode.PATH and recorder.armed:
        words = "drag\u2026"
    elif chosen and pilot.moving:
        words = f"{way.value} {pilot.round:.1f} s" if rect.w > 90 else f"{pilot.round:.1f} s"
    moving = chosen and (pilot.moving or recorder.recording)
    return ModeButtonLook(rect, touch, frame.hover(f"way {way.value}", touch), chosen, moving, words)


def draw_button(canvas: ImGuiCanvas, look: ModeButtonLook) -> None:
    """One of the ways that the puck goes by itself: a dot that is filled while it does."""
    chrome, (rect, touch, hover, chosen, moving, words) = canvas.chrome, look
    canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.bg3, hover, 4)
    canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.pink if chosen else chrome.pink_line, 1.0, 4)
    if touch.keyboard:
        focus_ring(canvas, rect)
    y = rect.y + rect.h / 2
    if moving:
        canvas.disc(rect.x + 13, y, 4.5, chrome.pink)
    else:
        canvas.ring(rect.x + 13, y, 4, chrome.pink, 1.0 if chosen else 0.8, 1.25)
    size = LABEL if canvas.width(words, LABEL) < rect.w - 26 else 12
    canvas.text(rect.x + 24, canvas.middle(y, size), words, chrome.hi, size)


def chip_size(ring: PuckCircle, n: int) -> tuple[float, float]:
    w, h = (26.0, 18.0) if n > PLAIN_ABOVE_VOICES else (30.0, 24.0)
    return w * ring.size, h * ring.size
