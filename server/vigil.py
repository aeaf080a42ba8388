"""Whether processes that are watched over do well, and what it means when they keep falling over.

Pure: beats and times are passed in, monotonic seconds, so that neither a clock that is set nor a machine that slept is
taken for a process that hangs. Belongs to the watcher's thread.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from protocol.pulse import State

HUNG = 1.5  # seconds without a beat
STARTS = 60.0  # seconds that a process may take to its first beat, slow disks and busy machines allowed for
SETTLES = 10.0  # seconds from its first beat on in which it may be silent for as long: first frames are slow
ENDS = 10.0  # seconds that it may take to end once it said that it does
ABSENT = 0.5  # seconds that the watcher itself may have been away before beats that it missed are excused

MANY, WITHIN = 5, 60.0  # so many restarts in so many seconds lead to the safe mode
BREATH, LONGEST_BREATH = 1.0, 10.0  # seconds before a restart in the safe mode: the first, and the most

Verdict = Literal["starting", "ready", "well", "ending", "hung"]


class Vigil:
    """A process that began at ``began`` and has not been heard of yet; ``hung`` seconds without a beat are too many."""

    def __init__(self, began: float, hung: float = HUNG) -> None:
        self._hung = hung
        self._state: State | None = None
        self._settled = float("inf")  # when it has been at work for a while
        self._until = began + STARTS

    @property
    def state(self) -> State | None:
        """What it said last; None before its first beat."""
        return self._state

    def heard(self, state: State, now: float) -> None:
        if state == "well" and self._state != "well":
            self._settled = now + SETTLES
        self._state = state
        patience = ENDS if state == "ending" else self._hung
        self._until = max(now + patience, self._settled) if state == "well" else now + patience

    def called(self, now: float) -> None:
        """One that stood ready was told to begin, and has the time of a start for it."""
        self._state, self._until = None, now + STARTS

    def excuse(self, seconds: float) -> None:
        """The watcher was away for so long: beats of that time may have been missed, or everything stood still."""
        self._until += seconds

    def verdict(self, now: float) -> Verdict:
        if now > self._until:
            return "hung"
        return "starting" if self._state is None else self._state


class Restarts:
    """None so far. ``safe`` once they were too many; it stays so until everything is ended."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MANY)
        self._breath = 0.0
        self.count = 0
        self.safe = False

    @property
    def hopeless(self) -> bool:
        """Whether even the safe mode falls over for as long as anybody would wait."""
        return self._breath >= LONGEST_BREATH

    def note(self, now: float) -> float:
        """One is due at ``now``; how many seconds to wait before it: none, but ever more where the safe mode fails."""
        self.count += 1
        self._times.append(now)
        often = len(self._times) == MANY and now - self._times[0] <= WITHIN
        if self.safe and often:
            self._breath = min(max(BREATH, 2 * self._breath), LONGEST_BREATH)
        elif not often:
            self._breath = 0.0
        self.safe = self.safe or often
        return self._breath
