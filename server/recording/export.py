"""`antiphon take export`: what a take left, as a file for others.

How a page looks is the front end's affair: antiphon.py brings that along. What is heavy is imported
inside. Main thread.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from protocol.command_line import complain
from protocol.errors import TakeError
from protocol.tree import CREATURE
from server.recording.commands import Folder, Name, find_take, gathering, guards

if TYPE_CHECKING:
    from protocol.messages import Tint
    from server.recording.reader import Take
    from server.recording.transcript import Mark, Transcript


# ---- export ----------------------------------------------------------------------------------------------------------
# A take's text as subtitles, SRT or WebVTT: a line as it is written, until the next one stands. Pure; no thread of
# its own.

LINE_CHARS = 42  # characters of a line, as subtitles have them
LONGEST_CUE_S = 6.0  # seconds that one is shown
SHORTEST_CUE_S = 2.0  # seconds that the last one, or one before a pause, is shown at least


class Cue(NamedTuple):
    """One subtitle, in seconds."""

    begin: float
    end: float
    text: str


def cues(marks: Sequence[Mark]) -> list[Cue]:
    """Lines of at most ``LINE_CHARS`` characters, none over another: each begins with its first character."""
    lines = list(_lines(marks))
    made = []
    for number, (begin, last, text) in enumerate(lines):
        end = max(begin + LONGEST_CUE_S, last + SHORTEST_CUE_S)
        if number + 1 < len(lines):
            end = min(end, lines[number + 1][0])
        if end > begin:
            made.append(Cue(begin, end, text))
    return made


# What players take for their own in SubRip, which has no way to say that it is text: braces (libass hides all between
# them), "<" before what may be a tag, entities, and, in WebVTT too, backslashes before N, n and h, which break lines.
# Full-width signs stand for the former, and an invisible joiner (U+2060) parts the latter.
LINE_BREAKS = (re.compile(r"\\(?=[Nnh])"), "\\\\\u2060")
FOR_PLAYERS = (
    (re.compile("{"), "\uff5b"),
    (re.compile("}"), "\uff5d"),
    (re.compile(r"<(?=\S)"), "\uff1c"),
    (re.compile(r"&(?=#?\w+;)"), "&\u2060"),
    LINE_BREAKS,
)


def srt(found: Sequence[Cue]) -> str:
    """SubRip: numbered, milliseconds behind a comma."""
    return "".join(
        f"{number}\n{_clock(cue.begin, ',')} --> {_clock(cue.end, ',')}\n{_shown_as_text(cue.text)}\n\n"
        for number, cue in enumerate(found, 1)
    )


def _shown_as_text(text: str) -> str:
    """``text`` so that a player shows every letter of it."""
    for pattern, by in FOR_PLAYERS:
        text = pattern.sub(by, text)
    return text


def vtt(found: Sequence[Cue]) -> str:
    """WebVTT (W3C)."""
    said = "".join(f"{_clock(cue.begin, '.')} --> {_clock(cue.end, '.')}\n{_escaped(cue.text)}\n\n" for cue in found)
    return f"WEBVTT\n\n{said}"


def _lines(marks: Sequence[Mark]) -> Iterator[tuple[float, float, str]]:
    """When each line begins, when its last character came, and what it says."""
    line: list[Mark] = []
    for mark in marks:
        if mark.character == "\n":
            yield from _line(line)
            line = []
            continue
        line.append(mark)
        if len(line) > LINE_CHARS:
            blank = max((i for i, each in enumerate(line) if each.character.isspace()), default=LINE_CHARS)
            yield from _line(line[:blank])
            line = line[blank:]
            while line and line[0].character.isspace():
                del line[0]
    yield from _line(line)


def _line(line: Sequence[Mark]) -> Iterator[tuple[float, float, str]]:
    text = "".join(mark.character for mark in line).strip().replace("\t", " ")
    if text:
        yield line[0].t, line[-1].t, text


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{point}{whole % 1000:03}"


def _escaped(text: str) -> str:
    unbroken = LINE_BREAKS[0].sub(LINE_BREAKS[1], text)
    return unbroken.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Format(StrEnum):
    """What a take can be handed on as, and how such files end."""

    TEXT = "txt"
    PAGE = "html"
    SUBRIP = "srt"
    WEBVTT = "vtt"
    CURVES = "svg"
    MP4 = "mp4"
    WEBM = "webm"
    PICTURES = "png"


FILMS = (Format.MP4, Format.WEBM, Format.PICTURES)


AsFormat = Annotated[
    Format | None,
    typer.Option(
        "--as",
        help="Text, a page with the colours, subtitles, a plot of the controls, a film, or a folder "
        "of its pictures; by default as --out ends, else a page.",
    ),
]
Out = Annotated[Path | None, typer.Option(help="The file to write; by default named after the take, in this folder.")]
Size = Annotated[str, typer.Option(metavar="WIDTHxHEIGHT", help="Of a film, in pixels.")]
Fps = Annotated[float, typer.Option(min=1.0, max=120.0, help="Pictures a second, of a film.")]
From = Annotated[float, typer.Option("--from", min=0.0, metavar="SECONDS", help="Where a film begins.")]
To = Annotated[float | None, typer.Option("--to", min=0.0, metavar="SECONDS", help="Where a film ends.")]
Aloud = Annotated[bool, typer.Option("--aloud", help="Beside a film, its text spoken, a WAV (eSpeak NG).")]
VoicesFile = Annotated[
    Path | None, typer.Option("--voices", help="The file of who speaks how, as `antiphon aloud` has.")
]
Part = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only what /take/start and /take/stop marked.")]
Stage = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="Set the stage for a film: size=1.2, theme=paper; creature=on for a page, too; repeat for more.",
    ),
]

# of (title, caption, voices (name, colour), text, tints, surprises, times), the voices' creatures, where chapters begin
# and end, what scenes said of the creature at a place, stage settings, complaints: a page
Sheet = Callable[..., str]
Sounding = Callable[..., Path]  # letters with times and tints, slugs, file, from, to, file of voices: the sound
Filming = Callable[..., Path]  # messages with times, file, size, fps, from, to, stage settings, progress: the film


def exporting(sheet: Sheet, filming: Filming, sounding: Sounding) -> Callable[..., None]:
    """The command, where ``sheet`` makes a page, ``filming`` a film and ``sounding`` its voice."""

    def export(
        take: Name,
        kind: AsFormat = None,
        out: Out = None,
        folder: Folder = None,
        size: Size = "1280x720",
        fps: Fps = 30.0,
        begin: From = 0.0,
        end: To = None,
        stage: Stage = None,
        part: Part = None,
        aloud: Aloud = False,
        voices: VoicesFile = None,
    ) -> None:
        """Write what a take left as a file for others, or film what the audience saw."""
        from protocol.atomic_file import write_atomically
        from server.recording.plot import course, svg
        from server.recording.transcript import between, part_of, transcribe

        found = find_take(take, folder)
        kind = kind or _meant(out)
        if part is not None:
            begin, end = part_of(found.events(), part)
        if kind in FILMS:
            from server.recording.broadcast import broadcast_messages

            film = out or Path(f"{found.name}.{kind.value}" if kind is not Format.PICTURES else found.name)
            if (film.suffix == ".png") or (kind is not Format.PICTURES and film.suffix != f".{kind.value}"):
                raise TakeError(f"a {kind.value} does not go to {film}: let --out end in .mp4 or .webm, or be a folder")
            events = broadcast_messages(found, gathering(found, folder), guards(found, folder), complain)
            until = float("inf") if end is None else end
            print(filming(events, film, size, fps, begin, until, stage or (), complain))
            if aloud:
                made = transcribe(found.header, found.events())
                slugs, until = [voice.slug for voice in made.voices], min(until, made.seconds)
                print(sounding(_letters(found), slugs, film.with_suffix(".wav"), begin, until, voices))
            return
        made = transcribe(found.header, found.events())
        if part is not None:
            made = between(made, begin, float("inf") if end is None else end)
        match kind:
            case Format.TEXT:
                exported = made.text + "\n"
            case Format.PAGE:
                exported = sheet(*_page_of(found, made), stage or (), complain)
            case Format.SUBRIP:
                exported = srt(cues(made.marks))
            case Format.WEBVTT:
                exported = vtt(cues(made.marks))
            case Format.CURVES:
                exported = svg(course(found.header, found.events()), found.name)
        if kind is Format.SUBRIP and not exported.isascii():
            exported = "\ufeff" + exported  # players take SubRip without a mark for Windows-1252
        path = out or Path(f"{found.name}.{kind.value}")
        write_atomically(path, exported)
        print(path)

    return export


def _letters(take: Take) -> Iterator[tuple[float, str, Tint]]:
    """When each letter was written and whose it is; an empty one where text was taken away."""
    from server.recording.events import BranchRestored, CharacterWritten, TextReset, TextRewound

    for event in take.events():
        match event:
            case CharacterWritten(t=t, character=character, tint=tint):
                yield t, character, tint
            case TextRewound(t=t) | TextReset(t=t) | BranchRestored(t=t):
                yield t, "", ()


def _meant(out: Path | None) -> Format:
    """What a file is to be, by its ending."""
    ending = out.suffix.removeprefix(".") if out else ""
    return Format(ending) if ending in list(Format) else Format.PAGE


def _page_of(take: Take, made: Transcript) -> tuple[object, ...]:
    """What a page is made of."""
    from server.recording.events import ControlsChanged
    from server.recording.transcript import CHAPTERS_APART, broken, clock
    from server.voice_cards import introduce

    marks = broken(made.chapters)
    began = take.header.began.replace("T", " ")[:16]
    timed = (
        take.name,
        f"{began} · {clock(made.seconds)} · {made.written} characters",
        [(voice.name, voice.colour) for voice in made.voices],
        "".join(mark.character for mark in marks),
        [mark.tint for mark in marks],
        [mark.surprise for mark in marks],
        [mark.t for mark in marks],
    )
    today = introduce([voice.slug for voice in made.voices])
    sprites = [
        card.sprite if voice.sprite is None else voice.sprite for card, voice in zip(today, made.voices, strict=True)
    ]
    chapters, begin = [], 0
    for chapter in filter(None, made.chapters):
        chapters.append((begin, begin + len(chapter)))
        begin += len(chapter) + CHAPTERS_APART
    scenes = [(0.0, "")]
    for event in take.events():
        if isinstance(event, ControlsChanged) and CREATURE in event.values:
            scenes.append((event.t, str(event.values[CREATURE] or "")))

    def said(place: int) -> str:
        return scenes[bisect_right(scenes, marks[place].t, key=itemgetter(0)) - 1][1]

    return timed, sprites, chapters, said
