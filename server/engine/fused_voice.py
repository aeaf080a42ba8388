"""The fused network as a performance sees it: what it is to be made of, what it is made of, and when it may speak.

The voices average their parameters in slices between characters (``models.interface.Fusible``). The old network speaks
until the new one is complete. A new request starts only when the one before it is complete, so that during a long
movement of a hand there is a new network every few characters, and not one at the end. Used on the engine's thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.interface import Fusible
from protocol.mixing import Vector, fusion_parts

SAME_WEIGHTS = 1e-4  # of the whole: weights that differ by less make no other network


@dataclass(frozen=True)
class FusedVoiceState:
    """What the network that speaks is made of, what is wished, what is being made and how many slices of it are."""

    made_of: tuple[float, ...]
    wish: tuple[float, ...] | None
    making: tuple[float, ...] | None
    slices: int
    fresh: bool


class FusedVoice:
    """No network yet. Its index among the voices is ``index``; ``children`` (S,) says who can be fused."""

    def __init__(self, voices: Fusible) -> None:
        self._voices = voices
        self.index = len(voices.slugs)
        self.children: NDArray[np.bool_] = np.array(voices.fusible, np.bool_)
        self.made_of: Vector = np.zeros(self.index)  # (S,) of the network that speaks, sum 1; zeros before there is one
        self.fresh = False  # whether it was made since it came to be wanted
        self._wish: Vector | None = None
        self._making: Vector | None = None
        self._slices = 0  # of it that are made

    def wish(self, weights: Vector | None, concept: float = 0.0) -> bool:
        """Let it be made of ``weights`` (S,), of which only the children's count; None lets it sleep.

        ``concept`` says how far it is led away from those below 0. Whether it is wanted now: it is not where no child
        is above 0.
        """
        parts = None if weights is None else fusion_parts(weights, self.children, concept)
        if parts is None or not parts.any():
            self._wish, self.fresh = None, False
            return False
        self._wish = parts
        self.fresh = self.fresh or _same(parts, self.made_of)
        return True

    @property
    def pending(self) -> bool:
        """Whether there is anything to be made."""
        return self._making is not None or (self._wish is not None and not _same(self._wish, self.made_of))

    def work(self) -> bool:
        """One slice of making the next network; True when it is whole, and speaks."""
        if self._making is None:
            if self._wish is None:
                return True
            self._making, self._slices = self._wish, 0
            self._voices.request_fusion(self._making)
        self._slices += 1
        once = iter([True])
        if not self._voices.continue_fusion(lambda: next(once, False)):
            return False
        self.made_of, self._making = self._making, None
        self.fresh = True
        return True

    def snapshot(self) -> FusedVoiceState:
        made_of = tuple(self.made_of.tolist())
        return FusedVoiceState(made_of, _numbers(self._wish), _numbers(self._making), self._slices, self.fresh)

    def restore(self, state: FusedVoiceState) -> None:
        """Be what was kept: the network that spoke is made again, and as much of the next one as there was."""
        self.made_of, self.fresh = np.array(state.made_of), state.fresh
        self._wish = None if state.wish is None else np.array(state.wish)
        self._making = None if state.making is None else np.array(state.making)
        self._slices = state.slices
        if self.made_of.any():
            self._voices.request_fusion(self.made_of)
            self._voices.continue_fusion(lambda: True)
        if self._making is not None:
            self._voices.request_fusion(self._making)
            left = iter(range(self._slices))
            self._voices.continue_fusion(lambda: next(left, None) is not None)


def _numbers(weights: Vector | None) -> tuple[float, ...] | None:
    return None if weights is None else tuple(weights.tolist())


def _same(one: Vector, other: Vector) -> bool:
    return bool(np.abs(one - other).max(initial=0.0) < SAME_WEIGHTS)
