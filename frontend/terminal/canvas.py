"""A grid of coloured cells, and the few things that are painted on it: words, chips, bars.

Cells are a terminal's: one character, a foreground and a background each. What falls outside the grid is cut off, so
that a view needs no care at its edges. Pure but for the rows it fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from frontend.look.colour import RGB, rgb_of_hex

EIGHTHS_RIGHT = " ▏▎▍▌▋▊▉█"
EIGHTHS_UP = " ▁▂▃▄▅▆▇█"


class Cell(NamedTuple):
    character: str
    fore: RGB
    back: RGB
    bold: bool = False
    struck: bool = False


class CellCanvas:
    """``rows[y][x]`` is a cell; (0, 0) is top left."""

    def __init__(self, width: int, height: int, back: RGB) -> None:
        self.width, self.height = width, height
        self.rows = [[Cell(" ", back, back)] * width for _ in range(height)]

    def put(
        self,
        x: int,
        y: int,
        words: str,
        fore: RGB,
        back: RGB | None = None,
        *,
        bold: bool = False,
        struck: bool = False,
    ) -> int:
        """Write ``words`` from (x, y) on; without ``back`` on what is there. Returns the x after them."""
        for place, character in enumerate(words, start=x):
            if 0 <= place < self.width and 0 <= y < self.height:
                row = self.rows[y]
                row[place] = Cell(character, fore, row[place].back if back is None else back, bold, struck)
        return x + len(words)

    def fill(self, x: int, y: int, width: int, back: RGB, height: int = 1) -> None:
        for row in range(y, y + height):
            self.put(x, row, " " * width, back, back)

    def bar(self, x: int, y: int, width: int, level: float, fore: RGB, back: RGB) -> None:
        """A level 0 to 1 lying down, an eighth of a cell fine."""
        eighths = round(8 * width * min(1.0, max(0.0, level)))
        cells = (min(8, max(0, eighths - 8 * cell)) for cell in range(width))
        self.put(x, y, "".join(EIGHTHS_RIGHT[full] for full in cells), fore, back)

    def column(self, x: int, bottom: int, height: int, level: float, fore: RGB, back: RGB) -> None:
        """A level 0 to 1 standing on row ``bottom``; the least that is above 0 is seen."""
        eighths = round(8 * height * min(1.0, max(0.0, level))) or (1 if level > 0.0 else 0)
        for cell in range(height):
            self.put(x, bottom - cell, EIGHTHS_UP[min(8, max(0, eighths - 8 * cell))], fore, back)

    def stacked(self, x: int, y: int, width: int, parts: Sequence[tuple[float, str, RGB]], ink: RGB, back: RGB) -> None:
        """Shares that sum to 1 side by side, each (share, word, colour) with its word in the middle if it fits."""
        edge = reached = 0.0
        self.fill(x, y, width, back)
        for share, word, colour in parts:
            start, reached = round(width * edge), edge + share
            stop, edge = round(width * reached), reached
            self.fill(x + start, y, stop - start, colour)
            if stop - start > len(word):
                self.put(x + start + (stop - start - len(word)) // 2, y, word, ink, bold=True)

    def segments(self, y: int) -> list[Segment]:
        """Row ``y`` for rich and textual: neighbours that look alike in one piece."""
        runs = groupby(self.rows[y], key=lambda cell: cell[1:])
        return [Segment("".join(cell.character for cell in cells), style(*look)) for look, cells in runs]

    def __str__(self) -> str:
        return "\n".join("".join(cell.character for cell in row) for row in self.rows)


@lru_cache(maxsize=4_096)
def style(fore: RGB, back: RGB, bold: bool, struck: bool) -> Style:
    return Style(color=Color.from_rgb(*fore), bgcolor=Color.from_rgb(*back), bold=bold, strike=struck)


@lru_cache(maxsize=256)
def rgb(colour: str) -> RGB:
    """ "#RRGGBB" as three bytes."""
    return rgb_of_hex(colour)


def between(one: RGB, other: RGB, part: float) -> RGB:
    """``part`` of the way from ``one`` to ``other``: for fading towards a ground, not for mixing voices."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue
