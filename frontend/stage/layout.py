"""The stage's measures: how large the text is set, where it stands, and how the whole picture fits a crooked screen.

All in pixels of the framebuffer, y down from the top, unless said. The proportions are those of a 1920 x 1080 picture.
Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from frontend.config.setting_fields import Corner
from frontend.look.fan import LANE_SCALE
from frontend.look.typeset import LEAST_COLUMNS
from frontend.stage.look import StageLook
from frontend.stage.settings import FARTHEST_PIN

EM_SHARE = 1 / 15  # of the height
MIN_COLUMNS = 32  # columns as designed, or about: a screen that stands upright has smaller type, not shorter lines
LEADING_EMS = 1.44  # ems from line to line
LEFT_SHARE, LINE_WIDTH_SHARE = 0.0875, 0.825  # of the width: where lines begin, and how wide they are
GUTTER_SHARE = 0.045  # of the width, between the columns of two choirs
CHOIR_COLUMNS = 28  # as many columns as each of them has as designed, or about
CREATURE_SHARE = 0.2  # of the width, that lines leave to a creature
CREATURE_PIXELS = 32  # a side, of which it is made
CREATURE_SCALE, KEPT_SCALE = 12, 3  # pixels a side of each, of a picture 1080 high: the living one, and kept ones
BASELINE_SHARE = 0.83  # of the height: the writing line's baseline
BASELINE_OVER_FOOT_SHARE = 0.72  # the same where the histogram or ghost letters stand below
PLOT_TOP_SHARE = 0.775  # of the height
LANES, LANE_LEADING_EMS = 3, 1.08  # of ghost letters; ems of their type from lane to lane
LANES_BOTTOM_SHARE = 0.90  # of the height, below which there is none
RIBBON_UNDER_LANES_SHARE = 0.035  # of the height, that the ribbon stands lower then
RIBBON_TOP_SHARE, RIBBON_BOTTOM_SHARE = 0.87, 0.92  # of the height
TOP_SHARE = 0.07  # of the height, in which no line rests
DESCENDER_EMS = 0.2  # ems; what a letter has below its baseline
CAPITAL_EMS = 0.66  # em; the height of a capital letter, a little more than the face's

Pins = tuple[Corner, Corner, Corner, Corner]
STRAIGHT: Pins = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True)
class StageLayout:
    """The measures of one picture."""

    width: int
    height: int
    cell: int  # the width of every character
    em: float  # the size of the type
    leading: int
    left: int
    baseline: int  # of the writing line at rest
    columns: int
    lines: int  # at rest
    cursor: tuple[int, int, int, int]  # left, top, right and bottom, seen from the place of the next character
    bar: int  # height of the mix
    gap: int  # between two shares of the mix
    name: float  # em of the names; 0 where there are none
    names: int  # their baseline
    plot: tuple[int, int, int, int] | None  # the histogram: left, top, right and ground
    ribbon: tuple[int, int, int, int] | None  # of who wrote: left, top, right and bottom
    lanes: int  # of ghost letters under the writing line, which has its own
    lane: int  # from one to the next, and from the line to the first and half of one
    letter: float  # em of the letters under it
    letters: int  # their baseline
    creature: tuple[int, int, int] | None  # the middle of its feet, and pixels a side of each of its pixels
    kept: int  # pixels a side of each pixel of a creature that stands in the text
    kept_columns: int  # cells that one takes behind a sentence
    second: int | None = None  # where the lines of a second column begin, of as many cells as the first


def lay_out(width: int, height: int, look: StageLook, choirs: bool = False) -> StageLayout:
    """Set a picture of ``width`` x ``height``; for two ``choirs`` in two columns, beside which no creature has room.

    Where the columns asked for, or a readable few, have no room at the size asked for, the type is smaller.
    """
    settings, advance = look.settings, look.face.advance
    if settings.poem:  # the map has the room of what else would stand under the text
        settings = replace(settings, histogram=False, ghosts=False, ribbon=False)
    least = max(LEAST_COLUMNS, settings.columns)
    creature = "none" if choirs or settings.poem else look.creature
    lines_share = LINE_WIDTH_SHARE - (CREATURE_SHARE if creature != "none" else 0.0)
    if choirs:
        lines_share = (LINE_WIDTH_SHARE - GUTTER_SHARE) / 2
    readable = CHOIR_COLUMNS if choirs else MIN_COLUMNS
    designed = min(height * EM_SHARE, lines_share * width / (readable * advance))
    cell = max(1, min(round(designed * settings.size * advance), int(lines_share * width // least)))
    em = cell / advance
    fitting = int(lines_share * width // cell)
    leading = round(LEADING_EMS * em)
    full_foot = settings.histogram or settings.ghosts
    baseline = round((BASELINE_OVER_FOOT_SHARE if full_foot else BASELINE_SHARE) * height)
    lane = max(1, round(LANE_SCALE * LANE_LEADING_EMS * em))
    room = LANES_BOTTOM_SHARE * height - baseline - DESCENDER_EMS * LANE_SCALE * em
    lanes = max(0, min(LANES, int(room / lane - 0.5)))
    below = RIBBON_UNDER_LANES_SHARE if settings.ghosts else 0.0
    unit = min(height / 1080, width / 1440)
    name, letter, foot = 24 * unit if settings.names else 0.0, 30 * unit, 12 * unit
    ground = height - foot - (36 * unit if settings.names else 0.0) - 36 * unit
    plot = (
        round(LEFT_SHARE * width),
        round(PLOT_TOP_SHARE * height),
        round((LEFT_SHARE + LINE_WIDTH_SHARE) * width),
        round(ground),
    )
    top, bottom = round((RIBBON_TOP_SHARE + below) * height), round((RIBBON_BOTTOM_SHARE + below) * height)
    ribbon = (plot[0], top, plot[2], bottom)
    unit_side = min(height / 1080, CREATURE_SHARE * width / (CREATURE_SCALE * CREATURE_PIXELS))
    middle = LEFT_SHARE + (CREATURE_SHARE / 2 if creature == "left" else LINE_WIDTH_SHARE - CREATURE_SHARE / 2)
    kept = max(1, round(KEPT_SCALE * em / 72))
    return StageLayout(
        width,
        height,
        cell,
        em,
        leading,
        round((LEFT_SHARE + (CREATURE_SHARE if creature == "left" else 0.0)) * width),
        baseline,
        columns=least if settings.columns else fitting,
        lines=1 + max(0, int((baseline - CAPITAL_EMS * em - TOP_SHARE * height) // leading)),
        cursor=_cursor(look, cell, em / 72),
        bar=max(2, round(5 * unit)) if settings.mix else 0,
        gap=max(1, round(2 * unit)),
        name=name,
        names=height - round(foot + 8 * unit),
        plot=plot if settings.histogram else None,
        ribbon=ribbon if settings.ribbon and not settings.histogram else None,
        lanes=lanes if settings.ghosts and not settings.histogram else 0,
        lane=lane,
        letter=letter,
        letters=round(ground + 29 * unit),
        creature=(round(middle * width), baseline, max(1, int(CREATURE_SCALE * unit_side)))
        if creature != "none"
        else None,
        kept=kept,
        kept_columns=-(-kept * CREATURE_PIXELS // cell),
        second=round((LEFT_SHARE + lines_share + GUTTER_SHARE) * width) if choirs else None,
    )


def _cursor(look: StageLook, cell: int, unit: float) -> tuple[int, int, int, int]:
    """The cursor's box for a type of which ``unit`` is a 72nd; empty where there is to be none."""
    thick = max(1, round(look.theme.cursor * unit))
    match look.settings.cursor:
        case "bar":
            left = round(5 * unit)
            return left, round(-54 * unit), left + thick, round(16 * unit)
        case "block":
            return 0, round(-54 * unit), cell, round(16 * unit)
        case "line":
            return 0, round(9 * unit), cell, round(9 * unit) + thick
        case _:
            return 0, 0, 0, 0


def mix_bars(shares: Sequence[float], width: int, gap: int) -> list[tuple[int, int, int]]:
    """The mix as one line across the picture: (voice's index, left, right) for every share that is seen.

    ``shares`` sum to 1, or are all 0; they stand in the voices' order, a gap between two.
    """
    edges = np.rint(np.concatenate([[0.0], np.cumsum(shares)]) * (width + gap)).astype(int)
    return [
        (voice, int(left), int(right) - gap)
        for voice, (left, right) in enumerate(pairwise(edges))
        if right - left > gap
    ]


def projection(width: int, height: int, pins: Pins = STRAIGHT) -> NDArray[np.float64]:
    """The 3 x 3 matrix from pixels (x, y, 1) to the homogeneous place on the screen: -1..1, y up.

    It takes the picture's corners to where the pins are and keeps straight lines straight (Heckbert 1989).
    """
    corners = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    moves = np.clip(np.asarray(pins, float), -FARTHEST_PIN, FARTHEST_PIN)
    to = (corners / (width, height) + moves) * (2.0, -2.0) + (-1.0, 1.0)
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, to, strict=True):
        rows += [[x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)
