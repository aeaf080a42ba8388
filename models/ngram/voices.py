"""N-grams that speak one text: what followed the last characters in what each remembers.

``instant`` makes one of a text in memory, in a tenth of a second for 200,000 characters. Implements
``models.interface.Voices``. Belongs to one thread at a time; what is remembered is shared by all texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.interface import INITIAL_CODE, Codes, State, Voices, check_state
from models.kept_trail import KeptTrail
from models.ngram.contexts import LONGEST, Contexts
from models.ngram.kneser_ney import distribution
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError

ALONE = 8  # characters to look back for a voice of its own; more, and it recites
COMPANION = 16  # for one that speaks beside a network of the same text

Kept = tuple[Codes, NDArray[np.float32]]  # the last characters, and what was expected


def instant(slug: str, text: Codes, order: int = ALONE) -> NgramVoices:
    """One voice that remembers ``text`` (7-bit codes); raises ``VoiceError`` where there is none."""
    if not len(text):
        raise VoiceError(f"there is no text for {slug} to remember: give it some characters")
    return NgramVoices({slug: Contexts(text, order)})


class NgramVoices:
    """A voice for each slug, and what it remembers."""

    def __init__(self, remembered: Mapping[str, Contexts]) -> None:
        self.slugs = tuple(remembered)
        self._contexts = tuple(remembered.values())
        self._read = np.zeros((len(self.slugs), LONGEST), np.uint8)  # newest first
        self._distributions = np.zeros((len(self.slugs), VOCABULARY), np.float32)
        self.reset(range(len(self.slugs)))

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, code: int, voices: Sequence[int]) -> None:
        for voice in voices:
            read, contexts = self._read[voice], self._contexts[voice]
            read[1:] = read[:-1].copy()
            read[0] = code
            self._distributions[voice] = distribution(contexts, read[: contexts.order])

    def reset(self, voices: Sequence[int]) -> None:
        self._read[list(voices)] = INITIAL_CODE
        self.step(INITIAL_CODE, voices)

    def save_state(self) -> State:
        return {"read": self._read.copy(), "expected": self._distributions.copy()}

    def load_state(self, state: State) -> None:
        check_state(state, ("read", self._read), ("expected", self._distributions))
        if state["read"].max(initial=0) >= VOCABULARY:
            raise VoiceError("what was kept of the voices is damaged: they have to read again")
        self._read[:], self._distributions[:] = state["read"], state["expected"]

    def for_new_text(self) -> NgramVoices:
        return NgramVoices(dict(zip(self.slugs, self._contexts, strict=True)))

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, NgramVoices)
        for voice in voices:
            self._put_back(voice, others._keep(voice))

    def trail(self, places: int) -> KeptTrail[Kept]:
        return KeptTrail(places, self._keep, self._put_back)

    def _keep(self, voice: int) -> Kept:
        return self._read[voice].copy(), self._distributions[voice].copy()

    def _put_back(self, voice: int, kept: Kept) -> None:
        self._read[voice], self._distributions[voice] = kept
