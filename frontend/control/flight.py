"""A thrown puck: it glides, slows down, and bounces off the circle until it rests.

Its speed falls by half every ``HALF_LIFE`` seconds and by ``LOSS`` at each bounce. Worked out from bounce to bounce, so
that where it is does not depend on how often somebody looks. Pure; lengths in radii, x to the right, y up.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from protocol.puck import clamp

Place = tuple[float, float]

HALF_LIFE = 0.5  # seconds
LOSS = 0.25  # share of the speed that a bounce takes
LEAST_SPEED = 0.5  # radii a second; a slower hand has laid the puck down
REST = 0.02  # radii a second, from which it lies still
FASTEST = 8.0  # radii a second
WATCHED = 0.08  # seconds before letting go that decide the throw
BOUNCES = 64  # in one look

_DECAY = HALF_LIFE / math.log(2.0)  # seconds; speed is v0 exp(-t / _DECAY)


@dataclass(frozen=True)
class Flight:
    """Where the puck is and where it goes, in radii and radii a second."""

    place: Place
    velocity: Place

    @property
    def speed(self) -> float:
        return math.hypot(*self.velocity)

    @property
    def resting(self) -> bool:
        return self.speed < REST

    def after(self, seconds: float) -> Flight:
        """The flight ``seconds`` later; never outside the circle."""
        (x, y), (vx, vy) = clamp(*self.place), self.velocity
        for _ in range(BOUNCES):
            speed = math.hypot(vx, vy)
            if speed < REST:
                return Flight((x, y), (0.0, 0.0))
            ux, uy = vx / speed, vy / speed
            whole = speed * _DECAY * (1.0 - math.exp(-seconds / _DECAY))  # radii it goes without a bounce
            edge = _way_to_edge(x, y, ux, uy)
            if whole <= edge:
                left = math.exp(-seconds / _DECAY)
                return Flight(clamp(x + ux * whole, y + uy * whole), (vx * left, vy * left))
            passed = -_DECAY * math.log1p(-edge / (speed * _DECAY))  # seconds
            seconds -= passed
            x, y = clamp(x + ux * edge, y + uy * edge)
            left = math.exp(-passed / _DECAY) * (1.0 - LOSS)
            across = ux * x + uy * y  # of the direction, straight out of the circle
            vx, vy = speed * left * (ux - 2.0 * across * x), speed * left * (uy - 2.0 * across * y)
        return Flight((x, y), (0.0, 0.0))


def _way_to_edge(x: float, y: float, ux: float, uy: float) -> float:
    """How far it is from (x, y) to the circle in the direction (ux, uy), a unit vector."""
    along = x * ux + y * uy
    return max(0.0, -along + math.sqrt(max(0.0, along * along + 1.0 - x * x - y * y)))


@dataclass
class Throw:
    """Watches a hand that holds the puck, and says how it was let go."""

    _seen: deque[tuple[float, Place]] = field(default_factory=lambda: deque(maxlen=64))

    def held(self, place: Place, now: float) -> None:
        self._seen.append((now, place))

    def released(self, now: float) -> Flight | None:
        """The flight that begins, or None for a puck that was laid down."""
        seen = [(at, place) for at, place in self._seen if now - at <= WATCHED]
        self._seen.clear()
        if len(seen) < 2 or seen[-1][0] <= seen[0][0]:
            return None
        (began, (x0, y0)), (ended, (x1, y1)) = seen[0], seen[-1]
        vx, vy = (x1 - x0) / (ended - began), (y1 - y0) / (ended - began)
        speed = math.hypot(vx, vy)
        if speed < LEAST_SPEED:
            return None
        slower = min(1.0, FASTEST / speed)
        return Flight((x1, y1), (vx * slower, vy * slower))
