"""Antiphon's command line. Each command calls one folder of the code, and does no work of its own.

Those that write without a stage, make voices, let phones in or measure stand in their rooms' own commands.py. The rooms
are imported inside the commands, so that `antiphon --help` is there at once. Whatever a user can mend ends as one line
on standard error and exit code 1; a wrong command line is exit code 2; Ctrl-C is a way to end like any other.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

if Path(sys.argv[0]).stem == "antiphon" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while it loads Ctrl-C ends it at once: nothing is to be cleared up

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from benchmarks.commands import app as bench_app
from benchmarks.commands import judging as judging_app
from frontend.aloud.commands import app as aloud_app
from frontend.commands import FrontOptions, Place, Seconds, WindowOptions, film, page, run_front, soundtrack
from frontend.commands import app as hands_app
from frontend.gallery import commands as galleries
from frontend.outputs.commands import app as lights_app
from frontend.paper.commands import app as paper_app
from frontend.remote import commands as phones
from frontend.remote.commands import PhoneOptions
from frontend.web.commands import app as web_app
from models.commands import app as voices_app
from models.narrator_commands import app as narrator_app
from models.sprite_commands import app as sprites_app
from models.style_commands import app as styles_app
from protocol import standard_streams
from protocol.command_line import INTERRUPTED, complain, copied, interruption, stoppable, takes
from protocol.errors import AntiphonError
from protocol.heartbeat import LOOPBACK
from protocol.messages import DEFAULT_PORT
from protocol.networks import host_and_port
from server.commands import app as speaking_app
from server.filters.commands import app as manners_app
from server.options import ServeOptions, ServerOptions
from server.oscquery.commands import app as oscquery_app
from server.recording.commands import app as takes_app
from server.recording.export import exporting
from server.sprites.commands import draw

app = typer.Typer(
    name="antiphon",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An instrument for playing text: neural voices, mixed live, character by character.",
)
app.add_typer(styles_app, name="styles")
app.add_typer(narrator_app, name="models")
app.add_typer(speaking_app)
app.add_typer(voices_app)
app.add_typer(phones.app)
app.add_typer(web_app)
app.add_typer(aloud_app)
app.add_typer(paper_app)
app.add_typer(lights_app)
app.add_typer(judging_app)
app.add_typer(hands_app)
app.add_typer(oscquery_app)
app.add_typer(bench_app, name="bench")
app.add_typer(galleries.app, name="gallery")
app.add_typer(manners_app, name="manners")
app.add_typer(takes_app, name="take")
app.add_typer(sprites_app, name="sprites")

PROGRAM = (sys.executable, __file__)  # how this command line is called again

PanelFile = Annotated[Path, typer.Argument(metavar="FILE", help="Where to put it, such as antiphon.json or .tosc.")]
ReceivePort = Annotated[int, typer.Option(min=1, max=65_535, help="Of TouchOSC's connection.")]
AnyPort = Annotated[int | None, typer.Option(min=0, max=65_535, help=f"UDP; by default {DEFAULT_PORT} if it is free.")]
Lean = Annotated[bool, typer.Option("--lean", help="Half the memory: nothing stands ready for what falls over.")]


def main() -> None:
    """Run the command line in ``sys.argv``."""
    standard_streams.prepare()
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, interruption())
    try:
        with standard_streams.written_out():
            app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except AntiphonError as error:
        complain(str(error))
    except ModuleNotFoundError as error:
        complain(f"the package {error.name} is missing: run `make setup`, or `pip install .` in Antiphon's folder")
    except OSError as error:
        complain(f"{error.filename or 'the system'}: {error.strerror or error}")
    sys.exit(1)  # click has ended all that went well


@dataclass(frozen=True, kw_only=True)
class PlayOptions(WindowOptions, ServerOptions):
    """The command line of `antiphon play`: of a server and a front end, and of both together."""

    port: AnyPort = None
    lean: Lean = False


# ---- playing ---------------------------------------------------------------------------------------------------


@app.command()
@takes(PlayOptions)
def play(options: PlayOptions) -> None:
    """Open the instrument: a server and, playing it, the windows (without a screen, the terminal)."""
    from protocol.logs import start_logging
    from protocol.sessions import secret_of
    from server.supervisor.child_process import play as run
    from server.supervisor.supervisor import kept_while_playing

    start_logging("supervisor", options.verbose, complain)

    port = _chosen_port(options.host, options.port)
    if sys.stderr.isatty():
        print("antiphon: the window opens in a moment, while the voices are read; Ctrl-C ends it", file=sys.stderr)
    secret_of(options.secret_file, os.environ, complain)  # a file of no use is told before anything is started
    serving = copied(ServeOptions, options, port=port)
    settled = vars(phones.settled(copied(PhoneOptions, options)))
    with stoppable(), kept_while_playing() as folder:
        ours = {"server": f"{options.host}:{port}", "seconds": None, "session": folder / "front.json"}
        fronting = copied(FrontOptions, options, **settled | ours)
        raise typer.Exit(run(PROGRAM, serving, fronting, folder, complain, options.seconds, lean=options.lean))


@app.command()
@takes(FrontOptions)
def front(options: FrontOptions) -> None:
    """Play a server that runs elsewhere."""
    run_front(options, __file__)


@app.command()
@takes(ServeOptions)
def serve(options: ServeOptions) -> None:
    """Run the server alone: it writes, and tells whoever subscribes by OSC."""
    from server.serve import run

    run(options, __file__)


@galleries.app.callback(invoke_without_command=True)
def gallery(
    context: typer.Context, settings: galleries.File = None, port: AnyPort = None, seconds: Seconds = None
) -> None:
    """Play alone in a room, for months: full screen, opening hours, a hand that wanders where there is none."""
    from server.supervisor.child_process import play as run

    if context.invoked_subcommand is None:
        port = _chosen_port(LOOPBACK, port)

        def alive(no_take: bool, *how: Any) -> int:
            serving = ServeOptions(port=port, no_take=no_take)
            return run(PROGRAM, serving, *how, endless=True, front=("gallery", "front"))

        with stoppable():
            raise typer.Exit(galleries.alone(settings, port, seconds, alive))


@galleries.app.command()
def install(settings: galleries.File = None, show: galleries.Show = False) -> None:
    """Write the systemd unit by which the gallery starts with its machine, and begin a settings file."""
    galleries.install_unit(PROGRAM, settings, show)


class LayoutKind(StrEnum):
    """Whose panel a layout is for."""

    OPEN_STAGE_CONTROL = "open-stage-control"
    TOUCHOSC = "touchosc"


@app.command()
def layout(
    kind: LayoutKind, file: PanelFile, server: Place = f"{LOOPBACK}:{DEFAULT_PORT}", receive_port: ReceivePort = 9000
) -> None:
    """Write a ready panel for Open Stage Control (.json) or TouchOSC (.tosc), for the voices that there are."""
    from frontend.layouts import open_stage_control, touchosc
    from models import voice_folders
    from protocol.atomic_file import write_atomically
    from server.voice_cards import introduce

    place = host_and_port(server)
    cards = introduce(list(voice_folders.voices()))
    if kind is LayoutKind.TOUCHOSC:
        write_atomically(file, touchosc.layout(cards, receive_port))
        print(f"{file}: open it in TouchOSC, and connect UDP {place[0]}, send {place[1]}, receive {receive_port}")
        return
    module = file.with_suffix(".js")
    write_atomically(file, open_stage_control.session(cards, place))
    write_atomically(module, open_stage_control.module(place))
    print(f"{file}: start Open Stage Control with --load {file} --custom-module {module}")


def _chosen_port(host: str, wanted: int | None) -> int:
    """Where the server is to listen on ``host``: at ``wanted``; None: 7424 if it is free; 0: wherever it is free."""
    from server.supervisor.child_process import free_port

    return free_port(host, DEFAULT_PORT) if wanted is None else wanted or free_port(host, 0)


takes_app.command("export")(exporting(partial(page, PROGRAM), partial(film, PROGRAM), soundtrack))
sprites_app.command(hidden=True)(draw)


if __name__ == "__main__":
    main()
