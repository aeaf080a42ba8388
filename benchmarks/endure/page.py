"""docs/reliability.md: every trial with its claim, command, duration and result, written from the results kept there.

The results are one JSON file, so that one trial that is run again leaves the others as they were. Pure but for reading
and writing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.endure.trials import Result, Trial
from protocol.atomic_file import write_atomically

DOCS = Path(__file__).parents[2] / "docs"
RESULTS = "reliability.json"
PAGE = "reliability.md"
BEGINS, ENDS = "<!-- trials: written by antiphon endure -->", "<!-- trials end -->"


def load(folder: Path) -> dict[str, Result]:
    """The results that are kept, by trial; none where there is no file that makes sense."""
    try:
        kept = json.loads((folder / RESULTS).read_text("utf-8"))
        return {entry["name"]: Result(**entry) for entry in kept}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def save(folder: Path, results: Mapping[str, Result], trials: Sequence[Trial]) -> Path:
    """Keep ``results`` and write the page's part anew; what people wrote around it stays. Gives the page."""
    kept = [results[trial.name].plain for trial in trials if trial.name in results]
    write_atomically(folder / RESULTS, (json.dumps(kept, indent=1) + "\n"))
    page = folder / PAGE
    before, behind = HEAD, ""
    if page.exists():
        text = page.read_text("utf-8")
        if BEGINS in text and ENDS in text:
            before, behind = text.split(BEGINS)[0], text.split(ENDS, 1)[1].lstrip("\n")
    middle = "\n\n".join(_section(trial, results.get(trial.name)) for trial in trials)
    written = f"{before}{BEGINS}\n{middle}\n{ENDS}\n" + (f"\n{behind}" if behind else "")
    write_atomically(page, written)
    return page


def _section(trial: Trial, result: Result | None) -> str:
    lines = [f"### {trial.name}", "", f"*To hold:* {trial.claim}.", ""]
    if result is None:
        lines.append(f"Not run yet: `antiphon endure --only {trial.name}` (all of it takes {_minutes(trial.full)}).")
        return "\n".join(lines)
    verdict = "Held" if result.holds else "**Did not hold**"
    took, machine = _minutes(result.seconds / 60), _machine(result.machine)
    lines += [f"{verdict}: {result.words}.", "", f"`{result.command}`, {took} on {machine}, {result.when}."]
    if result.seconds < 60 * trial.full * SHORT:
        lines[-1] += f" Shorter than the claim asks for: all of it takes {_minutes(trial.full)}."
    return "\n".join(lines)


SHORT = 0.5  # of the time that reaches the claim


def _minutes(minutes: float) -> str:
    if minutes < 1.0:
        return f"{60 * minutes:.0f} seconds"
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"


def _machine(machine: Mapping[str, Any]) -> str:
    return f"{machine.get('cores')} cores ({machine.get('processor')}, load {machine.get('load')})"


HEAD = """# What it stands

A performance cannot be restarted, and a gallery piece runs for months alone. What follows was tried, by commands that
anybody can repeat: `make endure` runs all of it for a few minutes each, `antiphon endure --minutes 60` longer,
`antiphon endure --only text --minutes 120` one trial at full length. Each run writes its result here.

"""
