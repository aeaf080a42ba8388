"""Where everything stands: rectangles in dp for a window of any size, in the full and in the compact layout.

From .92 of 1920 x 1080 up the full layout is scaled as one; below it a compact one on 1600 x 900 dp takes over. Spare
width goes to faders, histogram and text, spare height to histogram and puck. A panel may be hidden, then its neighbours
take the room, or enlarged to the whole window but for the line that is being written. Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from frontend.control.state.preferences import Arrangement

FULL_WIDTH, FULL_HEIGHT = 1920.0, 1080.0
COMPACT_WIDTH, COMPACT_HEIGHT = 1600.0, 900.0
COMPACT_BELOW_SCALE = 0.92
COMPACT_TYPE_DP = 14.0  # dp; at .8 that is 11 pixels, the least that can be read

MARGIN = 16.0  # around the window, and between columns
GAP = 12.0  # between panels
TOP, STRIP_H = 16.0, 64.0  # of the transport strip
BODY_TOP_DP = 92.0  # where the panels begin

TRANSPORT_KEYS = ("char", "word", "end", "undo", "back", "back word", "hold", "redo")  # the small buttons, row by row
SIDE_PANELS = ("entropy", "prime", "stage")  # what stands beside the text, from the top
SETTINGS_A_ROW = 7  # settings in a row of the transport
PANIC_APART_DP = 14.0  # more than between the others, from panic to its neighbour
CORNER_BUTTONS = ("panic", "help", "stage", "settings", "inputs", "poses")  # the status line's buttons, from the right


class Rect(NamedTuple):  # made and compared by the hundred in every frame, which a dataclass does three times slower
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

    def holds(self, other: Rect) -> bool:
        """Whether all of another rectangle lies inside."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom

    def inset(self, by: float) -> Rect:
        """The same with its left and right edges moved in."""
        return Rect(self.x + by, self.y, self.w - 2 * by, self.h)

    def grown(self, by: float) -> Rect:
        """The same with each edge moved out."""
        return Rect(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)


