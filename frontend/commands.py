"""Commands of the front end: `antiphon front`, `secret`, `camera`, and what `antiphon take export` needs of it.

Part of the command line; antiphon.py adds it there. Heavy modules are imported inside the commands. Main thread.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontend.remote import commands as phones
from frontend.remote.commands import PhoneOptions
from protocol.atomic_file import write_atomically
from protocol.command_line import Safe, Spare, Watched, complain, stoppable
from protocol.errors import DisplayError, LinkError
from protocol.heartbeat import Heartbeat
from protocol.messages import DEFAULT_PORT, MAIN
from protocol.networks import host_and_port, reachable

if TYPE_CHECKING:
    from frontend.client.link import AnyLink
    from frontend.control.opening import Opening
    from frontend.look.text_page import TimedText
    from frontend.stage.staging import StageState


Seconds = Annotated[float | None, typer.Option(min=0.0, help="End by itself after so many seconds.")]
Terminal = Annotated[bool, typer.Option("--terminal", help="Play in the terminal even where a window could open.")]
NoStage = Annotated[bool, typer.Option("--no-stage", help="Open the control window only.")]
Stage = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Set the stage for this run: size=1.2, theme=paper; repeat for more."),
]
Picture = Annotated[Path | None, typer.Option(help="Save what the control window shows at the end, a PNG.")]
StagePicture = Annotated[Path | None, typer.Option(help="The same of the stage window.")]
Place = Annotated[str, typer.Option(metavar="HOST:PORT", help="Where an `antiphon serve` runs.")]
Followed = Annotated[
    str | None, typer.Option(metavar="HOST[:PORT]", help="Play what another machine plays, and go on when it is gone.")
]
Performance = Annotated[str, typer.Option(metavar="NAME", help="Which of the server's performances to play.")]
Session = Annotated[Path | None, typer.Option(hidden=True)]  # a file that the front end before left
Started = Annotated[Path | None, typer.Option(hidden=True)]  # where it writes when its window was there, and played
Until = Annotated[float | None, typer.Option(hidden=True)]  # monotonic seconds, for one that replaces another


@dataclass(frozen=True, kw_only=True)
class WindowOptions(PhoneOptions):
    """What a front end shows, for how long, and to which phones."""

    seconds: Seconds = None
    terminal: Terminal = False
    no_stage: NoStage = False
    stage: Stage = None
    picture: Picture = None
    stage_picture: StagePicture = None
    started: Started = None
    follow: Followed = None


@dataclass(frozen=True, kw_only=True)
class FrontOptions(WindowOptions):
    """The command line of a front end."""

    server: Place
    performance: Performance = MAIN
    pulse: Watched = None
    spare: Spare = False
    safe: Safe = False
    until: Until = None
    session: Session = None


def run_front(options: FrontOptions, program: str) -> None:
    """Play as ``options`` say until the user ends it; ``program`` is by which phones are let in and texts are heard.

    With ``spare`` it begins only when the watcher calls, and is ready for that. Raises ``AntiphonError``.
    """
    from frontend.config.user_files import config_folder, data_folder
    from protocol.atomic_file import sweep
    from protocol.logs import start_logging
    from protocol.sessions import secret_of

    start_logging("front", unexpected=complain)
    why = "" if options.terminal else why_no_window()  # a wish needs no reason
    opening = None
    if why is None and not options.spare:  # before all else: whoever started it sees that it lives
        try:
            opening = _opening(alone=options.no_stage)
        except DisplayError as error:
            why = str(error)
    for folder in (config_folder(), data_folder()):
        sweep(folder)
    host, port = host_and_port(options.server)
    staging = None if options.no_stage else _staging([] if options.safe else options.stage or [])
    secret = secret_of(options.secret_file, os.environ, (lambda line: None) if options.pulse else complain)
    invite, listen = phones.invitation(program, options), (sys.executable, program)
    with stoppable():
        watcher = Heartbeat(options.pulse) if options.pulse else None
        if opening is not None:
            opening.load(WINDOWS)
        elif why is None:
            importlib.import_module(WINDOWS)  # while the server still reads its voices
        if watcher and options.spare:
            watcher.wait()
        seconds = options.seconds if options.until is None else max(0.0, options.until - time.monotonic())

        from frontend.client.link import Link

        link: AnyLink = Link(
            reachable(host), port, options.performance, secret, watcher.beat if watcher else lambda: None
        )
        if options.follow:
            link = _following(link, options, (host, port))
        with closing(link), phones.let_in(invite, (host, port), options.performance, options.remote) as guests:
            ending = watcher.ending if watcher else lambda: None
            if why is None:
                from frontend.app import run as run_windows
                from frontend.control.state.text_listener import TextListener

                opened = None if opening is None else opening.hand_over()
                shown_at = None if opening is None else opening.shown_at
                pictures, listener = (options.picture, options.stage_picture), TextListener(listen, reachable(host))
                try:
                    run_windows(
                        link,
                        staging,
                        None,
                        seconds,
                        *pictures,
                        None,
                        ending,
                        guests,
                        options.session,
                        listener,
                        opened,
                        lambda: _write_start(options.started, shown_at),
                        [sys.executable, program, "sprites", "draw"],
                    )
                    return
                except DisplayError as error:
                    why = str(error)
            from frontend.terminal.player import run as run_terminal

            if watcher and not options.spare:  # until then the screen is the server's complaints'
                while link.session.heard_at == -math.inf:
                    link.pump(time.monotonic())
                    time.sleep(WAITING_FRAME_S)
            guests.wait(5.0)  # until the links are told: after that the screen is the player's
            run_terminal(link, seconds, why, options.session)
            ending()


def _following(link: AnyLink, options: FrontOptions, here: tuple[str, int]) -> AnyLink:
    """``link``, which follows the machine that ``options`` name. Raises ``LinkError`` where that is this one."""
    from frontend.client.following import FollowingLink
    from frontend.client.link import Link

    place = options.follow or ""
    named = place if ":" in place.rpartition("]")[2] else f"{place}:{DEFAULT_PORT}"
    host, port = host_and_port(named, "--follow takes HOST or HOST:PORT, such as 10.0.0.5")
    if (reachable(host), port) == (reachable(here[0]), here[1]):
        raise LinkError(f"{host}:{port} is this machine's own server: --follow names another machine's")
    mark = None if options.session is None else options.session.with_name("plays-by-itself")
    return FollowingLink(link, Link(host, port, options.performance, name="follower"), mark)


WINDOWS = "frontend.app"  # the module that takes long to load
WAITING_FRAME_S = 0.05  # seconds between two looks whether the server speaks


def _opening(alone: bool) -> Opening:
    """The control window, empty as yet. Raises ``DisplayError``."""
    from frontend.screen_access import reach_screen

    reach_screen()
    from frontend.control.opening import Opening
    from frontend.control.state.preferences import Preferences, default_path

    return Opening(Preferences(default_path()), vsync=alone)


def _write_start(started: Path | None, shown_at: float | None) -> None:
    """Write when the window was there and when it played, in monotonic seconds, where that is asked for."""
    if started is not None:
        write_atomically(started, json.dumps({"window": shown_at, "playing": time.monotonic()}))


def why_no_window() -> str | None:
    """A reason known beforehand; whether a window really opens only trying it tells."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        return "no window opens, for DISPLAY names no screen: start it in a desktop session, or under `xvfb-run -a`"
    return None


