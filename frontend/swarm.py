"""The crowd's pucks as points that glide: smooth at any frame rate, however seldom places come. Pure; UI thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from protocol.puck import Puck, position
from protocol.pucks import MOST_CROWD

Floats = NDArray[np.float64]

HALF_LIFE = 0.06  # seconds in which a point goes half of its way

NO_POINTS: Floats = np.zeros((0, 3))


class Swarm:
    """Follows the crowd; a point keeps its place in the list, and one that comes is at once where it is."""

    def __init__(self) -> None:
        self._places = np.full((MOST_CROWD, 2), np.nan)
        self._at: float | None = None

    def follow(self, pucks: Sequence[Puck], now: float) -> Floats:
        """(P, 3) x, y in radii and weight of those who are there, at ``now`` in seconds."""
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        said = np.array(pucks[:MOST_CROWD], np.float64).reshape(-1, 3)
        here = said[:, 2] > 0.0
        places = self._places
        places[len(said) :] = np.nan
        places[: len(said)][~here] = np.nan
        seen = places[: len(said)]
        came = np.isnan(seen[:, 0]) & here
        seen[came] = said[came, :2]
        seen[here] += (said[here, :2] - seen[here]) * (1.0 - 0.5 ** (passed / HALF_LIFE))
        if not here.any():
            return NO_POINTS
        return np.column_stack([seen[here], said[here, 2]])


def nearness(places: Floats, n: int, falloff: float = 2.0) -> Floats:
    """(P, n) how much of each of ``n`` voices a point at ``places`` (P, 2) has, summing to 1: its colour's shares."""
    voices = np.array([position(i, n) for i in range(n)]).reshape(n, 2)
    apart = places[:, None] - voices
    near = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 0.03) ** -falloff
    shares: Floats = near / near.sum(axis=1, keepdims=True)
    return shares
