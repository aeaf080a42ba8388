"""`antiphon endure`: the trials of docs/reliability.md, for minutes or for hours. Main thread."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from protocol.errors import ParameterError

app = typer.Typer()
FAILED = 3  # exit code


@app.command()
def endure(
    minutes: Annotated[float, typer.Option(min=0.01, help="For each trial.")] = 3.0,
    only: Annotated[list[str] | None, typer.Option(help="Only this trial; may be repeated.")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder for the page; by default docs/.")] = None,
) -> None:
    """Kill it, flood it, let it write for hours, and write what came of it into docs/reliability.md."""
    from benchmarks.endure.trials import DOCS, TRIALS, carry_out, load, save

    names = [trial.name for trial in TRIALS]
    if unknown := sorted(set(only or ()) - set(names)):
        raise ParameterError(f"there is no trial {unknown[0]!r}; there are {', '.join(names)}")
    folder = into or DOCS
    held = True
    for trial in TRIALS:
        if only and trial.name not in only:
            continue
        print(f"{trial.name}: {trial.claim}", file=sys.stderr, flush=True)
        result = carry_out(trial, minutes, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
        held = held and result.holds
        print(f"{trial.name}: {'held' if result.holds else 'DID NOT HOLD'}: {result.words}", flush=True)
        page = save(folder, {**load(folder), trial.name: result}, TRIALS)
    print(page, file=sys.stderr)
    if not held:
        raise typer.Exit(FAILED)
