"""One voice as numbers: its weights, the file that holds them, and the golden vector that proves the reading right.

A voice file is safetensors. Every matrix is stored as int8 rows with a float32 scale a row (w = q * scale), biases in
float32; the base network, from which others are trained on, is stored in bfloat16. The JSON record beside the tensors
holds slug, shape, training record and the golden vector. Pure torch, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.char_lstm.network import CharLSTM, Shape
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError

FORMAT = 1  # of the file; a reader refuses others
GOLDEN_TEXT = "\nIt was the best of times; static int i = 42;\n"  # read from a zero state to get the golden vector


@dataclass(frozen=True)
class Layer:
    """One LSTM layer, gates stacked i, f, g, o: ``weight`` (4H, I + H) for [input, hidden], ``bias`` (4H).

    In the first layer the input is a character: ``weight`` (4H, H) then, and ``VoiceWeights.characters`` has the rest.
    """

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True)
class VoiceWeights:
    """All numbers of a voice in float32, as an int8 or bfloat16 file gives them back."""

    slug: str
    shape: Shape
    characters: Tensor  # (V, 4H), what each character adds to the first layer's gates
    layers: tuple[Layer, ...]
    output: Tensor  # (V, H)
    output_bias: Tensor  # (V,)
    record: Mapping[str, Any] = field(default_factory=dict)  # how it was trained
    golden: tuple[float, ...] = ()  # the distribution after GOLDEN_TEXT

    @staticmethod
    def of(network: CharLSTM, slug: str, record: Mapping[str, Any]) -> VoiceWeights:
        """The weights of a trained network."""
        weights = {name: value.detach().float().cpu() for name, value in network.state_dict().items()}
        layers = []
        for k in range(network.shape.layers):
            bias = weights[f"lstm.bias_ih_l{k}"] + weights[f"lstm.bias_hh_l{k}"]
            inner = [weights[f"lstm.weight_hh_l{k}"]]
            layers.append(Layer(torch.cat([weights[f"lstm.weight_ih_l{k}"], *inner] if k else inner, dim=1), bias))
        return VoiceWeights(
            slug,
            network.shape,
            weights["lstm.weight_ih_l0"].t().contiguous(),
            tuple(layers),
            weights["output.weight"],
            weights["output.bias"],
            record,
        )

    def network(self, dropout: float = 0.0) -> CharLSTM:
        """A network with these weights, to train on or to read whole texts with."""
        network = CharLSTM(self.shape, dropout)
        state = {
            "output.weight": self.output,
            "output.bias": self.output_bias,
            "lstm.weight_ih_l0": self.characters.t(),
        }
        for k, layer in enumerate(self.layers):
            split = layer.weight.shape[1] - self.shape.hidden
            state[f"lstm.weight_hh_l{k}"] = layer.weight[:, split:]
            state[f"lstm.bias_ih_l{k}"] = layer.bias
            state[f"lstm.bias_hh_l{k}"] = torch.zeros_like(layer.bias)
            if k:
                state[f"lstm.weight_ih_l{k}"] = layer.weight[:, :split]
        network.load_state_dict(state)
        return network.eval()

    def expect(self, text: str = GOLDEN_TEXT) -> Tensor:
        """The distribution (V,) after ``text`` (7-bit, not empty) in plain float32 arithmetic."""
        codes = torch.tensor(list(text.encode("ascii"))).view(-1, 1)
        network = self.network()
        with torch.inference_mode():
            logits: Tensor = network(codes, network.zero_state(1))[0]
        return logits[-1, 0].softmax(0)

    def save(self, path: Path, exact: bool = False) -> VoiceWeights:
        """Write the voice, int8 (``exact``: bfloat16), and return it as the file gives it back."""
        matrices = {"characters": self.characters.t(), "output.weight": self.output}
        tensors = {"output.bias": self.output_bias}
        for k, layer in enumerate(self.layers):
            matrices[f"layers.{k}.weight"] = layer.weight
            tensors[f"layers.{k}.bias"] = layer.bias
        for name, matrix in matrices.items():
            if exact:
                tensors[name] = matrix.to(torch.bfloat16)
            else:
                tensors[name], tensors[f"{name}.scale"] = quantise_rows(matrix)
        record = {
            "format": FORMAT,
            "slug": self.slug,
            "layers": self.shape.layers,
            "hidden": self.shape.hidden,
            "training": dict(self.record),
        }
        stored = _assemble(tensors, record, path)
        record["golden"] = [round(p, 6) for p in stored.expect().tolist()]
        tensor_file.write(path, tensors, record)
        return _assemble(tensors, record, path)

    @staticmethod
    def load(path: Path) -> VoiceWeights:
        """Read a voice; raises ``VoiceError`` when the file is missing, torn, foreign or of another shape."""
        tensors, record = tensor_file.read(path)
        return _assemble(tensors, record, path)


def quantise_rows(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) floats to int8 and one float32 scale a row: matrix = int8 * scale, to half a step."""
    scale = matrix.abs().amax(dim=1).clamp_min(1e-12) / 127.0
    return (matrix / scale[:, None]).round().to(torch.int8), scale


def _assemble(tensors: Mapping[str, Tensor], record: Mapping[str, Any], path: Path) -> VoiceWeights:
    def matrix(name: str, *size: int) -> Tensor:
        stored = tensors[name]
        scale = tensors.get(f"{name}.scale")
        if stored.dtype not in (torch.int8, torch.bfloat16, torch.float32):
            raise ValueError(f"{name} is {stored.dtype}")
        values = stored.float() if scale is None else stored.float() * scale.float().view(-1, 1)
        if tuple(values.shape) != size or not bool(torch.isfinite(values).all()):
            raise ValueError(f"{name} is {tuple(values.shape)}, not {size}, or not finite")
        return values

    if record.get("format") != FORMAT:
        raise VoiceError(f"{path} is a voice of format {record.get('format')}; this Antiphon reads format {FORMAT}")
    try:
        shape = Shape(int(record["layers"]), int(record["hidden"]))
        gates, hidden = 4 * shape.hidden, shape.hidden
        layers = tuple(
            Layer(matrix(f"layers.{k}.weight", gates, hidden * (2 if k else 1)), matrix(f"layers.{k}.bias", gates))
            for k in range(shape.layers)
        )
        characters = matrix("characters", gates, VOCABULARY).t().contiguous()
        return VoiceWeights(
            str(record["slug"]),
            shape,
            characters,
            layers,
            matrix("output.weight", VOCABULARY, hidden),
            matrix("output.bias", VOCABULARY),
            dict(record.get("training", {})),
            tuple(float(p) for p in record.get("golden", ())),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise VoiceError(f"{path} is no voice that Antiphon can speak with ({error})") from None
