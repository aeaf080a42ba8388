"""Learning from a lesson, in the caller's thread: a network, or the poses themselves, and how far off the answer is.

scikit-learn is loaded only here, when it is first needed. A lesson of a few poses takes a fraction of a second.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from frontend.teaching.lesson import Example, Lesson
from frontend.teaching.mapping import FeatureScaling, Floats, NearestPoses, PoseMapping, PoseNetwork, scaling_of
from protocol.errors import ParameterError

HIDDEN = 12  # units of the one layer in between
REGULARISATION = 0.02  # how strongly large weights are held down: what makes it smooth between the poses
STEPS = 300  # of L-BFGS at most
JUDGED = 40  # examples that are left out in turn, at most, of each aim as many as of the others
TRAINING_TIMEOUT_S = 0.5  # seconds
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
        hidden_layer_sizes=(HIDDEN,),
        activation="tanh",
        solver="lbfgs",
        alpha=REGULARISATION,
        max_iter=STEPS,
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
    for place in judged[:JUDGED]:
        if time.perf_counter() > until:
            break
        example = lesson.examples[place]
        meaning = _meaning([*lesson.examples[:place], *lesson.examples[place + 1 :]], keys, lesson.method)
        if meaning.scaling.names:
            parts = meaning.meant(meaning.scaling.row(example.features))
            off.setdefault(example.aim, []).append(float(1.0 - parts[keys.index(example.aim)]))
    return off
