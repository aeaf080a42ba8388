"""Copies of one text side by side: what a choir's voices would say further on, in many ways at once.

Each voice's weights are read once a step for all copies, packed as many texts want them. Implements
``models.interface.Rollout``. Belongs to the thread of its choir.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.char_lstm.kernels import Batch
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.trail import LstmStates


class ChoirRollout:
    """``copies`` of a text of which v voices know ``states`` (2 x layers, v, H) and expect ``expected`` (v, V).

    ``ensemble`` has these v voices alone, in their order.
    """

    def __init__(self, ensemble: PackedWeights, states: Tensor, expected: Tensor, copies: int) -> None:
        memory = LstmStates(ensemble, copies)
        voices = range(len(ensemble.slugs))
        self._states = torch.stack([memory.states(copy)[:, : len(voices)] for copy in range(copies)])
        self._rows = [[memory.row(voice, copy) for copy in range(copies)] for voice in voices]
        self._memory, self._copies = memory, copies
        for copy in range(copies):
            memory.states(copy)[:, : len(voices)] = states
            memory.expected(copy)[: len(voices)] = expected
        self._steps = [memory.prepare(ensemble, Batch((voice,), copies), self._rows[voice]) for voice in voices]
        self._marked = memory.keep()

    @property
    def distributions(self) -> NDArray[np.float32]:
        expected = torch.stack([self._memory.expected(copy)[: len(self._steps)] for copy in range(self._copies)])
        return np.asarray(expected.numpy())

    def step(self, codes: Sequence[int]) -> None:
        resting = [copy for copy, code in enumerate(codes) if code < 0]
        kept = self._memory.keep() if resting else None
        read = torch.tensor([max(0, code) for code in codes])
        for step in self._steps:
            step.codes.copy_(read)
            step.run()
        if kept is not None:
            self._memory.put_back(kept, resting)

    def select(self, copies: Sequence[int]) -> None:
        self._memory.rearrange(copies)

    def mark(self) -> None:
        self._marked = self._memory.keep()

    def back(self) -> None:
        self._memory.put_back(self._marked, range(self._copies))
