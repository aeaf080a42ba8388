"""`antiphon light`: lamps that follow the text, by sACN or Art-Net. Part of the command line.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from protocol.heartbeat import LOOPBACK
from protocol.messages import DEFAULT_PORT, MAIN

app = typer.Typer()

AtServer = Annotated[str, typer.Option("--server", metavar="HOST:PORT", help="Where Antiphon plays.")]
Performance = Annotated[str, typer.Option(metavar="NAME", help="Which of the server's performances.")]
RigFile = Annotated[
    Path | None, typer.Option("--file", help="Which slot shows what; by default what ships, to 127.0.0.1.")
]
Print = Annotated[bool, typer.Option("--print", help="Print the file that ships, to be copied and changed.")]
Secret = Annotated[Path | None, typer.Option(help="The server's secret, where it wants one.")]


@app.command()
def light(
    server: AtServer = f"{LOOPBACK}:{DEFAULT_PORT}",
    performance: Performance = MAIN,
    file: RigFile = None,
    show: Print = False,
    secret_file: Secret = None,
) -> None:
    """Let lamps follow the text: voices' colours, shares, surprise, agreement, by sACN or Art-Net."""
    from frontend.client.link import Link
    from frontend.outputs.light import SHIPPED_RIG, load_rig
    from frontend.outputs.light_out import LightOut, run
    from protocol.command_line import ended_by_signals
    from protocol.networks import host_and_port, reachable
    from protocol.sessions import secret_of

    if show:
        print(SHIPPED_RIG.read_text("utf-8"), end="")
        return
    rig, place, ending = load_rig(file), host_and_port(server), Event()
    secret = secret_of(secret_file, os.environ)
    with closing(Link(reachable(place[0]), place[1], performance, secret, name="light")) as link:
        light = LightOut(link, rig)
        where = ", ".join(f"universe {row.universe} by {row.protocol} to {row.to}" for row in rig.universe)
        print(f"antiphon: lamps follow the text: {where}", file=sys.stderr, flush=True)
        with ended_by_signals(ending):
            run(light, ending.is_set)
