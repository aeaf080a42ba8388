"""How a program of its own joins a server that plays: the options that say where, and the link.

`antiphon light`, `web`, `receipt` and `aloud` each run beside a performance that does not notice them. What is heavy is
imported inside. The caller's thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocol.heartbeat import LOOPBACK
from protocol.messages import DEFAULT_PORT

if TYPE_CHECKING:
    from frontend.client.link import Link

HERE = f"{LOOPBACK}:{DEFAULT_PORT}"  # where a server plays that was told nothing

AtServer = Annotated[str, typer.Option("--server", metavar="HOST:PORT", help="Where Antiphon plays.")]
PerformanceName = Annotated[
    str, typer.Option("--performance", metavar="NAME", help="Which of the server's performances.")
]
ServersSecret = Annotated[Path | None, typer.Option("--secret-file", help="The server's secret, where it wants one.")]


@contextmanager
def joined(server: str, performance: str, secret_file: Path | None, name: str) -> Iterator[Link]:
    """A link to ``performance`` at ``server``, HOST:PORT, closed at the end; ``name`` is what the server is told.

    Raises ``LinkError`` for a place that makes no sense, and what ``secret_of`` raises.
    """
    from frontend.client.link import Link
    from protocol.networks import host_and_port, reachable
    from protocol.sessions import secret_of

    host, port = host_and_port(server)
    with closing(Link(reachable(host), port, performance, secret_of(secret_file, os.environ), name=name)) as link:
        yield link
