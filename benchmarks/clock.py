"""How evenly characters come: a real server with every voice awake, heard from another process over UDP.

The jitter of an interval is how far it is from the period asked for; drift is how much later the last character came
than the first one promised. ``flood`` control messages a second are sent meanwhile. Runs on the caller's thread, the
flood on one of its own.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.machine import describe, percentile
from protocol.messages import Char, Set, Subscribe
from protocol.osc import decode_to_front, encode
from protocol.tree import ParameterTree, on_address, weight_address
from server.child import Child

RENEW = 3.0  # seconds between subscriptions
SETTLE = 5.0  # seconds in which the voices wake, not measured
FRONT_DOOR = Path(__file__).parents[1] / "antiphon.py"


def measure(seconds: float = 60.0, rate: float = 20.0, flood: int = 0) -> dict[str, Any]:
    """One JSON object: the machine and the jitter's percentiles in ms over ``seconds`` of playing."""
    command = [sys.executable, str(FRONT_DOOR), "serve", "--with-parent", "--port", "0", "--seed", "1"]
    with Child(command, lambda line: print(line, file=sys.stderr)) as server:
        address = server.address()
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as ear:
            ear.settimeout(1.0)
            voices = _wake_all(ear, address, rate)
            stop = threading.Event()
            flooding = threading.Thread(target=_flood, args=(address, flood, stop), daemon=True)
            if flood:
                flooding.start()
            times = _listen(ear, address, seconds)
            stop.set()
    intervals = [later - earlier for earlier, later in pairwise(times)]
    jitter = [abs(interval - 1.0 / rate) for interval in intervals]
    return {
        "benchmark": "clock", "machine": describe(), "voices": voices, "rate": rate, "flood": flood,
        "characters": len(times), "p50_ms": percentile(jitter, 0.5), "p99_ms": percentile(jitter, 0.99),
        "worst_ms": percentile(jitter, 1.0), "drift_ms": round(1e3 * (times[-1] - times[0] - len(intervals) / rate), 3),
    }  # fmt: skip


def _wake_all(ear: socket.socket, address: tuple[str, int], rate: float) -> int:
    """Every voice in play at full weight; returns how many there are."""
    from models import shelf

    slugs = tuple(shelf.voices())
    tree = ParameterTree(slugs)
    for slug in slugs:
        for wish in (Set(on_address(slug), True), Set(weight_address(slug), 1.0)):
            ear.sendto(encode(wish, tree), address)
    ear.sendto(encode(Set("/mix/rate", rate), tree), address)
    return len(slugs)


def _listen(ear: socket.socket, address: tuple[str, int], seconds: float) -> list[float]:
    """When each character came, for ``seconds`` after the voices had time to wake."""
    times: list[float] = []
    renew_at = began = time.monotonic()
    while (now := time.monotonic()) < began + SETTLE + seconds:
        if now >= renew_at:
            ear.sendto(encode(Subscribe()), address)
            renew_at = now + RENEW
        try:
            datagram = ear.recv(65_535)
        except TimeoutError:
            continue
        heard = time.monotonic()
        written = any(isinstance(message, Char) for message in decode_to_front(datagram, None).messages)
        if written and heard >= began + SETTLE:
            times.append(heard)
    return times


def _flood(address: tuple[str, int], rate: int, stop: threading.Event) -> None:
    """``rate`` control messages a second, in bursts of ten milliseconds."""
    wishes = [encode(Set("/mix/temperature", 0.5 + step / 200)) for step in range(100)]
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as mouth:
        due, sent = time.monotonic(), 0
        while not stop.is_set():
            for _ in range(rate // 100):
                mouth.sendto(wishes[sent % len(wishes)], address)
                sent += 1
            due += 0.01
            time.sleep(max(0.0, due - time.monotonic()))