NOWHERE = Rect(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class PanelLayout:
    """One window's plan. ``scale`` is pixels a dp; ``panels`` are those that are seen, by name."""

    scale: float
    compact: bool
    least_type: float
    width: float
    height: float
    panels: Mapping[str, Rect]
    run: Rect
    keys: Mapping[str, Rect]
    settings: Rect
    setting_pitch: float
    scenes: tuple[Rect, ...]
    fade: Rect
    book: Rect
    corner: Mapping[str, Rect]
    status_baseline: float
    enlarged: str | None = None
    drawer: Rect = field(default=NOWHERE)  # where the book and the settings open

    def at(self, x: float, y: float) -> str | None:
        """The panel under a point."""
        return next((name for name, rect in self.panels.items() if rect.has(x, y)), None)

    # A panel's rectangle by its name; NOWHERE for one that is not seen.

    @property
    def voices(self) -> Rect:
        return self.panels.get("voices", NOWHERE)

    @property
    def faders(self) -> Rect:
        return self.panels.get("faders", NOWHERE)

    @property
    def puck(self) -> Rect:
        return self.panels.get("puck", NOWHERE)

    @property
    def histogram(self) -> Rect:
        return self.panels.get("histogram", NOWHERE)

    @property
    def text(self) -> Rect:
        return self.panels.get("text", NOWHERE)

    @property
    def entropy(self) -> Rect:
        return self.panels.get("entropy", NOWHERE)

    @property
    def prime(self) -> Rect:
        return self.panels.get("prime", NOWHERE)

    @property
    def stage(self) -> Rect:
        return self.panels.get("stage", NOWHERE)


ALL = Arrangement()


@dataclass(frozen=True)
class _Measures:
    """In which the full and the compact layout differ, in dp."""

    width: float
    height: float
    voices: float
    faders: float  # the height of the faders, over the histogram
    puck: float  # the width of the puck, right of both
    hands_gap: float
    foot: float  # the height of the text, and of what stands beside it
    undecided: float  # the height of the entropy's panel, over prime
    prime: float  # the height of prime, over the stage
    side: float  # the width of entropy, prime and stage
    line: float  # the height of the text under an enlarged panel
    gap: float
    below: float  # from the panels' bottom to the window's
    run: float
    key: float
    scene: float
    scene_gap: float
    fade: float
    corner: float


_FULL = _Measures(1920, 1080, 264, 300, 716, 12, 322, 92, 76, 500, 84, 12, 44, 72, 66, 50, 5, 80, 76)
_COMPACT = _Measures(1600, 900, 88, 262, 652, 8, 254, 52, 76, 476, 76, 12, 40, 60, 58, 42, 3, 80, 78)


@lru_cache(maxsize=8)
def plan_panels(width: float, height: float, least_type: float = 11.0, arrangement: Arrangement = ALL) -> PanelLayout:
    """The layout of a window ``width`` x ``height`` in pixels; not to be changed, every frame has the same one."""
    scale = min(width / FULL_WIDTH, height / FULL_HEIGHT)
    compact = scale < COMPACT_BELOW_SCALE or arrangement.large
    measures = _COMPACT if compact else _FULL
    if compact:
        scale, least_type = min(width / COMPACT_WIDTH, height / COMPACT_HEIGHT), max(least_type, COMPACT_TYPE_DP)
    w, h = width / scale, height / scale
    panels = _panels(measures, w, h, arrangement)
    left = panels["voices"].right + MARGIN if "voices" in panels and arrangement.enlarged is None else MARGIN
    bottom = h - measures.below
    wide = min(measures.puck, w - MARGIN - left)
    drawer = Rect(
        w - MARGIN - wide, BODY_TOP_DP, wide, bottom - measures.foot - measures.gap - BODY_TOP_DP
    )  # the text stays free
    return PanelLayout(
        scale,
        compact,
        least_type,
        w,
        h,
        panels,
        **_strip(measures, left, w - MARGIN),
        corner=_corner(measures, w, h),
        status_baseline=h - (15.0 if not compact else 16.0),
        enlarged=arrangement.enlarged,
        drawer=drawer,
    )


def _strip(m: _Measures, left: float, right: float) -> dict[str, Any]:
    """The transport from ``left`` to ``right``: what is to spare widens the settings, then the scenes."""
    run = Rect(left, TOP, m.run, STRIP_H)
    half = (STRIP_H - 4.0) / 2
    keys = {
        name: Rect(run.right + 8 + (m.key + 4) * (place % 4), TOP + (half + 4) * (place // 4), m.key, half)
        for place, name in enumerate(TRANSPORT_KEYS)
    }
    begin = keys["undo"].right + GAP
    least = 9 * m.scene + 8 * m.scene_gap + 8 + m.fade
    spare = max(0.0, right - begin - GAP - least - 652.0)
    end = right - least - spare * 0.4
    side = Rect(right - m.fade, TOP, m.fade, STRIP_H)
    wide = (side.x - 8 - end - 8 * m.scene_gap) / 9
    settings = Rect(begin, TOP, end - GAP - begin, STRIP_H)
    return {
        "run": run,
        "keys": keys,
        "settings": settings,
        "setting_pitch": (settings.w - 16.0) / SETTINGS_A_ROW,
        "scenes": tuple(Rect(end + (wide + m.scene_gap) * i, TOP, wide, STRIP_H) for i in range(9)),
        "fade": Rect(side.x, TOP, side.w, half),
        "book": Rect(side.x, TOP + half + 4, side.w, half),
    }


def _corner(m: _Measures, width: float, height: float) -> dict[str, Rect]:
    """The buttons at the right end of the status line."""
    y = height - m.below + 8
    return {
        name: Rect(
            width - MARGIN - m.corner * (place + 1) - 4 * place - (PANIC_APART_DP if place else 0.0), y, m.corner, 28
        )
        for place, name in enumerate(CORNER_BUTTONS)
    }


def _panels(m: _Measures, width: float, height: float, arrangement: Arrangement) -> dict[str, Rect]:
    """Every panel that is seen: faders over histogram, right of them the puck, below all the text.

    What is empty gives its room away.
    """
    right, bottom = width - MARGIN, height - m.below
    if arrangement.enlarged is not None:
        return _enlarged(m, arrangement.enlarged, Rect(MARGIN, BODY_TOP_DP, right - MARGIN, bottom - BODY_TOP_DP))
    shown = arrangement.shown
    panels: dict[str, Rect] = {}
    left = MARGIN
    if "voices" in shown:
        panels["voices"] = Rect(MARGIN, MARGIN, m.voices, bottom - MARGIN)
        left = panels["voices"].right + MARGIN
    above = {"faders", "puck", "histogram"} & set(shown)
    beside = [name for name in SIDE_PANELS if name in shown]
    foot = m.foot if "text" in shown or len(beside) > 1 else m.undecided if beside else 0.0
    if foot and not above:
        foot = bottom - BODY_TOP_DP
    if above:
        over = bottom - (foot + m.gap if foot else 0.0)  # the bottom of what stands above the text
        panels |= _hands(m, shown, Rect(left, BODY_TOP_DP, right - left, over - BODY_TOP_DP))
    if foot:
        panels |= _foot(m, shown, beside, Rect(left, bottom - foot, right - left, foot))
    return panels


def _enlarged(m: _Measures, name: str, room: Rect) -> dict[str, Rect]:
    """One panel, and under it the line that is being written."""
    if name == "text":
        return {name: room}
    return {
        name: Rect(room.x, room.y, room.w, room.h - m.line - m.gap),
        "text": Rect(room.x, room.bottom - m.line, room.w, m.line),
    }


def _hands(m: _Measures, shown: tuple[str, ...], room: Rect) -> dict[str, Rect]:
    """Faders over histogram, and the puck at their right."""
    panels: dict[str, Rect] = {}
    column = [name for name in ("faders", "histogram") if name in shown]
    if "puck" in shown:
        wide = m.puck if column else room.w
        panels["puck"] = Rect(room.right - wide, room.y, wide, room.h)
        room = Rect(room.x, room.y, room.w - wide - m.hands_gap, room.h)
    if len(column) == 2:
        panels["faders"] = Rect(room.x, room.y, room.w, m.faders)
        panels["histogram"] = Rect(room.x, room.y + m.faders + m.gap, room.w, room.h - m.faders - m.gap)
    elif column:
        panels[column[0]] = room
    return panels


def _foot(m: _Measures, shown: tuple[str, ...], beside: list[str], room: Rect) -> dict[str, Rect]:
    """The text, and beside it entropy over prime over the stage: the last of them has what is left."""
    if "text" not in shown:
        return _column(m, beside, room)
    if not beside:
        return {"text": room}
    text = Rect(room.x, room.y, room.w - m.side - m.gap, room.h)
    return {"text": text} | _column(m, beside, Rect(text.right + m.gap, room.y, m.side, room.h))


def _column(m: _Measures, names: list[str], room: Rect) -> dict[str, Rect]:
    heights = {"entropy": m.undecided, "prime": m.prime}
    panels: dict[str, Rect] = {}
    y = room.y
    for name in names:
        h = room.bottom - y if name == names[-1] else heights[name]
        panels[name] = Rect(room.x, y, room.w, h)
        y += h + m.gap
    return panels
