"""The puck: where the voices stand around it, and how much its place lets each of them say.

The n voices in play stand on the unit circle, the first at twelve, the rest clockwise in the circle's order. A voice's
influence falls with the puck's distance d from the small disc around it as d^-falloff (Shepard's inverse distance
weighting, 1968): on the disc it is alone, and no edge is felt on the way in. Several pucks say the mean of what each
of them says, by their weights. Lengths are in radii, x points to the right and y up. Pure mathematics; no thread of its
own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

Puck = tuple[float, float, float]  # x, y, weight from 0 to 1: one that comes or goes does so by its weight

FEW_PUCKS = 8  # pucks; more are worked out together, a crowd of 256 in a hundredth of the time
SNAP_RADII = 0.03  # radii; a puck this near to a voice lies on it


@lru_cache(maxsize=1024)
def position(i: int, n: int) -> tuple[float, float]:
    """Where voice ``i`` of ``n`` stands: 360 / n * i degrees clockwise from twelve."""
    angle = math.tau * i / n
    return math.sin(angle), math.cos(angle)


def clamp(x: float, y: float) -> tuple[float, float]:
    """The point of the unit disc nearest to (x, y)."""
    distance = math.hypot(x, y)
    return (x, y) if distance <= 1.0 else (x / distance, y / distance)


def influence(puck_xy: tuple[float, float], n: int, falloff: float) -> tuple[float, ...]:
    """The share of each of ``n`` voices, in the circle's order, summing to 1; empty for no voices.

    A puck outside the circle counts as lying on its edge. ``falloff`` >= 0: 0 gives all the same.
    """
    if n == 0:
        return ()
    puck = clamp(*puck_xy)
    distances = [max(0.0, math.dist(puck, position(i, n)) - SNAP_RADII) for i in range(n)]
    nearest = min(distances)
    if nearest == 0.0:
        shares = [float(distance == 0.0) for distance in distances]
    else:
        shares = [(nearest / distance) ** falloff for distance in distances]  # at most 1: no falloff overflows
    total = math.fsum(shares)
    return tuple(share / total for share in shares)


def mean_influence(pucks: Iterable[Puck], n: int, falloff: float) -> tuple[float, ...]:
    """The mean of the pucks' influences on ``n`` voices by their weights, summing to 1; empty where nobody weighs."""
    weighing = [puck for puck in pucks if puck[2] > 0.0]
    if not weighing or n == 0:
        return ()
    if len(weighing) == 1:
        return influence(weighing[0][:2], n, falloff)
    if len(weighing) > FEW_PUCKS:
        return _mean_of_many(weighing, n, falloff)
    heaviest = max(weight for *_, weight in weighing)
    shares = [(influence((x, y), n, falloff), weight / heaviest) for x, y, weight in weighing]
    total = math.fsum(weight for _, weight in shares)
    return tuple(math.fsum(weight * said[i] for said, weight in shares) / total for i in range(n))


def _mean_of_many(pucks: Sequence[Puck], n: int, falloff: float) -> tuple[float, ...]:
    """``mean_influence`` of weighing pucks, all at once."""
    import numpy as np  # here: whoever only asks for the commands waits for nothing heavy

    said = np.array(pucks)  # (P, 3)
    places = said[:, :2] / np.maximum(1.0, np.hypot(said[:, :1], said[:, 1:2]))
    voices = np.array([position(i, n) for i in range(n)])
    apart = places[:, None] - voices  # (P, n, 2)
    distances = np.maximum(0.0, np.hypot(apart[..., 0], apart[..., 1]) - SNAP_RADII)
    nearest = distances.min(axis=1, keepdims=True)
    alone = nearest == 0.0
    shares = np.where(alone, distances == 0.0, (nearest / np.where(alone, 1.0, distances)) ** falloff)
    weights = said[:, 2] / said[:, 2].max()
    mean = (weights / shares.sum(axis=1)) @ shares / weights.sum()
    return tuple(mean.tolist())


def joint_influence(
    own: Sequence[Puck], crowd: Sequence[Puck], share: float, n: int, falloff: float
) -> tuple[float, ...] | None:
    """What the performer's ``own`` pucks and the ``crowd``'s say together, summing to 1; None where there are none.

    The crowd has ``share`` of the say, and less while all its weights together are below 1, so that the first to come
    and the last to go are no jump. A performer without a puck says the same to all voices.
    """
    theirs = min(1.0, max(0.0, share)) * min(1.0, math.fsum(max(0.0, weight) for *_, weight in crowd))
    mine = mean_influence(own, n, falloff)
    if theirs <= 0.0:
        return mine or None
    said = mean_influence(crowd, n, falloff)
    mine = mine or (1.0 / n,) * n if n else ()
    return tuple((1.0 - theirs) * one + theirs * other for one, other in zip(mine, said, strict=True))
