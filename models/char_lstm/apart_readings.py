"""Voices of a choir that each read on alone: one step of all of them, each at a text of its own.

Implements ``models.interface.Readings``. Belongs to the thread of its choir.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.prepared_step import LstmStates
from models.kernels import Batch


class ApartReadings:
    """The ``voices`` of a choir with these ``weights``, from where its text has come to."""

    def __init__(self, weights: PackedWeights, voices: Sequence[int], states: Tensor, expected: Tensor) -> None:
        """``states`` (2 x layers, S, H) and ``expected`` (S, V) are the choir's own, and change with it."""
        self._voices, self._choir = list(voices), (states, expected)
        self._rows = LstmStates(weights, len(self._voices))
        self._step = self._rows.prepare(weights, Batch(tuple(self._voices)), range(len(self._voices)))
        self._states, self._expected = self._rows.states[:, :, 0], self._rows.expected[:, 0]
        self._distributions: NDArray[np.float32] = self._expected.numpy()
        self.restart(range(len(self._voices)))

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, codes: Sequence[int]) -> None:
        resting = [place for place, code in enumerate(codes) if code < 0]
        if len(resting) == len(codes):
            return
        kept = self._states[:, resting], self._expected[resting]  # copies: the index is a list
        self._step.codes.copy_(torch.tensor([max(0, code) for code in codes]))
        self._step.run()
        self._states[:, resting], self._expected[resting] = kept

    def restart(self, places: Sequence[int]) -> None:
        chosen = list(places)
        voices, (states, expected) = [self._voices[place] for place in chosen], self._choir
        self._states[:, chosen] = states[:, voices]
        self._expected[chosen] = expected[voices]
