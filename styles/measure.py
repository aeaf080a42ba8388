"""What a card says of its text: ``python -m styles.measure FILE`` prints checksum, length and sketch as TOML;
and how like one text is to another.

For writing a card by hand; FILE is the cleaned text, as ``antiphon styles fetch --accept`` leaves it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from hashlib import blake2b, sha256
from heapq import nsmallest
from pathlib import Path

from styles.card import dump_sketch

# ---- how much of one text is found in another: a bottom-k sketch of its passages -------------------------------------

# A passage is six words in a row. The sketch keeps the smallest hashes of a text's passages: a fair draw from all of
# them, whatever the layout, that says nothing of the text itself (Broder 1997). The share of them that another text has
# too estimates the share of passages found there, to about 5 % at one standard deviation.

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


def measure(data: bytes) -> str:
    """The fields ``checksum``, ``characters`` and ``sketch`` for a cleaned text (7-bit bytes)."""
    text = data.decode("ascii")
    return f'checksum = "{sha256(data).hexdigest()}"\ncharacters = {len(text)}\n{dump_sketch(sketch(text))}\n'


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m styles.measure FILE")
    try:
        print(measure(Path(sys.argv[1]).read_bytes()), end="")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{sys.argv[1]} is no cleaned text ({error})")
