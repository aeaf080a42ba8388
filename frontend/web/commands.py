"""`antiphon web`: the stage as a page for browsers, and the text as a stream for programs. Part of the command line.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from frontend.client.joining import HERE, AtServer, PerformanceName, ServersSecret, joined
from protocol.command_line import complain
from protocol.heartbeat import LOOPBACK
from protocol.messages import MAIN

app = typer.Typer()

DRAWING = (sys.executable, str(Path(__file__).parents[2] / "antiphon.py"), "sprites", "draw")  # creatures

Host = Annotated[str, typer.Option(help="Address where it is read; by default only this machine. 0.0.0.0: all near.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="TCP; by default 7426 if it is free.")]
Allow = Annotated[
    list[str] | None, typer.Option(metavar="NETWORK", help="Who may read it, such as 192.168.1.0/24; repeat for more.")
]
Theme = Annotated[str, typer.Option(metavar="NAME", help="Its colours; by default those the stage has.")]


@app.command()
def web(
    server: AtServer = HERE,
    performance: PerformanceName = MAIN,
    host: Host = LOOPBACK,
    port: Port = None,
    allow: Allow = None,
    theme: Theme = "",
    secret_file: ServersSecret = None,
) -> None:
    """Show the stage to browsers (OBS, a projector, phones), read-only, and stream the text to programs."""
    from frontend.creature.artist import ArtistProcess
    from frontend.remote.http_server import free_port
    from frontend.stage.faces import face_file
    from frontend.stage.look import load_theme, theme_files
    from frontend.stage.staging import StageState, default_path
    from frontend.web.serving import DEFAULT_PORT, WebStage
    from protocol.errors import ParameterError
    from protocol.networks import Networks

    networks = Networks(allow or (), host)
    networks.check_host(host)
    settings = StageState(default_path(), {"theme": theme} if theme else {}).settings
    themes = {}
    for name, path in theme_files().items():
        try:
            themes[name] = load_theme(path)
        except ParameterError as error:
            complain(str(error))
    if settings.theme not in themes:
        raise ParameterError(f"there is no theme {settings.theme[:40]!r} for the stage")
    with contextlib.ExitStack() as closing:
        link = closing.enter_context(joined(server, performance, secret_file, "web"))
        chosen = free_port(host, DEFAULT_PORT) if port is None else port
        artist = closing.enter_context(contextlib.closing(ArtistProcess(DRAWING)))
        stage = WebStage(
            link, themes, settings.theme, face_file(settings.font), host, chosen, networks.has, bool(theme), artist
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stage.end())
        reach = "those of --allow read it" if networks else "only this machine reaches it"
        print(f"antiphon: the stage is at http://{_shown(host)}:{stage.port}/ ({reach})", file=sys.stderr, flush=True)
        stage.run()


def _shown(host: str) -> str:
    from frontend.remote.links import known_as

    shown = known_as(host)
    return f"[{shown}]" if ":" in shown else shown
