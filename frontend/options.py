"""What `antiphon front` is asked for. Values; no thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from frontend.remote.options import Remote, RemoteAllow, RemoteHost, RemoteLinks, RemotePort
from protocol.command_line import Safe, SecretFile, Spare, Watched
from protocol.heartbeat import LOOPBACK
from protocol.messages import MAIN

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
Performance = Annotated[str, typer.Option(metavar="NAME", help="Which of the server's performances to play.")]
Session = Annotated[Path | None, typer.Option(hidden=True)]  # a file that the front end before left
Until = Annotated[float | None, typer.Option(hidden=True)]  # monotonic seconds, for one that replaces another


@dataclass(frozen=True)
class FrontOptions:
    """The command line of a front end."""

    server: Place
    performance: Performance = MAIN
    secret_file: SecretFile = None
    seconds: Seconds = None
    terminal: Terminal = False
    no_stage: NoStage = False
    stage: Stage = None
    picture: Picture = None
    stage_picture: StagePicture = None
    remote: Remote = False
    remote_host: RemoteHost = LOOPBACK
    remote_port: RemotePort = None
    remote_allow: RemoteAllow = None
    remote_links: RemoteLinks = None
    pulse: Watched = None
    spare: Spare = False
    safe: Safe = False
    until: Until = None
    session: Session = None
