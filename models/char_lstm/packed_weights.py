"""The weights of S voices of one shape, packed for multiplying once and shared by every text that the voices speak.

The new cell's gate g is stored doubled, for tanh(x) = 2 sigmoid(2x) - 1: so a layer's four gates are one sigmoid.
Doubling is exact. Nothing here changes after it was built, but for the one voice of an ``EmptyWeights``.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from models.char_lstm.network import Shape
from models.char_lstm.weights_file import VoiceWeights
from models.int8_rows import Matrix
from models.kernels import FbgemmMatmul, FloatMatmul, Matmul, has_fbgemm
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError


class PackedWeights:
    """On the processor in int8 if it can; elsewhere, or ``exact``, in float32."""

    def __init__(self, voices: Sequence[VoiceWeights], device: str | torch.device = "cpu", exact: bool = False) -> None:
        if not voices:
            raise VoiceError("a choir needs at least one voice: train one (antiphon train --help)")
        shapes = {str(voice.shape) for voice in voices}
        if len(shapes) > 1:
            raise VoiceError(f"voices of different shapes cannot sing in one choir: {', '.join(sorted(shapes))}")
        if not exact:
            voices = [voice.quantised() for voice in voices]
        self.slugs = tuple(voice.slug for voice in voices)
        self.shape: Shape = voices[0].shape
        self.device = torch.device(device)
        self.exact = exact
        in_int8 = self.device.type == "cpu" and not exact and has_fbgemm()
        factors = gate_factors(self.shape)  # (4H,)

        def stacked(tensors: Sequence[Tensor]) -> Tensor:
            return torch.stack(list(tensors)).to(self.device)

        def packed(matrices: Sequence[Matrix], factors: Tensor | float = 1.0) -> Matmul:
            matrices = [Matrix(matrix.values, matrix.scale * factors) for matrix in matrices]
            return FbgemmMatmul(matrices) if in_int8 else FloatMatmul.of(matrices, self.device)

        layers = range(self.shape.layers)
        self.biases = [stacked([voice.biases[k] * factors for voice in voices]) for k in layers]  # (S, 4H) each
        self.characters = _table([voice.characters for voice in voices], self.biases[0], factors)  # (S * V, 4H)
        self.layers = [packed([voice.layers[k] for voice in voices], factors) for k in layers]
        self.output = packed([voice.output for voice in voices])
        self.output_bias = stacked([voice.output_bias for voice in voices])  # (S, V)


class EmptyWeights(PackedWeights):
    """One voice in float32, of the shape and on the device of ``like``, whose numbers are yet to be written."""

    def __init__(self, like: PackedWeights) -> None:
        gates, hidden = 4 * like.shape.hidden, like.shape.hidden

        def empty(*size: int) -> Tensor:
            return torch.empty(size, device=like.device)  # no memory is taken before it is written

        self.slugs, self.shape, self.device, self.exact = ("fusion",), like.shape, like.device, True
        layers = range(self.shape.layers)
        self.biases = [empty(1, gates) for _ in layers]
        self.characters = empty(VOCABULARY, gates)
        self.layers = [FloatMatmul(empty(1, gates, hidden * (2 if k else 1))) for k in layers]
        self.output = FloatMatmul(empty(1, VOCABULARY, hidden))
        self.output_bias = empty(1, VOCABULARY)


def gate_factors(shape: Shape) -> Tensor:
    """(4H,) 2 for the gate g, 1 for the others."""
    return torch.tensor([1.0, 1.0, 2.0, 1.0]).repeat_interleave(shape.hidden)


def _table(matrices: Sequence[Matrix], biases: Tensor, factors: Tensor) -> Tensor:
    """S matrices (4H, V) and the first layer's biases as one table (S * V, 4H): a character of a voice is one row."""
    table = torch.empty(len(matrices), VOCABULARY, len(factors), device=biases.device)
    for rows, matrix, bias in zip(table, matrices, biases, strict=True):
        rows.copy_(matrix.values.t()).mul_((matrix.scale * factors).to(rows.device)).add_(bias)
    return table.flatten(0, 1)
