"""How much of one text is found in another, told from a few hundred bytes: a bottom-k sketch of its passages.

A passage is six words in a row. The sketch keeps the ``SKETCH_HASHES`` smallest hashes of a text's passages. They are
a fair draw from all passages, whatever the layout, and say nothing of the text itself (Broder 1997). The share of them
that another text also has estimates the share of passages found there, to about 5 % at one standard deviation.
Pure; no thread of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from heapq import nsmallest

PASSAGE_WORDS = 6  # words
SKETCH_HASHES = 96  # hashes kept

_WORD = re.compile(r"[a-z0-9]+")


def sketch(text: str) -> tuple[int, ...]:
    """The smallest hashes (32 bits, rising) of the passages of ``text``; fewer for a very short text."""
    return tuple(nsmallest(SKETCH_HASHES, set(_hashes(text))))


def likeness(wanted: tuple[int, ...], text: str) -> float:
    """The share, 0-1, of the passages behind the sketch ``wanted`` that ``text`` has too; 0 for an empty sketch."""
    if not wanted:
        return 0.0
    greatest = max(wanted)
    found = {number for number in _hashes(text) if number <= greatest}
    return sum(number in found for number in wanted) / len(wanted)


def _hashes(text: str) -> Iterator[int]:
    words = _WORD.findall(text.lower())
    for start in range(len(words) - PASSAGE_WORDS + 1):
        passage = " ".join(words[start : start + PASSAGE_WORDS])
        yield int.from_bytes(blake2b(passage.encode("ascii"), digest_size=4).digest())
