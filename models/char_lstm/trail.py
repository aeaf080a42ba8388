"""The states of the last places of a text, kept small and in place, so that it can be taken back without reading again.

States are kept in float16 (4 kB a voice and place at 2x512), distributions as they are: the character after a
``restore`` is drawn from exactly what it would have been drawn from then, and what is expected further on differs by
less than int8 arithmetic does. Memory is laid out once, and only what was ever pushed becomes resident. Implements
``models.interface.Trail``; belongs to the thread of its choir.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.char_lstm.kernels import Batch, Workspace
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.prepared_step import PreparedStep
from protocol.alphabet import VOCABULARY

# ---- trail -----------------------------------------------------------------------------------------------------------
# What voices know of the texts they read: hidden and cell states, what each expects next, and the steps prepared. A
# text has a row for each voice and one more, for a fused voice. Belongs to one thread at a time.


class LstmStates:
    """The states of ``texts`` texts, of which nothing has been read."""

    def __init__(self, weights: PackedWeights, texts: int = 1) -> None:
        if texts < 1:
            raise ValueError(f"an ensemble speaks at least one text, not {texts}")
        self.texts, self.voices = texts, len(weights.slugs)
        rows = (self.voices + 1) * texts
        self._states = torch.zeros(2 * weights.shape.layers, rows, weights.shape.hidden, device=weights.device)
        self._expected = torch.full((rows, VOCABULARY), 1 / VOCABULARY)  # on the processor, whatever the device
        self._scratch = Workspace(weights.device)

    def row(self, voice: int, text: int) -> int:
        """Rows stand voice by voice, so that all texts of a voice can be stepped where they stand."""
        return voice * self.texts + text

    def states(self, text: int) -> Tensor:
        """(2 x layers, S + 1, H) of one text, a view: first the hidden states of all layers, then the cells."""
        return self._states.view(len(self._states), self.voices + 1, self.texts, -1)[:, :, text]

    def expected(self, text: int) -> Tensor:
        """(S + 1, V) what is expected next in one text, a view."""
        return self._expected.view(self.voices + 1, self.texts, -1)[:, text]

    def keep(self) -> tuple[Tensor, Tensor]:
        """A copy of all states and of what is expected."""
        return self._states.clone(), self._expected.clone()

    def put_back(self, kept: tuple[Tensor, Tensor], texts: Sequence[int]) -> None:
        """Let these texts be as they were ``kept``."""
        chosen = list(texts)
        for text in chosen:
            rows = slice(text, None, self.texts)  # of this text, one a voice
            self._states[:, rows] = kept[0][:, rows]
            self._expected[rows] = kept[1][rows]

    def rearrange(self, texts: Sequence[int]) -> None:
        """Text i becomes what text ``texts[i]`` was."""
        order = torch.arange(self.voices + 1)[:, None] * self.texts + torch.tensor(list(texts))[None, :]
        self._states.copy_(self._states[:, order.flatten()])
        self._expected.copy_(self._expected[order.flatten()])

    def prepare(self, weights: PackedWeights, batch: Batch, rows: Sequence[int]) -> PreparedStep:
        """A step of these lanes of ``weights``, which stand in ``rows``; takes about a millisecond."""
        return PreparedStep(weights, batch, rows, self._states, self._expected, self._scratch)


EMPTY_SLOT = -1  # the place of a slot that holds none
FLOAT16_LIMIT = 60_000.0  # cells count far in a long text: more than float16 holds is as good as this


class StateTrail:
    """The last ``places`` places of ``states`` (2 x layers, S, H) and of ``expected`` (S, V), both views."""

    def __init__(self, states: Tensor, expected: Tensor, places: int) -> None:
        if places < 1:
            raise ValueError(f"a trail holds at least one place, not {places}")
        self._states = states.movedim(1, 0)  # (S, 2 layers, H)
        self._expected = expected
        self._kept_states = torch.empty((places, *self._states.shape), dtype=torch.float16, device=states.device)
        self._kept_expected = torch.empty((places, *expected.shape))
        self._places = np.full(places, EMPTY_SLOT, np.int64)  # which place of the text each slot holds
        self._voices = np.zeros((places, len(expected)), np.bool_)  # whose states it holds

    @torch.inference_mode()
    def push(self, place: int, voices: Sequence[int]) -> None:
        slot = place % len(self._places)
        if self._places[slot] != place:
            self._places[slot] = place
            self._voices[slot] = False
        if len(voices) == len(self._expected):
            self._kept_states[slot].copy_(self._states).clamp_(-FLOAT16_LIMIT, FLOAT16_LIMIT)
            self._kept_expected[slot].copy_(self._expected)
            self._voices[slot] = True
            return
        for voice in voices:
            self._kept_states[slot, voice].copy_(self._states[voice]).clamp_(-FLOAT16_LIMIT, FLOAT16_LIMIT)
            self._kept_expected[slot, voice].copy_(self._expected[voice])
            self._voices[slot, voice] = True

    @torch.inference_mode()
    def restore(self, place: int) -> tuple[int, ...]:
        self._places[self._places > place] = EMPTY_SLOT
        slot = place % len(self._places)
        if self._places[slot] != place:
            return ()
        voices = tuple(np.flatnonzero(self._voices[slot]).tolist())
        for voice in voices:
            self._states[voice].copy_(self._kept_states[slot, voice])
            self._expected[voice].copy_(self._kept_expected[slot, voice])
        return voices

    def clear(self) -> None:
        self._places[:] = EMPTY_SLOT
