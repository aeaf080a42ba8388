"""The one-euro filter (Casiez, Roussel, Vogel 2012): calm while a hand rests, without delay while it moves. Pure.

An exponential smoothing whose cut-off frequency rises with the speed: at rest it takes the tremor out, in motion it
follows. Levels are 0 to 1, times seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

CALMEST, LIVELIEST = 0.4, 25.0  # Hz, the cut-off of a hand at rest at full and at the least smoothing
EAGERNESS = 4.0  # Hz that the cut-off rises for a speed of one whole range a second
SPEED_CUTOFF = 1.0  # Hz, for the speed itself
LONGEST = 1.0  # seconds; after a longer pause the filter begins anew


@dataclass(frozen=True)
class OneEuro:
    """What the filter remembers; ``OneEuro()`` has seen nothing."""

    level: float | None = None  # the last one given
    raw: float = 0.0
    speed: float = 0.0  # ranges a second
    at: float = -math.inf

    def step(self, raw: float, now: float, smoothing: float) -> OneEuro:
        """The filter after ``raw`` was read at ``now``; its ``level`` is the answer.

        ``smoothing`` 0 lets everything through as it is, 1 is the calmest.
        """
        passed = now - self.at
        if self.level is None or smoothing <= 0.0 or passed > LONGEST:
            return OneEuro(raw, raw, 0.0, now)
        if passed <= 0.0:  # two readings of one moment: the later one counts as if no time had passed
            return OneEuro(self.level, raw, self.speed, self.at)
        speed = _toward(self.speed, (raw - self.raw) / passed, SPEED_CUTOFF, passed)
        cutoff = cutoff_at_rest(smoothing) + EAGERNESS * abs(speed)
        return OneEuro(_toward(self.level, raw, cutoff, passed), raw, speed, now)


def cutoff_at_rest(smoothing: float) -> float:
    """Hz; falls evenly in octaves as ``smoothing`` rises from 0 to 1."""
    return float(LIVELIEST * (CALMEST / LIVELIEST) ** min(1.0, max(0.0, smoothing)))


def _toward(last: float, new: float, cutoff: float, passed: float) -> float:
    """Exponential smoothing with a time constant of 1 / (2 pi ``cutoff``)."""
    share = passed / (passed + 1.0 / (math.tau * cutoff))
    return last + share * (new - last)
