"""From words to letters, exactly: what the words that begin so weigh together (``models.token_tree``).

Nothing is cut off and nothing is sampled: the product over the letters of a word is the word's own probability. Pure
numpy; no thread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.token_tree import Node, TokenTree


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
        self, words: TokenTree, spelled: NDArray[np.float64], allowed: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """(128,) with what the word begins if only ``allowed`` characters may; ``spelled``: with what an unknown."""
        letters = np.diff(self.sums[words.boundaries(words.root)]) + self.unknown * spelled
        letters = np.where(allowed, letters, 0.0)
        whole = letters.sum()
        if whole > 0.0:
            return np.asarray(letters / whole)
        return np.asarray(allowed / allowed.sum())
