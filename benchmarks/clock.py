"""How evenly characters come: a real server with every voice awake, heard from another process over UDP.

The jitter of an interval is how far it is from the period asked for; drift is how much later the last character came
than the first one promised. A front end plays the server meanwhile, and ``flood`` control messages a second come in.
Runs on the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any

from benchmarks.creature import creature_drawing
from benchmarks.machine import (
    FLOOD_LAST_VALUE,
    FLOODED_ADDRESS,
    ServerListener,
    describe,
    flood,
    front_end_playing,
    last_in_seconds,
    listener,
    percentile,
    resident_mb,
    server,
)
from protocol.messages import Char, Set
from protocol.tree import LAYOUT, on_address, weight_address

SETTLE_S = 3.0  # seconds for front end and flood to be at work before anything is measured


def measure(
    seconds: float = 60.0,
    rate: float = 20.0,
    flooding: int = 0,
    front_end: str = "none",
    precedence: bool = True,
    settle: float = SETTLE_S,
    creature: bool = False,
    around: Callable[[tuple[str, int]], AbstractContextManager[list[str]]] = lambda address: nullcontext([]),
) -> dict[str, Any]:
    """One JSON object: the machine and the jitter's percentiles in ms over ``seconds`` of playing.

    ``around`` runs beside it, such as ``benchmarks.show.everything_beside``, and gives the names of what does.
    ``p50_ms``, ``p99_ms`` and ``worst_ms`` are of the intervals in which characters were handed to the system,
    ``server_p99_ms`` is how late they were by the server's own account. ``jitter_ms`` holds all of them. With a
    ``creature`` its process draws meanwhile, as fast as it is ever asked to.
    """
    options = () if precedence else ("--no-precedence",)
    with server(*options) as playing, listener(playing.address) as listening:
        voices = wake_all(listening, rate)
        beside = around(playing.address)
        with (
            front_end_playing(front_end, playing.address),
            flood(playing.address, flooding),
            creature_drawing(creature) as drawn,
            beside as names,
        ):
            list(listening.receive(settle))
            before = resident_mb(playing.pid)
            times = characters(listening, seconds)
            after = resident_mb(playing.pid)
        last_wins = not flooding or _last_one_holds(listening)
        own = playing.stop()
    intervals = [later - earlier for earlier, later in pairwise(times)]
    jitter = [abs(interval - 1.0 / rate) for interval in intervals]
    return {
        "benchmark": "clock",
        "machine": describe(),
        "voices": voices,
        "rate": rate,
        "flood": flooding,
        "front": front_end,
        "creature": drawn.figures() if drawn is not None else "none",
        "beside": " ".join(names),
        "precedence": own["precedence"],
        "characters": len(times),
        "p50_ms": percentile(jitter, 0.5),
        "p99_ms": percentile(jitter, 0.99),
        "worst_ms": percentile(jitter, 1.0),
        "server_p99_ms": percentile(last_in_seconds(own["sent_ms"], len(times)), 0.99),
        "drift_ms": round(1e3 * (times[-1] - times[0] - len(intervals) / rate), 3),
        "rss_before_mb": before,
        "rss_mb": after,
        "last_value_wins": last_wins,
        "jitter_ms": [round(1e3 * (interval - 1.0 / rate), 3) for interval in intervals],
    }


def wake_all(listening: ServerListener, rate: float) -> int:
    """Every voice in play at full weight, awake; returns how many there are."""
    cards = listening.introductions()
    for card in cards:
        listening.send(Set(on_address(card.slug), True), Set(weight_address(card.slug), 1.0))
    listening.send(Set("/mix/rate", rate))
    listening.send(Set(LAYOUT, False))  # an indent is written in one tick, which is no jitter
    listening.wait_for_voices(len(cards))
    return len(cards)


def characters(listening: ServerListener, seconds: float) -> list[float]:
    """When each character came in the next ``seconds``."""
    heard = listening.receive(seconds)
    return [one.at for one in heard if any(isinstance(message, Char) for message in one.messages)]


def _last_one_holds(listening: ServerListener) -> bool:
    """Whether, of a flood that is over, the last value is in force."""
    held = [
        message.value
        for heard in listening.receive(2.5)
        for message in heard.messages
        if isinstance(message, Set) and message.address == FLOODED_ADDRESS
    ]
    return bool(held) and held[-1] == FLOOD_LAST_VALUE
