"""How a text is cut into words, and which words a voice knows.

A token is a word with the blank before it, a sign with the blank before it, or a single character of white space. Every
text of 7-bit characters is cut in one way only, so that a voice has one reading of what was written and needs no beam.
Pure; no thread of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from protocol.alphabet import VOCABULARY

LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'")
BLANKS = frozenset(b" \t\n\r\f\v")  # what the expression calls white space
LONGEST_WORD = 32  # characters of a word that a voice knows, its blank included
MOST_WORDS = 12_000  # that a voice knows
LEAST_OCCURRENCES = 2  # a word read once is learnt as the unknown one, so that there is an unknown one to learn

UNKNOWN = 0  # the number of every word that a voice does not know; known ones are counted from 1
_TOKEN = re.compile(rb" ?[A-Za-z']+| ?[^A-Za-z'\s]|\s")

Token = bytes


def tokens(text: bytes) -> list[Token]:
    """``text`` (7-bit) cut into its tokens; joined they are the text again."""
    return _TOKEN.findall(text)


def lengthens(token: Token, code: int) -> bool:
    """Whether the token begun as ``token`` (empty at first) would go on with ``code`` instead of being over."""
    if not token:
        return True
    if token == b" ":
        return code not in BLANKS
    return token[-1] in LETTERS and code in LETTERS


def may_begin(after: Token) -> NDArray[np.bool_]:
    """(128,) the characters that the next token may begin with behind the token ``after``. Not to be written to."""
    return _may_begin(after if after == b" " else after[-1:])


@lru_cache(maxsize=VOCABULARY + 1)
def _may_begin(ending: Token) -> NDArray[np.bool_]:
    return np.array([not lengthens(ending, code) for code in range(VOCABULARY)])


@dataclass(frozen=True)
class Vocabulary:
    """The words that a voice knows, sorted by their bytes; word i has the number i + 1."""

    words: tuple[Token, ...]

    @staticmethod
    def of(read: Iterable[Token], most: int = MOST_WORDS, others: Iterable[Token] = ()) -> Vocabulary:
        """At most ``most`` words: the frequent ones of the tokens ``read``, then, in their order, ``others``."""
        counted = Counter(token for token in read if len(token) <= LONGEST_WORD)
        frequent = [token for token, count in counted.most_common(most) if count >= LEAST_OCCURRENCES]
        return Vocabulary(tuple(sorted(list(dict.fromkeys([*frequent, *others]))[:most])))

    def __len__(self) -> int:
        return len(self.words)

    def numbers(self, read: Sequence[Token]) -> NDArray[np.int64]:
        """The number of each token ``read``, ``UNKNOWN`` for those that are none of the words."""
        number = {word: place + 1 for place, word in enumerate(self.words)}
        return np.array([number.get(token, UNKNOWN) for token in read], np.int64)

    def packed(self) -> bytes:
        """All words in one run of bytes: the length of each, then the word."""
        return b"".join(bytes([len(word)]) + word for word in self.words)

    @staticmethod
    def unpacked(data: bytes) -> Vocabulary:
        """What ``packed`` gave. Raises ``ValueError`` for anything else."""
        words, place = [], 0
        if max(data, default=0) >= VOCABULARY:
            raise ValueError("its words are not 7-bit")
        while place < len(data):
            length = data[place]
            word = data[place + 1 : place + 1 + length]
            if not 0 < length <= LONGEST_WORD or len(word) != length:
                raise ValueError("its words are torn")
            words.append(word)
            place += 1 + length
        if not words or any(one >= other for one, other in pairwise(words)):
            raise ValueError("its words are not sorted")
        if not all(map(_TOKEN.fullmatch, words)):
            raise ValueError("its words are none")
        return Vocabulary(tuple(words))
