"""What a process asks of Python and of the system so that nothing holds it up: garbage collection at its own time, and
threads that run before all others. Called on the thread that is meant.
"""

from __future__ import annotations

import gc
import os
import sys
from types import TracebackType
from typing import Self

HANDS_PRIORITY, RECEIVER_PRIORITY, ENGINE_PRIORITY = (
    1,
    2,
    3,
)  # levels: of the front end's inputs, of the server's, of whoever writes the text


def raise_priority(level: int) -> bool:
    """Let the calling thread go before all ordinary ones and those of a lower ``level`` (1-99); whether it may.

    Ordinary threads take turns of several milliseconds. Linux lets whoever may (root, or a user whose limits say
    ``rtprio``, as those of audio software do) go first: round robin among the real-time threads, which never last long
    here. Not on a single core, where it could leave nothing to the others.
    """
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(level))  # 0: the calling thread
    except OSError:
        return False
    return True


class ManualCollection:
    """A context at whose end the collector is as Python has it; ``hold`` holds it back from then on."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.enable()
        gc.unfreeze()

    @staticmethod
    def hold() -> None:
        """Collect, never again look at what lives now, and collect nothing more by itself."""
        gc.collect()
        gc.freeze()
        gc.disable()
