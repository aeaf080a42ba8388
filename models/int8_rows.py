"""Matrices as voice files hold them: int8 rows with a float32 scale each (w = q * scale), or floats, and their reading.

Pure torch, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from protocol.alphabet import SLUG


@dataclass(frozen=True)
class Matrix:
    """A matrix (rows, columns) = ``values`` * ``scale``: int8 with a float32 scale a row, or float32 with ones."""

    values: Tensor
    scale: Tensor  # (rows,)

    @staticmethod
    def of(values: Tensor) -> Matrix:
        """``values`` (rows, columns) of floats as they are."""
        return Matrix(values.float(), torch.ones(len(values)))

    def to_float(self) -> Tensor:
        """(rows, columns) in float32."""
        return self.values * self.scale[:, None] if self.values.dtype == torch.int8 else self.values

    def quantised(self) -> Matrix:
        """The same as int8 rows, each number to half a step of its row's scale."""
        if self.values.dtype == torch.int8:
            return self
        scale = self.values.abs().amax(dim=1).clamp_min(1e-12) / 127.0
        return Matrix((self.values / scale[:, None]).round().to(torch.int8), scale)


def slug_of(name: object) -> str:
    """A name that can stand in an address and be a file's, whoever made the record."""
    if not (isinstance(name, str) and SLUG.fullmatch(name)):
        raise ValueError(f"{str(name)[:40]!r} is no name for a voice")
    return name


def matrix_of(tensors: Mapping[str, Tensor], name: str, *size: int) -> Matrix:
    """The matrix ``name`` of a file's tensors; raises ``ValueError`` unless it has this size."""
    values = tensors[name]
    if tuple(values.shape) != size:
        raise ValueError(f"{name} is {tuple(values.shape)}, not {size}, or not finite")
    if values.dtype == torch.int8:
        return Matrix(values, floats_of(tensors, f"{name}.scale", size[0]))
    return Matrix.of(floats_of(tensors, name, *size))


def floats_of(tensors: Mapping[str, Tensor], name: str, *size: int) -> Tensor:
    """The floats ``name`` of a file's tensors; raises ``ValueError`` unless they have this size and are finite."""
    values = tensors[name]
    if values.dtype not in (torch.bfloat16, torch.float32):
        raise ValueError(f"{name} is {values.dtype}")
    if tuple(values.shape) != size or not bool(torch.isfinite(values).all()):
        raise ValueError(f"{name} is {tuple(values.shape)}, not {size}, or not finite")
    return values.float()
