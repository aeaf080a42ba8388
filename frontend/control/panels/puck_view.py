"""How the puck's panel looks: lines, chips, a recorded path, all shares, sliders, buttons. UI thread only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontend.control.drawing.canvas import Align, ImGuiCanvas, pack, pack_all, rgbs
from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import Touch
from frontend.control.drawing.shapes import (
    LIST_CHIP_H,
    LIST_CHIP_W,
    ChipStyle,
    bar,
    chip,
    focus_ring,
    held_tick,
    panel,
    title,
    track,
)
from frontend.control.panels.frame import PanelFrame
from frontend.control.panels.puck_geometry import LEAST_ROW, ROW, PuckCircle, PuckPlan, PuckSlider
from frontend.control.state.autopilot import AutopilotMode
from frontend.control.state.edits import percent
from frontend.look.poem import CELL, PoemMap
from frontend.look.theme import LABEL, NAME, PLAIN_ABOVE_VOICES, VALUE
from protocol.puck import influence, position
from protocol.tree import ANTIPHONY

CHOIRS = ("first", "second")
ARC_GAP, ARC_POINTS = 0.012, 48  # turns that a choir's arc leaves free at either end; points of it
MIN_LINE_SHARE = 0.06  # of a further puck's say; weaker lines would only be noise


def draw_panel(canvas: ImGuiCanvas, rect: Rect, lifted: bool, titled: bool = True) -> None:
    chrome = canvas.chrome
    panel(canvas, rect, chrome.pink_panel, chrome.pink_line)
    if not titled:
        return
    right = title(canvas, rect, "puck", chrome.pink)
    if lifted:
        canvas.text(right + 10, rect.y + 30, "lifted: faders alone", chrome.low, LABEL)


def draw_lines(
    frame: PanelFrame,
    ring: PuckCircle,
    start: tuple[float, float],
    places: Sequence[tuple[float, float]],
    shares: Sequence[float],
    mapped: bool = False,
) -> None:
    """From ``start`` in dp to each voice, the weakest share first; dashes that grow with it, dots for less of it.

    On the map, which has the voices' colours itself, they are dark.
    """
    canvas, controller = frame.canvas, frame.controller
    x0, y0 = start
    for place in sorted(range(len(places)), key=lambda place: abs(shares[place])):
        voice, w = controller.ring[place], abs(shares[place])
        x1, y1 = ring.outward(places[place])
        alpha = (0.25 + 0.75 * min(1.0, 2.2 * w)) * (0.3 if controller.silenced(voice) else 1.0)
        width = max(canvas.chrome.influence_width, (1 + 9 * w) * ring.size)
        on, off = (2.0, 6.0) if shares[place] < 0.0 else (8.0 + 4 * w, 4.0)
        colour, alpha = (canvas.chrome.bg0, 0.6 * alpha) if mapped else (controller.colours[voice], alpha)
        canvas.dashed(x1, y1, x0, y0, colour, alpha, width, on * ring.size, off * ring.size)


def draw_poem(canvas: ImGuiCanvas, ring: PuckCircle, poem: PoemMap) -> None:
    """The map's letters, dark on the field, the older the fainter."""
    size, mono = 2.0 * CELL * ring.radius, canvas.faces.mono
    em = canvas.em(size)
    ascent = mono.sized(em).ascent
    for letter, alpha in zip(poem.letters, poem.opacities().tolist(), strict=True):
        x, y = ring.outward((letter.x, letter.y))
        base = round(canvas.middle(y, size * 0.85, mono) * canvas.scale)
        canvas.run(round(x * canvas.scale), base - ascent, letter.character, pack(canvas.chrome.bg0, alpha), em, mono)


