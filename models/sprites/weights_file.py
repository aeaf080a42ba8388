"""A generator as a file: safetensors in half precision, with where its categories lie; checked before it is used.

No thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.int8_rows import Matrix, matrix_of
from models.sprites.latents import Latents
from models.sprites.network import Generator, SpriteShape
from protocol.errors import VoiceError

KIND = "sprites"
MOST_CATEGORIES = 64
MOST_PICTURES = 100_000


@dataclass(frozen=True)
class SpriteWeights:
    """A generator that is ready to draw, the names of its categories, and where they lie."""

    categories: tuple[str, ...]
    generator: Generator
    latents: Latents
    record: Mapping[str, Any]  # how it was made, plain JSON

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        tensors = {f"generator.{name}": _half(value) for name, value in self.generator.state_dict().items()}
        latents = self.latents
        points = Matrix.of(latents.points).quantised()
        rows, columns = torch.tril_indices(latents.points.shape[1], latents.points.shape[1])
        tensors |= {"points": points.values, "points.scale": points.scale, "labels": latents.labels.to(torch.uint8)}
        tensors |= {"centres": latents.centres.half(), "roots": latents.roots[:, rows, columns].half()}
        record = {**self.record, "kind": KIND, "categories": list(self.categories)}
        record |= {"shape": asdict(self.generator.shape)}
        record |= {"spread": latents.spread, "pull": latents.pull, "nearness": latents.nearness}
        tensor_file.write(path, tensors, record)

    @staticmethod
    def load(path: Path) -> SpriteWeights:
        """Read what ``save`` wrote; raises ``VoiceError`` for anything else."""
        tensors, record = tensor_file.read(path)
        if record.get("kind") != KIND:
            raise VoiceError(f"{path} holds no generator of pictures: name one that `antiphon sprites train` made")
        try:
            return _read(tensors, record)
        except (KeyError, TypeError, ValueError, RuntimeError, IndexError, AttributeError) as error:
            line = " ".join(str(error).split())[:80]
            raise VoiceError(
                f"{path} is a generator of pictures of another shape than it says: delete it, or train it anew ({line})"
            ) from None


def _read(tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> SpriteWeights:
    categories = tuple(str(name) for name in record["categories"])
    known = {each.name for each in fields(SpriteShape)}
    shape = SpriteShape(**{name: value for name, value in record["shape"].items() if name in known})
    if not 0 < len(categories) <= MOST_CATEGORIES or len(categories) != shape.categories:
        raise ValueError("its categories are not as many as it says")
    if not 0 < shape.latent <= 512 or shape.pixels > 64 or shape.channels > 1024:
        raise ValueError("its sizes cannot be")
    generator = Generator(shape)
    states = {name: _whole(value) for name, value in tensor_file.under("generator.", dict(tensors)).items()}
    generator.load_state_dict(states)
    generator.eval()
    labels = tensors["labels"].long()
    points = matrix_of(tensors, "points", len(labels), shape.latent).to_float()
    centres, packed = tensors["centres"].float(), tensors["roots"].float()
    if not 0 < len(labels) <= MOST_PICTURES:
        raise ValueError("its points are too many or none")
    if centres.shape != (len(categories), shape.latent) or int(labels.max()) >= len(categories):
        raise ValueError("its categories' places do not fit")
    roots = torch.zeros(len(categories), shape.latent, shape.latent)
    rows, columns = torch.tril_indices(shape.latent, shape.latent)
    roots[:, rows, columns] = packed
    if not all(bool(torch.isfinite(value).all()) for value in (points, centres, roots, *states.values())):
        raise ValueError("it holds numbers that are none")
    latents = Latents.from_parts(points, labels, centres, roots)
    how = tuple(float(record[name]) for name in ("spread", "pull", "nearness"))
    if not all(0.0 <= value <= 10.0 for value in how) or not how[2]:
        raise ValueError("its way of drawing cannot be")
    return SpriteWeights(categories, generator, latents.sampled(*how), dict(record))


def _half(value: Tensor) -> Tensor:
    return value.half() if value.is_floating_point() else value


def _whole(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value
