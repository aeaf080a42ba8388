"""One transformer as a file: its tokens, which it reads and writes, and its matrices as int8 rows.

Safetensors with a float32 scale a row; the tokens as bytes, sorted; a JSON record beside them with name, size, where it
came from and the golden vector that proves the reading right. Rows in int8 cost SmolLM2 0.002 bits a character. Pure
torch, no thread of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.int8_rows import Matrix, floats_of, matrix_of, slug_of
from models.transformer.network import Transformer, TransformerShape
from models.transformer.subwords import Subwords
from protocol.errors import VoiceError

KIND = "transformer"  # as a voice file's record names it
FORMAT = 1  # of the file; a reader refuses others
MOST_BYTES = 32_000_000  # of tokens

NORMS = ("attention_norm", "mlp_norm")


@dataclass(frozen=True)
class LayerWeights:
    """The numbers of one layer."""

    norms: Mapping[str, Tensor]  # of the size ``TransformerShape.norm`` each of ``NORMS``
    matrices: Mapping[str, Matrix]  # by the names of ``TransformerShape.sizes``
    biases: Mapping[str, Tensor] = field(default_factory=dict)  # of ``TransformerShape.biases``


@dataclass(frozen=True)
class TransformerWeights:
    """All numbers of a transformer; ``embedding`` (T, D) is its head too where there is no other."""

    name: str
    shape: TransformerShape
    subwords: Subwords
    begin: Tensor  # (D,) what a text begins with
    embedding: Matrix
    head: Matrix | None
    norm: Tensor
    layers: tuple[LayerWeights, ...]
    record: Mapping[str, Any] = field(default_factory=dict)  # where it came from
    golden: tuple[float, ...] = ()  # the distribution after the golden text
    positions: Tensor | None = None  # (``TransformerShape.positions``, D) where those are learnt

    @staticmethod
    def of(network: Transformer, name: str, subwords: Subwords, record: Mapping[str, Any]) -> TransformerWeights:
        """The weights of a trained network."""
        found = {each: value.detach().float() for each, value in network.state_dict().items()}
        layers = tuple(
            LayerWeights(
                {norm: found[f"layers.{place}.{norm}"] for norm in NORMS},
                {each: Matrix.of(found[f"layers.{place}.{each}"]) for each in network.shape.sizes},
                {each: found[f"layers.{place}.{each}_bias"] for each in network.shape.biases},
            )
            for place in range(network.shape.layers)
        )
        head = Matrix.of(found["head"]) if "head" in found else None
        return TransformerWeights(
            name,
            network.shape,
            subwords,
            found["begin"],
            Matrix.of(found["embedding"]),
            head,
            found["norm"],
            layers,
            record,
            positions=found.get("positions"),
        )

    def network(self) -> Transformer:
        """A network with these weights, to train on or to examine."""
        network = Transformer(self.shape, self.head is None)
        values = {"embedding": self.embedding.to_float(), "begin": self.begin, "norm": self.norm}
        if self.head is not None:
            values["head"] = self.head.to_float()
        if self.positions is not None:
            values["positions"] = self.positions
        for place, layer in enumerate(self.layers):
            values |= {f"layers.{place}.{name}": norm for name, norm in layer.norms.items()}
            values |= {f"layers.{place}.{name}": matrix.to_float() for name, matrix in layer.matrices.items()}
            values |= {f"layers.{place}.{name}_bias": bias for name, bias in layer.biases.items()}
        network.load_state_dict(values)
        return network

    def digest(self) -> str:
        """What tells this network from others: an adapter fits the one that it was trained on."""
        hashed = hashlib.sha256(self.subwords.packed())
        for tensor in (self.begin, self.norm, self.layers[0].norms[NORMS[0]], self.layers[-1].norms[NORMS[1]]):
            hashed.update(tensor.to(torch.float32).numpy().tobytes())
        return hashed.hexdigest()[:16]

    def save(self, path: Path, golden: tuple[float, ...] = ()) -> None:
        """Write it, int8, with what it expects after the golden text."""
        tensors = {
            "tokens": torch.frombuffer(bytearray(self.subwords.packed()), dtype=torch.uint8),
            "ranks": torch.from_numpy(self.subwords.ranks),
            "begin": self.begin,
            "norm": self.norm,
        }
        if self.positions is not None:
            tensors["positions"] = self.positions
        matrices = {"embedding": self.embedding}
        if self.head is not None:
            matrices["head"] = self.head
        for place, layer in enumerate(self.layers):
            tensors |= {f"{place}.{name}": norm for name, norm in layer.norms.items()}
            tensors |= {f"{place}.{name}_bias": bias for name, bias in layer.biases.items()}
            matrices |= {f"{place}.{name}": matrix for name, matrix in layer.matrices.items()}
        for name, matrix in matrices.items():
            rows = matrix.quantised()
            tensors[name], tensors[f"{name}.scale"] = rows.values, rows.scale
        record = {
            "kind": KIND,
            "format": FORMAT,
            "slug": self.name,
            "shape": asdict(self.shape),
            "single_digits": self.subwords.single_digits,
            "tied": self.head is None,
            "origin": dict(self.record),
            "golden": [round(p, 6) for p in golden],
        }
        tensor_file.write(path, tensors, record)

    @staticmethod
    def load(path: Path) -> TransformerWeights:
        """Read one; raises ``VoiceError`` when the file is missing, torn, foreign or does not fit together."""
        tensors, record = tensor_file.read(path)
        if (record.get("kind"), record.get("format")) != (KIND, FORMAT):
            raise VoiceError(f"{path} is no transformer of format {FORMAT}")
        try:
            shape = TransformerShape.of(dict(record["shape"]))
            packed, ranks = tensors["tokens"], tensors["ranks"]
            if packed.dtype != torch.uint8 or packed.dim() != 1 or len(packed) > MOST_BYTES:
                raise ValueError("its tokens are none")
            if ranks.dtype != torch.int32 or ranks.dim() != 1:
                raise ValueError("its tokens have no ranks")
            subwords = Subwords.unpacked(packed.numpy().tobytes(), ranks.numpy(), bool(record["single_digits"]))
            if len(subwords) != shape.tokens:
                raise ValueError(f"its tokenizer does not fit: {len(subwords)} tokens for {shape.tokens}")
            layers = tuple(
                LayerWeights(
                    {name: floats_of(tensors, f"{place}.{name}", *shape.norm) for name in NORMS},
                    {name: matrix_of(tensors, f"{place}.{name}", *size) for name, size in shape.sizes.items()},
                    {name: floats_of(tensors, f"{place}.{name}_bias", rows) for name, rows in shape.biases.items()},
                )
                for place in range(shape.layers)
            )
            return TransformerWeights(
                slug_of(record["slug"]),
                shape,
                subwords,
                floats_of(tensors, "begin", shape.width),
                matrix_of(tensors, "embedding", shape.tokens, shape.width),
                None if record["tied"] else matrix_of(tensors, "head", shape.tokens, shape.width),
                floats_of(tensors, "norm", *shape.norm),
                layers,
                dict(record.get("origin", {})),
                tuple(float(p) for p in record.get("golden", ())),
                floats_of(tensors, "positions", shape.positions, shape.width) if shape.positions else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise VoiceError(f"{path} is no transformer that Antiphon can speak with ({error})") from None
