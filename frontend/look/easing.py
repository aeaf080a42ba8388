"""Easing: how a value goes from where it is to where it shall be. Pure, seconds in, values out.

Only what no hand holds is ever eased. A target that changes half-way starts a new way from wherever the value is.
"""

from __future__ import annotations

from dataclasses import dataclass


def out_cubic(t: float) -> float:
    """Fast at first, gentle at the end; 0 to 1, flat outside."""
    left = 1.0 - min(1.0, max(0.0, t))
    return 1.0 - left * left * left


def in_out(t: float) -> float:
    """Gentle at both ends (cubic); 0 to 1, flat outside."""
    t = min(1.0, max(0.0, t))
    return 4.0 * t**3 if t < 0.5 else 1.0 - (2.0 - 2.0 * t) ** 3 / 2.0


def half_life(seconds: float, elapsed: float) -> float:
    """What is left of 1 after ``elapsed`` seconds when half is gone every ``seconds``; nothing for a half-life of 0."""
    return 0.5 ** (elapsed / seconds) if seconds > 0.0 else 0.0


@dataclass(frozen=True)
class _Animation:
    start: float
    target: float
    began: float
    lasts: float

    def at(self, now: float) -> float:
        if self.lasts <= 0.0:
            return self.target
        return self.start + (self.target - self.start) * out_cubic((now - self.began) / self.lasts)


class AnimatedValues:
    """Values on their way, by name. ``now`` is set once a frame, and ``moving`` is whether one was not there yet."""

    def __init__(self) -> None:
        self.now = 0.0
        self.moving = False
        self._ways: dict[str, _Animation] = {}

    def toward(self, name: str, target: float, lasts: float) -> float:
        """``name``'s value now, on its way to ``target`` in ``lasts`` seconds; the first time it is there at once."""
        way = self._ways.get(name)
        if way is None:
            way = self._ways[name] = _Animation(target, target, self.now, 0.0)
        elif way.target != target:
            way = self._ways[name] = _Animation(way.at(self.now), target, self.now, lasts)
        if self.now - way.began >= way.lasts:
            return target
        self.moving = True
        return way.at(self.now)
