"""How a word voice spells words that it does not know: a small n-gram over the rare words of its text.

It knows the letters of the word that is being spelled and nothing else; the character behind a word is spelled with it,
so that it also knows where words end. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.ngram.contexts import Contexts
from models.ngram.kneser_ney import distribution
from models.words.tokens import LONGEST_WORD, Token
from protocol.alphabet import VOCABULARY

ORDER = 6  # characters of a word that are looked back at
START = 0  # the code that stands before every word, and that no text holds
RARE_OCCURRENCES = 8  # of a word at the most from which it is learnt how unknown ones are spelled
CACHED_BEGINNINGS = 1_024  # of words, whose next characters are kept: 1 kB each


class Spelling:
    """``spelled`` are words, each with the character behind it."""

    def __init__(self, spelled: Sequence[bytes]) -> None:
        """Every one of ``spelled`` has 2 bytes at least, all below 128."""
        self.spelled = tuple(spelled)
        before = bytes([START]) * ORDER
        text = np.frombuffer(b"".join(before + each for each in spelled), np.uint8)
        lengths = np.array([ORDER + len(each) for each in spelled])
        inside = np.arange(len(text)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self._contexts = Contexts(text, ORDER, np.flatnonzero(inside >= ORDER))
        self._cache: dict[bytes, NDArray[np.float64]] = {}

    @staticmethod
    def of(read: Sequence[Token]) -> Spelling:
        """What is to be learnt of the tokens ``read``: how the rare ones are spelled, each counted once.

        A word that nobody knows is most like those that hardly anybody knows. Where none is rare, all are learnt.
        """
        counted = Counter(read)
        pairs = {one[:LONGEST_WORD] + other[:1] for one, other in pairwise(read)}
        rare = [each for each in pairs if counted[each[:-1]] <= RARE_OCCURRENCES]
        return Spelling(sorted(rare or pairs))

    def after(self, begun: Token) -> NDArray[np.float64]:
        """(128,) what comes behind the beginning of a word, what ends it included. Not to be written to."""
        key = begun[-ORDER:].rjust(ORDER, bytes([START]))
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) >= CACHED_BEGINNINGS:
                self._cache.clear()
            found = self._cache[key] = distribution(self._contexts, np.frombuffer(key[::-1], np.uint8))
        return found

    def bits(self, token: Token) -> float:
        """What it costs to spell ``token``; that it is over is not counted."""
        return -sum(float(np.log2(self.after(token[:place])[code])) for place, code in enumerate(token))

    def packed(self) -> bytes:
        """All words in one run of bytes: the length of each, then the word."""
        return b"".join(bytes([len(each)]) + each for each in self.spelled)

    @staticmethod
    def unpacked(data: bytes) -> Spelling:
        """What ``packed`` gave. Raises ``ValueError`` for anything else."""
        spelled, place = [], 0
        if max(data, default=0) >= VOCABULARY:
            raise ValueError("its spelling is not 7-bit")
        while place < len(data):
            each = data[place + 1 : place + 1 + data[place]]
            if not 2 <= len(each) <= LONGEST_WORD + 1 or len(each) != data[place]:
                raise ValueError("its spelling is torn")
            spelled.append(each)
            place += 1 + len(each)
        if not spelled:
            raise ValueError("it spells nothing")
        return Spelling(spelled)
