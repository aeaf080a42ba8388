"""`antiphon oscquery`: shows a server that runs to programs that build their panel by themselves.

A part of the command line, added to it by antiphon.py. What is heavy is imported inside the command.
"""

from __future__ import annotations

from typing import Annotated

import typer

from protocol.messages import DEFAULT_PORT
from protocol.networks import host_and_port

app = typer.Typer()


@app.command()
def oscquery(
    server: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where an `antiphon serve` runs.")
    ] = f"127.0.0.1:{DEFAULT_PORT}",
    host: Annotated[str, typer.Option(help="Address to listen on; by default only this machine.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="TCP; by default the server's number if it is free.")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="NETWORK", help="Who may look from outside; repeat for more.")
    ] = None,
    announce: Annotated[bool, typer.Option("--announce", help="Make it known to the network (zeroconf).")] = False,
    inherited: Annotated[int | None, typer.Option("--socket", hidden=True)] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Show the controls of a server to programs that build their panel by themselves (OSCQuery)."""
    from server.oscquery.server import run
    from server.supervisor.child_process import READY, end_with_parent

    place = host_and_port(server)
    if with_parent:
        end_with_parent()

    def ready(host: str, port: int) -> None:
        print(f"antiphon: OSCQuery {READY}{host}:{port}", flush=True)

    run(place, host, port, allow or (), announce, ready, inherited)
