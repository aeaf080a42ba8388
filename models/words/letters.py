"""From words to letters, exactly: which words begin so, and what they weigh together.

The words are sorted by their bytes, so that all that begin alike stand in a row, and with one running sum of what each
weighs every beginning's weight is one subtraction. Nothing is cut off and nothing is sampled: the product over the
letters of a word is the word's own probability. Pure numpy. What is cached may be found by several threads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.words.tokens import Vocabulary
from protocol.alphabet import VOCABULARY

CACHED_WORDS = 8  # words that have to begin alike for their letters to be kept


@dataclass(frozen=True)
class Node:
    """The words ``low`` to ``high`` (excluded) are those that begin with some ``depth`` characters."""

    low: int
    high: int
    depth: int


NOWHERE = Node(0, 0, 0)  # what no word begins with


class SortedWords:
    """The words of a vocabulary as a tree."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.root = Node(0, len(vocabulary), 0)
        self._lengths = np.array([len(word) for word in vocabulary.words])
        padded = np.array(vocabulary.words, f"S{int(self._lengths.max()) + 1}")
        self._codes = padded.view(np.uint8).reshape(len(vocabulary), -1)  # (W, L), noughts behind each word
        self._cache: dict[Node, NDArray[np.int64]] = {}

    def whole(self, node: Node) -> int | None:
        """Which word it is that has been spelled in full at ``node``; it is always the first of those."""
        there = node.high > node.low and node.depth > 0 and self._lengths[node.low] == node.depth
        return node.low if there else None

    def boundaries(self, node: Node) -> NDArray[np.int64]:
        """(129,) where the words of ``node`` begin that go on with each character, and where the last ones end."""
        found = self._cache.get(node)
        if found is None:
            start = node.low + (self.whole(node) is not None)
            if start >= node.high:
                return np.full(VOCABULARY + 1, start)
            inside = self._codes[start : node.high, node.depth]
            found = start + np.searchsorted(inside, np.arange(VOCABULARY + 1))
            if node.high - node.low > CACHED_WORDS:
                self._cache[node] = found
        return found

    def child(self, node: Node, code: int) -> Node:
        """The words of ``node`` that go on with ``code``."""
        if node.high <= node.low:
            return NOWHERE
        at = self.boundaries(node)
        low, high = int(at[code]), int(at[code + 1])
        return Node(low, high, node.depth + 1) if high > low else NOWHERE


@dataclass(frozen=True)
class Expectation:
    """What the next word is to be."""

    sums: NDArray[np.float64]  # (W + 1,) of the probabilities of the words before each
    unknown: float  # the probability that it is none of them

    @staticmethod
    def of(logits: NDArray[np.float32]) -> Expectation:
        """Of the logits of the unknown word and of all others."""
        weights = np.exp(logits - logits.max(), dtype=np.float64)
        weights /= weights.sum()
        unknown = float(weights[0])
        weights[0] = 0.0
        return Expectation(np.cumsum(weights), unknown)

    def mass(self, node: Node) -> float:
        """The probability of all words of ``node``."""
        return float(self.sums[node.high] - self.sums[node.low])

    def first_letters(
        self, words: SortedWords, spelled: NDArray[np.float64], allowed: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """(128,) with what the word begins if only ``allowed`` characters may; ``spelled``: with what an unknown."""
        letters = np.diff(self.sums[words.boundaries(words.root)]) + self.unknown * spelled
        letters = np.where(allowed, letters, 0.0)
        whole = letters.sum()
        if whole > 0.0:
            return np.asarray(letters / whole)
        return np.asarray(allowed / allowed.sum())
