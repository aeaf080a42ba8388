"""Who wrote the last minutes of a text, as bands of a streamgraph: for each stretch of letters how far each voice led.

A stretch is worked out once, when its last letter stands. The bands
lie on one another around a middle line, the more clearly somebody leads the wider all together (Byron and Wattenberg
2008 describe the form). Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontend.look.surplus import leads
from protocol.messages import Tint

Floats = NDArray[np.float64]

STRETCH_CHARS = 12
SMOOTHED = (0.25, 0.5, 0.25)  # of a stretch and its neighbours
LEAST_WIDTH = 0.35  # of a stretch in which nobody leads, as a share of the widest


class Ribbon:
    """``follow`` takes a text as it is now; ``end`` is the position behind its last stretch."""

    def __init__(self) -> None:
        self._known: dict[int, Floats] = {}  # by the stretch's number: how far each voice led in it
        self._key: tuple[object, ...] = ()
        self._asked: tuple[object, ...] = ()
        self._rows = np.zeros((0, 0))
        self.end = 0

    def follow(self, tints: Sequence[Tint], dropped: int, revision: int, voices: int, count: int) -> Floats:
        """(count, voices) how far each voice led in each of the last ``count`` whole stretches, the last one last.

        Rows are of sum 1, of zeros where no voice wrote; the very same array for as long as nothing was written.
        ``tints`` begin at position ``dropped`` of the text; ``revision`` is another one whenever more happened than
        appending and dropping.
        """
        last = (dropped + len(tints)) // STRETCH_CHARS - 1
        asked = (last, -(-dropped // STRETCH_CHARS), revision, voices, count)
        if asked == self._asked:
            return self._rows
        self._asked = asked
        if (revision, voices) != self._key:
            self._key, self._known = (revision, voices), {}
        wanted = range(max(0, last - count + 1, -(-dropped // STRETCH_CHARS)), last + 1)
        self._known = {number: row for number, row in self._known.items() if number in wanted}
        missing = [number for number in wanted if number not in self._known]
        if missing:
            self._work_out(tints, dropped, voices, missing[0], last)
        self.end = (last + 1) * STRETCH_CHARS
        rows = self._rows = np.zeros((count, voices))
        for number in wanted:
            rows[count - 1 - (last - number)] = self._known[number]
        return rows

    def _work_out(self, tints: Sequence[Tint], dropped: int, voices: int, first: int, last: int) -> None:
        start = first * STRETCH_CHARS - dropped
        led = leads(tints, voices, start, (last + 1) * STRETCH_CHARS - dropped)
        for number in range(first, last + 1):
            at = (number - first) * STRETCH_CHARS
            rows = led[at : at + STRETCH_CHARS]
            total = rows.sum()
            self._known[number] = rows.sum(axis=0) / total if total > 0.0 else np.zeros(voices)


def bands(rows: Floats, each: int) -> Floats:
    """(voices + 1, count * each) the edges between the bands, from -1 above to 1 below, ``each`` points a stretch."""
    count, voices = rows.shape
    padded = np.concatenate([rows[:1], rows, rows[-1:]])
    smooth = np.sum([part * padded[at : at + count] for at, part in enumerate(SMOOTHED)], axis=0)
    clear = LEAST_WIDTH + (1.0 - LEAST_WIDTH) * (smooth**2).sum(axis=1, keepdims=True)
    thick = smooth * clear  # (count, voices)
    points = np.clip((np.arange(count * each) + 0.5) / each - 0.5, 0.0, count - 1.0)
    before = points.astype(int)
    after, part = np.minimum(before + 1, count - 1), (points - before)[:, None]
    fine = (thick[before] + part * (thick[after] - thick[before])).T
    edges = np.zeros((voices + 1, count * each))
    np.cumsum(fine, axis=0, out=edges[1:])
    return np.asarray(2.0 * edges - edges[-1])
