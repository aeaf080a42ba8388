"""Time on stage: a monotonic clock that wakes just in time, and the metronome that says when a character is due.

The metronome is pure arithmetic on seconds that it is given. It keeps an absolute schedule, so that small latenesses
never add up; what comes very late moves the schedule, so that nothing is sprinted after. ``Clock`` is the seam to the
machine, ``MonotonicClock`` the real one, ``FakeClock`` the one that ships for tests. All run on the engine's thread.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

LEAST_GAP_PERIODS = 0.5  # of a period: two characters never stand closer, however late the first one was
LONG_SLEEP_MARGIN_S = 0.001  # seconds before the time meant, at which the system's long sleep ends
SHORT_SLEEP_S = 0.0002  # seconds, the short sleeps after it
YIELD_MARGIN_S = 0.0004  # seconds before the time meant, from where on only the processor is handed over


class Metronome:
    """When the next character is due, for a rate in characters/s that may change at any moment.

    In steady running the n-th tick is due n periods after the first, however late each one was answered.
    """

    def __init__(self, rate: float, now: float) -> None:
        """The first tick is due at once."""
        self.rate = rate
        self._period = 1.0 / rate
        self._last = self._written = now - self._period  # when the last character was due, and when it came
        self.due = now

    def tick(self, now: float) -> None:
        """The character that was due is written at ``now`` (``now`` >= ``due``).

        The next one is due a period after this one was, or half a period after ``now`` if that is later.
        """
        self._plan(self.due, now)

    def restart_at(self, now: float) -> None:
        """A character was written at ``now`` outside the schedule; it begins anew from here."""
        self._plan(now, now)

    def set_rate(self, rate: float, now: float) -> None:
        """From now on so fast: counted from the last tick, but nothing is due before ``now``."""
        if rate != self.rate:
            self.rate, self._period = rate, 1.0 / rate
            self._plan(self._last, self._written)
            self.due = max(self.due, now)

    def resume(self, now: float) -> None:
        """The schedule stood still until ``now``."""
        self.due = max(self.due, now)

    def _plan(self, last: float, written: float) -> None:
        self._last, self._written = last, written
        self.due = max(last + self._period, written + LEAST_GAP_PERIODS * self._period)


class Clock(Protocol):
    """Seconds that only ever grow, and waiting for them."""

    def now(self) -> float:
        """Monotonic seconds from an unnamed beginning."""

    def sleep_until(self, when: float) -> None:
        """Return at ``when`` or as little later as the machine can; at once if it is past."""

    def nap_until(self, when: float) -> None:
        """Return at about ``when``, without spending any of the processor on being exact."""


class MonotonicClock:
    """The machine's own: no change of the time of day ever reaches it.

    It sleeps until a millisecond before the time meant, then waits in ever finer steps. It never holds the interpreter
    while it waits, so that the receiver's thread goes on.
    """

    def now(self) -> float:
        return time.perf_counter()  # time.monotonic has steps of 16 ms on Windows before Python 3.13

    def sleep_until(self, when: float) -> None:
        while (left := when - self.now()) > 0.0:
            if left > LONG_SLEEP_MARGIN_S:
                time.sleep(left - LONG_SLEEP_MARGIN_S)
            else:
                time.sleep(SHORT_SLEEP_S if left > YIELD_MARGIN_S else 0.0)

    def nap_until(self, when: float) -> None:
        time.sleep(max(0.0, when - self.now()))


class FakeClock:
    """A clock for tests: time passes only by sleeping and by ``advance``; what was planned happens on the way."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._order = itertools.count()
        self._plans: list[tuple[float, int, Callable[[], object]]] = []

    def now(self) -> float:
        return self._now

    def sleep_until(self, when: float) -> None:
        while self._plans and self._plans[0][0] <= when:
            at, _, event = heapq.heappop(self._plans)
            self._now = max(self._now, at)
            event()
        self._now = max(self._now, when)

    def nap_until(self, when: float) -> None:
        self.sleep_until(when)

    def advance(self, seconds: float) -> None:
        """Let time pass as work does."""
        self.sleep_until(self._now + seconds)

    def at(self, when: float, event: Callable[[], object]) -> None:
        """Call ``event`` when this clock comes to ``when``."""
        heapq.heappush(self._plans, (when, next(self._order), event))
