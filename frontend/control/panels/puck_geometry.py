"""Where everything stands in the puck's panel: circle, list, sliders and buttons, for any size of it. Pure.

Lengths are dp; puck coordinates are radii, x to the right and y up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.state.autopilot import AutopilotMode
from protocol.puck import clamp

DESIGN_RADIUS = 130.0
SNAP = 0.07  # radii: a puck that is let go this near to a voice lies on it
BUTTONS = (AutopilotMode.PATH, AutopilotMode.DRIFT, AutopilotMode.ORBIT, AutopilotMode.FIGURE)
ROW = 26.0  # of the list of the strongest


@dataclass(frozen=True)
class PuckCircle:
    """Where the circle is: panel and puck coordinates. ``size`` is that of chips and puck, 1 as designed."""

    x: float
    y: float
    radius: float
    size: float = 1.0

    def outward(self, place: tuple[float, float], radii: float = 1.0) -> tuple[float, float]:
        """Puck coordinates (y up) as dp."""
        return self.x + place[0] * self.radius * radii, self.y - place[1] * self.radius * radii

    def inward(self, x: float, y: float) -> tuple[float, float]:
        """dp as puck coordinates, kept inside the circle."""
        return clamp((x - self.x) / self.radius, (self.y - y) / self.radius)

    def has(self, x: float, y: float) -> bool:
        return math.hypot(x - self.x, y - self.y) <= self.radius


@dataclass(frozen=True)
class PuckSlider:
    """``grasp`` is where it can be taken hold of, ``way`` its length."""

    grasp: Rect
    way: float


@dataclass(frozen=True)
class PuckPlan:
    """The panel's parts. ``rows`` of the strongest voices have room in ``strongest``."""

    circle: PuckCircle
    strongest: Rect
    rows: int
    falloff: PuckSlider
    tempo: PuckSlider
    buttons: tuple[Rect, ...]  # in the order of BUTTONS


def circle(layout: PanelLayout) -> PuckCircle:
    return puck_plan(layout).circle


def puck_plan(layout: PanelLayout) -> PuckPlan:
    large = layout.enlarged == "puck"
    return _compact(layout.puck) if layout.compact and not large else _full(layout.puck, large)


@lru_cache(maxsize=8)
def _full(rect: Rect, large: bool) -> PuckPlan:
    side = 300.0 if large else 196.0  # of the column at the right
    x = rect.right - 20.0 - side
    radius = max(40.0, min(rect.h / 2 - (96.0 if large else 50.0), (x - rect.x) / 2 - 118.0))
    size = min(2.0, max(1.0, radius / DESIGN_RADIUS))
    ring = PuckCircle(rect.x + (x - rect.x) / 2, rect.y + 13.0 + rect.h / 2, radius, size)
    h = 44.0 if large else 28.0
    first = rect.bottom - 14.0 - 2 * h - 8.0
    w = (side - 8.0) / 2
    buttons = tuple(Rect(x + (w + 8) * (i % 2), first + (h + 8) * (i // 2), w, h) for i in range(4))
    pitch = 60.0 if large else 42.0
    tempo, falloff = first - 31.0, first - 31.0 - pitch
    top = rect.y + 46.0
    rows = max(0, int((falloff - 34.0 - top) / ROW))
    return PuckPlan(
        ring,
        Rect(x, top, side, rows * ROW),
        rows,
        PuckSlider(Rect(x, falloff, side, 24), side),
        PuckSlider(Rect(x, tempo, side, 24), side),
        buttons,
    )


@lru_cache(maxsize=8)
def _compact(rect: Rect) -> PuckPlan:
    """No list; sliders in the right corner, buttons in the left one."""
    ring = PuckCircle(
        rect.x + rect.w / 2, rect.y + 18.0 + rect.h / 2, max(40.0, min(rect.h / 2 - 46.0, rect.w / 2 - 130))
    )
    way = 104.0
    falloff = PuckSlider(Rect(rect.right - 156, rect.y + 13, way, 24), way)
    tempo = PuckSlider(Rect(rect.right - 156, rect.y + 43, way, 24), way)
    buttons = tuple(Rect(rect.x + 16, rect.bottom - 134 + 31 * i, 88, 27) for i in range(4))
    return PuckPlan(ring, Rect(rect.x, rect.y, 0, 0), 0, falloff, tempo, buttons)
