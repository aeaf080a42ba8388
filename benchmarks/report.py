"""`antiphon bench report`: every benchmark in one run, and docs/performance.md made anew from what they found.

Runs on the caller's thread; the benchmarks start servers and front ends of their own.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import clock, frames, latency, rooms, start, step, wake
from benchmarks.machine import describe
from protocol.atomic_file import write_atomically
from protocol.errors import AntiphonError

DOCS = Path(__file__).parents[1] / "docs"
FIGURES_FILE = "figures.json"  # what the page is made from, beside its pictures; `--only` goes on from it

Figures = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """How long each benchmark takes its time: seconds, numbers of times, hours of text."""

    clock: float
    latency: float
    rates: tuple[float, ...]
    wakings: int
    starts: int
    frames: float
    hours: float
    voices: tuple[int, ...]
    rounds: int
    rooms: float


FULL = Scale(60.0, 12.0, (5.0, 10.0, 20.0, 40.0, 60.0), 5, 5, 10.0, 24.0, step.VOICES, step.ROUNDS, rooms.STEPPING_S)
QUICK = Scale(10.0, 4.0, (10.0, 20.0, 60.0), 1, 2, 4.0, 1.0, (1, 6, 24, 96), 10, 1.0)
CLOCKS = (  # name, front end, control messages a second, whether the server goes before all else
    ("nobody else", "none", 0, True),
    ("the front end", "window", 0, True),
    ("the front end and 10,000 control messages a second", "window", 10_000, True),
    ("the front end, and no precedence", "window", 0, False),
)
PARTS: dict[str, tuple[str, Callable[[Scale], Any]]] = {  # by the name of the benchmark: what it asks, how it is run
    "step": ("what a character costs, by voices awake", lambda scale: step.measure(scale.voices, rounds=scale.rounds)),
    "rooms": ("what many texts get together", lambda scale: rooms.measure(seconds=scale.rooms)),
    "start": ("from the command to the first character", lambda scale: start.measure(scale.starts)),
    "latency": (
        "from a weight sent to the character drawn with it",
        lambda scale: latency.measure(scale.latency, scale.rates),
    ),
    "clock": (
        "how evenly characters come, in four circumstances",
        lambda scale: {
            name: clock.measure(scale.clock, 20.0, flood, front_end, precedence)
            for name, front_end, flood, precedence in CLOCKS
        },
    ),
    "wake": ("whether voices that slept hold up the text", lambda scale: wake.measure(times=scale.wakings)),
    "frames": ("what the windows cost", lambda scale: frames.measure(scale.frames, scale.hours)),
}


def report(quick: bool, into: Path | None, only: Sequence[str], tell: Callable[[str], None]) -> Path:
    """Measure, write page, pictures and figures into the folder ``into`` (default: docs/); the page.

    With ``only`` these parts are measured, and the figures of the others stay what they were. ``tell`` is given a line
    before each part. Raises ``AntiphonError`` where one cannot run, or where there are no figures that could stay.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise AntiphonError("the page's plots are made with matplotlib: pip install 'antiphon[report]'")
    from benchmarks.page import write

    folder = into or DOCS
    file = folder / "performance" / FIGURES_FILE
    figures = _kept(file) if only else {}
    for name in only or PARTS:
        if name not in PARTS:
            raise AntiphonError(f"there is no part {name!r}: {', '.join(PARTS)}")
        asks, run = PARTS[name]
        tell(f"{name}: {asks}")
        machine = describe()  # before it: its load
        figures[name] = run(QUICK if quick else FULL)
        hasty = {part for part in figures.get("quick", ()) if part != name}
        figures |= {"machine": machine, "quick": sorted(hasty | ({name} if quick else set()))}
        write_atomically(file, _lines(figures))
    if missing := [name for name in PARTS if name not in figures]:
        raise AntiphonError(f"kept; the page waits for --only {' --only '.join(missing)}")
    return write(figures, folder)


def _kept(file: Path) -> Figures:
    """The figures of an earlier run; none where there was none."""
    try:
        figures: Figures = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    return figures


def _lines(figures: Figures) -> bytes:
    """JSON with a line for each part."""
    parts = ",\n".join(f"{json.dumps(name)}: {json.dumps(part)}" for name, part in figures.items())
    return f"{{\n{parts}\n}}\n".encode()
