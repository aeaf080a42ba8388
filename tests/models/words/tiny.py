"""A word voice small enough to be reckoned by hand."""

from __future__ import annotations

import torch

from models.words.network import WordLSTM, WordShape
from models.words.spelling import Spelling
from models.words.tokens import Token, Vocabulary
from models.words.weights_file import WordWeights

WORDS: tuple[Token, ...] = (
    b"\n",
    b" ",
    b" a",
    b" an",
    b" and",
    b" ant",
    b" the",
    b"a",
    b"an",
    b"the",
    b" ,",
    b",",
    b".",
)
SPELLED = (b" anti ", b" then,", b" b.", b"bee ", b"'t ", b" -a", b"  ", b"\n\n", b".\n")


def weights(slug: str = "ada", seed: int = 1, words: tuple[Token, ...] = WORDS, sharpness: float = 2.0) -> WordWeights:
    """A voice of random numbers; the sharper, the surer it is."""
    torch.manual_seed(seed)
    network = WordLSTM(WordShape(len(words) + 1, 6, 8))
    with torch.no_grad():
        network.vectors.normal_(std=sharpness)
        network.bias.normal_()
    return WordWeights.of(network, slug, Vocabulary(tuple(sorted(words))), Spelling.of_words(SPELLED), {})
