"""What a take left on the page: its text in the end, each character with its time, its voices and its surprise.

What was rewound is gone; where the page was emptied a new chapter begins. Pure; no thread of its own.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from protocol.errors import TakeError
from protocol.measures import NO_SURPRISE
from protocol.messages import Tint
from protocol.mixing import effective_weights
from server.engine.branches import Branches, put_back
from server.engine.performance import PRIMED_CHARS
from server.recording.events import (
    PART_BEGINS,
    PART_ENDS,
    ActionRequested,
    BranchRestored,
    CharacterWritten,
    ControlsChanged,
    Event,
    Header,
    Identity,
    TakeEnded,
    TextPrimed,
    TextReset,
    TextRewound,
    VoicesReplaced,
    changed,
    event_of,
)
from server.recording.reader import Take
from styles.cleaning import transliterate

CHAPTERS_APART = 2  # ends of lines between two of them


class Mark(NamedTuple):
    """One character of the text; ``number`` 0 for one that was primed."""

    character: str
    t: float  # seconds since the take began
    tint: Tint  # voices by their place in the transcript's ``voices``
    surprise: int  # sixteenths of a bit; 255 for one that nobody wrote
    number: int


@dataclass
class Transcript:
    """``chapters`` have the text, the last of them the one that stood in the end; an empty one only if all are."""

    voices: tuple[Identity, ...]
    chapters: list[list[Mark]] = field(default_factory=lambda: [[]])
    written: int = 0  # characters, those taken back among them
    rewound: int = 0  # times
    seconds: float = 0.0

    @property
    def marks(self) -> list[Mark]:
        """All chapters in one."""
        return [mark for chapter in self.chapters for mark in chapter]

    @property
    def text(self) -> str:
        """All chapters, a blank line between them."""
        return "".join(mark.character for mark in broken(self.chapters))

    def shares(self) -> dict[str, float]:
        """Who wrote the text, by slug, the greatest share first; sum 1 unless nobody did."""
        count: Counter[int] = Counter()
        for mark in self.marks:
            for voice, share in mark.tint:
                count[voice] += share
        known = [(voice, share) for voice, share in count.most_common() if voice < len(self.voices)]
        total = sum(share for _, share in known) or 1
        return {self.voices[voice].slug: share / total for voice, share in known}


def part_of(events: Iterable[Event], wanted: int) -> tuple[float, float]:
    """From which second to which the part number ``wanted`` of a take lasts, as `/take/start` and `/take/stop` marked
    it; to infinity where it was not ended. Raises ``TakeError`` where there is no such part."""
    parts: list[tuple[float, float]] = []
    for event in events:
        match event:
            case ActionRequested(t=t, what=what) if what in (PART_BEGINS, PART_ENDS):
                if parts and parts[-1][1] == math.inf:
                    parts[-1] = parts[-1][0], t
                if what == PART_BEGINS:
                    parts.append((t, math.inf))
    if not 1 <= wanted <= len(parts):
        raise TakeError(f"there is no part {wanted}: /take/start began {len(parts)} of them")
    return parts[wanted - 1]


def between(made: Transcript, begin: float, end: float) -> Transcript:
    """What of the text was written from ``begin`` to ``end``, in seconds."""
    chapters = [[mark for mark in chapter if begin <= mark.t <= end] for chapter in made.chapters]
    kept = [chapter for chapter in chapters if chapter] or [[]]
    written = sum(mark.number > 0 for chapter in kept for mark in chapter)
    return replace(made, chapters=kept, written=written, seconds=min(end, made.seconds) - begin)


def broken(chapters: Sequence[Sequence[Mark]]) -> list[Mark]:
    """All chapters in one, a blank line of nobody's between them."""
    marks: list[Mark] = []
    for chapter in chapters:
        if marks and chapter:
            marks += [Mark("\n", chapter[0].t, (), NO_SURPRISE, 0)] * CHAPTERS_APART
        marks += chapter
    return marks


