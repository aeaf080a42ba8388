"""Who leads a parameter, the poses or another hand: the last touch does, and nothing jumps. Pure.

When the poses take a parameter over, it glides from where it stands to where they want it. When anything else moves it,
they let it go, until they are told to take it again. Numbers are in the parameter's unit, times monotonic seconds.
"""

from __future__ import annotations

from collections import deque

APPROACH_HALF_LIFE_S = 0.15  # seconds in which the way from where a parameter stood to where the poses want it halves
SAME_VALUE = 1e-4  # of the range; OSC's floats are rounder than Python's
REMEMBERED_S = 5.0  # seconds in which a busy server may still repeat what it was told before
MIN_STEP = 1e-4  # of the range; a smaller step is not worth a message


class ValueOwnership:
    """One parameter's, which goes from ``low`` to ``high``."""

    def __init__(self, low: float, high: float) -> None:
        self.free = False  # another hand has it
        self._low, self._high, self._span = low, high, high - low
        self._said: deque[tuple[float, float]] = deque()  # when, and what it was given
        self._distance = 0.0
        self._at = 0.0

    def follow(self, wanted: float, standing: float, now: float) -> float | None:
        """Where to move the parameter, which stands at ``standing`` while the poses want ``wanted``; None: nowhere."""
        if self.free:
            return None
        if not self._said:
            self._distance, self._at = standing - wanted, now
        elif not self._ours(standing, now):
            self.free = True
            return None
        self._distance *= 0.5 ** ((now - self._at) / APPROACH_HALF_LIFE_S)
        self._at = now
        number = min(self._high, max(self._low, wanted + self._distance))
        if self._said and abs(number - self._said[-1][1]) < MIN_STEP * self._span and self._near(standing, number):
            return None
        self._said.append((now, number))
        return number

    def take(self) -> None:
        """Lead it again, from where it stands."""
        self.free = False
        self._said.clear()

    def _near(self, one: float, other: float) -> bool:
        return abs(one - other) <= 2 * SAME_VALUE * self._span

    def _ours(self, standing: float, now: float) -> bool:
        """Whether the parameter stands where it was put, now or a moment ago: a message may have been lost."""
        while len(self._said) > 1 and self._said[1][0] < now - REMEMBERED_S:
            self._said.popleft()
        return any(self._near(standing, number) for _, number in self._said)
