"""The choir: all voices of one shape held together and stepped in one call, each with a state of its own.

A voice's answer never depends on which others step with it, so one-hot weights give exactly the single voice's text.
Implements ``models.interface.RollsOut``. Belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.char_lstm.apart_readings import ApartReadings
from models.char_lstm.batched_choir import BatchedChoir
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.prepared_step import LstmStates, PreparedStep
from models.char_lstm.trail import StateTrail
from models.interface import INITIAL_CODE, State, Voices, check_state
from models.kernels import Batch

PREPARED_STEPS_KEPT = 16  # the oldest makes room; who is awake changes seldom


class Choir:
    """The voices of ``weights`` speaking one text."""

    def __init__(self, weights: PackedWeights) -> None:
        self.slugs = weights.slugs
        self.weights = weights
        self._rows = LstmStates(weights, self._voices)
        self._states = self._rows.states[:, :, 0]  # (2 layers, S, H)
        self._expected = self._rows.expected[:, 0]  # (S, V)
        self._distributions: NDArray[np.float32] = self._expected.numpy()
        self._steps: dict[tuple[int, ...], PreparedStep] = {}
        self.reset(range(len(self.slugs)))

    @property
    def _voices(self) -> int:
        """How many there are, a fused one included."""
        return len(self.slugs)

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, code: int, voices: Sequence[int]) -> None:
        if voices:
            chosen = tuple(voices)
            step = self._steps.get(chosen) or self._prepare(chosen)
            step.codes.fill_(code)
            step.run()

    def reset(self, voices: Sequence[int]) -> None:
        self.forget(voices)
        self.step(INITIAL_CODE, voices)

    def forget(self, voices: Sequence[int]) -> None:
        """The zero state, before anything was read."""
        self._states[:, list(voices)] = 0.0

    def for_new_text(self) -> Choir:
        return Choir(self.weights)

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, Choir)
        chosen = list(voices)
        self._states[:, chosen] = others._states[:, chosen]
        self._expected[chosen] = others._expected[chosen]

    def save_state(self) -> State:
        states = self._states.movedim(1, 0).clone(memory_format=torch.contiguous_format).cpu()  # (S, 2 layers, H)
        return {"states": states.numpy(), "expected": self._distributions.copy()}

    def load_state(self, state: State) -> None:
        check_state(state, ("states", self._states.movedim(1, 0).cpu().numpy()), ("expected", self._distributions))
        self._states.copy_(torch.from_numpy(state["states"]).movedim(0, 1))
        self._distributions[:] = state["expected"]

    def trail(self, places: int) -> StateTrail:
        return StateTrail(self._states, self._expected, places)

    @property
    def rolling(self) -> tuple[bool, ...]:
        return (True,) * len(self.slugs)

    def rollout(self, voices: Sequence[int], copies: int) -> BatchedChoir:
        chosen = list(voices)
        return BatchedChoir(self.weights, chosen, self._states[:, chosen], self._expected[chosen], copies)

    def read_apart(self, voices: Sequence[int]) -> ApartReadings:
        return ApartReadings(self.weights, voices, self._states, self._expected)

    def _prepare(self, voices: tuple[int, ...]) -> PreparedStep:
        if len(self._steps) == PREPARED_STEPS_KEPT:
            del self._steps[next(iter(self._steps))]
        step = self._steps[voices] = self._rows.prepare(self.weights, Batch(voices), voices)
        return step
