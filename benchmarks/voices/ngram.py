"""A character n-gram with Witten-Bell smoothing: the yardstick of our own fitting, from the same text as the voice.

P(c | h) = (C(hc) + T(h) P(c | h')) / (C(h) + T(h)), where C counts, T(h) is how many different characters followed h,
and h' is h without its oldest character (Witten and Bell 1991, method C; Chen and Goodman 1999). Below the empty
context stands the uniform distribution over the 128 codes. A table is one sorted array, a look-up a binary search.
Pure numpy; no thread of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.interface import Codes
from protocol.alphabet import VOCABULARY

# ---- PPMd: variant H at order 8, as 7-Zip packs with -----------------------------------------------------------------
# The bits that the held-out text adds are its price (Cleary and Witten 1984; Shkarin 2002). Unlike a voice, PPMd goes
# on learning while it reads, and it has whole memory of the training text. What 7-Zip itself needed on another cut of
# the same texts stands beside it in ``yardstick.toml``. Runs on the caller's thread.

PPMD_ORDER = 8  # characters
MEMORY = 256 << 20  # bytes: no text here fills it, so nothing is ever forgotten
YARDSTICK = Path(__file__).with_name("yardstick.toml")


def ppmd_bits_per_char(training: Sequence[Codes], held_out: Sequence[Codes]) -> float:
    """Bits that each character of ``held_out`` costs after ``training``; both are read as one text each."""
    import pyppmd

    encoder = pyppmd.Ppmd7Encoder(PPMD_ORDER, MEMORY)
    encoder.encode(np.concatenate(training).tobytes())  # the few bytes still held back are counted with what follows
    examined = np.concatenate(held_out)
    packed = len(encoder.encode(examined.tobytes())) + len(encoder.flush())
    return 8.0 * packed / len(examined)


def yardstick() -> Mapping[str, float]:
    """Bits per character of 7-Zip's PPMd by style, as given to us; its source is told in the file."""
    table: dict[str, float] = tomllib.loads(YARDSTICK.read_text("utf-8"))["bits_per_char"]
    return table


ORDER = 6  # characters of context at most
BITS = 7  # a character

Keys = NDArray[np.int64]


@dataclass(frozen=True)
class Table:
    """What followed the contexts of one length. All arrays are sorted by their keys."""

    grams: Keys  # (G,) context and next character, packed
    counts: NDArray[np.int64]  # (G,) C(hc)
    contexts: Keys  # (H,) packed
    totals: NDArray[np.int64]  # (H,) C(h)
    kinds: NDArray[np.int64]  # (H,) T(h)

    @staticmethod
    def of(grams: Keys) -> Table:
        grams, counts = _runs(np.sort(grams))
        contexts, kinds = _runs(grams >> BITS)
        ends = np.cumsum(kinds)
        reached = np.concatenate([[0], np.cumsum(counts)])
        return Table(grams, counts, contexts, np.diff(reached[np.concatenate([[0], ends])]), kinds)

    def look_up(self, grams: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """C(hc), C(h) and T(h) of each gram, 0 for what was never seen."""
        contexts = grams >> BITS
        return (
            _of(self.grams, self.counts, grams),
            _of(self.contexts, self.totals, contexts),
            _of(self.contexts, self.kinds, contexts),
        )


class Ngram:
    """A model of ``pieces``; no context reaches from one piece into the next."""

    def __init__(self, pieces: Sequence[Codes], order: int = ORDER) -> None:
        """``order`` is 0-8: so many characters and the next one fit into 63 bits."""
        if not 0 <= order <= 63 // BITS - 1:
            raise ValueError(f"an n-gram looks back 0-{63 // BITS - 1} characters, not {order}")
        self.order = order
        self._tables = [
            Table.of(np.concatenate([_pack(piece, length + 1) for piece in pieces])) for length in range(order + 1)
        ]

    def probabilities(self, text: Codes) -> NDArray[np.float64]:
        """(T,) P of each character of ``text``, given those before it in ``text``, at most ``order`` of them."""
        p = np.full(len(text), 1.0 / VOCABULARY)
        for length, table in enumerate(self._tables):
            grams = _pack(text, length + 1)
            order = np.argsort(grams)  # neighbours in the table are then asked for one after the other
            seen, total, kinds = (found[np.argsort(order)] for found in table.look_up(grams[order]))
            known = total > 0
            place = np.flatnonzero(known) + length
            p[place] = (seen[known] + kinds[known] * p[place]) / (total[known] + kinds[known])
        return p

    def bits(self, text: Codes) -> NDArray[np.float64]:
        """(T,) -log2 P of each character."""
        return np.asarray(-np.log2(self.probabilities(text)))


def bits_per_char(model: Ngram, pieces: Sequence[Codes]) -> float:
    """The mean over all characters of ``pieces``, each piece read from its beginning."""
    return float(np.concatenate([model.bits(piece) for piece in pieces]).mean())


def _pack(text: Codes, length: int) -> Keys:
    """(T - length + 1,) every ``length`` characters in a row as one number, the oldest in the highest bits."""
    keys = np.zeros(max(0, len(text) - length + 1), np.int64)
    for place in range(length):
        keys = keys << BITS | text[place : place + len(keys)]
    return keys


def _runs(ordered: Keys) -> tuple[Keys, NDArray[np.int64]]:
    """The different values of a sorted array and how often each is there."""
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(ordered)), bool), ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.diff(np.concatenate([starts, [len(ordered)]]))


def _of(keys: Keys, values: NDArray[np.int64], wanted: Keys) -> NDArray[np.int64]:
    """The value beside each of ``wanted`` in the sorted ``keys``, 0 for those that are not there."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
