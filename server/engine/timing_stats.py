"""How well the engine keeps time, measured as it plays and kept in the same few kilobytes for ever.

Pure: times are passed in. Belongs to the engine's thread.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

KEPT_SAMPLES = 4_096  # measurements, the newest
STALE_RATE_S = 2.0  # seconds without a character, after which nothing is being written


class RollingSamples:
    """The newest ``kept`` of many measurements of one thing."""

    def __init__(self, kept: int = KEPT_SAMPLES) -> None:
        self._ring = np.zeros(kept)
        self.count = 0  # of all measurements ever

    def add(self, measurement: float) -> None:
        self._ring[self.count % len(self._ring)] = measurement
        self.count += 1

    def percentile(self, share: float) -> float:
        """What ``share`` per cent of the kept measurements do not exceed; 0 before the first."""
        kept = self._ring[: self.count]
        return float(np.percentile(kept, share)) if len(kept) else 0.0

    def newest(self) -> NDArray[np.float64]:
        """A copy of what is kept, oldest first."""
        kept = self._ring[: self.count]
        return np.roll(kept, -(self.count % len(self._ring))) if self.count > len(self._ring) else kept.copy()


class TimingStats:
    """How each character came to be, in three spans of time (seconds), and how all of them come."""

    def __init__(self) -> None:
        self.commits = RollingSamples()  # from the values being read to the character being drawn
        self.lateness = RollingSamples()  # from a character being due to its being drawn
        self.sends = RollingSamples()  # from a character being due to its being handed to the system for all
        self.sequence = 0  # of the character that was measured last: primed ones are counted there and not here
        self.late = 0  # characters ever that were more than half a period late
        self.pace = RateMeter()

    def as_json(self) -> dict[str, Any]:
        """How many characters there were, and the measurements in milliseconds, oldest first, as plain values."""
        gauges = {"commit_ms": self.commits, "late_ms": self.lateness, "sent_ms": self.sends}
        spans = {name: (1e3 * gauge.newest()).round(4).tolist() for name, gauge in gauges.items()}
        return {"characters": self.commits.count, "sequence": self.sequence, **spans}


class RateMeter:
    """The rate at which characters come, as it is and not as it was asked for."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=128)  # more than two seconds at the highest rate

    def beat(self, now: float) -> None:
        """A character was written."""
        self._times.append(now)

    def rest(self) -> None:
        """The text stood still for a while: what was before does not count."""
        self._times.clear()

    def rate(self, now: float) -> float:
        """Characters/s over the intervals that ended in the last second, or the last one; 0 if nothing came of late."""
        times = list(self._times)
        if len(times) < 2 or now - times[-1] > STALE_RATE_S:
            return 0.0
        older = sum(time < now - 1.0 for time in times)
        first = max(0, min(older, len(times) - 1) - 1)
        elapsed = times[-1] - times[first]
        return (len(times) - 1 - first) / elapsed if elapsed > 0.0 else 0.0
