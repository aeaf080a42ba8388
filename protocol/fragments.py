"""What does not fit in one datagram: split into as few messages as do, and put together again.

Pure; no thread of its own. V = 128 characters.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.alphabet import VOCABULARY
from protocol.documents import LONGEST_FILE_BYTES
from protocol.formats import MOST_DOCUMENT_PARTS
from protocol.grain import dequantise_evidence, quantise_evidence
from protocol.messages import Distributions, ShowDocument, TextExcerpt, Tint
from protocol.mixing import dequantise, quantise
from protocol.spelling import Mask, pack_known

ROWS_A_PART = 10  # 80 bytes of address, tags, lengths, known characters and padding + 10 x 131 < DATAGRAM
DOCUMENT_BYTES = 1_200  # of a document's part: leaves room for the same
PAST_BYTES = 1_300  # of text, tints and surprises a ``TextExcerpt``: leaves room for address, tags, lengths and padding


def distribution_messages(
    sequence: int,
    voices: Sequence[int],
    p: NDArray[np.floating],
    evidence: ArrayLike | None = None,
    known: Mask | None = None,
) -> list[Distributions]:
    """What ``voices`` (n indices) expect as character ``sequence``, ``p`` (n, V), in parts that each fit a datagram.

    ``evidence`` (n,) is how well each foresaw the present word (``protocol.grain``); ``known`` (V,), told with it,
    which characters come next in known words.

    The parts are as few and as equal as can be; there is none if no voice is awake.
    """
    levels = quantise(p)  # (n, V)
    steps = None if evidence is None else quantise_evidence(evidence).astype(">u2")  # (n,)
    parts = -(-len(voices) // ROWS_A_PART)
    cuts = [len(voices) * part // parts for part in range(parts + 1)] if parts else []
    return [
        Distributions(
            sequence,
            part,
            parts,
            tuple(int(i) for i in voices[start:end]),
            levels[start:end].tobytes(),
            b"" if steps is None else steps[start:end].tobytes(),
            b"" if steps is None else pack_known(known),
        )
        for part, (start, end) in enumerate(pairwise(cuts))
    ]


def distribution_rows(parts: Iterable[Distributions]) -> dict[int, NDArray[np.float64]] | None:
    """(V,) by voice index, from the parts of one sequence number in any order; None while one is missing."""
    found = {message.part: message for message in parts}
    if not found or len(found) < next(iter(found.values())).parts:
        return None
    return {
        voice: row
        for _, message in sorted(found.items())
        for voice, row in zip(
            message.voices, dequantise(np.frombuffer(message.levels, np.uint8)).reshape(-1, VOCABULARY), strict=True
        )
    }


def evidence_rows(parts: Iterable[Distributions]) -> dict[int, float]:
    """How well each voice foresaw the present word, by index; voices without evidence are left out."""
    return {
        voice: float(level)
        for message in parts
        for voice, level in zip(
            message.voices if message.evidence else (),
            dequantise_evidence(np.frombuffer(message.evidence, ">u2")),
            strict=True,
        )
    }


def past_messages(
    epoch: int, position: int, text: str, tints: Sequence[Tint], surprises: bytes = b""
) -> Iterator[TextExcerpt]:
    """``text`` at ``position``, with a tint and a level of surprise a character, in parts that each fit a datagram.

    An empty text is one empty ``TextExcerpt``: the asker learns that there is nothing. ``surprises`` may be left out.
    """
    start = size = 0
    for place, tint in enumerate(tints):
        needed = 3 + 2 * len(tint)  # the character, its surprise, the tint's count, its pairs
        size += needed
        if size > PAST_BYTES:
            piece = slice(start, place)
            yield TextExcerpt(epoch, position + start, text[piece], tuple(tints[piece]), surprises[piece])
            start, size = place, needed
    yield TextExcerpt(epoch, position + start, text[start:], tuple(tints[start:]), surprises[start:])


def document_messages(name: str, text: str) -> list[ShowDocument]:
    """``text`` as a document called ``name``, in parts that each fit a datagram; none where it is too long."""
    whole = zlib.compress(text.encode("utf-8"), 9)
    pieces = [whole[start : start + DOCUMENT_BYTES] for start in range(0, len(whole), DOCUMENT_BYTES)]
    if len(pieces) > MOST_DOCUMENT_PARTS:
        return []
    version = zlib.crc32(whole) & 0x7FFFFFFF
    return [ShowDocument(name, version, part, len(pieces), piece) for part, piece in enumerate(pieces)]


class DocumentGatherer:
    """Documents put together from parts, in any order; of each the newest that was told."""

    def __init__(self) -> None:
        self.whole: dict[str, str] = {}  # by name
        self._parts: dict[str, dict[int, ShowDocument]] = {}
        self._told: dict[str, tuple[int, int]] = {}  # the version and parts of what is whole

    def hear(self, message: ShowDocument) -> None:
        """Take a part in. What is no document when all parts are there is passed over."""
        mark = message.version, message.parts
        if self._told.get(message.name) == mark:
            return
        parts = self._parts.setdefault(message.name, {})
        if any((other.version, other.parts) != mark for other in parts.values()):
            parts.clear()  # another version is told now
        parts[message.part] = message
        if len(parts) < message.parts:
            return
        self._told[message.name] = mark
        content = b"".join(parts[part].content for part in range(message.parts))
        parts.clear()
        opened = zlib.decompressobj()
        try:
            self.whole[message.name] = opened.decompress(content, LONGEST_FILE_BYTES).decode("utf-8")
        except (zlib.error, UnicodeDecodeError):
            return
