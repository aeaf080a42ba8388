"""One word voice as a file: its words, their vectors, the LSTM, and how it spells what it does not know.

Safetensors, every matrix as int8 rows with a float32 scale a row; the words as bytes, sorted; a JSON record beside them
with slug, size, training record and the golden vector that proves the reading right. Pure torch, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.int8_rows import Matrix, floats_of, matrix_of, slug_of
from models.words.network import WordLSTM, WordShape
from models.words.spelling import Spelling
from models.words.tokens import Vocabulary
from protocol.errors import VoiceError

KIND = "word-lstm"  # as a voice file's record names it
FORMAT = 1  # of the file; a reader refuses others
MOST_BYTES = 4_000_000  # of words, and of what is spelled


@dataclass(frozen=True)
class WordWeights:
    """All numbers of a word voice. The gates are stacked i, f, g, o; row 0 of the vectors is the unknown word's."""

    slug: str
    vocabulary: Vocabulary
    spelling: Spelling
    vectors: Matrix  # (W + 1, E), of input and output
    gates: Matrix  # (4H, E + H), for [vector, hidden]
    gates_bias: Tensor  # (4H,)
    projection: Matrix  # (E, H)
    projection_bias: Tensor  # (E,)
    bias: Tensor  # (W + 1,)
    record: Mapping[str, Any] = field(default_factory=dict)  # how it was trained
    golden: tuple[float, ...] = ()  # the distribution after the golden text

    @property
    def shape(self) -> WordShape:
        """How large it is."""
        return WordShape(len(self.bias), *self.projection.values.shape)

    @staticmethod
    def of(
        network: WordLSTM, slug: str, vocabulary: Vocabulary, spelling: Spelling, record: Mapping[str, Any]
    ) -> WordWeights:
        """The weights of a trained network."""
        weights = {name: value.detach().float().cpu() for name, value in network.state_dict().items()}
        return WordWeights(
            slug,
            vocabulary,
            spelling,
            Matrix.of(weights["vectors"]),
            Matrix.of(torch.cat([weights["lstm.weight_ih_l0"], weights["lstm.weight_hh_l0"]], dim=1)),
            weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"],
            Matrix.of(weights["projection.weight"]),
            weights["projection.bias"],
            weights["bias"],
            record,
        )

    def network(self, dropout: float = 0.0) -> WordLSTM:
        """A network with these weights, to train on."""
        network, gates = WordLSTM(self.shape, dropout), self.gates.to_float()
        network.load_state_dict(
            {
                "vectors": self.vectors.to_float(),
                "bias": self.bias,
                "lstm.weight_ih_l0": gates[:, : self.shape.numbers],
                "lstm.weight_hh_l0": gates[:, self.shape.numbers :],
                "lstm.bias_ih_l0": self.gates_bias,
                "lstm.bias_hh_l0": torch.zeros_like(self.gates_bias),
                "projection.weight": self.projection.to_float(),
                "projection.bias": self.projection_bias,
            }
        )
        return network

    def quantised(self) -> WordWeights:
        """The same voice with every matrix in int8 rows, as a file has it."""
        return replace(
            self, vectors=self.vectors.quantised(), gates=self.gates.quantised(), projection=self.projection.quantised()
        )

    def save(self, path: Path, golden: tuple[float, ...] = ()) -> None:
        """Write the voice, int8, with what it expects after the golden text."""
        tensors = {
            "words": torch.frombuffer(bytearray(self.vocabulary.packed()), dtype=torch.uint8),
            "spelled": torch.frombuffer(bytearray(self.spelling.packed()), dtype=torch.uint8),
            "gates.bias": self.gates_bias,
            "projection.bias": self.projection_bias,
            "bias": self.bias,
        }
        for name, matrix in (("vectors", self.vectors), ("gates", self.gates), ("projection", self.projection)):
            rows = matrix.quantised()
            tensors[name], tensors[f"{name}.scale"] = rows.values, rows.scale
        record = {
            "kind": KIND,
            "format": FORMAT,
            "slug": self.slug,
            "shape": asdict(self.shape),
            "training": dict(self.record),
            "golden": [round(p, 6) for p in golden],
        }
        tensor_file.write(path, tensors, record)

    @staticmethod
    def load(path: Path) -> WordWeights:
        """Read a voice; raises ``VoiceError`` when the file is missing, torn, foreign or does not fit together."""
        tensors, record = tensor_file.read(path)
        if (record.get("kind"), record.get("format")) != (KIND, FORMAT):
            raise VoiceError(f"{path} is no word voice of format {FORMAT}")
        try:
            shape = WordShape(**{name: int(value) for name, value in dict(record["shape"]).items()})
            vocabulary = Vocabulary.unpacked(_bytes(tensors, "words"))
            if len(vocabulary) + 1 != shape.words:
                raise ValueError(f"it has {len(vocabulary)} words, not {shape.words - 1}")
            gates, numbers, hidden = 4 * shape.hidden, shape.numbers, shape.hidden
            return WordWeights(
                slug_of(record["slug"]),
                vocabulary,
                Spelling(_bytes(tensors, "spelled")),
                matrix_of(tensors, "vectors", shape.words, numbers),
                matrix_of(tensors, "gates", gates, numbers + hidden),
                floats_of(tensors, "gates.bias", gates),
                matrix_of(tensors, "projection", numbers, hidden),
                floats_of(tensors, "projection.bias", numbers),
                floats_of(tensors, "bias", shape.words),
                dict(record.get("training", {})),
                tuple(float(p) for p in record.get("golden", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise VoiceError(f"{path} is no word voice that Antiphon can speak with ({error})") from None


def _bytes(tensors: Mapping[str, Tensor], name: str) -> bytes:
    values = tensors[name]
    if values.dtype != torch.uint8 or values.dim() != 1 or len(values) > MOST_BYTES:
        raise ValueError(f"{name} is {values.dtype}, of {tuple(values.shape)}")
    return values.numpy().tobytes()
