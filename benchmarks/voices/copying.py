"""How much of a text stands word for word in another: the longest run, and the share of windows that are found.

All runs of one length are compared at once by polynomial hashes of 64 bits (Karp and Rabin 1987). Every part of a
shared run is shared too, so the longest is found by bisection. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.interface import Codes
from protocol.alphabet import VOCABULARY

WINDOW_CHARS = 30  # characters
SIEVE_BITS = 20  # bits of a hash that are looked at first, in a table that fits a processor's cache

Hashes = NDArray[np.uint64]

_random = np.random.default_rng(20)
_CODES: Hashes = _random.integers(1, 2**64, VOCABULARY, np.uint64)  # what each character adds
_BASE = int(_random.integers(2**62, 2**63)) | 1  # odd: it has an inverse modulo 2^64
_INVERSE = pow(_BASE, -1, 2**64)


class Passages:
    """The runs of characters of some pieces of 7-bit text; none reaches from one piece into the next."""

    def __init__(self, pieces: Sequence[Codes]) -> None:
        self._codes = np.concatenate([*pieces, np.zeros(0, np.uint8)])  # (T,)
        self._ends = np.cumsum([len(piece) for piece in pieces]).tolist()
        added = _CODES[self._codes] * _powers(_BASE, len(self._codes))
        self._sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(added)])  # (T + 1,) modulo 2^64
        self._back = _powers(_INVERSE, len(self._codes))  # (T,) a run's hash is to forget where it stands

    @property
    def longest(self) -> int:
        """The length of the longest piece."""
        return max(np.diff([0, *self._ends]).tolist(), default=0)

    def runs(self, length: int) -> Hashes:
        """The hashes of all runs of ``length`` characters (at least 1), in the order in which they stand."""
        if length > len(self._codes):
            return np.zeros(0, np.uint64)
        hashes = (self._sums[length:] - self._sums[:-length]) * self._back[: len(self._codes) - length + 1]
        edges = zip([0, *self._ends[:-1]], self._ends, strict=True)
        return np.concatenate([hashes[start : max(start, end - length + 1)] for start, end in edges])

    def run(self, place: int, length: int) -> str:
        """The text of the run whose hash stands at ``place`` in ``runs(length)``."""
        for start, end in zip([0, *self._ends[:-1]], self._ends, strict=True):
            inside = max(0, end - start - length + 1)
            if place < inside:
                return self._codes[start + place : start + place + length].tobytes().decode("ascii")
            place -= inside
        raise IndexError(f"there is no such run of {length} characters")


def longest_run(corpus: Passages, texts: Passages) -> str:
    """The longest run of characters that ``texts`` share with ``corpus``; the first in ``texts`` of equals."""
    shared, beyond, run = 0, 1 + min(corpus.longest, texts.longest), ""
    while beyond - shared > 1:
        length = (shared + beyond) // 2
        places = np.flatnonzero(_found(corpus, texts, length))
        if len(places):
            shared, run = length, texts.run(int(places[0]), length)
        else:
            beyond = length
    return run


def share_found(corpus: Passages, texts: Passages, length: int = WINDOW_CHARS) -> float:
    """The share, 0-1, of the runs of ``length`` characters in ``texts`` that stand in ``corpus``; 0 of none."""
    found = _found(corpus, texts, length)
    return float(found.mean()) if len(found) else 0.0


def _found(corpus: Passages, texts: Passages, length: int) -> NDArray[np.bool_]:
    """Which of ``texts.runs(length)`` stand in ``corpus``."""
    wanted, there = texts.runs(length), corpus.runs(length)
    sieve = np.zeros(1 << SIEVE_BITS, np.bool_)
    sieve[wanted >> np.uint64(64 - SIEVE_BITS)] = True
    return np.isin(wanted, there[sieve[there >> np.uint64(64 - SIEVE_BITS)]])


def _powers(base: int, count: int) -> Hashes:
    """(count,) base^0, base^1, ... modulo 2^64."""
    factors = np.full(count, base, np.uint64)
    factors[:1] = 1
    return np.cumprod(factors)
