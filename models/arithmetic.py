"""How a choir multiplies: many matrices, each by its own vector, of which only some are wanted at a time.

``Int8Stack`` is for processors: a voice's product is bound by reading its weights, and int8 is a quarter of the bytes.
On 2 cores its 24 products were 3-5 times faster than one batched float32 product (``torch.bmm``) and came within 1.5x
of the time that reading the bytes once takes; one thread suffices, which leaves the other core to the front end.
``FloatStack`` is for CUDA, MPS and for checking the former. Both belong to the caller's thread.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from models.voice import quantise_rows


class Stack(Protocol):
    """S matrices (rows, columns) with a bias (rows) each."""

    def apply(self, vectors: Tensor, voices: Sequence[int]) -> Tensor:
        """Row i of ``vectors`` (n, columns) times the matrix of ``voices[i]``, plus its bias: (n, rows) float32."""


class FloatStack:
    """Float products in one batched call, on any device."""

    def __init__(self, matrices: Sequence[Tensor], biases: Sequence[Tensor], device: torch.device) -> None:
        self._matrices = torch.stack(list(matrices)).to(device)  # (S, rows, columns)
        self._biases = torch.stack(list(biases)).unsqueeze(2).to(device)  # (S, rows, 1)

    def apply(self, vectors: Tensor, voices: Sequence[int]) -> Tensor:
        if len(voices) == len(self._matrices):  # all of them, in order: no gathering
            return torch.baddbmm(self._biases, self._matrices, vectors.unsqueeze(2)).squeeze(2)
        return torch.stack([torch.addmv(self._biases[voice, :, 0], self._matrices[voice], vector)
                            for voice, vector in zip(voices, vectors, strict=True)])


class Int8Stack:
    """Int8 weights, packed by FBGEMM once; vectors are quantised to 8 bits on the way in (Khudia et al. 2021)."""

    def __init__(self, matrices: Sequence[Tensor], biases: Sequence[Tensor]) -> None:
        self._packed = [_pack(matrix, bias) for matrix, bias in zip(matrices, biases, strict=True)]
        # Without VNNI two products are summed in 16 bits and could saturate: 7 bits of activation are safe there.
        self._reduce = not torch.cpu._is_vnni_supported()

    @staticmethod
    def available() -> bool:
        """Whether this build of torch has FBGEMM's quantised products."""
        return "fbgemm" in torch.backends.quantized.supported_engines

    def apply(self, vectors: Tensor, voices: Sequence[int]) -> Tensor:
        multiply = torch.ops.quantized.linear_dynamic
        return torch.cat([multiply(vectors[i : i + 1], self._packed[voice], self._reduce)
                          for i, voice in enumerate(voices)])


def _pack(matrix: Tensor, bias: Tensor) -> object:
    values, scale = quantise_rows(matrix)  # exact for rows that came from an int8 file
    engine = torch.backends.quantized.engine
    torch.backends.quantized.engine = "fbgemm"
    try:
        with warnings.catch_warnings():  # the tensor type is deprecated, the packed product is not; torch is pinned
            warnings.simplefilter("ignore")
            zeros = torch.zeros(len(scale), dtype=torch.long)
            tensor = torch._make_per_channel_quantized_tensor(values, scale.double(), zeros, 0)
            return torch.ops.quantized.linear_prepack(tensor, bias)
    finally:
        torch.backends.quantized.engine = engine
