"""The stage's measures: how large the text is set, where it stands, and how the whole picture fits a crooked screen.

All in pixels of the framebuffer, y down from the top, unless said. The proportions are those of a 1920 x 1080 picture.
Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from frontend.typeset import LEAST_COLUMNS

SMALLEST, LARGEST = 0.7, 1.6  # of the size that the performer chooses
FARTHEST_PIN = 0.10  # of the picture's width or height, that a corner can be moved

EM = 1 / 15  # of the height
LEADING = 1.44  # ems from line to line
LEFT, WIDE = 0.0875, 0.825  # of the width: where lines begin, and how wide they are
REST = 0.83  # of the height: the writing line's baseline
TOP = 0.07  # of the height, in which no line rests
CAPITAL = 0.66  # em; the height of a capital letter, a little more than the face's

Corner = tuple[float, float]
Pins = tuple[Corner, Corner, Corner, Corner]
STRAIGHT: Pins = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True)
class StageLook:
    """What a performer may choose about the stage.

    ``pins`` move the corners (top left, top right, bottom right, bottom left) by shares of the picture's width and
    height, to the right and down, at most a tenth each: for a projector that stands askew.
    """

    size: float = 1.0
    coloured: bool = True
    high_contrast: bool = False
    reduced_motion: bool = False
    pins: Pins = STRAIGHT

    @property
    def least_alpha(self) -> float:
        return 0.6 if self.high_contrast else 0.0

    @property
    def ground(self) -> str:
        return "#000000" if self.high_contrast else "#07090C"

    @property
    def ink(self) -> str:
        """Of the cursor, and of text where it is plain."""
        return "#FFFFFF" if self.high_contrast else "#E9EDF3"


AS_DESIGNED = StageLook()


@dataclass(frozen=True)
class Layout:
    """The measures of one picture."""

    width: int
    height: int
    em: int  # the size of the type, even, so that a cell is a whole number of pixels
    leading: int
    left: int
    baseline: int  # of the writing line at rest
    columns: int
    lines: int  # at rest
    cursor: tuple[int, int, int, int]  # left, top, right and bottom, seen from the place of the next character
    bar: int  # height of the mix
    gap: int  # between two shares of the mix

    @property
    def cell(self) -> int:
        """The width of every character."""
        return self.em // 2


def lay_out(width: int, height: int, look: StageLook = AS_DESIGNED) -> Layout:
    """Set a picture of ``width`` x ``height``; a very narrow one gets smaller type rather than too few columns."""
    size = min(LARGEST, max(SMALLEST, look.size))
    em = min(height * EM * size, 2.0 * WIDE * width / LEAST_COLUMNS)
    em = max(4, 2 * round(em / 2))
    leading = round(LEADING * em)
    baseline = round(REST * height)
    lines = 1 + max(0, int((baseline - CAPITAL * em - TOP * height) // leading))
    unit = em / 72  # of the cursor's design: 6 x 70 at 72 pixels an em
    thick = max(1, round((10 if look.high_contrast else 6) * unit))
    left = round(5 * unit)
    return Layout(
        width, height, em, leading, round(LEFT * width), baseline,
        columns=max(LEAST_COLUMNS, int(WIDE * width // (em // 2))),
        lines=lines,
        cursor=(left, round(-54 * unit), left + thick, round(16 * unit)),
        bar=max(2, round(5 * height / 1080)),
        gap=max(1, round(2 * height / 1080)),
    )  # fmt: skip


def mix_bars(shares: Sequence[float], width: int, gap: int) -> list[tuple[int, int, int]]:
    """The mix as one line across the picture: (voice's index, left, right) for every share that is seen.

    ``shares`` sum to 1, or are all 0; they stand in the voices' order, a gap between two.
    """
    edges = np.rint(np.concatenate([[0.0], np.cumsum(shares)]) * (width + gap)).astype(int)
    return [(voice, int(left), int(right) - gap)
            for voice, (left, right) in enumerate(pairwise(edges)) if right - left > gap]


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
