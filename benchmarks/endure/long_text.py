"""Hours of text as fast as it can be written: does memory grow, or what is open, or the time that a character takes?

A real server in a process of its own with every voice on the shelf and its take being recorded, and a front end's link
in this one. The mix wanders all the while as in a performance: a voice or two in play, one coming or going every 25
seconds of text, faders, puck, now and then fusion, words to prime with, a rewind. Memory is judged by the straight line
through what was seen after the beginning, per hour of a text of 20 characters a second; the step by the server's
processor time, so that a busy machine counts nothing in. On loopback; the caller's thread.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence, Set
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from benchmarks.machine import busy_seconds, describe, resident_mb, server, wait_for_state, write_on
from frontend.client.link import Link
from protocol.errors import LinkError
from protocol.messages import Prime, Rewind
from protocol.tree import on_address, weight_address

AT_ONCE = 500  # characters asked for at a time
RATE_PER_S = 20.0  # characters a second of the text that is meant
SETTLING_CHARS = 20_000  # characters that are not judged: page and remembered states fill up to what they hold
IN_PLAY = (1, 2)  # voices at a time, at least and at most: every voice comes to its turn
REPORT_POINTS = 72  # points kept for the report
MIN_JUDGED_POINTS = 4  # of them are judged, whatever the time
MAX_GROWTH_MB_AN_HOUR = 1.0  # MB an hour that memory may grow
MAX_STEP_GROWTH = 1.1  # times the first step time that the last may take


@dataclass(frozen=True)
class Seen:
    """The server after so many characters; ``ms`` of the processor a character took since the last look; ``own_mb`` is
    ours.
    """

    chars: int
    mb: float
    own_mb: float
    descriptors: int
    threads: int
    ms: float


def measure(
    chars: int = 50_000,
    seed: int = 1,
    report: Callable[[int], None] = lambda done: None,
    weights: Path | None = None,
    seconds: float = math.inf,
) -> dict[str, Any]:
    """One JSON object, of what was written when ``seconds`` are over if that is less than ``chars``.

    ``weights``: a folder of voices, by default those of the shelf.
    """
    luck, until = random.Random(seed), time.monotonic() + seconds
    in_play = set[str]()
    seen: list[Seen] = []
    with server("--no-precedence", weights=weights) as playing, closing(Link(*playing.address)) as link:
        wait_for_state(link)
        link.set("/transport/run", False)
        began = link.session.sequence
        written, every, soon = 0, max(AT_ONCE, chars // REPORT_POINTS), seconds / REPORT_POINTS
        looked_at, looked, busy = 0, time.monotonic(), busy_seconds(playing.pid)
        while written < chars and (time.monotonic() < until or len(seen) < MIN_JUDGED_POINTS):
            _cast(in_play, link.session.slugs, luck)
            _wander(link, in_play, luck)
            write_on(link, AT_ONCE)
            written += AT_ONCE
            if written - looked_at >= every or written >= chars or time.monotonic() >= looked + soon:
                before, busy = busy, busy_seconds(playing.pid)
                seen.append(_look(playing.pid, written, 1e3 * (busy - before) / (written - looked_at)))
                looked_at, looked = written, time.monotonic()
                report(written)
        heard = link.session.sequence - began
        playing.stop()
    return {
        "benchmark": "endure long text",
        "machine": describe(),
        "characters": written,
        "heard": heard,
        "hours": written / RATE_PER_S / 3600.0,
        **judged(seen),
        "rows": [asdict(one) for one in seen],
    }


def judged(seen: list[Seen]) -> dict[str, Any]:
    """Slopes in MB an hour of text, the step's growth, and whether all is as it should be."""
    settled = [one for one in seen if one.chars > min(SETTLING_CHARS, seen[-1].chars // 2)]
    hours = [one.chars / RATE_PER_S / 3600.0 for one in settled]
    slope = linear_regression(hours, [one.mb for one in settled]).slope
    own = linear_regression(hours, [one.own_mb for one in settled]).slope
    part = max(1, len(settled) // 4)
    growth = median(one.ms for one in settled[-part:]) / median(one.ms for one in settled[:part])
    steady = len({one.descriptors for one in settled}) == 1 and len({one.threads for one in settled}) == 1
    return {
        "mb_an_hour": slope,
        "front_mb_an_hour": own,
        "step_growth": growth,
        "steady": steady,
        "mb": settled[-1].mb,
        "holds": slope < MAX_GROWTH_MB_AN_HOUR and own < MAX_GROWTH_MB_AN_HOUR and growth < MAX_STEP_GROWTH and steady,
    }


def _look(pid: int, chars: int, ms: float) -> Seen:
    process = Path(f"/proc/{pid}")
    try:
        descriptors, threads = len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))
    except OSError:
        raise LinkError("how much a process holds can only be seen on Linux") from None
    own = Path("/proc/self/statm").read_text().split()[1]
    return Seen(chars, resident_mb(pid) or math.nan, int(own) * 4096 / 1e6, descriptors, threads, ms)


def _cast(in_play: set[str], slugs: Sequence[str], luck: random.Random) -> None:
    """One voice comes or goes, or another takes its place."""
    least, most = IN_PLAY
    silent = [slug for slug in slugs if slug not in in_play]
    goes = len(in_play) >= most or (len(in_play) > least and luck.random() < 0.5)
    if goes:
        in_play.remove(luck.choice(sorted(in_play)))
    if silent and (not goes or luck.random() < 0.5):
        in_play.add(luck.choice(silent))


def _wander(link: Link, in_play: Set[str], luck: random.Random) -> None:
    """What hands do between two lines."""
    for slug in link.session.slugs:
        link.set(on_address(slug), slug in in_play)
    for slug in in_play:
        link.set(weight_address(slug), luck.uniform(-0.2, 1.0))
    link.set("/puck", (luck.uniform(-1.0, 1.0), luck.uniform(-1.0, 1.0)))
    link.set("/puck/lifted", luck.random() < 0.5)
    link.set("/mix/fusion", 0.5 if luck.random() < 0.1 else 0.0)
    link.set("/mix/temperature", luck.uniform(0.5, 1.0))
    if luck.random() < 0.1:
        link.send(Rewind(luck.randrange(1, 400)))
    if luck.random() < 0.1:
        link.send(Prime("and then "))
