"""How soon the server speaks: from `antiphon serve` being started to its first character being heard.

The voices' files are in the system's cache, as on any second start of a day. The server's memory is looked at once all
voices are awake and some text is written. Runs on the caller's thread.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.clock import wake_all
from benchmarks.machine import describe, listener, milliseconds, resident_mb, server
from protocol.messages import Char

SPEAKING_S = 2.0  # seconds of text before the memory is looked at


def measure(times: int = 5) -> dict[str, Any]:
    """One JSON object: medians of ``times`` starts in ms, and the resident memory of the last in MB."""
    listened, spoke = [], []
    for _ in range(times):
        began = time.perf_counter()
        with server() as playing, listener(playing.address) as listening:
            listened.append(time.perf_counter() - began)
            first = listening.hear_until(lambda message: isinstance(message, Char), "no character was heard")
            spoke.append(first.at - began)
            if len(spoke) == times:
                voices = wake_all(listening, rate=20.0)
                list(listening.receive(SPEAKING_S))
                memory = resident_mb(playing.pid)
    return {
        "benchmark": "start",
        "machine": describe(),
        "voices": voices,
        "starts": times,
        "listening_ms": milliseconds(listened),
        "first_char_ms": milliseconds(spoke),
        "rss_mb": memory,
    }
