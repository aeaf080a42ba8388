"""Where everything stands in the puck's panel: circle, list of shares, sliders and buttons, for any size of it. Pure.

Lengths are dp; puck coordinates are radii, x to the right and y up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from frontend.control.drawing.layout import PanelLayout, Rect
from frontend.control.state.autopilot import AutopilotMode
from frontend.look.poem import MapBounds
from protocol.puck import clamp

DESIGN_RADIUS_DP = 130.0
SNAP_RADII = 0.07  # radii: a puck that is let go this near to a voice lies on it
AUTOPILOT_BUTTONS = (AutopilotMode.PATH, AutopilotMode.DRIFT, AutopilotMode.ORBIT, AutopilotMode.FIGURE)
CHIP_MARGIN_DP = 54.0  # dp round the circle, for chips and names
ROW, LEAST_ROW = 26.0, 15.0  # of the list of shares
CHOIR_W = 58.0  # dp, of the two buttons that say whose turn it is


class PuckCircle(NamedTuple):
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


class PuckSlider(NamedTuple):
    """``grasp`` is where it can be taken hold of, ``way`` its length."""

    grasp: Rect
    way: float


@dataclass(frozen=True)
class PuckPlan:
    """The panel's parts. The shares of all voices in play have room in ``shares``."""

    circle: PuckCircle
    shares: Rect
    falloff: PuckSlider
    tempo: PuckSlider
    buttons: tuple[Rect, ...]  # in the order of BUTTONS
    antiphony: Rect  # the switch
    choirs: tuple[Rect, Rect]  # whose turn it is: the first on the left of the circle, the second on the right
    map: Rect  # what the field fills where the puck is the window: all but list, sliders and buttons

    @property
    def bounds(self) -> MapBounds:
        """The map's, in radii."""
        ring, room = self.circle, self.map
        return MapBounds(
            (room.x - ring.x) / ring.radius,
            (ring.y - room.bottom) / ring.radius,
            (room.right - ring.x) / ring.radius,
            (ring.y - room.y) / ring.radius,
        )


def circle(layout: PanelLayout) -> PuckCircle:
    return puck_plan(layout).circle


def puck_plan(layout: PanelLayout) -> PuckPlan:
    return _plan(layout.puck, 118.0 if layout.compact else 150.0, layout.enlarged == "puck")


@lru_cache(maxsize=8)
def _plan(rect: Rect, side: float, large: bool) -> PuckPlan:
    """The circle, at its right a column ``side`` wide, under both sliders and buttons. ``large``: for fingers."""
    side *= 2.0 if large else 1.0
    h, inset, gap = (44.0 if large else 28.0), 20.0, 8.0
    buttons_y = rect.bottom - 14.0 - h
    sliders_y = buttons_y - (44.0 if large else 36.0)
    w = (rect.w - 2 * inset - 3 * gap) / 4
    buttons = tuple(Rect(rect.x + inset + (w + gap) * i, buttons_y, w, h) for i in range(4))
    way = (rect.w - 3 * inset) / 2
    x, top, bottom = rect.right - inset - side, rect.y + 46.0, sliders_y - 22.0
    room = Rect(rect.x + inset, rect.y + 12.0, x - rect.x - 2 * inset, bottom - rect.y - 12.0)
    radius = max(40.0, min(room.h, room.w) / 2 - CHIP_MARGIN_DP)
    return PuckPlan(
        PuckCircle(*room.centre, radius, min(2.0, max(1.0, radius / DESIGN_RADIUS_DP))),
        Rect(x, top, side, bottom - top),
        PuckSlider(Rect(rect.x + inset, sliders_y, way, 24), way),
        PuckSlider(Rect(rect.x + 2 * inset + way, sliders_y, way, 24), way),
        buttons,
        Rect(x, rect.y + 12.0, side, h - 4.0),
        (Rect(room.x, bottom - h, CHOIR_W, h - 4.0), Rect(room.right - CHOIR_W, bottom - h, CHOIR_W, h - 4.0)),
        Rect(rect.x + 8.0, rect.y + 8.0, x - rect.x - 8.0 - inset, sliders_y - 26.0 - rect.y),
    )
