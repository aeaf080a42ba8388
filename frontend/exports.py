"""What takes are handed on as that only the front end knows how to make: a page, a film.

`antiphon take export` is given these by antiphon.py; what is heavy is imported inside. Main thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def page(*told: Any) -> str:
    """A text as a page (``frontend.sheet``)."""
    from frontend.sheet import Sheet, html

    return html(Sheet(*told))


def film(told: Any, path: Path, *shot: Any) -> Path:
    """What was told when as a film of the stage (``frontend.stage.filming``); the last of ``shot`` is who is told."""
    from frontend.stage.filming import Shot, make_film

    return make_film(told, path, Shot(*shot[:-1]), shot[-1])
