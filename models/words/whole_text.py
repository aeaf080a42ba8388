"""A whole text read by a word voice at once: the same figures as letter by letter, a few times faster.

For examinations. The LSTM reads all words in a row; what each letter was given follows from the running sums of what
was expected at its word's beginning, in closed form (``models.words.reading`` says the same one letter at a time).
Pure torch and numpy, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.token_tree import NOWHERE, TokenTree
from models.words.spelling import Spelling
from models.words.tokens import Token, may_begin, tokens
from models.words.weights_file import WordWeights

WORDS_AT_ONCE = 256

Rows = NDArray[np.float64]


def likelihoods(weights: WordWeights, text: bytes) -> Rows:
    """(T,) the probability that a fresh voice gives to each character of ``text`` (7-bit) before it reads it."""
    words, spelling = TokenTree(weights.vocabulary.words), weights.spelling
    root, first = words.boundaries(words.root), spelling.after(b"")
    found: list[float] = []
    before: _Over | None = None
    for token, (sums, unknown) in zip(tokens(text), _expectations(weights, tokens(text)), strict=False):
        letters = np.diff(sums[root]) + unknown * first
        found.append(before.likelihood(letters, token[0]) if before else float(letters[token[0]] / letters.sum()))
        before = _read(words, spelling, token, sums, unknown, found)
    return np.array(found)


@dataclass(frozen=True)
class _Over:
    """A word that has been read to its end, if it ends there."""

    token: Token
    over: float  # the weight of the word itself
    unknown: float  # of an unknown one that is spelled like it, or begins so
    whole: float  # of these and of all longer words
    behind: Rows  # (128,) what stands behind an unknown word that is spelled like it

    def likelihood(self, letters: Rows, code: int) -> float:
        """Of ``code`` behind it, if ``letters`` are the weights of what the next word begins with."""
        follows = letters[code] / letters[may_begin(self.token)].sum() if self.over else 0.0
        return float((self.over * follows + self.unknown * self.behind[code]) / self.whole)


def _read(words: TokenTree, spelling: Spelling, token: Token, sums: Rows, unknown: float, found: list[float]) -> _Over:
    """Put what all characters of ``token`` but the first were given behind ``found``."""
    node, mass, total = words.root, 0.0, 1.0
    for place, code in enumerate(token):
        unknown *= float(spelling.after(token[:place])[code])
        node = words.child(node, code)
        mass = float(sums[node.high] - sums[node.low])
        if place:
            found.append((mass + unknown) / total)
        if node is NOWHERE:
            unknown = 1.0  # there is nothing else that it would be weighed against
        total = mass + unknown
    whole = words.whole(node)
    over = 0.0 if whole is None else float(sums[whole + 1] - sums[whole])
    return _Over(token, over, unknown, total, spelling.after(token))


def _expectations(weights: WordWeights, read: list[Token]) -> Iterator[tuple[Rows, float]]:
    """Before each word that is ``read``: the running sums of the known words' probabilities, and the unknown's."""
    network = weights.network().eval()
    numbers = weights.vocabulary.numbers([b"\n", *read])
    state = network.zero_state(1)
    with torch.inference_mode():
        for start in range(0, len(numbers), WORDS_AT_ONCE):
            part, state = network.read(torch.from_numpy(numbers[start : start + WORDS_AT_ONCE, None]), state)
            probabilities = network.logits(part)[:, 0].double().softmax(1).numpy()
            unknown = probabilities[:, 0].tolist()
            probabilities[:, 0] = 0.0
            yield from zip(probabilities.cumsum(axis=1), unknown, strict=True)
