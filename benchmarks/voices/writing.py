"""Many texts written side by side by one voice or a mix of several: the stage's arithmetic mean, temperature and draw.

What ``server.engine.performance`` does for one text is done here for B at once, in float32 on the weights as shipped,
so that twenty thousand characters of each voice take seconds. Rows are mixed as ``protocol.mixing`` mixes them, to the
last rounding (tests hold it to that); a text is decided by its row of numbers in [0, 1), whoever is written beside it.
Runs on the caller's thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.char_lstm.network import CharLSTM
from models.interface import INITIAL_CODE
from protocol.mixing import WRITABLE

Floats = NDArray[np.float64]


def chances(texts: int, chars: int, seed: int) -> Floats:
    """(B, T) numbers in [0, 1): row i is that of text i, however many texts there are."""
    return np.stack([np.random.default_rng([seed, text]).random(chars) for text in range(texts)])


@torch.inference_mode()
def write(networks: Sequence[CharLSTM], weights: Floats, temperatures: Floats, chances: Floats) -> list[str]:
    """B texts of T characters, from a line's end on; each has a row of ``weights`` (B, S) and ``chances`` (B, T) and
    one of ``temperatures`` (B,).
    """
    texts, chars = chances.shape
    states = [network.zero_state(texts) for network in networks]
    codes = np.full(texts, INITIAL_CODE)
    written = np.empty((texts, chars), np.uint8)
    for place in range(chars):
        read = torch.from_numpy(codes).view(1, -1)
        expected = []
        for voice, network in enumerate(networks):
            logits, states[voice] = network(read, states[voice])  # (1, B, V)
            expected.append(logits[0].softmax(1).numpy())
        written[:, place] = codes = draw(mix(np.stack(expected), weights, temperatures), chances[:, place])
    return [row.tobytes().decode("ascii") for row in written]


def mix(expected: NDArray[np.float32], weights: Floats, temperatures: Floats) -> Floats:
    """(B, V) what to draw from: the mean of ``expected`` (S, B, V) by ``weights`` (B, S), writable, then tempered."""
    shares = weights / weights.sum(1, keepdims=True)
    mean = np.einsum("bs,sbv->bv", shares, expected.astype(np.float64))
    mean = np.where(WRITABLE, mean, 0.0)
    with np.errstate(divide="ignore"):
        logs = np.log(mean / mean.max(1, keepdims=True))
    powers = np.exp(logs / temperatures[:, None])
    return np.asarray(powers / powers.sum(1, keepdims=True))


def draw(p: Floats, u: Floats) -> NDArray[np.int64]:
    """(B,) the code that each ``u`` (B,) in [0, 1) picks from its row of ``p`` (B, V)."""
    reached = np.cumsum(p, axis=1)
    last = (reached < reached[:, -1:]).sum(1)  # rounding may carry u times the sum past it
    return np.asarray(np.minimum(last, (reached <= u[:, None] * reached[:, -1:]).sum(1)))
