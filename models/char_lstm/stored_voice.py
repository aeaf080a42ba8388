"""A voice as its file holds it: int8 rows with a scale each, ready to be multiplied, never blown up to float32.

``StoredVoice.read`` looks into the file's mapped memory; nothing is copied before the choir packs it. Pure torch, no
thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.char_lstm.network import Shape
from models.char_lstm.weights_file import FORMAT, VoiceWeights, quantise_rows
from protocol.alphabet import SLUG, VOCABULARY
from protocol.errors import VoiceError

GOLDEN_TOLERANCE = 0.03  # total variation distance from the golden vector that another machine's arithmetic may have


@dataclass(frozen=True)
class QuantisedMatrix:
    """A matrix (rows, columns) = ``values`` * ``scale``: int8 with a float32 scale a row, or float32 with ones."""

    values: Tensor
    scale: Tensor  # (rows,)

    @staticmethod
    def of(matrix: Tensor, exact: bool = False) -> QuantisedMatrix:
        """``matrix`` (rows, columns) of floats as int8 rows; ``exact``: as it is."""
        return (
            QuantisedMatrix(matrix.float(), torch.ones(len(matrix)))
            if exact
            else QuantisedMatrix(*quantise_rows(matrix.float()))
        )


@dataclass(frozen=True)
class StoredVoice:
    """One voice's matrices, gates stacked i, f, g, o, and what its record says that a choir needs."""

    slug: str
    shape: Shape
    characters: QuantisedMatrix  # (4H, V), what each character adds to the first layer's gates
    layers: tuple[QuantisedMatrix, ...]  # (4H, I + H) for [input, hidden]; in the first layer (4H, H)
    biases: tuple[Tensor, ...]  # (4H,) each
    output: QuantisedMatrix  # (V, H)
    output_bias: Tensor  # (V,)
    family: str | None = None  # the fingerprint of the base that it is a child of
    golden: tuple[float, ...] = ()  # the distribution after GOLDEN_TEXT

    @staticmethod
    def of(voice: VoiceWeights, exact: bool = False) -> StoredVoice:
        """A voice that is in memory, in int8 or, ``exact``, in float32."""
        return StoredVoice(
            voice.slug,
            voice.shape,
            QuantisedMatrix.of(voice.characters.t(), exact),
            tuple(QuantisedMatrix.of(layer.weight, exact) for layer in voice.layers),
            tuple(layer.bias for layer in voice.layers),
            QuantisedMatrix.of(voice.output, exact),
            voice.output_bias,
            _family(voice.record),
            voice.golden,
        )

    @staticmethod
    def read(path: Path) -> StoredVoice:
        """Look into a file; raises ``VoiceError`` when it is missing, torn, foreign or of another shape."""
        tensors, record = tensor_file.read(path)
        if record.get("format") != FORMAT:
            raise VoiceError(f"{path} is a voice of format {record.get('format')}; this Antiphon reads format {FORMAT}")
        try:
            shape = Shape(int(record["layers"]), int(record["hidden"]))
            gates, hidden = 4 * shape.hidden, shape.hidden
            layers = range(shape.layers)
            return StoredVoice(
                _slug(record["slug"]),
                shape,
                _rows(tensors, "characters", gates, VOCABULARY),
                tuple(_rows(tensors, f"layers.{k}.weight", gates, hidden * (2 if k else 1)) for k in layers),
                tuple(_floats(tensors, f"layers.{k}.bias", gates) for k in layers),
                _rows(tensors, "output.weight", VOCABULARY, hidden),
                _floats(tensors, "output.bias", VOCABULARY),
                _family(record.get("training", {})),
                tuple(float(p) for p in record.get("golden", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise VoiceError(f"{path} is no voice that Antiphon can speak with ({error})") from None

    def check(self, distribution: Tensor) -> None:
        """Raise ``VoiceError`` unless ``distribution`` (V,), made after GOLDEN_TEXT, is the golden vector."""
        distance = 0.5 * (distribution.double() - torch.tensor(self.golden, dtype=torch.float64)).abs().sum().item()
        if not distance <= GOLDEN_TOLERANCE:  # also false for NaN
            raise VoiceError(
                f"the voice {self.slug} does not speak as it was saved (golden vector off by "
                f"{distance:.3f}): train it again, or get its file again"
            )


def _slug(name: object) -> str:
    """A name that can stand in an address and be a file's, whoever made the record."""
    if not (isinstance(name, str) and SLUG.fullmatch(name)):
        raise ValueError(f"{str(name)[:40]!r} is no name for a voice")
    return name


def _family(record: Mapping[str, Any]) -> str | None:
    base = record.get("base")
    return base if isinstance(base, str) else None


def _rows(tensors: Mapping[str, Tensor], name: str, *size: int) -> QuantisedMatrix:
    values = tensors[name]
    if tuple(values.shape) != size:
        raise ValueError(f"{name} is {tuple(values.shape)}, not {size}, or not finite")
    if values.dtype == torch.int8:
        return QuantisedMatrix(values, _floats(tensors, f"{name}.scale", size[0]))
    return QuantisedMatrix.of(_floats(tensors, name, *size))


def _floats(tensors: Mapping[str, Tensor], name: str, *size: int) -> Tensor:
    values = tensors[name]
    if values.dtype not in (torch.bfloat16, torch.float32):
        raise ValueError(f"{name} is {values.dtype}")
    if tuple(values.shape) != size or not bool(torch.isfinite(values).all()):
        raise ValueError(f"{name} is {tuple(values.shape)}, not {size}, or not finite")
    return values.float()
