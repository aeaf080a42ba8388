"""The map of a poem: the last letters of a text, each where the puck lay when it was written.

Words stand level and are never cut: a word begins where the puck is, and where the puck rests the words go on as a
small paragraph there. So a journey of the puck becomes a path of words, and a rest a block of lines. What is written
over older words takes their place. Lengths are radii of the puck's circle, x to the right and y up; the map may be
larger than the circle. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocol.puck import position

Floats = NDArray[np.float64]

LETTERS_KEPT = 200
CELL, LEADING = 0.036, 0.076  # of a letter, and from line to line
BESIDE = 0.1  # from the puck to a word that begins there, so that it is not under it
REST = 0.10  # how far the puck goes before a word begins elsewhere
BLOCK_WIDTH = 0.62  # of the paragraph where the puck rests
OVER = (0.8 * CELL, 0.7 * LEADING)  # nearer than this across and up, a letter stands over another one
FRESH_LETTERS = 40  # that a new word does not begin on
ROOM_CELLS = 5  # that are free where a word begins
DOWN = (0, 1, -1, 2, -2, 3, -3)  # lines further down where a word is tried
FAINTEST = 0.3  # opacity of the oldest letter


@dataclass(frozen=True)
class MapBounds:
    """What can be seen of the map, in radii."""

    left: float = -1.0
    bottom: float = -1.0
    right: float = 1.0
    top: float = 1.0


@dataclass(frozen=True)
class _Letter:
    position: int  # in the whole text
    character: str
    x: float  # its left edge
    y: float  # its middle
    word: int  # the position of its word's first letter


class PoemMap:
    """``follow`` once a frame; ``letters`` and ``changes``, which counts how often they became others."""

    def __init__(self) -> None:
        self.letters: tuple[_Letter, ...] = ()
        self.changes = 0
        self._end: int | None = None  # of the text, as far as it is on the map
        self._revision = -1
        self._anchor = (0.0, 0.0)  # where the puck lay when the present block began
        self._pen = (0.0, 0.0)
        self._word = 0

    def follow(self, text: str, dropped: int, revision: int, place: tuple[float, float], bounds: MapBounds) -> None:
        """``text`` begins at position ``dropped`` of the whole text; ``place`` is where the puck lies now.

        ``revision`` is another one whenever more happened than appending and dropping. What stood there before the
        first call is not on the map: nobody knows where it was written.
        """
        end = dropped + len(text)
        if self._end is None or revision != self._revision:
            self._revision = revision
            start = end if self._end is None else min(end, self._end)
            kept = tuple(
                each
                for each in self.letters
                if dropped <= each.position < end and text[each.position - dropped] == each.character
            )
            if kept != self.letters:
                self.letters, self.changes = kept, self.changes + 1
            self._end = start
        if end <= self._end:
            self._end = end
            return
        before = text[self._end - 1 - dropped] if self._end > dropped else " "
        found = list(self.letters)
        for at in range(max(self._end, dropped, end - LETTERS_KEPT), end):
            character = text[at - dropped]
            if character.isspace():
                self._pen = (self._pen[0] + CELL, self._pen[1])
            else:
                if before.isspace() or not found:
                    self._begin_word(place, found, bounds)
                    self._word = at
                x, y = self._pen
                over = {each.word for each in found if abs(each.x - x) < OVER[0] and abs(each.y - y) < OVER[1]}
                if over:
                    found = [each for each in found if each.word not in over or each.word == self._word]
                found.append(_Letter(at, character, x, y, self._word))
                self._pen = (x + CELL, y)
            before = character
        self._end = end
        self.letters, self.changes = tuple(found[-LETTERS_KEPT:]), self.changes + 1

    def _begin_word(self, place: tuple[float, float], found: Sequence[_Letter], bounds: MapBounds) -> None:
        """Where the puck lies, or behind the last word while it rests."""
        room = ROOM_CELLS * CELL
        if np.hypot(place[0] - self._anchor[0], place[1] - self._anchor[1]) >= REST or not found:
            self._anchor = place
            x = min(place[0] + BESIDE, bounds.right - room)
            fresh = found[-FRESH_LETTERS:]
            lines = [place[1] - LEADING * down for down in DOWN]
            free = (
                y
                for y in lines
                if bounds.bottom + LEADING / 2 <= y <= bounds.top - LEADING / 2
                and not any(abs(each.y - y) < OVER[1] and -CELL < each.x - x < room for each in fresh)
            )
            self._pen = (x, next(free, place[1]))
        elif self._pen[0] > min(self._anchor[0] + BESIDE + BLOCK_WIDTH, bounds.right) - room:
            y = self._pen[1] - LEADING
            if y < bounds.bottom + LEADING / 2:  # no room below: on over the paragraph's beginning
                y = max(self._anchor[1], bounds.bottom + LEADING / 2)
            self._pen = (min(self._anchor[0] + BESIDE, bounds.right - BLOCK_WIDTH), y)

    def opacities(self) -> Floats:
        """(n,) the newest letter is opaque, the oldest of as many as are kept nearly gone."""
        age = np.arange(len(self.letters), 0, -1) - 1
        return np.asarray(1.0 - (1.0 - FAINTEST) * age / (LETTERS_KEPT - 1))


def place_of_mix(
    puck: tuple[float, float], lifted: bool, ring: Sequence[int], shares: Mapping[int, float] | Floats
) -> tuple[float, float]:
    """Where the mix is on the map: the puck, or while that is lifted the middle of the voices by their shares.

    ``ring`` are the voices round the circle.
    """
    if not lifted or not ring:
        return puck
    weights = [max(0.0, float(shares[voice])) for voice in ring]
    total = sum(weights) or 1.0
    places = [position(place, len(ring)) for place in range(len(ring))]
    x, y = (sum(w * each[axis] for w, each in zip(weights, places, strict=True)) / total for axis in (0, 1))
    return x, y
