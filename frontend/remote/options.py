"""What a command that may let phones in is asked for. Values; no thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from protocol.command_line import SecretFile
from protocol.heartbeat import LOOPBACK

Remote = Annotated[bool, typer.Option("--remote", help="Let phones play: a page, and its code in the window.")]
RemoteHost = Annotated[
    str, typer.Option(help="Address where phones find it; by default only this machine. 0.0.0.0: all who are near.")
]
RemotePort = Annotated[int | None, typer.Option(min=0, max=65_535, help="TCP; by default 7425 if it is free.")]
RemoteLinks = Annotated[Path | None, typer.Option(help="File that keeps the phones' links: printed codes stay valid.")]
RemoteAllow = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK", help="Which phones are let in, such as 192.168.1.0/24; repeat for more."),
]


@dataclass(frozen=True)
class PhoneOptions:
    """The part of a command line that is about phones. ``secret_file`` holds the server's secret."""

    remote: Remote = False
    remote_host: RemoteHost = LOOPBACK
    remote_port: RemotePort = None
    remote_allow: RemoteAllow = None
    remote_links: RemoteLinks = None
    secret_file: SecretFile = None