def _staging(words: list[str]) -> StageState:
    """The stage as its file has it, and as ``words`` (NAME=VALUE) will have it for this run."""
    from frontend.stage.settings import settings_of_words
    from frontend.stage.staging import StageState, default_path

    return StageState(default_path(), settings_of_words(words))


# ---- a take as a page, as a film -------------------------------------------------------------------------------------


def page(
    program: Sequence[str],
    timed: tuple[Any, ...],
    sprites: Sequence[str],
    chapters: Sequence[tuple[int, int]],
    said: Callable[[int], str],
    stage: Sequence[str],
    say: Callable[[str], None],
) -> str:
    """What was written as a page (``frontend.look.text_page``), with its creatures where the stage has them.

    ``sprites`` are what the voices' creatures are made of, ``said`` what a scene said of that at a place, ``chapters``
    from where to where each goes. ``stage`` are settings of it (NAME=VALUE); creatures are drawn by ``program``, and
    ``say`` hears what hinders that.
    """
    from frontend.look.text_page import TimedText, html
    from frontend.stage.faces import OURS, face_file
    from protocol.errors import DisplayError

    sheet = TimedText(*timed)
    with suppress(DisplayError):  # a reader's own typeface will do where imgui-bundle is missing
        sheet = replace(sheet, face=face_file(OURS)[0])
    if _staging(list(stage)).look.creature != "none":
        pictures = _creatures([*program, "sprites", "draw"], sheet, sprites, chapters, said, say)
        sheet = replace(sheet, pictures=pictures)
    return html(sheet)


