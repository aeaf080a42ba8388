"""`antiphon bench`: each benchmark as a command that prints one table, or one JSON object.

A part of the command line, added to it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import typer

from benchmarks.doctor.command import app as doctor_app
from benchmarks.voices.command import app as report_app
from protocol.errors import ParameterError

judging = typer.Typer()  # commands of their own, beside `bench`
for one in (report_app, doctor_app):
    judging.add_typer(one)
app = typer.Typer(no_args_is_help=True, help="Measure this machine: the figures that the documentation quotes.")

Front = Annotated[Literal["window", "terminal", "none"], typer.Option(help="A front end that plays it meanwhile.")]
Precedence = Annotated[bool, typer.Option(help="The server runs before all else, where the system lets it.")]
ENDURE_FAILED = 3  # exit code
MOST_SHOWN = 32  # longer lists are for --json

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def step(as_json: AsJson = False) -> None:
    """How long one character takes, beside the floor and what people would use instead."""
    from benchmarks.step import measure

    _print_figures(measure(), as_json)


@app.command()
def clock(
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to listen.")] = 60.0,
    rate: Annotated[float, typer.Option(min=1.0, max=60.0, help="Characters a second.")] = 20.0,
    flood: Annotated[int, typer.Option(min=0, max=100_000, help="Control messages a second meanwhile.")] = 0,
    front: Front = "none",
    precedence: Precedence = True,
    creature: Annotated[bool, typer.Option("--creature", help="Draw creatures meanwhile, 25 a second.")] = False,
    show: Annotated[bool, typer.Option("--show", help="All that a show can have, beside it.")] = False,
    as_json: AsJson = False,
) -> None:
    """How evenly characters come from a real server with every voice awake."""
    from benchmarks.clock import measure
    from benchmarks.show import SETTLE_S, everything_beside

    if show:
        figures = measure(seconds, rate, flood, front, precedence, SETTLE_S, creature, everything_beside)
    else:
        figures = measure(seconds, rate, flood, front, precedence, creature=creature)
    _print_figures(figures, as_json)


@app.command()
def narrator(
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to listen, at each number of voices.")] = 60.0,
    sense: Annotated[float, typer.Option(min=0.05, max=1.0, help="How much the narrator says.")] = 0.5,
    kinds: Annotated[
        bool, typer.Option("--kinds", help="One scene instead: two styles of letters, one of words, an instant voice.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What the narrator costs beside 24, 7 and 3 voices: late characters, how often it is in time, ms a letter."""
    from benchmarks.narrator import measure, measure_kinds

    _print_figures((measure_kinds if kinds else measure)(seconds, sense=sense), as_json)


@app.command()
def latency(
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to move a weight, at each rate.")] = 30.0,
    flood: Annotated[int, typer.Option(min=0, max=100_000, help="Control messages a second meanwhile.")] = 0,
    front: Front = "none",
    precedence: Precedence = True,
    as_json: AsJson = False,
) -> None:
    """How long a weight sent by OSC takes to be heard, in the server and from outside."""
    from benchmarks.latency import measure

    _print_figures(measure(seconds, flooding=flood, front_end=front, precedence=precedence), as_json)


@app.command()
def inputs(
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to move a fader, and to send datagrams.")] = 20.0,
    front: Annotated[Literal["window", "none"], typer.Option(help="Whether the fader's front end draws.")] = "window",
    as_json: AsJson = False,
) -> None:
    """How long a hand's move takes to the server: a MIDI message through JACK, a datagram, a finger on a table."""
    from benchmarks.inputs import measure

    _print_figures(measure(seconds, front), as_json)


@app.command()
def phones(
    phones: Annotated[int, typer.Option(min=1, max=250, help="In the audience, made of websockets.")] = 200,
    tabs: Annotated[int, typer.Option(min=0, max=6, help="Besides, pages in a real browser, under fingers.")] = 3,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long they move.")] = 10.0,
    as_json: AsJson = False,
) -> None:
    """How long a phone's message takes to the server while an audience moves its pucks, and whether characters wait."""
    from benchmarks.phones import measure

    _print_figures(measure(phones, seconds, tabs), as_json)


@app.command()
def readers(
    readers: Annotated[int, typer.Option(min=2, max=600, help="Of the stage on the web.")] = 300,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long they read.")] = 20.0,
    as_json: AsJson = False,
) -> None:
    """How late readers of the stage on the web get each character, and whether any is lost."""
    from benchmarks.readers import measure

    _print_figures(measure(readers, seconds), as_json)


@app.command()
def wake(
    times: Annotated[int, typer.Option(min=1, help="How often voices are called.")] = 3,
    precedence: Precedence = True,
    as_json: AsJson = False,
) -> None:
    """How soon voices that slept join, and whether they hold up the text."""
    from benchmarks.wake import measure

    _print_figures(measure(times=times, precedence=precedence), as_json)


