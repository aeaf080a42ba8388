"""The puck: where the voices stand around it, and how much its place lets each of them say.

The n voices in play stand on the unit circle, the first at twelve, the rest clockwise in the circle's order. A voice's
influence falls with the puck's distance d from the small disc around it as d^-falloff (Shepard's inverse distance
weighting, 1968): on the disc it is alone, and no edge is felt on the way in. Lengths are in radii, x points to the
right and y up. Pure mathematics; no thread of its own.
"""

from __future__ import annotations

import math

SNAP = 0.03  # radii; a puck this near to a voice lies on it


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
    distances = [max(0.0, math.dist(puck, position(i, n)) - SNAP) for i in range(n)]
    nearest = min(distances)
    if nearest == 0.0:
        shares = [float(distance == 0.0) for distance in distances]
    else:
        shares = [(nearest / distance) ** falloff for distance in distances]  # at most 1: no falloff overflows
    total = math.fsum(shares)
    return tuple(share / total for share in shares)
