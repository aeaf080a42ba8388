"""`antiphon gallery`: the stage alone, watched over, by the settings of a file; and what puts it into a machine.

A part of the command line, added to it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocol.atomic_file import write_atomically
from protocol.command_line import complain, stoppable, takes
from protocol.errors import ParameterError
from protocol.heartbeat import LOOPBACK, Heartbeat
from protocol.networks import host_and_port

if TYPE_CHECKING:
    from frontend.gallery.monitor import SupervisorStatus

app = typer.Typer()

File = Annotated[Path | None, typer.Option("--settings", help="The settings; by default gallery.toml in your folder.")]
Seconds = Annotated[float | None, typer.Option(min=0.0, help="End by itself after so many seconds.")]
Show = Annotated[bool, typer.Option("--show", help="Print the unit and write nothing.")]
Program = Sequence[str]  # how this command line is called again


@dataclass(frozen=True)
class GalleryFrontOptions:
    """The command line of the gallery's front end."""

    server: Annotated[str, typer.Option()]
    settings: File = None
    pictures: Annotated[Path | None, typer.Option()] = None
    seconds: Seconds = None
    until: Annotated[float | None, typer.Option()] = None
    pulse: Annotated[str | None, typer.Option()] = None
    spare: Annotated[bool, typer.Option("--spare")] = False
    safe: Annotated[bool, typer.Option("--safe")] = False


# Keeps a server and this front end alive: from whether no take is kept, the front end's options, the performance's
# folder, what gets the complaints, the seconds, and what is called in every turn, to the exit code.
Turn = Callable[["SupervisorStatus", float], bool]
Play = Callable[[bool, GalleryFrontOptions, Path, Callable[[str], None], float | None, Turn], int]


def alone(settings: Path | None, port: int, seconds: float | None, play: Play) -> int:
    """Play alone by the settings of a file, the server at ``port``; gives the exit code of ``play``."""
    from frontend.client.link import Link
    from frontend.config.user_files import data_folder
    from frontend.gallery.health import HealthPage
    from frontend.gallery.monitor import GalleryMonitor, Watchdog
    from frontend.gallery.screen_power import ScreenPower, switch_of
    from frontend.gallery.settings import read_settings
    from protocol.logs import LOG, start_logging

    start_logging("gallery", unexpected=complain)
    chosen, complaints = read_settings(settings or default_settings())
    folder = data_folder() / "gallery"

    def note(line: str) -> None:
        LOG.warning("%s", line)
        complain(line)

    for line in complaints:
        note(f"{line}; the rest holds")
    fronting = GalleryFrontOptions(f"{LOOPBACK}:{port}", settings, folder)
    screen = ScreenPower(switch_of(chosen.screen.off, chosen.screen.on), note)
    with closing(Link(LOOPBACK, port)) as link, closing(screen):
        monitor = GalleryMonitor(chosen, link, Watchdog(), screen)
        health = HealthPage(chosen.health, lambda: monitor.report, folder) if chosen.health else None
        try:
            LOG.info("begins; the server has UDP port %d", port)
            code = play(not chosen.record, fronting, folder / "kept", complain, seconds, monitor.turn)
            LOG.info("ends")
        finally:
            if health is not None:
                health.close()
    return code


@app.command(hidden=True)
@takes(GalleryFrontOptions)
def front(options: GalleryFrontOptions) -> None:
    """The gallery's front end, as its supervisor starts it."""
    import time

    import frontend.gallery.kiosk as kiosk
    from frontend.client.link import Link
    from frontend.gallery.idle_player import IdlePlayer
    from frontend.gallery.settings import read_settings
    from frontend.stage.staging import StageState, default_path
    from protocol.logs import start_logging

    start_logging("front", unexpected=complain)
    chosen, _ = read_settings(options.settings or default_settings())  # what is wrong in it is told by who started this
    staging = StageState(default_path(), {} if options.safe else chosen.stage)
    host, port = host_and_port(options.server)
    with stoppable():
        watcher = Heartbeat(options.pulse) if options.pulse else None
        if watcher and options.spare:
            watcher.wait()
        seconds = options.seconds if options.until is None else max(0.0, options.until - time.monotonic())
        with closing(Link(host, port, beat=watcher.beat if watcher else lambda: None)) as link:
            pictures = options.pictures
            wanted, picture = (pictures / "picture.wanted", pictures / "stage.png") if pictures else (None, None)
            idle_player = IdlePlayer(link, staging, chosen)
            ending = watcher.ending if watcher else lambda: None
            kiosk.run(link, staging, idle_player.update, seconds, wanted, picture, ending)


def install_unit(program: Program, settings: Path | None, show: bool) -> None:
    """Write the unit by which systemd starts ``program`` with its machine, and begin a settings file."""
    from frontend.gallery.monitor import NAME, unit_path, unit_text
    from frontend.gallery.settings import TEMPLATE, read_settings

    file = (settings or default_settings()).absolute()
    text = unit_text([*program, "gallery", "--settings", str(file)])
    if show:
        print(text, end="")
        return
    _, complaints = read_settings(file)
    if complaints:  # while somebody is there to mend it
        raise ParameterError(complaints[0])
    if not file.exists():
        write_atomically(file, TEMPLATE)
    write_atomically(unit_path(), text)
    print(
        f"settings: {file}\nunit: {unit_path()}\nstart it now and with every login: "
        f"systemctl --user enable --now {NAME}"
    )


def default_settings() -> Path:
    from frontend.config.user_files import config_folder

    return config_folder() / "gallery.toml"