@app.command()
def guard(
    chars: Annotated[int, typer.Option(min=1, help="Characters to write.")] = 200_000,
    seed: Annotated[int, typer.Option(min=0, help="Of all choices.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Whether a forbidden word comes through when a voice wants to say nothing else."""
    from benchmarks.guard import measure

    _print_figures(measure(chars, seed), as_json)


@app.command()
def start(
    times: Annotated[int, typer.Option(min=1, help="How often each is started.")] = 5,
    window: Annotated[bool, typer.Option(help="Measure `antiphon play` and its window, too.")] = True,
    as_json: AsJson = False,
) -> None:
    """How long `antiphon serve` takes to its first character and `antiphon play` to its window; and the memory."""
    from benchmarks.start import measure

    _print_figures(measure(times, window), as_json)


@app.command()
def together(
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to watch.")] = 30.0,
    lean: Annotated[bool, typer.Option("--lean", help="As `antiphon play --lean`: nothing in reserve.")] = False,
    as_json: AsJson = False,
) -> None:
    """What a whole performance takes of processors and memory: windows, take, phones and all, process by process."""
    from benchmarks.together import measure

    _print_figures(measure(seconds, lean), as_json)


@app.command()
def train(as_json: AsJson = False) -> None:
    """How fast voices learn: over torch-rnn's grid, beside Keras, and to a given loss beside windows."""
    from models.training.threads import limit_openmp_spinning

    limit_openmp_spinning()  # as `antiphon train` does
    from benchmarks.train import measure

    _print_figures(measure(), as_json)


@app.command()
def rooms(as_json: AsJson = False) -> None:
    """How many characters a second many texts get together, beside a process for each."""
    from benchmarks.rooms import measure

    _print_figures(measure(), as_json)


@app.command()
def frames(
    seconds: Annotated[float, typer.Option(min=0.5, help="Of frames, sixty a second.")] = 10.0,
    hours: Annotated[float, typer.Option(min=0.0, help="Of text that pass while the memory is watched.")] = 1.0,
    profile: Annotated[
        bool, typer.Option("--profile", help="Show where a frame's time goes; it is slower then.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What building a frame of the control window and of the stage costs, and how often that of the toolkit alone."""
    from benchmarks.frames import measure, show_profile

    if not profile:
        _print_figures(measure(seconds, hours), as_json)
        return
    with TemporaryDirectory() as folder:
        where = Path(folder) / "frames.pstats"
        measure(seconds, 0.0, where)
        show_profile(where)


@app.command()
def hostile(
    count: Annotated[int, typer.Option(min=1, help="Datagrams that nobody should send.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is thrown.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Rubbish thrown at a server: whether it speaks on, what a datagram costs it, whether its memory stays."""
    from benchmarks.endure.hostile import measure

    _print_figures(measure(count, seed), as_json)


@app.command()
def healing(
    seconds: Annotated[float, typer.Option(min=1.0, help="Of bad weather, each time.")] = 5.0,
    times: Annotated[int, typer.Option(min=1, help="How often each weather comes.")] = 3,
    as_json: AsJson = False,
) -> None:
    """How soon text and controls are right again after a wire that loses, doubles, swaps and delays datagrams."""
    from benchmarks.endure.healing import measure

    _print_figures(measure(seconds, times), as_json)


@app.command()
def kills(
    count: Annotated[int, typer.Option(min=1, help="Kills, half of them of the server.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the moments, and of the weights.")] = 1,
    window: Annotated[bool, typer.Option("--window", help="The front end in a window, not in a terminal.")] = False,
    as_json: AsJson = False,
) -> None:
    """Kill server and front end of a performance at random moments: how soon it goes on, and what is lost."""
    from benchmarks.endure.kills import measure

    _print_figures(measure(count, seed, window), as_json)


@app.command()
def report(
    quick: Annotated[bool, typer.Option("--quick", help="In two minutes rather than ten.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this part, the others stay; may be repeated.")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder for the page; by default docs/.")] = None,
) -> None:
    """Measure everything and write docs/performance.md anew, with its plots."""
    from benchmarks.report import report as measure_all

    print(measure_all(quick, into, only or (), lambda line: print(line, file=sys.stderr, flush=True)))


def _print_figures(figures: dict[str, Any], as_json: bool) -> None:
    """One JSON object, or the same in lines; rows of figures as a table."""
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        if isinstance(value, list) and len(value) > MOST_SHOWN:
            continue
        if name == "rows":
            for row in value:
                print("  ".join(f"{key} {figure:>8}" for key, figure in row.items()))
        else:
            print(f"{name}: {', '.join(f'{k} {v}' for k, v in value.items()) if isinstance(value, dict) else value}")


@judging.command()
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
        raise typer.Exit(ENDURE_FAILED)