def transcribe(header: Header, events: Iterable[Event]) -> Transcript:
    """What the ``events`` of a take left."""
    made = Transcript(header.voices)
    primed: list[Mark] = []  # on the page if the next number says so: the guard may have refused it
    branches: Branches[Mark] = Branches()
    sequence = 0
    for event in events:
        made.seconds = max(made.seconds, getattr(event, "t", 0.0))
        at = event.number if isinstance(event, CharacterWritten) else getattr(event, "at", None)
        if primed and at is not None:
            if at > sequence + 1:
                made.chapters[-1] += primed
                sequence += len(primed)
            primed = []
        page = made.chapters[-1]
        match event:
            case CharacterWritten(number, t, character, tint, surprise):
                page.append(Mark(character, t, tint, surprise, number))
                made.written, sequence = made.written + 1, number
            case TextPrimed(t=t, text=text):
                primed = [Mark(character, t, (), NO_SURPRISE, 0) for character in transliterate(text)[-PRIMED_CHARS:]]
            case TextRewound(chars=chars) if chars > 0:
                made.rewound += 1
                length = max(0, len(page) - chars)
                branches.leave(length, page[length:])
                del page[length:]
            case BranchRestored(number=number):
                put_back(page, branches, number)
            case TextReset() if page:
                made.chapters.append([])
                branches.clear()
            case VoicesReplaced(voices=voices):
                made.voices = voices
            case TakeEnded():
                pass
    made.chapters[-1] += primed
    if len(made.chapters) > 1 and not made.chapters[-1]:
        made.chapters.pop()
    return made


# ---- transcript ------------------------------------------------------------------------------------------------------
# What a take was, in a line or in some: for whoever looks for one. Caller's thread.

LOOKED_AT_BYTES = 65_536  # bytes of a take's end, in which the last character is looked for
NAMED_VOICES = 3  # voices in a line


def clock(seconds: float) -> str:
    """Seconds as m:ss, or h:mm:ss."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def summary_line(path: Path) -> str:
    """Length, time, and the voices that it began with, at little cost however long it is. Raises ``TakeError``."""
    take = Take(path)
    last = _last_character(take.paths[-1])
    length = f"{last.number:>9} characters {clock(last.t):>8}" if last else f"{0:>9} characters {clock(0):>8}"
    return f"{length}  {_opening(take)}"


def description_lines(take: Take, made: Transcript) -> Iterator[str]:
    """What there is to say of a take besides its text, line by line."""
    header = take.header
    yield f"{take.name}: {header.name}, begun {header.began}, {clock(made.seconds)}, seed {header.seed}"
    standing = len(made.marks)
    yield f"{made.written} characters written, {standing} on the page in the end, taken back {made.rewound} times"
    names = {voice.slug: voice.name for voice in made.voices}
    shares = [(names[slug], share) for slug, share in made.shares().items() if share >= 0.005]
    yield "written by " + (", ".join(f"{name} {share:.0%}" for name, share in shares) or "nobody")
    yield ""


def _last_character(path: Path) -> CharacterWritten | None:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOOKED_AT_BYTES))
        lines = file.read(LOOKED_AT_BYTES).splitlines()
    for line in reversed(lines):
        if line.startswith(b'{"char"'):
            try:
                event = event_of(line)
            except TakeError:  # torn
                continue
            if isinstance(event, CharacterWritten):
                return event
    return None


def _opening(take: Take) -> str:
    """The voices of the first mix, the heaviest first."""
    slugs = [voice.slug for voice in take.header.voices]
    for event in take.events():
        if isinstance(event, ControlsChanged):
            weights = effective_weights(changed({}, event.values), slugs)
            order = [voice for voice in (-weights).argsort(kind="stable").tolist() if weights[voice] > 0.0]
            more = f" and {len(order) - NAMED_VOICES} more" if len(order) > NAMED_VOICES else ""
            return ", ".join(take.header.voices[voice].name for voice in order[:NAMED_VOICES]) + more
    return ""
