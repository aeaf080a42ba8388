"""What is wrong, as the one line that a performer has time to read.

Any thread may complain. Nothing is printed, and a flood of complaints costs no more memory than one. The newest is
shown for a few seconds with the number of others; otherwise the line shows a condition that lasts until it is over.
Both are logged: a complaint if none is being shown, a condition when its line changes.
"""

from __future__ import annotations

from threading import Lock

from protocol.logs import LOG

COMPLAINT_SHOWN_S = 5.0  # seconds after the last complaint
LONGEST_LINE_CHARS = 200  # characters of a line


class StatusLine:
    """No trouble at first. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._latest = ""
        self._until = 0.0
        self._others = 0
        self._standing: dict[str, str] = {}
        self.count = 0  # complaints since the server began

    def complain(self, line: str, now: float, times: int = 1) -> None:
        """Something went wrong, and ``times`` - 1 other things with it."""
        with self._lock:
            if now >= self._until:
                LOG.warning("%s", line)
            self._others = self._others + times if now < self._until else times - 1
            self._latest = " ".join(line.split())[:LONGEST_LINE_CHARS]
            self._until = now + COMPLAINT_SHOWN_S
            self.count += times

    def set_condition(self, cause: str, line: str) -> None:
        """Something is wrong until ``stand`` is called with an empty line for the same ``cause``."""
        with self._lock:
            if line != self._standing.pop(cause, ""):
                LOG.warning("%s: %s", cause, line or "well again")
            if line:
                self._standing[cause] = line[:LONGEST_LINE_CHARS]

    def line(self, now: float) -> str:
        """What to show at ``now``; empty when all is well."""
        with self._lock:
            if now < self._until:
                return self._latest + (f" (and {self._others} more)" if self._others else "")
            return next(reversed(self._standing.values()), "")
