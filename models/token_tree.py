"""Tokens as a tree of their letters: which of a vocabulary begin so, and where they stand.

The tokens (whole words, or parts of words) are sorted by their bytes, so that all that begin alike stand in a row. With
one running sum of what each weighs, every beginning's weight is one subtraction, and so a voice that reads tokens is
heard letter by letter, exactly. Pure numpy. What is cached may be found by several threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocol.alphabet import VOCABULARY

CACHED_TOKENS = 8  # tokens that have to begin alike for their letters to be kept


@dataclass(frozen=True)
class Node:
    """The tokens ``low`` to ``high`` (excluded) are those that begin with some ``depth`` characters."""

    low: int
    high: int
    depth: int


NOWHERE = Node(0, 0, 0)  # what no token begins with


class TokenTree:
    """The ``tokens`` of a vocabulary, sorted, 7-bit and all different, as a tree."""

    def __init__(self, tokens: Sequence[bytes]) -> None:
        self.root = Node(0, len(tokens), 0)
        self._lengths = np.array([len(token) for token in tokens])
        padded = np.array(tokens, f"S{int(self._lengths.max()) + 1}")
        self._codes = padded.view(np.uint8).reshape(len(tokens), -1)  # (T, L), noughts behind each token
        self._cache: dict[Node, NDArray[np.int64]] = {}

    def whole(self, node: Node) -> int | None:
        """Which token it is that has been spelled in full at ``node``; it is always the first of those."""
        there = node.high > node.low and node.depth > 0 and self._lengths[node.low] == node.depth
        return node.low if there else None

    def boundaries(self, node: Node) -> NDArray[np.int64]:
        """(129,) where the tokens of ``node`` begin that go on with each character, and where the last ones end."""
        found = self._cache.get(node)
        if found is None:
            start = node.low + (self.whole(node) is not None)
            if start >= node.high:
                return np.full(VOCABULARY + 1, start)
            inside = self._codes[start : node.high, node.depth]
            found = start + np.searchsorted(inside, np.arange(VOCABULARY + 1))
            if node.high - node.low > CACHED_TOKENS:
                self._cache[node] = found
        return found

    def child(self, node: Node, code: int) -> Node:
        """The tokens of ``node`` that go on with ``code``."""
        if node.high <= node.low:
            return NOWHERE
        at = self.boundaries(node)
        low, high = int(at[code]), int(at[code + 1])
        return Node(low, high, node.depth + 1) if high > low else NOWHERE

    def find(self, beginning: bytes) -> Node:
        """The tokens that begin so."""
        node = self.root
        for code in beginning:
            node = self.child(node, code)
        return node
