"""What a voice is to everyone else: something that, fed characters, says how likely each of 128 is to come next.

``Voices`` is the seam between the voices and the conductor; ``models.choir.Choir`` is the real one and
``models.parrots.Parrots`` the fake that ships. An object of it belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

VOCABULARY = 128  # V: the codes of 7-bit ASCII
FIRST = ord("\n")  # what a fresh voice has just read: every text begins after a line's end


class Voices(Protocol):
    """S voices that can be stepped together or apart; each one's answer never depends on which others step."""

    slugs: tuple[str, ...]

    @property
    def distributions(self) -> NDArray[np.float32]:
        """(S, 128), row i what voice i expects after what it last read; rows sum to 1. A view: copy to keep."""

    def step(self, code: int, voices: Sequence[int]) -> None:
        """Let the voices with these indices read one character; only their rows and states change."""

    def reset(self, voices: Sequence[int]) -> None:
        """Make these voices forget all; they have then read one line's end and nothing else."""

    def save_state(self) -> Any:
        """An independent copy of all states and distributions."""

    def load_state(self, state: Any) -> None:
        """Return to what ``save_state`` gave."""
