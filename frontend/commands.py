"""Small commands of the front end: `antiphon secret`, `antiphon camera`.

A part of the command line, hung into it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="Where to put it; must not be there yet.")]
OtherPython = Annotated[str, typer.Option(metavar="PYTHON", help="The Python (3.9 to 3.12) to make it from.")]


@app.command()
def secret(file: NewFile) -> None:
    """Make a secret with which a server can be played from another machine; copy the file there."""
    from protocol.sessions import new_secret

    new_secret(file)
    print(f"{file}: give both sides this file with --secret-file", file=sys.stderr)


@app.command()
def camera(python: OtherPython = "") -> None:
    """Install what the camera needs, MediaPipe and OpenCV, into a folder of their own."""
    from frontend.inputs.camera_install import install

    install(lambda line: print(f"antiphon: {line}", flush=True), python or sys.executable)
