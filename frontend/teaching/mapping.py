"""From a pose to what it means: how much each of the aims that were shown is meant now, smooth in between. Pure.

Whatever the pose, the answer lies on the simplex: parts that are never below 0 and sum to 1. So a parameter that is led
never leaves the range that was shown, and where all aims are single voices the weights are a mix of them.

Features are standardised by what was shown; one that never changed says nothing and is left out. Two ways in between:
``NearestPoses`` is inverse distance weighting (Shepard 1968), ``PoseNetwork`` a small network that was trained
elsewhere (``frontend.teaching.training``), brought to the simplex by Euclidean projection (Duchi et al. 2008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontend.teaching.lesson import Example

Floats = NDArray[np.float64]
CONSTANT = 1e-6  # a feature that spread no more than this was the same in all poses
SHARPNESS = 3.0  # the power of the distance by which a pose's pull falls


class PoseMapping(Protocol):
    """What was learnt. ``scaling`` tells which features it looks at."""

    @property
    def scaling(self) -> FeatureScaling: ...

    def meant(self, row: Floats) -> Floats:
        """(A,) the parts of the aims for the standardised features ``row`` (F,): at least 0, sum 1."""


@dataclass(frozen=True)
class FeatureScaling:
    """Which features are looked at, and how each is brought to mean 0 and spread 1."""

    names: tuple[str, ...]
    mean: Floats  # (F,)
    spread: Floats  # (F,)

    def row(self, features: Mapping[str, float]) -> Floats:
        """(F,) standardised; a feature that is missing counts as its mean."""
        raw = np.array([features.get(name, np.nan) for name in self.names])
        return np.asarray(np.nan_to_num((raw - self.mean) / self.spread, nan=0.0, posinf=0.0, neginf=0.0))

    def rows(self, examples: Sequence[Example]) -> Floats:
        """(N, F)"""
        return np.array([self.row(example.features) for example in examples]).reshape(len(examples), len(self.names))

    def present(self, features: Mapping[str, float]) -> bool:
        """Whether any of its features is there."""
        return any(name in features for name in self.names)


def scaling_of(examples: Sequence[Example]) -> FeatureScaling:
    """The features that at least half of the examples have and that differed among them."""
    seen: dict[str, list[float]] = {}
    for example in examples:
        for name, level in example.features.items():
            seen.setdefault(name, []).append(level)
    kept = {name: levels for name, levels in sorted(seen.items()) if 2 * len(levels) >= len(examples)}
    spreads = {name: float(np.std(levels)) for name, levels in kept.items()}
    names = tuple(name for name, spread in spreads.items() if spread > CONSTANT)
    return FeatureScaling(
        names, np.array([np.mean(kept[name]) for name in names]), np.array([spreads[n] for n in names])
    )


@dataclass(frozen=True)
class NearestPoses:
    """The nearer a pose that was shown, the more its aim is meant; on the pose itself it alone."""

    scaling: FeatureScaling
    poses: Floats  # (N, F), standardised
    aims: NDArray[np.int_]  # (N,) which aim each pose has
    count: int  # of aims

    def meant(self, row: Floats) -> Floats:
        distance = np.sqrt(np.mean((self.poses - row) ** 2, axis=1))  # (N,)
        pull = np.maximum(distance, 1e-6) ** -SHARPNESS
        parts = np.bincount(self.aims, weights=pull, minlength=self.count)
        return np.asarray(parts / parts.sum())


@dataclass(frozen=True)
class PoseNetwork:
    """Layers of tanh and a last one that is linear."""

    scaling: FeatureScaling
    weights: tuple[Floats, ...]  # (F, H), .., (H, A)
    biases: tuple[Floats, ...]  # (H,), .., (A,)

    def meant(self, row: Floats) -> Floats:
        at = row
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            at = np.tanh(at @ weight + bias)
        return on_simplex(at @ self.weights[-1] + self.biases[-1])


def on_simplex(point: Floats) -> Floats:
    """The point of the simplex that is nearest to ``point`` (A,)."""
    falling = np.sort(point)[::-1]
    excess = (np.cumsum(falling) - 1.0) / np.arange(1, len(point) + 1)
    last = int(np.nonzero(falling > excess)[0][-1])
    parts = np.maximum(point - excess[last], 0.0)
    return np.asarray(parts / parts.sum())
