"""`antiphon take`: what was played, listed, shown, played again, played otherwise, and handed on.

A part of the command line, added to it by antiphon.py, which also knows the windows. What is heavy is imported inside
the commands. Main thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from protocol.command_line import complain
from protocol.errors import TakeError

if TYPE_CHECKING:
    from models.interface import Voices
    from server.filters.filters import FilterSet
    from server.recording.events import Identity
    from server.recording.reader import Take

app = typer.Typer(no_args_is_help=True, help="Recorded performances: list, show, replay, render, export.")

Name = Annotated[str, typer.Argument(metavar="TAKE", help="A part of its name, `last`, or its file.")]
Folder = Annotated[Path | None, typer.Option(help="Where takes are kept; by default in your data folder.")]
All = Annotated[bool, typer.Option("--all", help="The whole text.")]
From = Annotated[int, typer.Option("--from", min=1, metavar="N", help="Number of the first character that differs.")]
Values = Annotated[
    list[str] | None, typer.Option("--set", metavar="ADDRESS=VALUE", help="A control, from there on; repeat for more.")
]
Seed = Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Of all choices, from there on.")]
Out = Annotated[Path | None, typer.Option(help="The file to write; by default a take beside this one.")]
Watch = Annotated[bool, typer.Option("--watch", help="Show it in the windows, as fast as it was played.")]
Speed = Annotated[float, typer.Option(min=0.1, max=20.0, help="To watch: so many times as fast.")]
NoFront = Annotated[bool, typer.Option("--no-front", help="To watch: open no windows; some that are open will do.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="To watch: UDP; by default 7424 if it is free.")]

FRONT_DOOR = Path(__file__).parents[2] / "antiphon.py"
LOOPBACK = "127.0.0.1"

SHOWN_CHARS = 2_000  # characters of a text that are shown unless all is asked for


@app.command("list")
def list_(folder: Folder = None) -> None:
    """List all takes, the oldest first: name, length, time, and who spoke at the beginning."""
    from server.recording.reader import names, takes_folder
    from server.recording.transcript import summary_line
    from server.recording.writer import part_path

    where = folder or takes_folder()
    for name in names(where):
        try:
            print(f"{name:<28} {summary_line(part_path(where, name, 1))}")
        except TakeError as error:
            print(f"{name:<28} {error}")
    if not names(where):
        print(f"there are no takes in {where} yet: every performance makes one", file=sys.stderr)


@app.command()
def show(take: Name, folder: Folder = None, whole: All = False) -> None:
    """Show what a take was: when, how long, by whom; and the text that it left."""
    from server.recording.transcript import description_lines, transcribe

    found = find_take(take, folder)
    made = transcribe(found.header, found.events())
    for line in description_lines(found, made):
        print(line)
    text = made.text
    if len(text) > SHOWN_CHARS and not whole:
        print(f"\n... the last {SHOWN_CHARS} of {len(text)} characters; --all shows the rest\n")
        text = text[-SHOWN_CHARS:]
    print(text)


@app.command()
def replay(
    take: Name,
    folder: Folder = None,
    watch: Watch = False,
    speed: Speed = 1.0,
    no_front: NoFront = False,
    port: Port = None,
) -> None:
    """Play a take again and hold every character against what was written; exit code 1 at the first difference.

    With --watch it is shown instead, character by character when it was written.
    """
    from server.engine.performance import Performance
    from server.recording.reader import gather, gather_manners
    from server.recording.recorder import machine
    from server.recording.replay import replay as play_again

    found = find_take(take, folder)
    if watch:
        _watch(found, folder, speed, no_front, port)
        return
    kept = _kept(found, folder)
    device = found.header.machine.get("device", "cpu")
    choir, filters = gather(found.header.voices, kept, device), gather_manners(found.header, kept)
    stage = Performance(choir, found.header.seed, filters=filters)
    began = time.monotonic()
    outcome = play_again(found, stage, lambda voices: gather(voices, kept, device))
    seconds = time.monotonic() - began
    if not outcome.difference:
        print(f"{found.name}: {outcome.characters} characters, the same to the letter ({seconds:.1f} s)")
        return
    here, there = machine(device), found.header.machine
    others = [f"{key} {there[key]}" for key in there if here.get(key) != there[key]]
    kind = f"; it was made with {', '.join(others)}" if others else ""
    raise TakeError(f"{found.name}: {outcome.characters} characters were the same; {outcome.difference}{kind}")


@app.command()
def render(
    take: Name, begin: From = 1, values: Values = None, seed: Seed = None, out: Out = None, folder: Folder = None
) -> None:
    """Play a take otherwise from some character on, write the text, and keep it as a take of its own."""
    from server.recording.reader import gather, gather_manners, resolve
    from server.recording.replay import Rendering, keep_rendering, parse_values

    found = find_take(take, folder)
    wanted = parse_values(values or [], [voice.slug for voice in found.header.voices])
    kept = _kept(found, folder)
    device = found.header.machine.get("device", "cpu")
    filters = gather_manners(found.header, kept)
    choir = gather(found.header.voices, kept, device, complain)
    rendering = Rendering(found, choir, lambda voices: gather(voices, kept, device, complain), filters)
    for written in rendering.play(begin, wanted, seed):
        if written.sequence >= begin:
            sys.stdout.write(written.character)
            sys.stdout.flush()
    print()
    voices = [voice for voice, _ in resolve(found.header.voices, kept, lambda line: None)]
    print(f"kept as {keep_rendering(found, voices, rendering.events, out)}", file=sys.stderr)


def find_take(wanted: str, folder: Path | None) -> Take:
    """The take that somebody means on the command line. Raises ``TakeError``."""
    from server.recording.reader import Take, find, takes_folder

    return Take(find(wanted, folder or takes_folder()))


def gathering(take: Take, folder: Path | None) -> Callable[[Sequence[Identity]], Voices]:
    """What finds voices of ``take``, today's of the same name where they are not there any more."""
    from server.recording.reader import gather

    kept, device = _kept(take, folder), take.header.machine.get("device", "cpu")
    return lambda voices: gather(voices, kept, device, complain)


