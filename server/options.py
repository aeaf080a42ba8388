"""What `antiphon serve` is asked for, and how long-lived commands are watched over. Values; no thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from protocol.command_line import Safe, SecretFile, Spare, Verbose, Watched, WithParent
from protocol.heartbeat import LOOPBACK
from protocol.messages import DEFAULT_PORT
from server.commands import Device, Seed

Host = Annotated[str, typer.Option(help="Address to listen on; by default only this machine can reach it.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK", help="Who may watch from outside, such as 192.168.1.0/24; repeat for more."),
]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="UDP; 0: any that is free.")]
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
NoTake = Annotated[bool, typer.Option("--no-take", help="Keep no record of what is played.")]
Resume = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Keep the performance there, or go on with the one that is kept.")
]


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """What every command that begins a server asks about it."""

    host: Host = LOOPBACK
    allow: Allow = None
    secret_file: SecretFile = None
    seed: Seed = None
    device: Device = None
    signals: Signals = None
    oscquery: OscQuery = True
    announce: Announce = False
    no_take: NoTake = False
    verbose: Verbose = False


@dataclass(frozen=True, kw_only=True)
class ServeOptions(ServerOptions):
    """The command line of a server."""

    port: Port = DEFAULT_PORT
    figures: FiguresFile = None
    performance: Performances = None
    precedence: Precedence = True
    with_parent: WithParent = False
    pulse: Watched = None
    spare: Spare = False
    safe: Safe = False
    resume: Resume = None
