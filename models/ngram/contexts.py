"""What followed what in a text: one array of contexts, sorted newest character first, that serves every length.

A context is packed into two numbers of 63 bits, its newest character in the highest bits, so all places of a text that
agree in their last k characters are neighbours, and a binary search finds them, whatever k is. Beside each place stands
how many characters of its context are those of the place before it with the same next character: from that the
continuation counts of Kneser and Ney are counted where they are asked for, and no table of them is kept. Pure numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.interface import INITIAL_CODE, Codes
from protocol.alphabet import VOCABULARY

Counts = NDArray[np.float64]

BITS = 7  # a character
PER_KEY = 9  # characters in one number
LONGEST = 2 * PER_KEY - 2  # characters of a context at the most
CACHED_LENGTHS = 3  # contexts shorter than this are many places' and few: they are counted once


class Contexts:
    """Every place of ``text`` (not empty, codes below 128) and what stood before it."""

    def __init__(self, text: Codes, order: int, places: NDArray[np.int64] | None = None) -> None:
        """``order`` is how many characters of context count, 1-16; ``places``: those that are learnt, default all."""
        if not 1 <= order <= LONGEST:
            raise ValueError(f"an n-gram looks back 1-{LONGEST} characters, not {order}")
        places = np.arange(len(text)) if places is None else places
        self.order = order
        before = np.concatenate([np.full(order, INITIAL_CODE, np.int64), text])
        keys = [_pack(before, order, first, places) for first in range(0, order, PER_KEY)]
        sorted_ = np.lexsort(keys[::-1])  # the last key is the first that counts
        self._keys = [key[sorted_] for key in keys]
        self._next = text[places][sorted_]  # (N,)
        by_next = np.argsort(self._next, kind="stable")
        shared = self._shared_with_previous(by_next)
        self._shared = np.empty(len(by_next), np.int8)  # characters of context, -1 for the first of its next character
        self._shared[by_next] = shared
        self.discounts = np.stack([_discounts(shared, length, length == order) for length in range(order + 1)])
        self._cache: dict[tuple[int, ...], Counts] = {}

    def counts(self, newest_first: Codes) -> Counts:
        """(n, 128) what followed contexts of 0, 1, ... characters, as long as there are any.

        ``newest_first`` holds ``order`` codes. The last row counts places, the others how many different characters
        stood before.
        """
        ranges = self._ranges(newest_first)
        rows = [
            self._count(newest_first, length, low, high, length == len(ranges) - 1)
            for length, (low, high) in enumerate(ranges)
        ]
        return np.stack(rows)

    def _count(self, newest_first: Codes, length: int, low: int, high: int, places: bool) -> Counts:
        if length >= CACHED_LENGTHS or places:
            return self._counted(length, low, high, places)
        key = tuple(newest_first[:length].tolist())
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._counted(length, low, high, places)
        return found

    def _counted(self, length: int, low: int, high: int, places: bool) -> Counts:
        following = self._next[low:high]
        if not places:
            following = following[self._shared[low:high] <= length]
        return np.bincount(following, minlength=VOCABULARY).astype(np.float64)

    def _ranges(self, newest_first: Codes) -> list[tuple[int, int]]:
        """Where the places lie that agree in 0, 1, ... characters, as long as there are any."""
        found = [(0, len(self._next))]
        for index, keys in enumerate(self._keys):
            low, high = found[-1]
            wanted = newest_first[index * PER_KEY : min((index + 1) * PER_KEY, self.order)]
            steps = BITS * (PER_KEY - 1 - np.arange(len(wanted)))
            starts = np.cumsum(wanted.astype(np.int64) << steps)
            inside = keys[low:high]
            lows, highs = np.searchsorted(inside, starts), np.searchsorted(inside, starts + (1 << steps) - 1, "right")
            there = int((highs > lows).sum())  # the longer a context, the fewer its places: none after the first none
            found += zip((low + lows[:there]).tolist(), (low + highs[:there]).tolist(), strict=True)
            if there < len(wanted):
                break
        return found

    def _shared_with_previous(self, by_next: NDArray[np.int64]) -> NDArray[np.int8]:
        """For places sorted by their next character, then their context: characters shared with the one before."""
        shared = np.zeros(len(by_next), np.int8)
        agree = np.ones(max(0, len(by_next) - 1), np.bool_)
        left = self.order
        for keys in self._keys:
            different = keys[by_next[1:]] ^ keys[by_next[:-1]]
            for place in range(min(PER_KEY, left)):
                agree &= different >> (BITS * (PER_KEY - 1 - place)) == 0
                shared[1:] += agree
            left -= PER_KEY
        following = self._next[by_next]
        shared[1:][following[1:] != following[:-1]] = -1
        shared[:1] = -1
        return shared


def _pack(before: NDArray[np.int64], order: int, first: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each place the characters of its context from number ``first`` on, the newest highest."""
    packed = np.zeros(len(places), np.int64)
    count = min(PER_KEY, order - first)
    for distance in range(first, first + count):
        packed = packed << BITS | before[places + (order - 1 - distance)]
    return packed << (BITS * (PER_KEY - count))


def _discounts(shared: NDArray[np.int8], length: int, longest: bool) -> NDArray[np.float64]:
    """(4,) what is taken from counts of 0, 1, 2 and more: modified Kneser-Ney (Chen & Goodman 1998, equation 26).

    ``shared`` is in the order of next character and context: what agrees in both stands together.
    """
    begins = np.flatnonzero(shared < length)
    if longest:
        counts = np.diff(np.concatenate([begins, [len(shared)]]))
    else:
        counts = np.add.reduceat(shared <= length, begins, dtype=np.int64)
    ones, twos, threes, fours = (max(1, int((counts == wanted).sum())) for wanted in (1, 2, 3, 4))
    y = ones / (ones + 2.0 * twos)
    taken = [0.0, 1.0 - 2.0 * y * twos / ones, 2.0 - 3.0 * y * threes / twos, 3.0 - 4.0 * y * fours / threes]
    return np.clip(taken, [0.0, 0.05, 0.05, 0.05], [0.0, 0.95, 1.9, 2.85])
