"""Python's garbage collector, kept out of a hand's way: it runs seldom, at the end of a frame, and over little.

Left to itself it looks through all that lives, libraries included, several times a second while a terminal is painted;
meanwhile (60 ms were measured) no thread runs and a move waits. Here what lives when the show begins is frozen and
never looked at again, and what comes later is collected by ``tidy`` alone. Process-wide; the UI thread.
"""

from __future__ import annotations

import gc
import math

from protocol.collecting import HeldBack

BEGINS = 2.0  # seconds after the first frame: by then what is imported and built late has come
EVERY = 30.0  # seconds between two collections
MOST_NEW = 250_000  # objects made since the last one that still live, at which the next does not wait


class FrameEndCollector(HeldBack):
    """A context that leaves all to ``tidy``; when it ends the collector is as Python has it."""

    def __init__(self) -> None:
        self._due_at = math.inf

    def tidy(self, now: float) -> bool:
        """Once a frame, after it was drawn; ``now`` in monotonic seconds. Whether garbage was collected."""
        if self._due_at == math.inf:
            self._due_at = now + BEGINS
        begins = gc.isenabled()
        if now < self._due_at and (begins or gc.get_count()[0] < MOST_NEW):
            return False
        if begins:
            self.hold()
        else:
            gc.collect()
        self._due_at = now + EVERY
        return True
