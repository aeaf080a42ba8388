"""One voice as numbers: its weights, the file that holds them, and the golden vector that proves the reading right.

A voice file is safetensors. Every matrix is stored as int8 rows with a float32 scale a row (w = q * scale), biases in
float32; the base network, from which others are trained on, is stored in bfloat16. The JSON record beside the tensors
holds slug, shape, training record and the golden vector.

``VoiceWeights`` keeps its matrices as the file has them: a choir packs the int8 rows without making floats of them,
training and evaluation ask for ``network``. ``load`` looks into the file's mapped memory and copies no matrix of int8.
Pure torch, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.char_lstm.network import CharLSTM, Shape
from models.int8_rows import Matrix, floats_of, matrix_of, slug_of
from protocol.alphabet import VOCABULARY
from protocol.errors import VoiceError

FORMAT = 1  # of the file; a reader refuses others
GOLDEN_TEXT = "\nIt was the best of times; static int i = 42;\n"  # read from a zero state to get the golden vector
GOLDEN_TOLERANCE = 0.03  # total variation distance from the golden vector that another machine's arithmetic may have


@dataclass(frozen=True)
class VoiceWeights:
    """All numbers of a voice. The gates of an LSTM layer are stacked i, f, g, o."""

    slug: str
    shape: Shape
    characters: Matrix  # (4H, V), what each character adds to the first layer's gates
    layers: tuple[Matrix, ...]  # (4H, I + H) for [input, hidden]; (4H, H) in the first layer
    biases: tuple[Tensor, ...]  # (4H,) each
    output: Matrix  # (V, H)
    output_bias: Tensor  # (V,)
    record: Mapping[str, Any] = field(default_factory=dict)  # how it was trained
    golden: tuple[float, ...] = ()  # the distribution after GOLDEN_TEXT

    @property
    def base(self) -> str | None:
        """The fingerprint of the base that the voice was trained from; voices of one base can be fused."""
        base = self.record.get("base")
        return base if isinstance(base, str) else None

    @staticmethod
    def of(network: CharLSTM, slug: str, record: Mapping[str, Any]) -> VoiceWeights:
        """The weights of a trained network."""
        weights = {name: value.detach().float().cpu() for name, value in network.state_dict().items()}

        def layer(k: int) -> Tensor:
            inner = weights[f"lstm.weight_hh_l{k}"]
            return torch.cat([weights[f"lstm.weight_ih_l{k}"], inner], dim=1) if k else inner

        layers = range(network.shape.layers)
        return VoiceWeights(
            slug,
            network.shape,
            Matrix.of(weights["lstm.weight_ih_l0"]),
            tuple(Matrix.of(layer(k)) for k in layers),
            tuple(weights[f"lstm.bias_ih_l{k}"] + weights[f"lstm.bias_hh_l{k}"] for k in layers),
            Matrix.of(weights["output.weight"]),
            weights["output.bias"],
            record,
        )

    def network(self, dropout: float = 0.0) -> CharLSTM:
        """A network with these weights, to train on or to read whole texts with."""
        network = CharLSTM(self.shape, dropout)
        state = {
            "output.weight": self.output.to_float(),
            "output.bias": self.output_bias,
            "lstm.weight_ih_l0": self.characters.to_float(),
        }
        for k, (matrix, bias) in enumerate(zip(self.layers, self.biases, strict=True)):
            weight = matrix.to_float()
            split = weight.shape[1] - self.shape.hidden
            state[f"lstm.weight_hh_l{k}"] = weight[:, split:]
            state[f"lstm.bias_ih_l{k}"] = bias
            state[f"lstm.bias_hh_l{k}"] = torch.zeros_like(bias)
            if k:
                state[f"lstm.weight_ih_l{k}"] = weight[:, :split]
        network.load_state_dict(state)
        return network.eval()

    def quantised(self) -> VoiceWeights:
        """The same voice with every matrix in int8 rows, as a file has it."""
        layers = tuple(layer.quantised() for layer in self.layers)
        return replace(self, characters=self.characters.quantised(), layers=layers, output=self.output.quantised())

    def expect(self, text: str = GOLDEN_TEXT) -> Tensor:
        """The distribution (V,) after ``text`` (7-bit, not empty) in plain float32 arithmetic."""
        codes = torch.tensor(list(text.encode("ascii"))).view(-1, 1)
        network = self.network()
        with torch.inference_mode():
            logits: Tensor = network(codes, network.zero_state(1))[0]
        return logits[-1, 0].softmax(0)

    def check(self, distribution: Tensor) -> None:
        """Raise ``VoiceError`` unless ``distribution`` (V,), made after GOLDEN_TEXT, is the golden vector."""
        distance = 0.5 * (distribution.double() - torch.tensor(self.golden, dtype=torch.float64)).abs().sum().item()
        if not distance <= GOLDEN_TOLERANCE:  # also false for NaN
            raise VoiceError(
                f"the voice {self.slug} does not speak as it was saved (golden vector off by "
                f"{distance:.3f}): train it again, or get its file again"
            )

    def save(self, path: Path, exact: bool = False) -> VoiceWeights:
        """Write the voice, int8 (``exact``: bfloat16), and return it as the file gives it back."""
        matrices = {"characters": self.characters, "output.weight": self.output}
        tensors = {"output.bias": self.output_bias}
        for k, (matrix, bias) in enumerate(zip(self.layers, self.biases, strict=True)):
            matrices[f"layers.{k}.weight"] = matrix
            tensors[f"layers.{k}.bias"] = bias
        for name, matrix in matrices.items():
            if exact:
                tensors[name] = matrix.to_float().to(torch.bfloat16)
            else:
                rows = matrix.quantised()
                tensors[name], tensors[f"{name}.scale"] = rows.values, rows.scale
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


def _assemble(tensors: Mapping[str, Tensor], record: Mapping[str, Any], path: Path) -> VoiceWeights:
    """The voice that a file's tensors and record make; raises ``VoiceError`` unless they do."""
    if record.get("format") != FORMAT:
        raise VoiceError(f"{path} is a voice of format {record.get('format')}; this Antiphon reads format {FORMAT}")
    try:
        shape = Shape(int(record["layers"]), int(record["hidden"]))
        gates, hidden = 4 * shape.hidden, shape.hidden
        layers = range(shape.layers)
        return VoiceWeights(
            slug_of(record["slug"]),
            shape,
            matrix_of(tensors, "characters", gates, VOCABULARY),
            tuple(matrix_of(tensors, f"layers.{k}.weight", gates, hidden * (2 if k else 1)) for k in layers),
            tuple(floats_of(tensors, f"layers.{k}.bias", gates) for k in layers),
            matrix_of(tensors, "output.weight", VOCABULARY, hidden),
            floats_of(tensors, "output.bias", VOCABULARY),
            dict(record.get("training", {})),
            tuple(float(p) for p in record.get("golden", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise VoiceError(f"{path} is no voice that Antiphon can speak with ({error})") from None