def draw_choirs(
    frame: PanelFrame, plan: PuckPlan, switch: Touch, touches: Sequence[Touch], sizes: tuple[int, int], turn: float
) -> None:
    """The switch, and in antiphony the two sides of the circle, of so many voices, and whose ``turn`` it is."""
    canvas, chrome, ring = frame.canvas, frame.canvas.chrome, plan.circle
    on = frame.controller.flag(ANTIPHONY)
    _draw_switch(canvas, plan.antiphony, "antiphony", on, frame.hover("antiphony", switch), switch.keyboard)
    if not on:
        return
    n, (first, second) = sum(sizes), sizes
    for name, rect, touch, part in zip(CHOIRS, plan.choirs, touches, (1.0 - turn, turn), strict=True):
        _draw_switch(canvas, rect, name, part >= 0.5, frame.hover(name, touch), touch.keyboard)
    if not (first and second):
        return
    edges = (second - 0.5) / n, (n - 0.5) / n  # where one side ends and the other begins, in turns from twelve
    for edge in edges:
        canvas.dashed(ring.x, ring.y, *ring.outward(_around(edge)), chrome.hi, 0.35, 1.25, 5.0, 5.0)
    for begin, end, part in ((edges[1] - 1.0, edges[0], turn), (*edges, 1.0 - turn)):
        arc = np.linspace(begin + ARC_GAP, end - ARC_GAP, ARC_POINTS)
        points = np.array([ring.outward(_around(at)) for at in arc.tolist()])
        canvas.polyline(points, chrome.hi, 0.25 + 0.65 * part, 1.25 + 2.0 * part)


def _around(turn: float) -> tuple[float, float]:
    """The place on the circle so far clockwise from twelve."""
    return math.sin(math.tau * turn), math.cos(math.tau * turn)


def _draw_switch(canvas: ImGuiCanvas, rect: Rect, words: str, on: bool, hover: float, keyboard: bool) -> None:
    """A word in a box that is filled while it holds."""
    chrome = canvas.chrome
    canvas.fill(rect.x, rect.y, rect.w, rect.h, chrome.pink if on else chrome.bg3, 1.0 if on else hover, 4)
    canvas.outline(rect.x, rect.y, rect.w, rect.h, chrome.pink if on else chrome.pink_line, 1.0, 4)
    if keyboard:
        focus_ring(canvas, rect)
    size = LABEL if canvas.width(words, LABEL) < rect.w - 8 else 12
    ink = chrome.bg0 if on else chrome.hi
    x, y = rect.centre
    canvas.text(x, canvas.middle(y, size), words, ink, size, align=Align.CENTRE)


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
    frame: PanelFrame,
    ring: PuckCircle,
    places: Sequence[tuple[float, float]],
    below: Sequence[bool],
    hot: int | None,
    under: int | None,
    mapped: bool = False,
) -> None:
    """The voices on the circle, the one under the pointer ringed, the one ``under`` the puck named larger."""
    canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
    n = len(places)
    w, h = chip_size(ring, n)
    for place, voice in enumerate(controller.ring):
        card = controller.cards[voice]
        across, up = places[place]
        x, y = ring.outward((across, up))
        style = ChipStyle.OUTLINED if controller.silenced(voice) or below[place] else ChipStyle.FULL
        chip(
            canvas,
            x - w / 2,
            y - h / 2,
            card.monogram,
            controller.colours[voice],
            style,
            w,
            h,
            halo=chrome.bg0 if mapped else chrome.pink_panel,
        )
        if voice == hot:
            focus_ring(canvas, Rect(x - w / 2, y - h / 2, w, h))
        if n > PLAIN_ABOVE_VOICES and voice not in (hot, under):
            continue
        size = (NAME if voice == under else LABEL) * min(1.4, ring.size)
        ink = chrome.bg0 if mapped else chrome.hi if voice in (hot, under) else chrome.mid
        off = 4 + (reach(w, h) - h / 2 if voice == under else 0.0)  # free of the ring that the puck is there
        base = y - h / 2 - off - 0.25 * size if up > -1e-6 else y + h / 2 + off + 0.8 * size
        half = canvas.width(card.slug, size) / 2
        rect = frame.layout.puck
        canvas.text(
            min(max(x, rect.x + 6 + half), rect.right - 6 - half), base, card.slug, ink, size, align=Align.CENTRE
        )


def reach(w: float, h: float) -> float:
    """The radius of the ring that the puck is round a chip."""
    return math.hypot(w, h) / 2 + 4.0


