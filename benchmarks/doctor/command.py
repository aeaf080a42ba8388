"""`antiphon doctor`: examine this machine and say in plain words what will and will not work. Main thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from benchmarks.doctor.findings import Finding, Level, report, verdict

app = typer.Typer()
SIGNS = {Level.GOOD: "[green]✓[/]", Level.NOTE: "[cyan]·[/]", Level.WARN: "[yellow]![/]", Level.BAD: "[red]✗[/]"}
WONT_PLAY = 3  # exit code


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Examine screens, MIDI, ports, voices, disk and timing: what will and will not work tonight."""
    findings = []
    if as_json:
        findings = list(examined())
        print(json.dumps(report(findings), indent=1))
    else:
        from rich.console import Console
        from rich.markup import escape

        console = Console(highlight=False, soft_wrap=True)
        topic = ""
        for finding in examined():
            findings.append(finding)
            name = finding.topic if finding.topic != topic else ""
            topic = finding.topic
            console.print(f"{SIGNS[finding.level]} [bold]{name:<10}[/] {escape(finding.words)}")
            if finding.advice:
                console.print(f"             [dim]{escape(finding.advice)}[/]")
        console.print(f"\n[bold]{verdict(findings)}[/]")
    if any(finding.level is Level.BAD for finding in findings):
        raise typer.Exit(WONT_PLAY)


def examined() -> Iterator[Finding]:
    """Everything, one after the other; what breaks off is a finding as well."""
    for examine in _examinations():
        try:
            yield from examine()
        except Exception as error:  # whatever it is, the rest is to be examined
            name = examine.__module__.rpartition(".")[2]
            yield Finding(name, Level.WARN, f"could not be examined: {' '.join(repr(error).split())[:160]}")


def _examinations() -> list[Callable[[], list[Finding]]]:
    from benchmarks.doctor import hands, picture, this_machine, voices

    def machine() -> list[Finding]:
        this_machine.wait_a_moment()
        return [
            this_machine.cores(),
            *this_machine.power(),
            *this_machine.memory(),
            *this_machine.disk(),
            this_machine.timing(),
            this_machine.precedence(),
        ]

    return [
        this_machine.examine_extras,
        machine,
        voices.examine,
        picture.examine,
        hands.examine,
        this_machine.examine_ports,
        this_machine.examine_word_lists,
    ]
