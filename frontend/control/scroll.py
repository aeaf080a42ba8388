"""Reading back: which lines of the text are seen, and which character stands where. Pure.

While nothing was scrolled the last line is the one being written; scrolled back, the lines seen stay the same whatever
is written below them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from frontend.typeset import Line


@dataclass
class Scroll:
    """``bottom`` is the number of the last line seen, None while the text is followed. ``page`` is the typesetter's."""

    bottom: int | None = None
    page: int = -1
    _rest: float = 0.0  # of a line, that the wheel or the hand has gone further

    @property
    def following(self) -> bool:
        return self.bottom is None

    def follow(self) -> None:
        self.bottom, self._rest = None, 0.0

    def by(self, lines: float, first: int, last: int, seen: int) -> None:
        """Go back ``lines`` (negative: forth) in a text of lines ``first`` to ``last``, of which ``seen`` are seen."""
        self._rest += lines
        whole = int(self._rest)
        self._rest -= whole
        if whole == 0:
            return
        top_most = min(last, first + seen - 1)
        bottom = min(last, max(top_most, (last if self.bottom is None else self.bottom) - whole))
        self.bottom = None if bottom >= last else bottom

    def window(self, lines: Sequence[Line], page: int, seen: int) -> Sequence[Line]:
        """The lines to be drawn, the last one lowest. A text that was set anew is followed."""
        if page != self.page:
            self.page = page
            self.follow()
        if self.bottom is None:
            return lines[-seen:]
        end = self.bottom - lines[0].number + 1
        if end > len(lines) or end < 1:
            self.follow()
            return lines[-seen:]
        return lines[max(0, end - seen) : end]

    def back(self, last: int) -> int:
        """How many lines back the view is."""
        return 0 if self.bottom is None else last - self.bottom


def place_at(line: Line, column: float) -> int | None:
    """The position in the text of what stands at ``column`` of a line, a blank between words too.

    None beyond its ends.
    """
    if not line.columns or column < line.columns[0] or column >= line.columns[-1] + 1:
        return None
    found = bisect_right(line.columns, int(column)) - 1
    if line.columns[found] == int(column):
        return line.places[found]
    return line.places[found] + 1  # the blank behind it


def column_of(line: Line, position: int) -> int | None:
    """Where a position of the text stands in a line; None if it is not in it."""
    found = bisect_left(line.places, position)
    if found < len(line.places) and line.places[found] == position:
        return line.columns[found]
    if 0 < found < len(line.places) and position == line.places[found - 1] + 1:
        return line.columns[found - 1] + 1
    return None
