"""The parts of words that a transformer reads, and how a text is cut into them: byte-level byte-pair encoding.

Only tokens that are wholly of characters that may be written are kept. A text of these is cut as the tokenizer cuts
it that the model was trained with: first into words, signs and blanks, then each of these into its letters, of which
the pair is joined that was learnt first, until none is left. Pure; no thread of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.token_tree import TokenTree
from protocol.alphabet import WRITABLE_CODES
from protocol.errors import VoiceError

LONGEST_TOKEN = 128  # bytes; the longest that may be written of SmolLM2's are blanks
MOST_TOKENS = 400_000
CACHED_PIECES = 50_000

_WORDS = re.compile(rb"'(?:[sdmt]|ll|ve|re)| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
_DIGITS = re.compile(rb"([0-9])")

Numbers = NDArray[np.int64]


def _letters_of_bytes() -> dict[str, int]:
    """The printable letter that stands for each byte in the files of byte-level tokenizers (GPT-2's table)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}


BYTES = _letters_of_bytes()


@dataclass(frozen=True)
class Subwords:
    """The tokens, sorted by their bytes, and in which order pairs are joined to them: the lowest of ``ranks`` first."""

    tokens: tuple[bytes, ...]
    ranks: NDArray[np.int32]
    single_digits: bool = False  # whether a number is always cut into its digits

    def __post_init__(self) -> None:
        if not 0 < len(self.tokens) <= MOST_TOKENS or len(self.ranks) != len(self.tokens):
            raise ValueError(f"it has {len(self.tokens)} tokens with {len(self.ranks)} ranks")
        if any(one >= other for one, other in pairwise(self.tokens)):
            raise ValueError("its tokens are not sorted")
        if not all(0 < len(token) <= LONGEST_TOKEN for token in self.tokens):
            raise ValueError("its tokens are too long, or empty")
        missing = [code for code in sorted(WRITABLE_CODES) if bytes([code]) not in self._numbers]
        if missing or not WRITABLE_CODES.issuperset(b"".join(self.tokens)):
            raise ValueError(f"its tokenizer does not fit: it cannot write {chr(missing[0]) if missing else 'all'!r}")

    @staticmethod
    def kept(letters: Sequence[str], single_digits: bool) -> tuple[Subwords, Numbers]:
        """Of a tokenizer's tokens, in its order and spelling, those that may be written; and their numbers there.

        Raises ``VoiceError`` for the tokens of a tokenizer of another kind.
        """
        found: dict[bytes, int] = {}
        for number, spelled in enumerate(letters):
            codes = [BYTES.get(letter, 0) for letter in spelled[: LONGEST_TOKEN + 1]]
            if 0 < len(codes) <= LONGEST_TOKEN and WRITABLE_CODES.issuperset(codes):
                found.setdefault(bytes(codes), number)
        numbers = np.array([found[token] for token in sorted(found)], np.int64)
        try:
            return Subwords(tuple(sorted(found)), numbers.astype(np.int32), single_digits), numbers
        except ValueError as error:
            raise VoiceError(f"{error}; byte-level tokenizers are read, as GPT-2's and SmolLM2's") from None

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def tree(self) -> TokenTree:
        return TokenTree(self.tokens)

    def encode(self, text: bytes) -> list[int]:
        """The numbers of the tokens that ``text`` is cut into; it has no characters but those that may be written."""
        return [number for piece in self._pieces(text) for number in self._joined(piece)]

    def _pieces(self, text: bytes) -> Iterator[bytes]:
        for part in _DIGITS.split(text) if self.single_digits else [text]:
            yield from _WORDS.findall(part)

    def _joined(self, piece: bytes) -> tuple[int, ...]:
        known = self._cache.get(piece)
        if known is None:
            parts = [piece[at : at + 1] for at in range(len(piece))]
            while (place := self._first_pair(parts)) is not None:
                parts[place : place + 2] = [parts[place] + parts[place + 1]]
            known = tuple(self._numbers[part] for part in parts)
            if len(self._cache) < CACHED_PIECES:
                self._cache[piece] = known
        return known

    def _first_pair(self, parts: Sequence[bytes]) -> int | None:
        """The place of the pair that was learnt first; None where no two make a token."""
        best, found = len(self.ranks) + int(self.ranks.max()), None
        for place, (one, other) in enumerate(pairwise(parts)):
            number = self._numbers.get(one + other)
            if number is not None and int(self.ranks[number]) < best:
                best, found = int(self.ranks[number]), place
        return found

    @cached_property
    def _numbers(self) -> dict[bytes, int]:
        return {token: number for number, token in enumerate(self.tokens)}

    @cached_property
    def _cache(self) -> dict[bytes, tuple[int, ...]]:
        return {}

    def packed(self) -> bytes:
        """All tokens in one run of bytes: the length of each, then the token."""
        return b"".join(bytes([len(token)]) + token for token in self.tokens)

    @staticmethod
    def unpacked(data: bytes, ranks: NDArray[np.int32], single_digits: bool) -> Subwords:
        """What ``packed`` gave. Raises ``ValueError`` for anything else."""
        return Subwords(tuple(_split(data)), ranks, single_digits)


def _split(data: bytes) -> Iterable[bytes]:
    place = 0
    while place < len(data):
        token = data[place + 1 : place + 1 + data[place]]
        if len(token) != data[place]:
            raise ValueError("its tokens are torn")
        yield token
        place += 1 + len(token)
