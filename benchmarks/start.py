"""How soon the instrument is there: the server from `antiphon serve` to its first character, and the window from
`antiphon play` to its first picture and to the first one with voices in it.

The voices' files are in the system's cache, as on any second start of a day. The server's memory is looked at once all
voices are awake and some text is written. Runs on the caller's thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.clock import wake_all
from benchmarks.machine import FRONT_DOOR, describe, ended, listener, milliseconds, resident_mb, screen, server
from protocol.errors import DisplayError
from protocol.messages import Char

SPEAKING_S = 2.0  # seconds of text before the memory is looked at
WINDOW_TIMEOUT_S = 120.0  # seconds that a window may take
LOOK_S = 0.05  # seconds between two looks whether it is there


def measure(times: int = 5, window: bool = True) -> dict[str, Any]:
    """One JSON object: medians of ``times`` starts in ms, and the resident memory of the last in MB.

    ``window_ms`` and ``playing_ms`` are of `antiphon play`, left out without ``window``.
    """
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
    figures = {
        "benchmark": "start",
        "machine": describe(),
        "voices": voices,
        "starts": times,
        "listening_ms": milliseconds(listened),
        "first_char_ms": milliseconds(spoke),
        "rss_mb": memory,
    }
    if window:
        with screen() as display:
            opened, played = zip(*(_window(display) for _ in range(times)), strict=True)
        figures |= {"window_ms": milliseconds(opened), "playing_ms": milliseconds(played)}
    return figures


def _window(display: str) -> tuple[float, float]:
    """Seconds from the start of `antiphon play` until its window was drawn, and until it had voices to show."""
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as home:
        started = Path(home) / "started.json"
        environment = {**os.environ, "DISPLAY": display, "ANTIPHON_HOME": home}
        command = [sys.executable, str(FRONT_DOOR), "play", "--port", "0", "--started", str(started)]
        began = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            while not started.exists():
                if process.poll() is not None or time.monotonic() > began + WINDOW_TIMEOUT_S:
                    raise DisplayError("no window opened: see what `antiphon play` says here")
                time.sleep(LOOK_S)
            at = json.loads(started.read_bytes())
        finally:
            ended(process)
    return at["window"] - began, at["playing"] - began
