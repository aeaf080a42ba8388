"""`antiphon take export`: what a take left, as a file for others.

How a page looks is the front end's affair: whoever hangs the command in brings that along. What is heavy is imported
inside. Main thread.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.takes.commands import Folder, Name, find_take

if TYPE_CHECKING:
    from server.takes.manuscript import Manuscript
    from server.takes.reading import Take


class Format(StrEnum):
    """What a take can be handed on as, and how such files end."""

    TEXT = "txt"
    PAGE = "html"
    SUBRIP = "srt"
    WEBVTT = "vtt"
    CURVES = "svg"


AsFormat = Annotated[
    Format, typer.Option("--as", help="Text, a page with the colours, subtitles, or a plot of the controls.")
]
Out = Annotated[Path | None, typer.Option(help="The file to write; by default named after the take, in this folder.")]

Sheet = Callable[..., str]  # of title, caption, voices (name, colour), text, tints, surprises, times: a page


def exporting(sheet: Sheet) -> Callable[..., None]:
    """The command, where ``sheet`` makes a page."""

    def export(take: Name, kind: AsFormat = Format.PAGE, out: Out = None, folder: Folder = None) -> None:
        """Write what a take left as a file for others."""
        from server.takes.curves import course, svg
        from server.takes.manuscript import manuscript
        from server.takes.subtitles import cues, srt, vtt
        from styles.files import write_bytes

        found = find_take(take, folder)
        made = manuscript(found.header, found.events())
        match kind:
            case Format.TEXT:
                told = made.text + "\n"
            case Format.PAGE:
                told = sheet(*_told(found, made))
            case Format.SUBRIP:
                told = srt(cues(made.marks))
            case Format.WEBVTT:
                told = vtt(cues(made.marks))
            case Format.CURVES:
                told = svg(course(found.header, found.events()), found.name)
        path = out or Path(f"{found.name}.{kind.value}")
        write_bytes(path, told.encode())
        print(path)

    return export


def _told(take: Take, made: Manuscript) -> tuple[object, ...]:
    """What a page is made of."""
    from server.takes.manuscript import broken
    from server.takes.summary import clock

    marks = broken(made.chapters)
    began = take.header.began.replace("T", " ")[:16]
    return (
        take.name,
        f"{began} · {clock(made.seconds)} · {made.written} characters",
        [(voice.name, voice.colour) for voice in made.voices],
        "".join(mark.character for mark in marks),
        [mark.tint for mark in marks],
        [mark.surprise for mark in marks],
        [mark.t for mark in marks],
    )
