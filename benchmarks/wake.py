"""Whether a voice that slept joins without holding up the text: some play, others are called while they do.

The sleepers have missed more than they could catch up with, so each forgets and reads the last 80 characters between
the others' characters. Runs on the caller's thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from benchmarks.machine import SERVER_TIMEOUT_S, ServerListener, describe, listener, percentile, server
from protocol.errors import LinkError
from protocol.messages import Char, Distributions, Set
from protocol.tree import on_address, weight_address
from server.engine.catch_up import WAKING_CHARS

SLEEPERS = (1, 10)  # voices called at once
ASLEEP_CHARS = 1.25 * WAKING_CHARS  # characters
LISTEN_ON_S = 1.0


def measure(
    waking: Sequence[int] = SLEEPERS, times: int = 3, rate: float = 20.0, precedence: bool = True
) -> dict[str, Any]:
    """One JSON object: for each number of sleepers how long until all had joined, and the jitter meanwhile, in ms."""
    options = () if precedence else ("--no-precedence",)
    with server(*options) as playing, listener(playing.address) as listening:
        slugs = [card.slug for card in listening.introductions()]
        listening.send(Set("/mix/rate", rate))
        rows = [_row(listening, slugs, min(count, len(slugs) - 1), times, rate) for count in waking]
        own = playing.stop()
    return {
        "benchmark": "wake",
        "machine": describe(),
        "voices": len(slugs),
        "rate": rate,
        "precedence": own["precedence"],
        "reads": WAKING_CHARS,
        "rows": rows,
    }


def _row(listening: ServerListener, slugs: Sequence[str], count: int, times: int, rate: float) -> dict[str, Any]:
    players, sleepers = slugs[count:], slugs[:count]
    joined, jitter = [], []
    for _ in range(times):
        listening.send(*(Set(on_address(slug), False) for slug in sleepers))
        _call(listening, players)
        listening.wait_for_voices(len(players))
        list(listening.receive(ASLEEP_CHARS / rate))
        called = time.perf_counter()
        _call(listening, sleepers)
        came, all_there = _join(listening, len(slugs))
        joined.append(all_there - called)
        jitter += [abs(later - earlier - 1.0 / rate) for earlier, later in pairwise(came)]
    return {
        "waking": count,
        "playing": len(players),
        "joined_ms": percentile(joined, 0.5),
        "characters": len(jitter),
        "p50_ms": percentile(jitter, 0.5),
        "p99_ms": percentile(jitter, 0.99),
        "worst_ms": percentile(jitter, 1.0),
    }


def _call(listening: ServerListener, slugs: Sequence[str]) -> None:
    for slug in slugs:
        listening.send(Set(weight_address(slug), 1.0), Set(on_address(slug), True))


def _join(listening: ServerListener, voices: int) -> tuple[list[float], float]:
    """When each character came until a second after all ``voices`` were awake, and when they were."""
    came: list[float] = []
    awake: dict[int, set[int]] = {}  # by the character that is expected
    there = math.inf
    for heard in listening.receive(SERVER_TIMEOUT_S):
        for message in heard.messages:
            if isinstance(message, Char):
                came.append(heard.at)
            elif isinstance(message, Distributions):
                expecting = awake.setdefault(message.sequence, set())
                expecting.update(message.voices)
                if len(expecting) == voices:
                    there = min(there, heard.at)
        if heard.at > there + LISTEN_ON_S:
            return came, there
    raise LinkError(f"not all {voices} voices joined within {SERVER_TIMEOUT_S:.0f} s: the benchmark cannot go on")
