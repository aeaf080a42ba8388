"""`antiphon report` as a command: what it takes, and the bars that show how far it is.

A part of the command line, added to it by antiphon.py. What is heavy is imported inside the command.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

Styles = Annotated[list[str] | None, typer.Option("--style", help="Only this voice; repeat for more.")]
Quick = Annotated[bool, typer.Option("--quick", help="A rough report in minutes: less text, fewer pairs.")]
Into = Annotated[Path | None, typer.Option(help="Folder for the pages; by default docs/voices for a whole report.")]
Again = Annotated[bool, typer.Option("--again", help="Measure anew what is known from an earlier report.")]
Reading = Annotated[
    bool, typer.Option("--reading", help="Only the page on how what the instrument itself writes reads.")
]
Seeds = Annotated[int | None, typer.Option(min=1, max=8, help="With --reading: so many texts for each row.")]
Tongues = Annotated[
    bool, typer.Option("--tongues", help="Only the page on the styles' further tongues: words and memory.")
]
Recipes = Annotated[
    bool, typer.Option("--recipes", help="Only the table of one text learnt in every way, in docs/recipes.md.")
]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="With --recipes: of one core, each way; by default 1.")]
Vectors = Annotated[Path | None, typer.Option(help="With --recipes: word vectors, for one way more.")]
Sprites = Annotated[bool, typer.Option("--sprites", help="Only the page on the creatures.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the main figures as one JSON object.")]


@app.command()
def report(
    style: Styles = None,
    quick: Quick = False,
    into: Into = None,
    again: Again = False,
    reading: Reading = False,
    seeds: Seeds = None,
    tongues: Tongues = False,
    sprites: Sprites = False,
    recipes: Recipes = False,
    minutes: Minutes = None,
    vectors: Vectors = None,
    as_json: AsJson = False,
) -> None:
    """Examine the voices and write docs/voices: figures, pictures, samples. Stopped, it goes on where it was."""
    from benchmarks.voices.report import reading_page, summary
    from benchmarks.voices.report import report as write_report

    if reading:
        with _bars() as show:
            print(f"the page is {reading_page(quick, seeds, into, again, show)}")
        return
    if tongues:
        from benchmarks.voices.tongues import tongues_page

        with _bars() as show:
            print(f"the page is {tongues_page(into, show)}")
        return
    if recipes:
        from benchmarks.voices.one_text import MINUTES, TEXT, one_text
        from styles.library import corpus_path

        slug = (style or [TEXT])[0]
        text, page = corpus_path(slug).read_text("ascii"), into / "recipes.md" if into else None
        with _bars() as show:
            print(f"the table is in {one_text(slug, text, minutes or MINUTES, vectors, page, show)}")
        return
    if sprites:
        from benchmarks.voices.creatures import creatures_page

        with _bars() as show:
            print(f"the page is {creatures_page(into, show)}")
        return
    with _bars() as show:
        try:
            folder, findings = write_report(style or [], quick, into, again, show)
        except KeyboardInterrupt:
            print("stopped: what has been measured is kept, and the same command goes on from there", file=sys.stderr)
            raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(summary(findings)))
        return
    for name, value in summary(findings).items():
        print(f"{name}: {value}")
    print(f"the pages are in {folder}: begin with {folder / 'README.md'}")


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """Something to call with what is being measured, how much of it is done, of how much.

    In a terminal each has a bar; elsewhere, as in a log, it has a line when it is done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    console, bars, began = Console(stderr=True), dict[str, TaskID](), time.monotonic()
    if not console.is_terminal:

        def tell(what: str, done: int, total: int) -> None:
            if done == total:
                minutes, seconds = divmod(round(time.monotonic() - began), 60)
                print(f"{minutes:3}:{seconds:02}  {what} ({total})", file=sys.stderr, flush=True)

        yield tell
        return
    columns = (TextColumn("{task.description:<30}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:

        def show(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            progress.update(bars[what], completed=done)

        yield show
