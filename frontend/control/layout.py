"""Where everything stands: rectangles in dp for a window of any size, in the full and in the compact layout.

From .92 of 1920 x 1080 up the full layout is scaled as one; below it a compact one on 1600 x 900 dp takes over.
Spare width goes to faders, histogram and text, spare height to the histogram. Pure; no thread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

FULL_WIDTH, FULL_HEIGHT = 1920.0, 1080.0
COMPACT_WIDTH, COMPACT_HEIGHT = 1600.0, 900.0
COMPACT_BELOW = 0.92
COMPACT_TYPE = 14.0  # dp; at .8 that is 11 pixels, the least that can be read

MARGIN = 16.0  # around the window, and between columns
GAP = 12.0  # between panels


@dataclass(frozen=True)
class Rect:
    """A rectangle in dp, its origin at the top left."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    def has(self, x: float, y: float) -> bool:
        """Whether a point lies inside; left and top edges do, right and bottom edges do not."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, by: float) -> Rect:
        """The same with its left and right edges moved in."""
        return Rect(self.x + by, self.y, self.w - 2 * by, self.h)

    def grown(self, by: float) -> Rect:
        """The same with each edge moved out."""
        return Rect(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)


@dataclass(frozen=True)
class Layout:
    """One window's plan. ``scale`` is pixels a dp."""

    scale: float
    compact: bool
    least_type: float
    width: float
    height: float
    voices: Rect
    buttons: tuple[Rect, Rect, Rect]
    settings: Rect
    setting_pitch: float
    scenes: tuple[Rect, ...]
    faders: Rect
    puck: Rect
    histogram: Rect
    text: Rect
    entropy: Rect
    prime: Rect
    status_baseline: float

    @property
    def panels(self) -> dict[str, Rect]:
        """Every panel by name, for tests and tools."""
        names = ("voices", "settings", "faders", "puck", "histogram", "text", "entropy", "prime")
        return {name: getattr(self, name) for name in names}


def plan(width: float, height: float, least_type: float = 11.0) -> Layout:
    """The layout of a window ``width`` x ``height`` in pixels."""
    scale = min(width / FULL_WIDTH, height / FULL_HEIGHT)
    if scale >= COMPACT_BELOW:
        return _full(scale, width / scale, height / scale, least_type)
    scale = min(width / COMPACT_WIDTH, height / COMPACT_HEIGHT)
    return _compact(scale, width / scale, height / scale, max(least_type, COMPACT_TYPE))


def _row(x: float, y: float, right: float, h: float, w: float, count: int) -> tuple[Rect, ...]:
    """``count`` rectangles ``w`` wide, spread evenly from x to right."""
    pitch = (right - w - x) / (count - 1)
    return tuple(Rect(x + pitch * i, y, w, h) for i in range(count))


def _full(scale: float, width: float, height: float, least_type: float) -> Layout:
    wide, high = width - FULL_WIDTH, height - FULL_HEIGHT  # to spare
    left, right = 296.0, width - MARGIN
    foot = 856.0 + high
    buttons = (Rect(left, 16, 72, 64), Rect(left + 80, 16, 72, 64), Rect(left + 160, 16, 72, 64))
    return Layout(
        scale, False, least_type, width, height,
        voices=Rect(MARGIN, MARGIN, 264, 1020 + high),
        buttons=buttons,
        settings=Rect(540, 16, 656 + wide / 2, 64),
        setting_pitch=160 + wide / 8,
        scenes=_row(1208 + wide / 2, 16, right, 64, 70, 9),
        faders=Rect(left, 92, 880 + wide, 360),
        puck=Rect(1188 + wide, 92, 716, 360),
        histogram=Rect(left, 464, 1608 + wide, 380 + high),
        text=Rect(left, foot, 1096 + wide, 180),
        entropy=Rect(1404 + wide, foot, 500, 92),
        prime=Rect(1404 + wide, foot + 104, 500, 76),
        status_baseline=1065 + high,
    )  # fmt: skip


def _compact(scale: float, width: float, height: float, least_type: float) -> Layout:
    wide, high = width - COMPACT_WIDTH, height - COMPACT_HEIGHT
    left, right = 120.0, width - MARGIN
    foot = 720.0 + high
    buttons = (Rect(left, 16, 72, 64), Rect(left + 80, 16, 72, 64), Rect(left + 160, 16, 72, 64))
    return Layout(
        scale, True, least_type, width, height,
        voices=Rect(MARGIN, MARGIN, 88, 844 + high),
        buttons=buttons,
        settings=Rect(left + 244, 16, 576 + wide / 2, 64),
        setting_pitch=140 + wide / 8,
        scenes=_row(left + 832 + wide / 2, 16, right, 64, 58, 9),
        faders=Rect(left, 92, 804 + wide, 300),
        puck=Rect(left + 812 + wide, 92, 652, 300),
        histogram=Rect(left, 404, 1464 + wide, 300 + high),
        text=Rect(left, foot - 4, 1096 + wide - 120, 140),
        entropy=Rect(left + 1096 + wide - 108, foot - 4, 476, 52),
        prime=Rect(left + 1096 + wide - 108, foot + 60, 476, 76),
        status_baseline=884 + high,
    )  # fmt: skip
