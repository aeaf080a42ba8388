"""What each voice had expected of the characters that it read: the evidence that grain weighs voices by.

A ring over the last places of the text: beside each place, what each voice gave the character that came to stand there,
noted as the voice read it, whoever wrote it. So a voice that reads a text again, or wakes and reads its end, brings its
evidence with it. Belongs to the engine's thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from protocol.errors import VoiceError
from protocol.grain import UNIT_CHARS, Boundary, begun

Chances = NDArray[np.float32]  # (places, voices), NaN where a voice had not read


class Evidence:
    """Nothing noted of ``voices``, of whose last ``UNIT_CHARS`` + ``remembered`` places all is kept."""

    def __init__(self, voices: int, remembered: int) -> None:
        self._chances: Chances = np.full((UNIT_CHARS + remembered, voices), np.nan, np.float32)
        self.revision = 0  # rises whenever anything changed
        self._begin = self._end = 0  # places of the text: the first that is held, and the first where nothing was noted

    def note(self, place: int, voices: Sequence[int], chances: NDArray[np.float32]) -> None:
        """``voices`` gave the character at ``place`` of the text these ``chances``."""
        self.revision += 1
        places = len(self._chances)
        if place >= self._end:
            first = max(self._end, place + 1 - places)
            self._chances[np.arange(first, place + 1) % places] = np.nan
            self._end = place + 1
            self._begin = max(self._begin, self._end - places)
        if place >= self._begin:
            self._chances[place % places, voices] = chances

    def chances(self, length: int, chars: int) -> Chances:
        """(chars, voices) what the voices gave the last ``chars`` characters of a text of this ``length``; a copy."""
        return self._rows(length, chars)

    def cut(self, length: int) -> None:
        """Text was taken away; so long is what is left."""
        self.revision += 1
        self._end = min(self._end, length)
        self._begin = min(self._begin, self._end)

    def take_in(self, voices: int, kept: Sequence[int]) -> None:
        """There are so many ``voices`` now; those of the indices ``kept`` are as they were, the others fresh."""
        self.revision += 1
        before = self._chances
        self._chances = np.full((len(before), voices), np.nan, np.float32)
        self._chances[:, list(kept)] = before[:, list(kept)]

    def clear(self) -> None:
        """Nothing is known of any voice."""
        self.revision += 1
        self._chances[:] = np.nan
        self._begin = self._end = 0

    def forget_way_back(self, end: str, length: int) -> None:
        """Nothing is known of what stands before the present sentence, line, phrase and word of a text with this end.

        So a performance that goes on from what was kept is as one that never stopped.
        """
        self.restore(self.keep(end, length), length)

    def keep(self, end: str, length: int) -> Chances:
        """(voices, places) a copy of all that the evidence depends on, up to the longest of the four units.

        It has no NaN: -1 stands where a voice had not read.
        """
        rows = self._rows(length, max(begun(end, boundary) for boundary in Boundary))
        return np.ascontiguousarray(np.where(np.isfinite(rows), rows, np.float32(-1.0)).T)

    def restore(self, kept: Chances | None, length: int) -> None:
        """Be what was ``kept`` of a text that is so long; None: nothing was.

        Raises ``VoiceError`` for what was kept of other voices.
        """
        voices = self._chances.shape[1]
        if kept is None:
            kept = np.zeros((voices, 0), np.float32)
        if kept.ndim != 2 or len(kept) != voices or kept.shape[1] > min(length, UNIT_CHARS) or kept.dtype != np.float32:
            raise VoiceError("what was kept of the voices is of others: they have to read again")
        self.clear()
        for place, row in enumerate(kept.T, length - kept.shape[1]):
            self.note(place, range(voices), np.where(row >= 0.0, row, np.float32(np.nan)))

    def _rows(self, length: int, chars: int) -> Chances:
        """(chars, voices) of the last places, NaN for those that are not held."""
        span = np.arange(max(0, length - min(chars, UNIT_CHARS)), length)
        rows = self._chances[span % len(self._chances)]
        rows[(span < self._begin) | (span >= self._end)] = np.nan
        return rows
