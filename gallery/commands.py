"""`antiphon gallery`: the stage alone, watched over, by the settings of a file; and what puts it into a machine.

A part of the command line, hung into it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from protocol.errors import ParameterError
from protocol.messages import DEFAULT_PORT
from protocol.pulse import LOOPBACK, Pulse

app = typer.Typer(help="Play alone in a room, for months: full screen, opening hours, a hand that wanders.")

File = Annotated[Path | None, typer.Option("--settings", help="The settings; by default gallery.toml in your folder.")]
Seconds = Annotated[float | None, typer.Option(min=0.0, help="End by itself after so many seconds.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help=f"UDP; by default {DEFAULT_PORT} if it is free.")]
Show = Annotated[bool, typer.Option("--show", help="Print the unit and write nothing.")]


@app.callback(invoke_without_command=True)
def gallery(context: typer.Context, settings: File = None, port: Port = None, seconds: Seconds = None) -> None:
    """Play alone in a room, for months: full screen, opening hours, a hand that wanders where there is none."""
    if context.invoked_subcommand is None:
        with _stoppable():
            _play(settings, port, seconds)


def _play(path: Path | None, port: int | None, seconds: float | None) -> None:
    from frontend.link import Link
    from frontend.settings import data_folder
    from gallery.health import Health
    from gallery.house import House, rotating_log
    from gallery.settings import read_settings
    from gallery.unit import Watchdog
    from server.child import free_port
    from server.playing import play, program_of

    settings = read_settings(path or _default())
    folder = data_folder() / "gallery"
    log = rotating_log(folder / "gallery.log")

    def note(line: str) -> None:
        log.warning("%s", line)
        print(f"antiphon: {line}", file=sys.stderr, flush=True)

    port = free_port(LOOPBACK, DEFAULT_PORT) if port is None else port or free_port(LOOPBACK, 0)
    fronting = {"--server": f"{LOOPBACK}:{port}", "--settings": path, "--pictures": folder}
    with closing(Link(LOOPBACK, port)) as link:
        house = House(settings, link, log, Watchdog())
        health = Health(settings.health, lambda: house.report, folder) if settings.health else None
        try:
            log.info("begins; the server has UDP port %d", port)
            serving = {"--host": LOOPBACK, "--port": port, "--no-take": not settings.record}
            code = play(program_of(_front_door()), serving, fronting, folder / "kept", note, seconds, house.turn,
                        True, ("gallery", "front"))  # fmt: skip
            log.info("ends")
        finally:
            if health is not None:
                health.close()
    raise typer.Exit(code)


@app.command(hidden=True)
def front(
    server: Annotated[str, typer.Option()],
    settings: File = None,
    pictures: Annotated[Path | None, typer.Option()] = None,
    seconds: Seconds = None,
    until: Annotated[float | None, typer.Option()] = None,
    pulse: Annotated[str | None, typer.Option()] = None,
    spare: Annotated[bool, typer.Option("--spare")] = False,
    safe: Annotated[bool, typer.Option("--safe")] = False,
) -> None:
    """The gallery's front end, as its supervisor starts it."""
    import time

    import frontend.kiosk as kiosk
    from frontend.link import Link
    from frontend.stage.settings import settings_of_words
    from frontend.stage.staging import Staging, default_path
    from gallery.attendant import Attendant
    from gallery.settings import read_settings

    chosen = read_settings(settings or _default())
    staging = Staging(default_path(), {} if safe else settings_of_words(list(chosen.stage)))
    host, _, port = server.rpartition(":")
    if not port.isdecimal():
        raise ParameterError("--server takes HOST:PORT")
    with _stoppable():
        watcher = Pulse(pulse) if pulse else None
        if watcher and spare:
            watcher.wait()
        if until is not None:
            seconds = max(0.0, until - time.monotonic())
        with closing(Link(host, int(port), beat=watcher.beat if watcher else lambda: None)) as link:
            wanted, picture = (pictures / "picture.wanted", pictures / "stage.png") if pictures else (None, None)
            attendant = Attendant(link, staging, chosen)
            ending = watcher.ending if watcher else lambda: None
            kiosk.run(link, staging, attendant.attend, seconds, wanted, picture, ending)


@app.command()
def install(settings: File = None, show: Show = False) -> None:
    """Write the systemd unit by which the gallery starts with its machine, and begin a settings file."""
    from frontend.settings import write_atomically
    from gallery.settings import TEMPLATE, read_settings
    from gallery.unit import NAME, unit_path, unit_text
    from server.playing import program_of

    file = (settings or _default()).absolute()
    text = unit_text([*program_of(_front_door()), "gallery", "--settings", str(file)])
    if show:
        print(text, end="")
        return
    read_settings(file)  # whatever is wrong in it is told now
    if not file.exists():
        write_atomically(file, TEMPLATE)
    write_atomically(unit_path(), text)
    print(f"settings: {file}\nunit: {unit_path()}\nstart it now and with every login: "
          f"systemctl --user enable --now {NAME}")  # fmt: skip


def _default() -> Path:
    from frontend.settings import config_folder

    return config_folder() / "gallery.toml"


def _front_door() -> str:
    return str(Path(__file__).parents[1] / "antiphon.py")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is inside in order, and then the command, with success."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        return
