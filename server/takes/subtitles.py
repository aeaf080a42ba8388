"""A take's text as subtitles, SRT or WebVTT: a line as it is written, until the next one stands.

Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from server.takes.manuscript import Mark

WIDE = 42  # characters of a line, as subtitles have them
LONGEST = 6.0  # seconds that one is shown
STAYS = 2.0  # seconds that the last one, or one before a pause, is shown at least


class Cue(NamedTuple):
    """One subtitle, in seconds."""

    begin: float
    end: float
    text: str


def cues(marks: Sequence[Mark]) -> list[Cue]:
    """Lines of at most ``WIDE`` characters, none over another: each begins with its first character."""
    lines = list(_lines(marks))
    made = []
    for number, (begin, last, text) in enumerate(lines):
        end = max(begin + LONGEST, last + STAYS)
        if number + 1 < len(lines):
            end = min(end, lines[number + 1][0])
        if end > begin:
            made.append(Cue(begin, end, text))
    return made


def srt(found: Sequence[Cue]) -> str:
    """SubRip: numbered, milliseconds behind a comma."""
    return "".join(
        f"{number}\n{_clock(cue.begin, ',')} --> {_clock(cue.end, ',')}\n{cue.text}\n\n"
        for number, cue in enumerate(found, 1)
    )


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
        if len(line) > WIDE:
            blank = max((i for i, each in enumerate(line) if each.character.isspace()), default=WIDE)
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
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
