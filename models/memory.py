"""What voices know of the texts they read: hidden and cell states, what each expects next, and the steps prepared.

A text has a row for each voice and one more, for a fused voice. Belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from models.arithmetic import Lanes, Scratch
from models.ensemble import Ensemble
from models.interface import VOCABULARY
from models.stepping import Step


class Memory:
    """The states of ``texts`` texts, of which nothing has been read."""

    def __init__(self, ensemble: Ensemble, texts: int = 1) -> None:
        if texts < 1:
            raise ValueError(f"an ensemble speaks at least one text, not {texts}")
        self.texts, self.voices = texts, len(ensemble.slugs)
        rows = (self.voices + 1) * texts
        self._states = torch.zeros(2 * ensemble.shape.layers, rows, ensemble.shape.hidden, device=ensemble.device)
        self._expected = torch.full((rows, VOCABULARY), 1 / VOCABULARY)  # on the processor, whatever the device
        self._scratch = Scratch(ensemble.device)

    def row(self, voice: int, text: int) -> int:
        """Rows stand voice by voice, so that all texts of a voice can be stepped where they stand."""
        return voice * self.texts + text

    def states(self, text: int) -> Tensor:
        """(2 x layers, S + 1, H) of one text, a view: first the hidden states of all layers, then the cells."""
        return self._states.view(len(self._states), self.voices + 1, self.texts, -1)[:, :, text]

    def expected(self, text: int) -> Tensor:
        """(S + 1, V) what is expected next in one text, a view."""
        return self._expected.view(self.voices + 1, self.texts, -1)[:, text]

    def prepare(self, ensemble: Ensemble, lanes: Lanes, rows: Sequence[int]) -> Step:
        """A step of these lanes of ``ensemble``, which stand in ``rows``; takes about a millisecond."""
        return Step(ensemble, lanes, rows, self._states, self._expected, self._scratch)
