"""Python's garbage collector, kept out of the music: it runs only where a pause is not heard.

What lives when the show begins (the weights, the libraries) is frozen and never looked at again, so that collecting
takes a moment. Process-wide; used by the engine's thread.
"""

from __future__ import annotations

import gc
from typing import Self

from protocol.collecting import HeldBack
from server.clock import Clock

EVERY = 10.0  # seconds between two collections, if there is room
LONGEST = 120.0  # seconds after which it is done in any case
FIRST_GUESS = 0.005  # seconds that a collection takes, before one was measured


class SpareTimeCollector(HeldBack):
    """A context in which garbage is collected by ``tidy`` alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now()
        self._cost = FIRST_GUESS  # seconds

    def __enter__(self) -> Self:
        self.hold()
        return self

    def tidy(self, spare: float) -> bool:
        """Collect if it is time to and ``spare`` seconds are enough; whether it was done."""
        now = self._clock.now()
        waited = now - self._last
        if waited < EVERY or (spare < 2.0 * self._cost and waited < LONGEST):
            return False
        gc.collect()
        self._last = self._clock.now()
        self._cost = self._last - now
        return True
