"""The front door: Antiphon's command line. Each command says what it wants of the rooms, and no more.

Those that write without a stage, make voices, let phones in or measure stand in their rooms' own commands.py. The rooms
are imported inside the commands, so that `antiphon --help` is there at once. Whatever a user can mend ends as one line
on standard error and exit code 1; a wrong command line is exit code 2; Ctrl-C is a way to end like any other.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.commands import app as bench_app
from benchmarks.commands import judging as judging_app
from frontend.commands import app as hands_app
from frontend.commands import film, page
from frontend.gallery import commands as galleries
from frontend.remote import commands as phones
from models.commands import app as voices_app
from models.style_commands import app as styles_app
from protocol.errors import AntiphonError, DisplayError
from protocol.heartbeat import Heartbeat
from protocol.messages import DEFAULT_PORT, MAIN
from protocol.networks import host_and_port
from server.commands import Device, Seed, choir_of, seed_or_new
from server.commands import app as speaking_app
from server.filters.commands import app as manners_app
from server.oscquery.commands import app as oscquery_app
from server.recording.commands import app as takes_app
from server.recording.export import exporting

if TYPE_CHECKING:
    from frontend.stage.staging import StageState

app = typer.Typer(
    name="antiphon",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An instrument for playing text: neural voices, mixed live, character by character.",
)
app.add_typer(styles_app, name="styles")
app.add_typer(speaking_app)
app.add_typer(voices_app)
app.add_typer(phones.app)
app.add_typer(judging_app)
app.add_typer(hands_app)
app.add_typer(oscquery_app)
app.add_typer(bench_app, name="bench")
app.add_typer(galleries.app, name="gallery")
app.add_typer(manners_app, name="manners")
app.add_typer(takes_app, name="take")

LOOPBACK = "127.0.0.1"
PROGRAM = (sys.executable, __file__)  # how this command line is called again

Seconds = Annotated[float | None, typer.Option(min=0.0, help="End by itself after so many seconds.")]
Host = Annotated[str, typer.Option(help="Address to listen on; by default only this machine can reach it.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK", help="Who may watch from outside, such as 192.168.1.0/24; repeat for more."),
]
SecretFile = Annotated[Path | None, typer.Option(help="Who holds it may play from outside: see `antiphon secret`.")]
PanelFile = Annotated[Path, typer.Argument(metavar="FILE", help="Where to put it, such as antiphon.json or .tosc.")]
ReceivePort = Annotated[int, typer.Option(min=1, max=65_535, help="Of TouchOSC's connection.")]
Terminal = Annotated[bool, typer.Option("--terminal", help="Play in the terminal even where a window could open.")]
NoStage = Annotated[bool, typer.Option("--no-stage", help="Open the control window only.")]
Stage = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Set the stage for this run: size=1.2, theme=paper; repeat for more."),
]
Picture = Annotated[Path | None, typer.Option(help="Save what the control window shows at the end, a PNG.")]
StagePicture = Annotated[Path | None, typer.Option(help="The same of the stage window.")]
AnyPort = Annotated[int | None, typer.Option(min=0, max=65_535, help=f"UDP; by default {DEFAULT_PORT} if it is free.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="UDP; 0: any that is free.")]
Place = Annotated[str, typer.Option(metavar="HOST:PORT", help="Where an `antiphon serve` runs.")]
Performance = Annotated[str, typer.Option(metavar="NAME", help="Which of the server's performances to play.")]
Performances = Annotated[
    list[str] | None, typer.Option("--performance", metavar="NAME", help="One more, with a text of its own; repeat.")
]
Precedence = Annotated[bool, typer.Option(help="Run before everything else, where the system lets you.")]
Signals = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST:PORT[,/PREFIX]", help="Send it signals for lights and sound, by OSC; repeat."),
]
OscQuery = Annotated[bool, typer.Option(help="Show the controls by HTTP, on the same port, to programs that ask.")]
Announce = Annotated[bool, typer.Option("--announce", help="Make that known to the network (zeroconf).")]
FiguresFile = Annotated[Path | None, typer.Option(help="At the end, write here how well time was kept (JSON, in ms).")]
Lean = Annotated[bool, typer.Option("--lean", help="Half the memory: nothing stands ready for what falls over.")]
NoTake = Annotated[bool, typer.Option("--no-take", help="Keep no record of what is played.")]
Resume = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Keep the performance there, or go on with the one that is kept.")
]
WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True)]
Watched = Annotated[str | None, typer.Option("--pulse", hidden=True)]  # where whoever watches over it listens
Spare = Annotated[bool, typer.Option("--spare", hidden=True)]  # stand ready, and begin when the watcher calls
Safe = Annotated[bool, typer.Option("--safe", hidden=True)]  # so much went wrong that it is better to want less
Session = Annotated[Path | None, typer.Option(hidden=True)]  # a file that the front end before left
Until = Annotated[float | None, typer.Option(hidden=True)]  # monotonic seconds, for one that replaces another


def main() -> None:
    """Run the command line in ``sys.argv``."""
    try:
        app()
    except AntiphonError as error:
        _complain(str(error))
    except ModuleNotFoundError as error:
        _complain(f"the package {error.name} is missing: run `make setup`, or `pip install .` in Antiphon's folder")
    except OSError as error:
        _complain(f"{error.filename or 'the system'}: {error.strerror or error}")
    sys.exit(1)  # click has ended all that went well


def _complain(trouble: str) -> None:
    """One line on standard error, whatever ``trouble`` holds."""
    print(f"antiphon: {' '.join(trouble.split())}", file=sys.stderr, flush=True)


# ---- playing ---------------------------------------------------------------------------------------------------


@app.command()
def play(
    seconds: Seconds = None,
    host: Host = LOOPBACK,
    port: AnyPort = None,
    allow: Allow = None,
    secret_file: SecretFile = None,
    seed: Seed = None,
    device: Device = None,
    signals: Signals = None,
    oscquery: OscQuery = True,
    announce: Announce = False,
    no_take: NoTake = False,
    lean: Lean = False,
    terminal: Terminal = False,
    no_stage: NoStage = False,
    stage: Stage = None,
    picture: Picture = None,
    stage_picture: StagePicture = None,
    remote: phones.Remote = False,
    remote_host: phones.RemoteHost = LOOPBACK,
    remote_port: phones.RemotePort = None,
    remote_allow: phones.RemoteAllow = None,
    remote_links: phones.RemoteLinks = None,
) -> None:
    """Open the instrument: a server and, playing it, the windows (without a screen, the terminal)."""
    from server.supervisor.child_process import free_port
    from server.supervisor.child_process import play as run
    from server.supervisor.supervisor import kept_while_playing

    port = free_port(host, DEFAULT_PORT) if port is None else port or free_port(host, 0)
    _secret(secret_file)  # a file of no use is told before anything is started
    guarded = {"--secret-file": secret_file}
    serving = {
        "--host": host,
        "--port": port,
        "--seed": seed,
        "--device": device,
        "--allow": allow,
        "--signals": signals,
        "--no-oscquery": not oscquery,
        "--announce": announce,
        "--no-take": no_take,
        **guarded,
    }
    fronting = {
        "--server": f"{host}:{port}",
        "--terminal": terminal,
        "--no-stage": no_stage,
        "--stage": stage,
        "--picture": picture,
        "--stage-picture": stage_picture,
        **guarded,
        **phones.settled(remote, remote_host, remote_port, remote_allow, remote_links),
    }
    with _stoppable(), kept_while_playing() as folder:
        fronting |= {"--session": folder / "front.json"}
        raise typer.Exit(run(PROGRAM, serving, fronting, folder, _complain, seconds, lean=lean))


@app.command()
def front(
    server: Place,
    performance: Performance = MAIN,
    secret_file: SecretFile = None,
    seconds: Seconds = None,
    terminal: Terminal = False,
    no_stage: NoStage = False,
    stage: Stage = None,
    picture: Picture = None,
    stage_picture: StagePicture = None,
    remote: phones.Remote = False,
    remote_host: phones.RemoteHost = LOOPBACK,
    remote_port: phones.RemotePort = None,
    remote_allow: phones.RemoteAllow = None,
    remote_links: phones.RemoteLinks = None,
    pulse: Watched = None,
    spare: Spare = False,
    safe: Safe = False,
    until: Until = None,
    session: Session = None,
) -> None:
    """Play a server that runs elsewhere."""
    place, pictures = host_and_port(server), (picture, stage_picture)
    if safe:
        stage = None  # it comes as its file has it
    staging, secret = None if no_stage else _staging(stage), _secret(secret_file, not pulse)
    invite = phones.invitation(__file__, secret_file, remote, remote_host, remote_port, remote_allow, remote_links)
    with _stoppable():
        watcher = Heartbeat(pulse) if pulse else None
        _perform(
            place, secret, performance, seconds, until, terminal, staging, pictures, watcher, spare, invite, session
        )


@app.command()
def serve(
    host: Host = LOOPBACK,
    port: Port = DEFAULT_PORT,
    allow: Allow = None,
    secret_file: SecretFile = None,
    seed: Seed = None,
    device: Device = None,
    figures: FiguresFile = None,
    performance: Performances = None,
    signals: Signals = None,
    oscquery: OscQuery = True,
    announce: Announce = False,
    precedence: Precedence = True,
    no_take: NoTake = False,
    with_parent: WithParent = False,
    pulse: Watched = None,
    spare: Spare = False,
    safe: Safe = False,
    resume: Resume = None,
) -> None:
    """Run the server alone: it writes, and tells whoever subscribes by OSC."""
    from models import voice_folders
    from models.loading import pick_device
    from server.engine.hot_reload import hot_reload_for
    from server.engine.signal_sender import parse_signal_destination as lamp_at
    from server.filters.load import load_filters
    from server.net.access_control import AccessControl
    from server.oscquery.on_demand import OnDemandProcess, command_for
    from server.recording.reader import takes_folder
    from server.server import ServerConfig, in_order, wanted
    from server.server import serve as conduct
    from server.supervisor.child_process import READY, end_with_parent
    from server.voice_cards import introduce_all

    def ready(host: str, port: int) -> None:
        print(f"antiphon: {READY}{host}:{port}", flush=True)
        if oscquery or announce:
            show = command_for(__file__, (host, port), allow or (), announce)
            after.enter_context(closing(OnDemandProcess(show, host, port, announce, _complain)))

    places = [lamp_at(words) for words in signals or ()]
    with _stoppable(), ExitStack() as after:
        if with_parent:
            end_with_parent()
        doors = AccessControl(allow or (), _secret(secret_file, remark=not with_parent))
        device = pick_device(device)
        watcher = Heartbeat(pulse) if pulse else None
        stamps, choir, word = voice_folders.stamps(), choir_of(None, device, _complain, *wanted(resume, safe)), ""
        if watcher and spare:
            word = watcher.wait()
            if (stamps, choir.slugs) != (voice_folders.stamps(), in_order(wanted(resume, safe)[0], choir.slugs)):
                stamps, choir = voice_folders.stamps(), choir_of(None, device, _complain, *wanted(resume, safe))
        coming = None if safe else hot_reload_for(choir, stamps, device)  # what comes from now on is new
        terms = ServerConfig(
            host,
            port,
            seed_or_new(seed),
            performances=performance or (),
            doors=doors,
            signals=places,
            filters=load_filters(),
            precedence=precedence,
            takes=None if no_take else takes_folder(),
            device=device,
            keep=resume,
            figures=figures,
            word=word,
            safe=safe,
        )
        beat = watcher.beat if watcher else lambda: None
        conduct(choir, introduce_all(choir), terms, ready, newcomers=coming, stamps=voice_folders.stamps, beat=beat)


@galleries.app.callback(invoke_without_command=True)
def gallery(
    context: typer.Context, settings: galleries.File = None, port: AnyPort = None, seconds: Seconds = None
) -> None:
    """Play alone in a room, for months: full screen, opening hours, a hand that wanders where there is none."""
    from server.supervisor.child_process import free_port
    from server.supervisor.child_process import play as keep_alive

    if context.invoked_subcommand is None:
        port = free_port(LOOPBACK, DEFAULT_PORT) if port is None else port or free_port(LOOPBACK, 0)
        with _stoppable():
            alive = partial(keep_alive, PROGRAM, endless=True)
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


def _secret(path: Path | None, remark: bool = True) -> bytes | None:
    """The secret of this run, from its file or the environment; with a ``remark`` if others can read the file."""
    from protocol.sessions import secret_of

    return secret_of(path, os.environ, _complain if remark else lambda line: None)


def _perform(
    place: tuple[str, int],
    secret: bytes | None,
    performance: str,
    seconds: float | None,
    until: float | None,
    terminal: bool,
    stage: StageState | None,
    pictures: tuple[Path | None, Path | None],
    watcher: Heartbeat | None,
    spare: bool,
    invite: phones.Invite | None,
    session: Path | None,
) -> None:
    """Play a ``performance`` of the server at ``place`` in windows where there is a screen, else in the terminal.

    ``secret`` is proved to a server on another machine. ``stage`` None: without the window for the audience. ``spare``:
    only when ``watcher`` calls, and ready for that.
    """
    from frontend.client.link import Link
    from protocol.networks import reachable

    why = "" if terminal else _why_no_window()  # a wish needs no reason
    if why is None:
        import frontend.app  # noqa: F401  # while the server still reads its voices
    if watcher and spare:
        watcher.wait()
    if until is not None:
        seconds = max(0.0, until - time.monotonic())
    beat = watcher.beat if watcher else lambda: None
    link = Link(reachable(place[0]), place[1], performance, secret, beat)
    with closing(link), phones.let_in(invite, place, performance) as guests:
        if why is None:
            from frontend.app import run as run_windows

            try:
                picture, stage_picture = pictures
                ending = watcher.ending if watcher else lambda: None
                run_windows(link, stage, None, seconds, picture, stage_picture, None, ending, guests, session)
                return
            except DisplayError as error:
                why = str(error)
        from frontend.terminal.player import run as run_terminal

        guests.wait(5.0)  # until the links are told: after that the screen is the player's
        run_terminal(link, seconds, why, session)
        if watcher:
            watcher.ending()


def _staging(words: list[str] | None) -> StageState:
    """The stage as its file has it, and as ``words`` (NAME=VALUE) will have it for this run."""
    from frontend.stage.settings import settings_of_words
    from frontend.stage.staging import StageState, default_path

    return StageState(default_path(), settings_of_words(words or []))


def _why_no_window() -> str | None:
    """A reason known beforehand; whether a window really opens only trying it tells."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        return "no window opens, for DISPLAY names no screen: start it in a desktop session, or under `xvfb-run -a`"
    return None


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is inside, its clearing up included, and then the command, with success."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)  # a shell's background job is started with it ignored
    try:
        yield
    except KeyboardInterrupt:
        return


takes_app.command("export")(exporting(page, film))


if __name__ == "__main__":
    main()
