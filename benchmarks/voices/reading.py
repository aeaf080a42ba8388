"""How well one network reads many texts at once, and the network halfway between others.

Every text is read in the same way: stretches from all its held-out places, side by side, each begun ``WARM_UP_CHARS``
early. So the cells of the matrix and the points of the fusion curves can be compared with each other; a voice's own
full figure (``models.evaluation``, its whole held-out text) comes out a little lower. Float32 arithmetic on the weights
as shipped. Runs on the caller's thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models.char_lstm.network import CharLSTM
from models.char_lstm.weights_file import VoiceWeights
from models.int8_rows import Matrix
from models.interface import Codes
from protocol.errors import VoiceError

STRETCH_CHARS = 250  # characters that are scored
WARM_UP_CHARS = 128  # characters read before them
STRETCHES_AT_ONCE = 384  # stretches read side by side
CHUNK_CHARS = 63  # characters between which only the state is kept


@dataclass(frozen=True)
class Examination:
    """N stretches of one text: ``codes`` (N, WARM_UP_CHARS + STRETCH_CHARS), and which count.

    0 stands past a text's end.
    """

    codes: NDArray[np.int64]
    scored: NDArray[np.bool_]


def examination(places: Sequence[Codes], most: int) -> Examination:
    """At most ``most`` stretches of each place, one after the other; of a short place the second half counts."""
    rows = [
        place[start : start + WARM_UP_CHARS + STRETCH_CHARS]
        for place in places
        for start in range(0, max(1, len(place) - WARM_UP_CHARS - STRETCH_CHARS + 1), STRETCH_CHARS)[:most]
    ]
    codes = np.zeros((len(rows), WARM_UP_CHARS + STRETCH_CHARS), np.int64)
    scored = np.zeros(codes.shape, np.bool_)
    for i, row in enumerate(rows):
        codes[i, : len(row)] = row
        scored[i, min(WARM_UP_CHARS, max(1, len(row) // 2)) : len(row)] = True
    return Examination(codes, scored)


@torch.inference_mode()
def read(network: CharLSTM, texts: Sequence[Examination]) -> list[float]:
    """Bits per character of each of ``texts``."""
    codes = torch.from_numpy(np.concatenate([text.codes for text in texts]))  # (N, T)
    scored = torch.from_numpy(np.concatenate([text.scored for text in texts]))
    parts = [slice(start, start + STRETCHES_AT_ONCE) for start in range(0, len(codes), STRETCHES_AT_ONCE)]
    nats = torch.cat([_nats(network, codes[part], scored[part]) for part in parts])  # (N,)
    ends = np.cumsum([len(text.codes) for text in texts]).tolist()
    return [
        float(nats[start:end].sum() / scored[start:end].sum()) / math.log(2)
        for start, end in zip([0, *ends], ends, strict=False)
    ]


def _nats(network: CharLSTM, codes: Tensor, scored: Tensor) -> Tensor:
    """(N,) the sum of -ln p over the ``scored`` of ``codes`` (N, T)."""
    targets = codes.masked_fill(~scored, -100).t()  # (T, N)
    state = network.zero_state(len(codes))
    nats = torch.zeros(len(codes), dtype=torch.float64)
    for start in range(0, codes.shape[1] - 1, CHUNK_CHARS):
        logits, state = network(codes.t()[start : start + CHUNK_CHARS], state)  # (C, N, V)
        wanted = targets[start + 1 : start + 1 + CHUNK_CHARS]
        read = logits[: len(wanted)].flatten(0, 1)
        each = F.cross_entropy(read, wanted.flatten(), reduction="none", ignore_index=-100)
        nats += each.view(wanted.shape).sum(0, dtype=torch.float64)
    return nats


def average(voices: Sequence[VoiceWeights], weights: Sequence[float]) -> VoiceWeights:
    """The voice whose every parameter is the mean of those of ``voices``, by ``weights`` (any positive scale).

    Raises ``VoiceError`` unless all are of one shape and of one base: other parameters mean nothing to each other.
    """
    if len({(voice.shape, voice.base) for voice in voices}) != 1 or voices[0].base is None:
        raise VoiceError(
            f"{', '.join(voice.slug for voice in voices)} are not children of one base: only voices "
            "that are can be fused"
        )
    shares = torch.tensor(weights, dtype=torch.float32) / sum(weights)

    def mean(parts: Sequence[Tensor]) -> Tensor:
        return torch.einsum("s,s...->...", shares, torch.stack(list(parts)))

    def mean_of(matrices: Sequence[Matrix]) -> Matrix:
        return Matrix.of(mean([matrix.to_float() for matrix in matrices]))

    return VoiceWeights(
        "+".join(voice.slug for voice in voices),
        voices[0].shape,
        mean_of([voice.characters for voice in voices]),
        tuple(mean_of(same) for same in zip(*(voice.layers for voice in voices), strict=True)),
        tuple(mean(same) for same in zip(*(voice.biases for voice in voices), strict=True)),
        mean_of([voice.output for voice in voices]),
        mean([voice.output_bias for voice in voices]),
        {"base": voices[0].base},
    )
