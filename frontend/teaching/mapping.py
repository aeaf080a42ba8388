"""From a pose to what it means: how much each of the aims that were shown is meant now, smooth in between. Pure.

Whatever the pose, the answer lies on the simplex: parts that are never below 0 and sum to 1. So a parameter that is led
never leaves the range that was shown, and where all aims are single voices the weights are a mix of them.

Features are standardised by what was shown; one that never changed says nothing and is left out. Two ways in between:
``NearestPoses`` is inverse distance weighting (Shepard 1968), ``PoseNetwork`` a small network that was trained
by ``learn``, brought to the simplex by Euclidean projection (Duchi et al. 2008).
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontend.teaching.lesson import Example, Lesson
from protocol.errors import ParameterError

Floats = NDArray[np.float64]
MIN_SPREAD = 1e-6  # a feature that spread no more than this was the same in all poses
DISTANCE_POWER = 3.0  # the power of the distance by which a pose's pull falls


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
    names = tuple(name for name, spread in spreads.items() if spread > MIN_SPREAD)
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
        pull = np.maximum(distance, 1e-6) ** -DISTANCE_POWER
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


# ---- learning from a lesson ------------------------------------------------------------------------------------------

HIDDEN_UNITS = 12  # units of the one layer in between
REGULARISATION = 0.02  # how strongly large weights are held down: what makes it smooth between the poses
MAX_TRAINING_STEPS = 300  # of L-BFGS at most
MAX_JUDGED_EXAMPLES = 40  # examples that are left out in turn, at most, of each aim as many as of the others
TRAINING_TIMEOUT_S = 0.5
MISSING = "teach by showing needs scikit-learn: pip install scikit-learn, or choose the nearest poses"


@dataclass(frozen=True)
class TrainingResult:
    """What a lesson led to. ``off`` is the mean over the examples that were left out in turn of how much of the answer
    went to other aims, 0 to 1; None where every aim was shown only once. ``off_by_aim`` is the same for each aim."""

    meaning: PoseMapping
    off: float | None
    off_by_aim: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0


def prepare() -> None:
    """Load the library; what is missing is told when it is needed. Any thread."""
    with contextlib.suppress(ImportError):
        import sklearn.neural_network  # noqa: F401


def learn(lesson: Lesson, patience: float = TRAINING_TIMEOUT_S) -> TrainingResult:
    """``patience``: seconds after which no further example is left out to see how far off the answer is.

    Raises ``ParameterError`` where there is too little to learn from, or scikit-learn is missing.
    """
    if len(lesson.aims) < 2:
        raise ParameterError("show at least two poses that mean different things")
    began = time.perf_counter()
    keys = list(lesson.aims)
    meaning = _meaning(lesson.examples, keys, lesson.method)
    if not meaning.scaling.names:
        raise ParameterError("the poses are all the same to the inputs: show poses that differ")
    off = _left_out(lesson, keys, began + patience)
    spent = time.perf_counter() - began
    if not off:
        return TrainingResult(meaning, None, {}, spent)
    means = {key: float(np.mean(each)) for key, each in off.items()}
    return TrainingResult(meaning, float(np.mean([part for each in off.values() for part in each])), means, spent)


def _meaning(examples: Sequence[Example], keys: Sequence[str], method: str) -> PoseMapping:
    scaling = scaling_of(examples)
    rows = scaling.rows(examples)
    aims = np.array([keys.index(example.aim) for example in examples])
    if method == "nearest":
        return NearestPoses(scaling, rows, aims, len(keys))
    return _network(scaling, rows, np.eye(len(keys))[aims])


def _network(scaling: FeatureScaling, rows: Floats, wanted: Floats) -> PoseNetwork:
    """``rows`` (N, F) and the simplex's corners ``wanted`` (N, A) as a network."""
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPRegressor
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        raise ParameterError(MISSING) from None
    if not scaling.names:
        return PoseNetwork(scaling, (), ())
    network = MLPRegressor(
        hidden_layer_sizes=(HIDDEN_UNITS,),
        activation="tanh",
        solver="lbfgs",
        alpha=REGULARISATION,
        max_iter=MAX_TRAINING_STEPS,
        random_state=1,
    )
    with warnings.catch_warnings(), threadpool_limits(1):  # threads of so small sums only wait for one another
        warnings.simplefilter("ignore", ConvergenceWarning)  # after STEPS it is near enough
        network.fit(rows, wanted)
    return PoseNetwork(scaling, tuple(map(np.asarray, network.coefs_)), tuple(map(np.asarray, network.intercepts_)))


def _left_out(lesson: Lesson, keys: Sequence[str], until: float) -> dict[str, list[float]]:
    """What part of the answer went astray for examples that were not learnt from, by their aim."""
    places = {key: [at for at, each in enumerate(lesson.examples) if each.aim == key] for key in keys}
    rounds = zip_longest(*(places[key] for key in keys if len(places[key]) > 1))
    judged = [place for turn in rounds for place in turn if place is not None]  # every aim before any a second time
    off: dict[str, list[float]] = {}
    for place in judged[:MAX_JUDGED_EXAMPLES]:
        if time.perf_counter() > until:
            break
        example = lesson.examples[place]
        meaning = _meaning([*lesson.examples[:place], *lesson.examples[place + 1 :]], keys, lesson.method)
        if meaning.scaling.names:
            parts = meaning.meant(meaning.scaling.row(example.features))
            off.setdefault(example.aim, []).append(float(1.0 - parts[keys.index(example.aim)]))
    return off
