"""Copies of one text side by side: what a choir's voices would say further on, in many ways at once.

All copies share one reading of a voice's weights, so that each further one costs arithmetic but little memory traffic.
Implements ``models.interface.Rollout``. Belongs to the thread of its choir.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.prepared_step import LstmStates, PreparedStep
from models.kernels import Batch


class BatchedChoir:
    """``copies`` of a text of which the ``voices`` of ``weights`` know ``states`` (2 x layers, v, H)."""

    def __init__(
        self, weights: PackedWeights, voices: Sequence[int], states: Tensor, expected: Tensor, copies: int
    ) -> None:
        """``expected`` (v, V) is what these voices expect next."""
        self._weights, self._voices, self._copies = weights, tuple(voices), copies
        self._rows = LstmStates(weights, len(voices), copies)
        self._rows.states.copy_(states[:, :, None])
        self._rows.expected.copy_(expected[:, None])
        self._distributions: NDArray[np.float32] = self._rows.expected.transpose(0, 1).numpy()
        self._steps: dict[tuple[int, ...], list[PreparedStep]] = {}  # by the copies that read
        self._marked = self._rows.states.clone(), self._rows.expected.clone()

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, codes: Sequence[int]) -> None:
        reading = tuple(copy for copy, code in enumerate(codes) if code >= 0)
        if not reading:
            return
        resting = [copy for copy, code in enumerate(codes) if code < 0]
        if len(reading) > 1 and resting:  # all of them read, which costs less than preparing a step for these alone
            kept = self._rows.states[:, :, resting], self._rows.expected[:, resting]  # copies: the index is a list
            self._read([max(0, code) for code in codes], tuple(range(self._copies)))
            self._rows.states[:, :, resting], self._rows.expected[:, resting] = kept
        else:
            self._read([codes[copy] for copy in reading], reading)

    def select(self, copies: Sequence[int]) -> None:
        chosen = list(copies)
        self._rows.states.copy_(self._rows.states[:, :, chosen])
        self._rows.expected.copy_(self._rows.expected[:, chosen])

    def mark(self) -> None:
        self._marked = self._rows.states.clone(), self._rows.expected.clone()

    def back(self) -> None:
        self._rows.states.copy_(self._marked[0])
        self._rows.expected.copy_(self._marked[1])

    def _read(self, codes: Sequence[int], copies: tuple[int, ...]) -> None:
        steps = self._steps.get(copies)
        if steps is None:
            steps = self._steps[copies] = [
                self._rows.prepare(self._weights, Batch((voice,), len(copies)), [row], copies)
                for row, voice in enumerate(self._voices)
            ]
        read = torch.tensor(codes)
        for step in steps:
            step.codes.copy_(read)
            step.run()
