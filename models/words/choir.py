"""Word voices that speak one text: each reads it by itself, and answers letter by letter.

Implements ``models.interface.Voices``. A step costs most where a word may be over, and nothing much inside one. Belongs
to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.interface import State, Voices, check_state
from models.kept_trail import KeptTrail
from models.words.reading import LstmState, Position, Reading, WordVoice
from models.words.tokens import LONGEST_WORD
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError

Kept = tuple[Position, NDArray[np.float32]]  # where a voice stood, and what it expected there


class WordChoir:
    """``voices`` and how far each has read."""

    def __init__(self, voices: Sequence[WordVoice]) -> None:
        self.slugs = tuple(voice.slug for voice in voices)
        self._voices = tuple(voices)
        self._readings = [Reading(voice) for voice in voices]
        self._hidden = max(voice.hidden for voice in voices)
        self._distributions = np.zeros((len(voices), VOCABULARY), np.float32)
        self.reset(range(len(voices)))

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, code: int, voices: Sequence[int]) -> None:
        for voice in voices:
            self._readings[voice].read(code)
            self._distributions[voice] = self._readings[voice].expected()

    def reset(self, voices: Sequence[int]) -> None:
        for voice in voices:
            self._readings[voice].reset()
            self._distributions[voice] = self._readings[voice].expected()

    def save_state(self) -> State:
        state = self._empty_state()
        for row, reading in enumerate(self._readings):
            position, hidden = reading.position, self._voices[row].hidden
            state["hidden"][row, :hidden] = position.state.hidden.numpy()
            state["cell"][row, :hidden] = position.state.cell.numpy()
            state["begun"][row, : len(position.begun)] = np.frombuffer(position.begun, np.uint8)
            state["length"][row] = position.length
        state["expected"][:] = self._distributions
        return state

    def load_state(self, state: State) -> None:
        check_state(state, *self._empty_state().items())
        lengths, begun = state["length"], state["begun"]
        if not ((lengths >= 0) & (lengths <= LONGEST_WORD + 1)).all() or begun.max(initial=0) >= VOCABULARY:
            raise VoiceError("what was kept of the voices is damaged: they have to read again")
        for row, reading in enumerate(self._readings):
            hidden, length = self._voices[row].hidden, int(lengths[row])
            known = LstmState(*(torch.from_numpy(state[name][row, :hidden].copy()) for name in ("hidden", "cell")))
            reading.go_to(Position(known, begun[row, : min(length, LONGEST_WORD)].tobytes(), length))
        self._distributions[:] = state["expected"]

    def for_new_text(self) -> WordChoir:
        return WordChoir(self._voices)

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, WordChoir)
        for voice in voices:
            self._put_back(voice, others._keep(voice))

    def trail(self, places: int) -> KeptTrail[Kept]:
        return KeptTrail(places, self._keep, self._put_back)

    def _keep(self, voice: int) -> Kept:
        return self._readings[voice].position, self._distributions[voice].copy()

    def _put_back(self, voice: int, kept: Kept) -> None:
        self._readings[voice].go_to(kept[0])
        self._distributions[voice] = kept[1]

    def _empty_state(self) -> dict[str, NDArray[np.generic]]:
        count = len(self._readings)
        return {
            "hidden": np.zeros((count, self._hidden), np.float32),
            "cell": np.zeros((count, self._hidden), np.float32),
            "begun": np.zeros((count, LONGEST_WORD), np.uint8),
            "length": np.zeros(count, np.int64),
            "expected": np.zeros((count, VOCABULARY), np.float32),
        }
