"""What a take left on the page: its text in the end, each character with its time, its voices and its surprise.

What was rewound is gone; where the page was emptied a new chapter begins. Pure; no thread of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from protocol.measures import NOBODY
from protocol.messages import Tint
from server.performance import PRIMED
from server.takes.events import Begun, Ended, Event, Header, Identity, Joined, Primed, Rewound, Written
from styles.cleaning import transliterate


class Mark(NamedTuple):
    """One character of the text; ``number`` 0 for one that was primed."""

    character: str
    t: float  # seconds since the take began
    tint: Tint  # voices by their place in the manuscript's ``voices``
    surprise: int  # sixteenths of a bit; 255 for one that nobody wrote
    number: int


@dataclass
class Manuscript:
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


def broken(chapters: Sequence[Sequence[Mark]]) -> list[Mark]:
    """All chapters in one, a blank line of nobody's between them."""
    marks: list[Mark] = []
    for chapter in chapters:
        if marks and chapter:
            marks += [Mark("\n", chapter[0].t, (), NOBODY, 0)] * 2
        marks += chapter
    return marks


def manuscript(header: Header, events: Iterable[Event]) -> Manuscript:
    """What the ``events`` of a take left."""
    made = Manuscript(header.voices)
    primed: list[Mark] = []  # on the page if the next number says so: the guard may have refused it
    sequence = 0
    for event in events:
        made.seconds = max(made.seconds, getattr(event, "t", 0.0))
        at = event.number if isinstance(event, Written) else getattr(event, "at", None)
        if primed and at is not None:
            if at > sequence + 1:
                made.chapters[-1] += primed
                sequence += len(primed)
            primed = []
        page = made.chapters[-1]
        match event:
            case Written(number, t, character, tint, surprise):
                page.append(Mark(character, t, tint, surprise, number))
                made.written, sequence = made.written + 1, number
            case Primed(t=t, text=text):
                primed = [Mark(character, t, (), NOBODY, 0) for character in transliterate(text)[-PRIMED:]]
            case Rewound(chars=chars) if chars > 0:
                made.rewound += 1
                del page[max(0, len(page) - chars) :]
            case Begun() if page:
                made.chapters.append([])
            case Joined(voices=voices):
                made.voices = voices
            case Ended():
                pass
    made.chapters[-1] += primed
    if len(made.chapters) > 1 and not made.chapters[-1]:
        made.chapters.pop()
    return made
