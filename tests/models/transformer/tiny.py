"""A transformer small enough to be reckoned by sums over all ways of cutting a text."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

import numpy as np
import torch

from models.transformer.network import Transformer, TransformerShape
from models.transformer.subwords import Subwords
from models.transformer.weights_file import TransformerWeights
from protocol.alphabet import WRITABLE_CODES

Found = TypeVar("Found")

JOINED = (b"ab", b"abc", b"abca", b"bc", b"ca", b" a", b" ab", b" the", b"the", b"he", b"\n\n", b"aa", b"aaa")
TOKENS = tuple(sorted({*JOINED, *(bytes([code]) for code in WRITABLE_CODES)}))


def subwords(tokens: Sequence[bytes] = TOKENS) -> Subwords:
    """Of these tokens, the short ones joined first."""
    order = sorted(range(len(tokens)), key=lambda place: (len(tokens[place]), tokens[place]))
    ranks = np.zeros(len(tokens), np.int32)
    ranks[order] = np.arange(len(tokens))
    return Subwords(tuple(tokens), ranks)


LLAMA = TransformerShape(len(TOKENS), 2, 4, 2, 16, 24)
GPT2 = TransformerShape(len(TOKENS), 2, 4, 4, 16, 24, positions=64)


def network(seed: int = 1, tied: bool = True, sharpness: float = 0.6, shape: TransformerShape = LLAMA) -> Transformer:
    """Of random numbers; the sharper, the surer it is."""
    made = Transformer(shape, tied)
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if not name.endswith("norm"):
                parameter.normal_(std=sharpness)
    return made


def weights(
    seed: int = 1, tied: bool = True, name: str = "tiny", shape: TransformerShape = LLAMA
) -> TransformerWeights:
    return TransformerWeights.of(network(seed, tied, shape=shape), name, subwords(), {"from": "nothing"})


def drained(slices: Generator[None, None, Found]) -> Found:
    """What all slices come to."""
    while True:
        try:
            next(slices)
        except StopIteration as stop:
            found: Found = stop.value
            return found
