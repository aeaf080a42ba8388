"""The front door: Antiphon's command line. Each command says what it wants of the rooms, and no more.

Those that make voices stand in models/commands.py, those that measure in benchmarks/commands.py and
benchmarks/voices/command.py. The rooms are imported inside the commands, so that `antiphon --help` is there at once.
Whatever a user can mend ends as one line on standard error and exit code 1; a wrong command line is exit code 2; Ctrl-C
is a way to end like any other.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmarks.commands import app as bench_app
from benchmarks.voices.command import app as report_app
from models.commands import app as voices_app
from protocol.errors import AntiphonError, DisplayError, LinkError, ParameterError, VoiceError
from protocol.messages import DEFAULT_PORT, MAIN

if TYPE_CHECKING:
    from frontend.stage.staging import Staging
    from models.choir import Choir

app = typer.Typer(
    name="antiphon",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An instrument for playing text: neural voices, mixed live, character by character.",
)
styles_app = typer.Typer()
app.add_typer(styles_app, name="styles")
app.add_typer(voices_app)
app.add_typer(report_app)
app.add_typer(bench_app, name="bench")

LOOPBACK = "127.0.0.1"

Seconds = Annotated[float | None, typer.Option(min=0.0, help="End by itself after so many seconds.")]
Host = Annotated[str, typer.Option(help="Address to listen on; by default only this machine can reach it.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK", help="Who may watch from outside, such as 192.168.1.0/24; repeat for more."),
]
SecretFile = Annotated[
    Path | None, typer.Option(help="Whoever holds this secret may play from outside; `antiphon secret` makes one.")
]
NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="Where to put it; must not be there yet.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Of all choices; by default a new one each time.")]
Device = Annotated[str | None, typer.Option(help="cuda, mps or cpu; by default the first of them that is there.")]
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
FiguresFile = Annotated[Path | None, typer.Option(help="At the end, write here how well time was kept (JSON, in ms).")]
WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True)]
Mix = Annotated[
    list[str] | None,
    typer.Option(metavar="STYLE[=WEIGHT]", help="A voice in the mix, below 0 for less of it; repeat for more."),
]
Chars = Annotated[int, typer.Option(min=1, max=10_000_000, help="Length of the text.")]
Temperature = Annotated[float, typer.Option(min=0.05, max=2.0, help="How daring each choice is.")]
Fusion = Annotated[float, typer.Option(min=0.0, max=1.0, help="How much the voices fused into one network say.")]
Alloy = Annotated[float, typer.Option(min=-1.0, max=1.0, help="-1: what any wants, 0: the mean, 1: what all want.")]
TopP = Annotated[float, typer.Option(min=0.05, max=1.0, help="Only the likeliest that together reach this share.")]
Prompt = Annotated[str, typer.Option(help="Text that the voices read first and then continue.")]
Slugs = Annotated[list[str] | None, typer.Argument(metavar="[STYLE]...", help="By default all.")]
Accept = Annotated[bool, typer.Option("--accept", help="Keep a text that is not the one of the card.")]
Again = Annotated[bool, typer.Option("--again", help="Make the text anew from what was downloaded.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


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
    terminal: Terminal = False,
    no_stage: NoStage = False,
    stage: Stage = None,
    picture: Picture = None,
    stage_picture: StagePicture = None,
) -> None:
    """Open the instrument: a server and, playing it, the windows (without a screen, the terminal)."""
    from server.child import Child, free_port

    options = {
        "--host": host,
        "--port": free_port(host, DEFAULT_PORT) if port is None else port,
        "--seed": seed,
        "--device": device,
        "--secret-file": secret_file,
    }
    command = [str(word) for option, value in options.items() if value is not None for word in (option, value)]
    command += [word for network in allow or () for word in ("--allow", network)]
    secret = _secret(secret_file)
    command += [word for place in signals or () for word in ("--signals", place)]
    staging = _staging(stage)
    with _stoppable(), Child([sys.executable, __file__, "serve", "--with-parent", *command], _complain) as server:
        _perform(server.address, secret, MAIN, seconds, terminal, None if no_stage else staging, picture, stage_picture)


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
) -> None:
    """Play a server that runs elsewhere."""
    host, colon, port = server.rpartition(":")
    if not (colon and host and port.isdecimal() and 0 < int(port) < 65_536):
        raise LinkError(f"--server takes HOST:PORT, for example {LOOPBACK}:{DEFAULT_PORT}, not {server[:80]!r}")
    staging, secret = _staging(stage), _secret(secret_file)
    with _stoppable():
        place, staged = (host.strip("[]"), int(port)), None if no_stage else staging
        _perform(lambda: place, secret, performance, seconds, terminal, staged, picture, stage_picture)


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
    precedence: Precedence = True,
    with_parent: WithParent = False,
) -> None:
    """Run the server alone: it writes, and tells whoever subscribes by OSC."""
    from models import shelf
    from models.choir import pick_device
    from server.cards import introduce_all
    from server.child import READY, end_with_parent
    from server.doors import Doors
    from server.lamps import place_of
    from server.newcomers import on_the_shelf
    from server.serving import serve as conduct

    def ready(host: str, port: int) -> None:
        print(f"antiphon: {READY}{host}:{port}", flush=True)

    places = [place_of(words) for words in signals or ()]
    with _stoppable():
        if with_parent:
            end_with_parent()
        doors = Doors(allow or (), _secret(secret_file, remark=not with_parent))
        stamps = shelf.stamps()  # what comes from now on is new
        device = pick_device(device)
        choir = _choir(None, device)
        coming = on_the_shelf(choir, stamps, device)
        named = performance or ()
        cards = introduce_all(choir)
        conduct(
            choir, cards, host, port, _seed(seed), ready, None, None, figures, precedence, named, coming, doors, places
        )


@app.command("secret")
def make_secret(file: NewFile) -> None:
    """Make a secret with which a server can be played from another machine; copy the file there."""
    from protocol.sessions import new_secret

    new_secret(file)
    print(f"{file}: give both sides this file with --secret-file", file=sys.stderr)


def _secret(path: Path | None, remark: bool = True) -> bytes | None:
    """The secret of this run, from its file or the environment; with a ``remark`` if others can read the file."""
    from protocol.sessions import secret_of

    return secret_of(path, os.environ, _complain if remark else lambda line: None)


def _perform(
    address: Callable[[], tuple[str, int]],
    secret: bytes | None,
    performance: str,
    seconds: float | None,
    terminal: bool,
    stage: Staging | None,
    picture: Path | None,
    stage_picture: Path | None,
) -> None:
    """Play a ``performance`` of the server at ``address`` in windows where there is a screen, else in the terminal.

    ``secret`` is proved to a server on another machine. ``stage`` None: without the window for the audience.
    """
    from frontend.link import Link
    from protocol.networks import reachable

    why = "" if terminal else _why_no_window()  # a wish needs no reason
    if why is None:
        import frontend.app  # noqa: F401  # while the server still reads its voices
    host, port = address()
    with closing(Link(reachable(host), port, performance, secret)) as link:
        if why is None:
            from frontend.app import run as run_windows

            try:
                run_windows(link, stage, seconds=seconds, picture=picture, stage_picture=stage_picture)
                return
            except DisplayError as error:
                why = str(error)
        from frontend.terminal.player import run as run_terminal

        run_terminal(link, seconds, why)


def _staging(words: list[str] | None) -> Staging:
    """The stage as its file has it, and as ``words`` (NAME=VALUE) will have it for this run."""
    from frontend.stage.settings import settings_of_words
    from frontend.stage.staging import Staging, default_path

    return Staging(default_path(), settings_of_words(words or []))


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


# ---- writing without a stage -----------------------------------------------------------------------------------


@app.command()
def speak(
    style: Mix = None,
    chars: Chars = 500,
    seed: Seed = None,
    temperature: Temperature = 0.7,
    fusion: Fusion = 0.0,
    alloy: Alloy = 0.0,
    top_p: TopP = 1.0,
    prime: Prompt = "",
    device: Device = None,
    as_json: AsJson = False,
) -> None:
    """Write text to standard output, as fast as the voices go. The same seed and weights give the same text."""
    from server.speaking import speak as spoken
    from styles.cleaning import transliterate

    weights = parse_weights(style or [])
    seed = _seed(seed)
    settings = {"/mix/fusion": fusion, "/mix/alloy": alloy, "/mix/top_p": top_p}
    text = spoken(_choir(list(weights), device), weights, chars, seed, temperature, transliterate(prime), settings)
    if not as_json:
        for one in text:
            sys.stdout.write(one.character)
            sys.stdout.flush()
        print()
        return
    written = list(text)
    _print_json(
        {
            "text": "".join(one.character for one in written),
            "weights": weights,
            "seed": seed,
            "temperature": temperature,
            "fusion": fusion,
            "alloy": alloy,
            "top_p": top_p,
            "prime": prime,
            "shares": [{slug: round(share, 4) for slug, share in one.shares.items()} for one in written],
            "surprise_bits": [round(one.surprise, 3) for one in written],
        }
    )


def parse_weights(specifications: list[str]) -> dict[str, float]:
    """``["bible=0.7", "linux"]`` as weights by slug (1 where none is given); raises ``ParameterError``."""
    weights: dict[str, float] = {}
    for specification in specifications:
        slug, equals, number = specification.partition("=")
        try:
            weight = float(number) if equals else 1.0
        except ValueError:
            raise ParameterError(
                f"--style {specification[:80]}: the weight is no number; say {slug[:40]}=0.7"
            ) from None
        if not abs(weight) < float("inf"):
            raise ParameterError(f"--style {specification[:80]}: a weight is a number, and finite")
        if slug in weights:
            raise ParameterError(f"--style {slug[:40]} is given twice: one weight a voice")
        weights[slug] = weight
    if max(weights.values(), default=0.0) <= 0.0:
        raise ParameterError("no voice has a weight above 0; say for example --style bible=0.7 --style linux=0.3")
    return weights


def _choir(slugs: list[str] | None, device: str | None) -> Choir:
    """The voices called ``slugs``, which must all be usable, or all that there are and can be used."""
    from models import shelf
    from models.choir import pick_device
    from models.loading import load_choir
    from styles.library import find

    paths = shelf.voices() if slugs is None else {find(slug).slug: shelf.voice(slug) for slug in slugs}

    def refuse(line: str) -> None:
        raise VoiceError(line.removesuffix(": going on without it"))

    return load_choir(paths.values(), pick_device(device), _complain if slugs is None else refuse)


def _seed(seed: int | None) -> int:
    return secrets.randbelow(2**31) if seed is None else seed


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


# ---- styles ----------------------------------------------------------------------------------------------------


@styles_app.callback(invoke_without_command=True)
def styles(context: typer.Context) -> None:
    """List the styles, or fetch their texts."""
    from models import shelf as voices
    from styles.library import shelf

    if context.invoked_subcommand is None:
        there = shelf()
        trained = voices.voices()
        for card in there.cards:
            print(
                f"{card.slug:<14} {card.monogram}  {card.name:<24} {card.kind:<6}"
                f"{'' if card.slug in trained else 'no voice yet: '}{card.line}"
            )
        for complaint in there.complaints:
            _complain(complaint)


@styles_app.command()
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


if __name__ == "__main__":
    main()
