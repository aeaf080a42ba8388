"""The text as it is written: its last characters, which voices wrote each of them, and their numbers.

A position counts characters from the beginning of the text and never changes while the text stands. Only the last
``KEPT_CHARS`` characters are held, so that a performance of months needs no more memory than one of minutes. Pure;
used on the engine's thread.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from protocol.measures import NO_SURPRISE
from protocol.messages import Tint

KEPT_CHARS = 10_000  # characters held; what is older can neither be asked for nor taken back
T = TypeVar("T")
NEUTRAL: Tint = ()  # the tint of a character that no voice wrote


Letter = tuple[str, Tint, int]  # a character, who wrote it, and how surprising it was


@dataclass(frozen=True)
class Passage:
    """A piece of the text: ``tints`` and levels of surprise one a character, the first of them at ``position``."""

    position: int
    text: str
    tints: tuple[Tint, ...]
    surprises: bytes


@dataclass(frozen=True)
class TextBufferState:
    """All of a page, one tint and one level of surprise a character."""

    characters: tuple[str, ...]
    tints: tuple[Tint, ...]
    surprises: tuple[int, ...]
    length: int
    sequence: int
    epoch: int


class TextBuffer:
    """An empty page. ``sequence`` counts the characters ever written on it, ``epoch`` how often text was taken away."""

    def __init__(self) -> None:
        self._characters: deque[str] = deque(maxlen=KEPT_CHARS)
        self._tints: deque[Tint] = deque(maxlen=KEPT_CHARS)
        self._surprises: deque[int] = deque(maxlen=KEPT_CHARS)
        self.length = 0  # of the whole text, whatever of it is held
        self.sequence = 0
        self.epoch = 0

    @property
    def start(self) -> int:
        """The position of the oldest character held."""
        return self.length - len(self._characters)

    def code(self, position: int) -> int:
        """The code of the character at ``position``, ``start`` <= ``position`` < ``length``."""
        return ord(self._characters[position - self.start])

    def append(self, character: str, tint: Tint = NEUTRAL, surprise: int = NO_SURPRISE) -> None:
        """Put a character at the end: by default one that no voice wrote."""
        self._characters.append(character)
        self._tints.append(tint)
        self._surprises.append(surprise)
        self.length += 1
        self.sequence += 1

    def cut(self, chars: int) -> int:
        """Take away the last ``chars`` characters, at most what is held; return how many that were."""
        count = max(0, min(chars, len(self._characters)))
        for _ in range(count):
            self._characters.pop()
            self._tints.pop()
            self._surprises.pop()
        if count:
            self.length -= count
            self.epoch += 1
        return count

    def clear(self) -> None:
        """Take away all."""
        self._characters.clear()
        self._tints.clear()
        self._surprises.clear()
        self.length = 0
        self.epoch += 1

    def snapshot(self) -> TextBufferState:
        """A copy of all that is held, with its numbers."""
        return TextBufferState(
            tuple(self._characters), tuple(self._tints), tuple(self._surprises), self.length, self.sequence, self.epoch
        )

    def restore(self, state: TextBufferState) -> None:
        """Be what was kept."""
        self._characters = deque(state.characters, maxlen=KEPT_CHARS)
        self._tints = deque(state.tints, maxlen=KEPT_CHARS)
        self._surprises = deque(state.surprises, maxlen=KEPT_CHARS)
        self.length, self.sequence, self.epoch = state.length, state.sequence, state.epoch

    def since(self, position: int, chars: int) -> Passage:
        """At most ``chars`` characters from ``position`` on, or from the oldest one held if that is later."""
        begin = max(self.start, min(position, self.length))
        low = begin - self.start
        high = min(low + max(0, chars), len(self._characters))
        surprises: list[int] = _piece(self._surprises, low, high)
        return Passage(
            begin, "".join(_piece(self._characters, low, high)), tuple(_piece(self._tints, low, high)), bytes(surprises)
        )

    def tail(self, chars: int) -> Passage:
        """The last ``chars`` characters, or as many as are held."""
        return self.since(self.length - chars, chars)


def _piece(whole: deque[T], low: int, high: int) -> list[T]:
    """``whole[low:high]``, walked to from whichever end is nearer: most that is asked for stands at the text's end."""
    if low < len(whole) - high:
        return list(islice(whole, low, high))
    piece = list(islice(reversed(whole), len(whole) - high, len(whole) - low))
    piece.reverse()
    return piece
