"""How a word voice spells words that it does not know: a small n-gram over the rare words of its text.

It knows the letters of the word that is being spelled and nothing else; the character behind a word is spelled with it,
so that it also knows where words end. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
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
    """``spelled`` are words, each with the character behind it; kept as one run of bytes, since there are many."""

    def __init__(self, packed: bytes) -> None:
        """``packed``: the length of each word, then the word. Raises ``ValueError`` unless it is that.

        Every word has 2 bytes at least, all below 128.
        """
        data, starts = np.frombuffer(packed, np.uint8), _starts(packed)
        if not len(starts):
            raise ValueError("it spells nothing")
        if data.max() >= VOCABULARY:
            raise ValueError("its spelling is not 7-bit")
        lengths = data[starts].astype(np.int64)
        if lengths.min() < 2 or lengths.max() > LONGEST_WORD + 1 or starts[-1] + 1 + lengths[-1] != len(data):
            raise ValueError("its spelling is torn")
        self._packed, self._starts = packed, starts
        spaced = ORDER + lengths
        inside = np.arange(spaced.sum()) - np.repeat(np.cumsum(spaced) - spaced, spaced)
        text = np.full(len(inside), START, np.uint8)
        places = np.flatnonzero(inside >= ORDER)
        text[places] = np.delete(data, starts)
        self._contexts = Contexts(text, ORDER, places)
        self._cache: dict[bytes, NDArray[np.float64]] = {}

    @staticmethod
    def of_words(spelled: Iterable[bytes]) -> Spelling:
        """What is to be learnt of these words, each with the character behind it."""
        return Spelling(b"".join(bytes([len(each)]) + each for each in spelled))

    @property
    def spelled(self) -> tuple[bytes, ...]:
        """The words it has learnt from, in their order."""
        return tuple(self._packed[start + 1 : start + 1 + self._packed[start]] for start in self._starts)

    @staticmethod
    def of(read: Sequence[Token]) -> Spelling:
        """What is to be learnt of the tokens ``read``: how the rare ones are spelled, each counted once.

        A word that nobody knows is most like those that hardly anybody knows. Where none is rare, all are learnt.
        """
        counted = Counter(read)
        pairs = {one[:LONGEST_WORD] + other[:1] for one, other in pairwise(read)}
        rare = [each for each in pairs if counted[each[:-1]] <= RARE_OCCURRENCES]
        return Spelling.of_words(sorted(rare or pairs))

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
        return self._packed


def _starts(packed: bytes) -> NDArray[np.int64]:
    """Where each word's length stands."""
    starts, place, end = [], 0, len(packed)
    while place < end:
        starts.append(place)
        place += 1 + packed[place]
    return np.array(starts, np.int64)
