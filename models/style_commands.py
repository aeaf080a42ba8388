"""The styles on the command line: `antiphon styles`, `antiphon styles fetch`.

A part of the command line, hung into it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from protocol.errors import AntiphonError

app = typer.Typer()

Slugs = Annotated[list[str] | None, typer.Argument(metavar="[STYLE]...", help="By default all.")]
Accept = Annotated[bool, typer.Option("--accept", help="Keep a text that is not the one of the card.")]
Again = Annotated[bool, typer.Option("--again", help="Make the text anew from what was downloaded.")]


@app.callback(invoke_without_command=True)
def styles(context: typer.Context) -> None:
    """List the styles, or fetch their texts."""
    from models import voice_folders as voices
    from styles.library import all_styles

    if context.invoked_subcommand is None:
        there = all_styles()
        trained = voices.voices()
        for card in there.cards:
            print(
                f"{card.slug:<14} {card.monogram}  {card.name:<24} {card.kind:<6}"
                f"{'' if card.slug in trained else 'no voice yet: '}{card.line}"
            )
        for complaint in there.complaints:
            _complain(complaint)


@app.command()
def fetch(slugs: Slugs = None, accept: Accept = False, again: Again = False) -> None:
    """Download the works that styles read, from their public addresses, into your data folder."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from styles.download import Progress as Step
    from styles.fetch import fetch as fetch_style
    from styles.library import find, shipped

    cards = [find(slug) for slug in slugs] if slugs else list(shipped())
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        for card in cards:
            bar = bars.add_task(card.slug, total=None)

            def show(step: Step, bar: Any = bar) -> None:
                bars.update(bar, completed=step.done, total=step.total)

            try:
                fetched = fetch_style(card, report=show, accept=accept, again=again)
                bars.console.print(fetched.line(), highlight=False)
            except AntiphonError as error:
                failed += 1
                _complain(str(error))
            bars.remove_task(bar)
    raise typer.Exit(1 if failed else 0)


def _complain(trouble: str) -> None:
    """One line on standard error, whatever ``trouble`` holds."""
    print(f"antiphon: {' '.join(trouble.split())}", file=sys.stderr, flush=True)
