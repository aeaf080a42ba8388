"""Voices that each recite one line for ever: the fake that ships beside the choir, for tests and trying a front end.

Parrot i, having read anything, expects the next character of its own text with probability ``certainty`` and shares the
rest evenly. After the n-th character read it stands at place n of its text, whatever the character was. Pure numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.interface import FIRST, VOCABULARY


class Parrots:
    """``texts`` by slug; every text is 7-bit and not empty."""

    def __init__(self, texts: Mapping[str, str], certainty: float = 0.9) -> None:
        self.slugs = tuple(texts)
        self._codes = [np.frombuffer(text.encode("ascii"), np.uint8) for text in texts.values()]
        self._certainty = certainty
        self._read = np.zeros(len(self.slugs), np.int64)
        self._distributions = np.full((len(self.slugs), VOCABULARY), 1 / VOCABULARY, np.float32)
        self.reset(range(len(self.slugs)))

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, code: int, voices: Sequence[int]) -> None:
        for voice in voices:
            text = self._codes[voice]
            wanted = text[self._read[voice] % len(text)]
            self._read[voice] += 1
            self._distributions[voice] = (1 - self._certainty) / (VOCABULARY - 1)
            self._distributions[voice, wanted] = self._certainty

    def reset(self, voices: Sequence[int]) -> None:
        for voice in voices:
            self._read[voice] = 0
        self.step(FIRST, voices)

    def save_state(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return self._read.copy(), self._distributions.copy()

    def load_state(self, state: tuple[NDArray[np.int64], NDArray[np.float32]]) -> None:
        self._read[:], self._distributions[:] = state