def guards(take: Take, folder: Path | None) -> FilterSet:
    """What the text of ``take`` was guarded by; where a list is not here any more, that is said and no list guards."""
    from server.filters.filters import FilterSet
    from server.recording.events import of_code
    from server.recording.reader import gather_manners

    try:
        return gather_manners(take.header, _kept(take, folder))
    except TakeError as error:
        complain(f"{error}: what the voices wish to say is shown without it")
        return FilterSet(code=of_code(take.header.voices))


def _watch(take: Take, folder: Path | None, speed: float, no_front: bool, port: int | None) -> None:
    """Play ``take`` for a front end of its own, or for whoever listens."""
    from protocol.command_line import ended_by_signals
    from protocol.messages import DEFAULT_PORT
    from server.recording.broadcast import watch
    from server.supervisor.child_process import FrontEndProcess, free_port

    fronts: list[FrontEndProcess] = []

    def ready(host: str, port: int) -> Callable[[], bool]:
        place = f"{host}:{port}"
        if no_front:
            print(f"antiphon: {take.name} begins when somebody listens: antiphon front --server {place}", flush=True)
            return lambda: False
        fronts.append(FrontEndProcess([sys.executable, str(FRONT_DOOR), "front", "--server", place]))
        return lambda: fronts[0].poll() is not None

    port = free_port(LOOPBACK, DEFAULT_PORT) if port is None else port
    ending = Event()
    try:
        with ended_by_signals(ending):
            watch(
                take, gathering(take, folder), guards(take, folder), ready, ending, speed, LOOPBACK, port, not no_front
            )
    finally:
        for front in fronts:
            front.close()


def _kept(take: Take, folder: Path | None) -> Path:
    """Where the files that ``take`` was made by are kept: beside it, else where takes are."""
    from server.recording.reader import kept_folder, takes_folder

    beside = kept_folder(take.path.parent)
    return beside if beside.is_dir() else kept_folder(folder or takes_folder())
