"""What a receipt says: the last sentence or stanza, whose it is, when it was written, and where its take is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from frontend.client.session_state import SessionState
from frontend.look.surplus import shares_of_tints
from protocol.errors import ParameterError
from protocol.messages import Tint
from protocol.sentences import SENTENCE_END_CHARS, ends_sentence

Unit = Literal["sentence", "stanza"]
MAX_CHARS = 1_200  # characters on paper: some 60 lines
MAX_VOICES = 6  # that are named
LEAST_SHARE = 0.02
MAX_LINK_CHARS = 400  # characters of what the code says
TAKE = "{take}"  # in a link: the take's name
STANZA_GAP = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True)
class Receipt:
    """``voices`` are names with their shares of the text, the largest first; an empty ``link`` has no code."""

    text: str
    voices: tuple[tuple[str, float], ...]
    written: datetime
    take: str = ""
    link: str = ""


def receipt_of(session: SessionState, unit: Unit, written: datetime, link: str = "") -> Receipt:
    """The newest whole sentence, or stanza, of a performance. Raises ``ParameterError`` where there is none yet."""
    start, stop = newest(session.text, unit)
    if start == stop:
        raise ParameterError(f"no {unit} has ended yet: there is nothing to print")
    take = session.status.take if session.status is not None else ""
    words = session.text[start:stop]
    names = [card.name for card in session.cards]
    whole = link.replace(TAKE, take)[:MAX_LINK_CHARS]
    return Receipt(words.strip("\n"), voices_of(session.tints[start:stop], names), written, take, whole)


def newest(text: str, unit: Unit) -> tuple[int, int]:
    """From where to where the newest whole one stands in ``text``, at most ``MAX_CHARS``; equal where there is none."""
    if unit == "stanza":
        ends = [0, *(found.end() for found in STANZA_GAP.finditer(text))]
        pairs = [(a, b) for a, b in pairwise(ends) if text[a:b].strip()]
    else:
        looked = max(0, len(text) - 4 * MAX_CHARS)
        ends = [end for end in range(looked + 1, len(text) + 1) if text[end - 1].isspace() and _ends(text, end)]
        pairs = [(a, b) for a, b in pairwise([looked, *ends]) if text[a:b].strip()]
    if not pairs:
        return 0, 0
    start, stop = pairs[-1]
    while start < stop and text[start].isspace() and unit == "sentence":
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return max(start, stop - MAX_CHARS), stop


def _ends(text: str, end: int) -> bool:
    return ends_sentence(text[max(0, end - SENTENCE_END_CHARS) : end])


def voices_of(tints: Sequence[Tint], names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Who wrote it, and how much of it."""
    shares = shares_of_tints(tints, len(names)).sum(axis=0)
    total = float(shares.sum())
    found = [(name, float(share) / total) for name, share in zip(names, shares, strict=True) if share > 0.0]
    return tuple(sorted((each for each in found if each[1] >= LEAST_SHARE), key=lambda each: -each[1])[:MAX_VOICES])


def wrapped(text: str, columns: int) -> list[str]:
    """``text`` in lines of at most so many characters: its own line breaks stay, words are cut only where they must."""
    lines: list[str] = []
    for written in text.expandtabs(4).split("\n"):
        indent = len(written) - len(written.lstrip(" "))
        line = " " * min(indent, columns // 2)
        for word in written.split():
            room = columns - len(line) - (not line.isspace() and bool(line))
            if len(word) > room and line.strip():
                lines.append(line.rstrip())
                line = ""
            while len(word) > columns:
                lines.append(word[:columns])
                word = word[columns:]
            line += word if not line or line.isspace() else f" {word}"
        lines.append(line.rstrip())
    return lines
