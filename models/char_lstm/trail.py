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

EMPTY_SLOT = -1  # the place of a slot that holds no states
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
