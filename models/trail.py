"""The states of the last places of a text, kept small and in place, so that it can be taken back without reading again.

Hidden and cell states are kept in float16 (4 kB a voice and place at 2x512), distributions as they are: the character
after a ``restore`` is drawn from exactly what it would have been drawn from then, and what is expected further on
differs by less than the int8 arithmetic itself does. Memory is laid out once and only what was ever pushed becomes
resident. Implements ``models.interface.Trail``; belongs to the thread of its choir.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

NOWHERE = -1  # the place of a slot that holds none


class StateTrail:
    """The last ``places`` places of ``state`` tensors (..., H) whose dimension ``-2`` is the voices, on any device."""

    def __init__(self, states: Sequence[Tensor], distributions: Tensor, places: int) -> None:
        if places < 1:
            raise ValueError(f"a trail holds at least one place, not {places}")
        self._states = [state.movedim(-2, 0) for state in states]  # (S, ..., H), views
        self._distributions = distributions  # (S, V), a view
        self._kept = [torch.empty((places, *state.shape), dtype=torch.float16, device=state.device)
                      for state in self._states]
        self._expected = torch.empty((places, *distributions.shape), dtype=distributions.dtype)
        self._places = np.full(places, NOWHERE, np.int64)  # which place of the text each slot holds
        self._voices = np.zeros((places, len(distributions)), np.bool_)  # whose states it holds

    @torch.inference_mode()
    def push(self, place: int, voices: Sequence[int]) -> None:
        slot = place % len(self._places)
        if self._places[slot] != place:
            self._places[slot] = place
            self._voices[slot] = False
        for voice in voices:
            for kept, state in zip(self._kept, self._states, strict=True):
                kept[slot, voice].copy_(state[voice])
            self._expected[slot, voice].copy_(self._distributions[voice])
            self._voices[slot, voice] = True

    @torch.inference_mode()
    def restore(self, place: int) -> tuple[int, ...]:
        self._places[self._places > place] = NOWHERE
        slot = place % len(self._places)
        if self._places[slot] != place:
            return ()
        voices = tuple(np.flatnonzero(self._voices[slot]).tolist())
        for voice in voices:
            for kept, state in zip(self._kept, self._states, strict=True):
                state[voice].copy_(kept[slot, voice])
            self._distributions[voice].copy_(self._expected[slot, voice])
        return voices

    def clear(self) -> None:
        self._places[:] = NOWHERE
