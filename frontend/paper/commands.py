"""`antiphon receipt`: the last sentence on paper, or as a picture. Part of the command line.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, Literal

import typer

from frontend.client.joining import HERE, AtServer, PerformanceName, ServersSecret, joined
from protocol.command_line import complain
from protocol.messages import MAIN

app = typer.Typer()

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


@app.command()
def receipt(
    server: AtServer = HERE,
    performance: PerformanceName = MAIN,
    printer: Printer = None,
    picture: Picture = None,
    of: Of = "sentence",
    link: Link = "",
    width: Width = "384",
    stay: Stay = False,
    every: Every = 0.0,
    secret_file: ServersSecret = None,
) -> None:
    """Print the last sentence as a receipt to take home: its voices as bars, the date, a code."""
    from frontend.paper.desk import PaperDesk
    from frontend.paper.printer import PrintQueue, printer_at
    from protocol.command_line import ended_by_signals
    from protocol.errors import ParameterError

    if printer is None and picture is None:
        raise ParameterError("name a --printer, or a --picture to draw it")
    with ExitStack() as after:
        queue = after.enter_context(closing(PrintQueue(printer_at(printer)))) if printer is not None else None
        connected = after.enter_context(joined(server, performance, secret_file, "paper"))
        desk = PaperDesk(connected, queue, picture, of, link, int(width), complain)
        if not (stay or every):
            print(desk.print_once(), file=sys.stderr)
            return
        with ended_by_signals(desk.ending):
            print("antiphon: paper waits for /paper/print", file=sys.stderr, flush=True)
            desk.stay(every * 60.0 if every else None)
