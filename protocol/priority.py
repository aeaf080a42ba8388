"""Before all others: a thread that the system runs as soon as it wakes, whatever else wants the processor.

Ordinary threads take turns of several milliseconds, and a character, or a hand's move, may have to wait for its own.
Linux lets whoever may (root, or a user whose limits say ``rtprio``, as those of audio software do) take precedence:
round robin among the real-time threads, which never last long here. Elsewhere, and where it is not permitted,
everything works as well as the system's turns let it. Called on the thread that is meant.
"""

from __future__ import annotations

import os
import sys

HANDS, RECEIVER, ENGINE = 1, 2, 3  # levels: of the front end's inputs, of the server's, of whoever writes the text


def raise_priority(level: int) -> bool:
    """Let the calling thread go before all ordinary ones and those of a lower ``level`` (1-99); whether it may.

    Not on a single core, where it could leave nothing to the others.
    """
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(level))  # 0: the calling thread
    except OSError:
        return False
    return True