def _creatures(
    command: Sequence[str],
    sheet: TimedText,
    sprites: Sequence[str],
    chapters: Sequence[tuple[int, int]],
    said: Callable[[int], str],
    say: Callable[[str], None],
) -> dict[int, bytes]:
    """What stood behind each sentence, as PNG files by the place of its last mark."""
    from frontend.creature.artist import ArtistProcess
    from frontend.creature.creature import requests_of
    from frontend.look.png import png

    colours, pictures = [colour for _, colour in sheet.voices], dict[int, bytes]()
    with closing(ArtistProcess(command)) as artist:
        for begin, end in chapters:
            text, tints = sheet.text[begin:end], sheet.tints[begin:end]
            for last, request in requests_of(text, tints, colours, sprites, partial(_at, said, begin)):
                picture = artist.drawn(request)
                if picture is not None and picture.places.any():
                    pictures[begin + last] = png(picture.trimmed().rgba)
                elif artist.trouble:
                    say(f"{artist.trouble}: the page is without creatures")
                    return {}
    return pictures


def _at(said: Callable[[int], str], begin: int, place: int) -> str:
    return said(begin + place)


def film(program: Sequence[str], messages: Any, path: Path, *shot: Any) -> Path:
    """What was told when as a film of the stage (``frontend.stage.film``); the last of ``shot`` is who is told.

    ``program`` is by which its creature is drawn.
    """
    from frontend.stage.film import FilmSettings, make_film

    return make_film(messages, path, FilmSettings(*shot[:-1]), shot[-1], [*program, "sprites", "draw"])


def soundtrack(letters: Any, slugs: Any, path: Path, begin: float, end: float, casting: Path | None) -> Path:
    """What was written when as the voice of a film, a WAV (``frontend.aloud.soundtrack``)."""
    from frontend.aloud.engine import Engine
    from frontend.aloud.soundtrack import write_soundtrack
    from frontend.aloud.voices import CastingFile, load_casting

    cast = load_casting(casting) if casting is not None else CastingFile()
    return write_soundtrack(letters, slugs, path, begin, end, Engine(cast.engine), cast.voice)


# ---- commands --------------------------------------------------------------------------------------------------------
app = typer.Typer()

NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="Where to put it; must not be there yet.")]
OtherPython = Annotated[str, typer.Option(metavar="PYTHON", help="The Python (3.9 to 3.12) to make it from.")]


@app.command()
def secret(file: NewFile) -> None:
    """Make a secret with which a server can be played from another machine; copy the file there."""
    from protocol.sessions import new_secret

    new_secret(file)
    print(f"{file}: give both sides this file with --secret-file", file=sys.stderr)


@app.command()
def camera(python: OtherPython = "") -> None:
    """Install what the camera needs, MediaPipe and OpenCV, into a folder of their own."""
    from frontend.inputs.camera.install import install

    install(lambda line: print(f"antiphon: {line}", flush=True), python or sys.executable)