def draw_shares(frame: PanelFrame, plan: PuckPlan) -> None:
    """The shares that are heard, of all voices in play that have room, in their order."""
    canvas, chrome, controller = frame.canvas, frame.canvas.chrome, frame.controller
    rect, voices = plan.shares, controller.playing
    pitch = max(LEAST_ROW, min(ROW, rect.h / max(1, len(voices))))
    shown = voices[: int(rect.h / pitch + 0.01)]
    shares = controller.shares[list(shown)].round(3).tolist()
    looks = tuple(
        (voice, controller.silenced(voice) or share < 0.0) for voice, share in zip(shown, shares, strict=True)
    )
    middles = [rect.y + pitch * (place + 0.5) for place in range(len(shown))]

    def draw_grounds() -> None:
        h = min(LIST_CHIP_H, pitch - 2)
        for (voice, outlined), y in zip(looks, middles, strict=True):
            style = ChipStyle.OUTLINED if outlined else ChipStyle.FULL
            card, colour = controller.cards[voice], controller.colours[voice]
            chip(canvas, rect.x, y - h / 2, card.monogram, colour, style, LIST_CHIP_W, h)
            bar(canvas, left, y - 2, wide, 0.0, colour)

    def draw_figure(y: float, words: str) -> None:
        canvas.text(rect.right, canvas.middle(y, VALUE), words, chrome.mid, VALUE, align=Align.RIGHT)

    def draw_figures() -> None:
        canvas.kept_each(
            (("puck share", place), (rect.right, y, words), partial(draw_figure, y, words))
            for place, (y, words) in enumerate(zip(middles, figures, strict=True))
        )

    left, wide = rect.x + 36, rect.w - 71
    figures = [percent(share) for share in shares]
    with canvas.faded(0.5 if controller.stale else 1.0):
        canvas.kept("puck shares", (rect, looks, controller.cards, controller.colours), draw_grounds)
        canvas.kept("puck figures", (rect, figures), draw_figures)
        edges = [(left, y - 2, left + max(4.0, wide * share), y + 2) for y, share in zip(middles, shares, strict=True)]
        inked = [place for place, share in enumerate(shares) if share > 0.0005]
        if inked:
            inks = pack_all(rgbs([controller.colours[shown[place]] for place in inked]), np.ones(len(inked)))
            canvas.boxes(np.array([edges[place] for place in inked]), inks)
        for y, voice in zip(middles, shown, strict=True):
            if controller.held_shares is not None:
                held_tick(canvas, left, y, wide, float(controller.held_shares[voice]))
        for y, share, voice in zip(middles, shares, shown, strict=True):
            if share < -0.0005:
                bar(canvas, left, y - 2, wide, share, controller.colours[voice])


def draw_more(frame: PanelFrame, ring: PuckCircle, lifted: bool) -> None:
    """The performer's further pucks: smaller discs, as strong as they weigh, with lines to those they speak for."""
    canvas, chrome, controller, k = frame.canvas, frame.canvas.chrome, frame.controller, ring.size
    n = len(controller.ring)
    with canvas.faded(0.35 if lifted else 1.0):
        for px, py, weight in controller.link.session.more:
            x, y = ring.outward((px, py))
            for place, w in enumerate(influence((px, py), n, controller.number("/puck/falloff"))):
                if w * weight >= MIN_LINE_SHARE:
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
    canvas: ImGuiCanvas, slider: PuckSlider, name: str, words: str, share: float, touch: Touch, beside: bool = False
) -> None:
    """``beside``: its name stands at its left, not over it."""
    chrome, bold = canvas.chrome, canvas.faces.bold
    x, y = slider.grasp.x, slider.grasp.y + 13
    track(canvas, x, y, slider.way, share, chrome.pink, chrome.bg0)
    if touch.hot or touch.held:
        canvas.ring(x + slider.way * share, y, 9.5, chrome.hi, 0.35 if not touch.held else 0.7, 1.5)
    if touch.keyboard:
        focus_ring(canvas, Rect(x - 4, y - 9, slider.way + 8, 18))
    if beside:
        ink = chrome.hi if touch.held else chrome.mid
        canvas.text(x - 12, canvas.middle(y, LABEL), name, chrome.low, LABEL, align=Align.RIGHT)
        canvas.text(x + slider.way + 44, canvas.middle(y, LABEL), words, ink, LABEL, bold, Align.RIGHT)
    else:
        canvas.text(x, y - 14, name, chrome.low, LABEL)
        canvas.text(x + slider.way, y - 14, words, chrome.hi, VALUE, bold, Align.RIGHT)


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
