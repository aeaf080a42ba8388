"""Small commands of the front end: `antiphon secret`, `antiphon camera`, and what `antiphon take export` needs of it.

Part of the command line; antiphon.py adds it there. Heavy modules are imported inside the commands. Main thread.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

# ---- a take as a page, as a film -------------------------------------------------------------------------------------


def page(*told: Any) -> str:
    """A text as a page (``frontend.look.text_page``)."""
    from frontend.look.text_page import TimedText, html

    return html(TimedText(*told))


def film(told: Any, path: Path, *shot: Any) -> Path:
    """What was told when as a film of the stage (``frontend.stage.film``); the last of ``shot`` is who is told."""
    from frontend.stage.film import FilmSettings, make_film

    return make_film(told, path, FilmSettings(*shot[:-1]), shot[-1])


# ---- commands --------------------------------------------------------------------------------------------------------
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
    from frontend.inputs.camera.install import install

    install(lambda line: print(f"antiphon: {line}", flush=True), python or sys.executable)
