"""`antiphon receipt`: the last sentence on paper, or as a picture. Part of the command line.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, Literal

import typer

from protocol.command_line import complain
from protocol.heartbeat import LOOPBACK
from protocol.messages import DEFAULT_PORT, MAIN

app = typer.Typer()

AtServer = Annotated[str, typer.Option("--server", metavar="HOST:PORT", help="Where Antiphon plays.")]
Performance = Annotated[str, typer.Option(metavar="NAME", help="Which of the server's performances.")]
Printer = Annotated[
    str | None,
    typer.Option(metavar="WHERE", help="HOST or HOST:PORT, a device's file, or usb:VENDOR:PRODUCT (antiphon[paper])."),
]
Picture = Annotated[Path | None, typer.Option(help="Draw it as a PNG, with or without a printer.")]
Of = Annotated[
    Literal["sentence", "stanza"], typer.Option("--of", help="What is printed: the last one that has ended.")
]
Link = Annotated[str, typer.Option(metavar="URL", help="A code to scan; {take} in it is the take's name.")]
Width = Annotated[Literal["384", "512", "576"], typer.Option(help="Dots a line: paper of 58, 72 or 80 mm.")]
Stay = Annotated[bool, typer.Option("--stay", help="Stay, and print whenever /paper/print asks for it.")]
Every = Annotated[float, typer.Option(min=0.0, metavar="MINUTES", help="Stay, and print one every so many minutes.")]
Secret = Annotated[Path | None, typer.Option(help="The server's secret, where it wants one.")]


@app.command()
def receipt(
    server: AtServer = f"{LOOPBACK}:{DEFAULT_PORT}",
    performance: Performance = MAIN,
    printer: Printer = None,
    picture: Picture = None,
    of: Of = "sentence",
    link: Link = "",
    width: Width = "384",
    stay: Stay = False,
    every: Every = 0.0,
    secret_file: Secret = None,
) -> None:
    """Print the last sentence as a receipt to take home: its voices as bars, the date, a code."""
    from frontend.client.link import Link as ServerLink
    from frontend.paper.desk import PaperDesk
    from frontend.paper.printer import PrintQueue, printer_at
    from protocol.command_line import ended_by_signals
    from protocol.errors import ParameterError
    from protocol.networks import host_and_port, reachable
    from protocol.sessions import secret_of

    if printer is None and picture is None:
        raise ParameterError("name a --printer, or a --picture to draw it")
    place, secret = host_and_port(server), secret_of(secret_file, os.environ)
    with ExitStack() as after:
        queue = after.enter_context(closing(PrintQueue(printer_at(printer)))) if printer is not None else None
        connected = ServerLink(reachable(place[0]), place[1], performance, secret, name="paper")
        desk = PaperDesk(after.enter_context(closing(connected)), queue, picture, of, link, int(width), complain)
        if not (stay or every):
            print(desk.print_once(), file=sys.stderr)
            return
        with ended_by_signals(desk.ending):
            print("antiphon: paper waits for /paper/print", file=sys.stderr, flush=True)
            desk.stay(every * 60.0 if every else None)
