"""The time of day set back and forward by an hour in the middle of a show: whether anybody notices.

Nobody may set the clock of a machine that others use, so it is done for the processes of one `antiphon play` alone: a
``sitecustomize`` in their path lets ``time.time`` tell an hour that a file says. Monotonic time stays, as it does where
a clock is really set. Linux only. Runs on the caller's thread.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.endure.kills import played, temporary_home
from benchmarks.machine import describe

HOURS = (0, -1, 1, 0)
LONG = 1.0  # seconds without a character that somebody would notice
SET_CLOCK = """import time

def _set(told, unit):
    def tell():
        try:
            with open({path!r}) as file:
                hours = int(file.read())
        except (OSError, ValueError):
            hours = 0
        return told() + hours * 3600 * unit
    return tell

time.time, time.time_ns = _set(time.time, 1), _set(time.time_ns, 10**9)
"""


def measure(seconds: float = 8.0) -> dict[str, Any]:
    """One JSON object: the longest gap between characters at each setting, and whether anybody was started anew."""
    with temporary_home() as home:
        setting, first = home / "hour", home / "path"
        setting.write_text("0")
        first.mkdir()
        (first / "sitecustomize.py").write_text(SET_CLOCK.format(path=str(setting)))
        path = os.pathsep.join(filter(None, (str(first), os.environ.get("PYTHONPATH", ""))))
        with played(home, more={"PYTHONPATH": path}) as show:
            show.listen(2.0)
            before, gaps = show.playing(), {}
            for step, hour in enumerate(HOURS):
                write_whole(setting, str(hour))
                gaps[f"{step}: {hour:+d} h"] = round(show.longest_gap(seconds), 3)
            anew = len(show.playing() - before)
            show.close()
            same = show.text == show.taken()
    return {
        "benchmark": "endure wrong clock",
        "machine": describe(),
        "gap_s": gaps,
        "longest_s": max(gaps.values()),
        "started_anew": anew,
        "as_in_the_take": same,
    }


def write_whole(path: Path, text: str) -> None:
    """So that nobody reads half of it."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
