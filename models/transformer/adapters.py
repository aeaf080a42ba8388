"""Adapters: what a style adds to a transformer's matrices, and what several add together.

An adapter is a product of two thin matrices for each of some matrices of each layer (LoRA, Hu et al. 2022), of one
network, which its file names. Adapters of several styles are added each by its weight: the sums of their products are
one product of matrices set side by side, so that one narrator follows the faders. What it has read before a fader moved
it has read in the style of then; its keys and values stay as they are. Pure torch, no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.int8_rows import Matrix, floats_of, matrix_of, slug_of
from models.transformer.network import ADAPTED, Pair, Pairs, TransformerShape
from models.transformer.stepping import Leaning
from protocol.errors import VoiceError

KIND = "adapter"  # as a file's record names it
FORMAT, FORMAT_OF_FLOATS = 2, 1
MOST_RANKS = 64
HEARD_FROM = 0.02  # of the weights, below which a style's adapter is left out
STEPS = 64  # that weights are told apart by: a fader that trembles makes nothing anew


@dataclass(frozen=True, eq=False)
class Adapter:
    """What the style ``slug`` adds to the network that ``digest`` names, by "LAYER.MATRIX"."""

    slug: str
    digest: str
    pairs: Pairs
    record: Mapping[str, Any] = field(default_factory=dict)  # how it was trained

    @property
    def rank(self) -> int:
        """How many rows its thin matrices have."""
        return len(next(iter(self.pairs.values()))[0])

    def save(self, path: Path) -> None:
        """Write it: each of the R rows of both matrices as int8 with a scale of its own."""
        tensors: dict[str, Tensor] = {}
        for name, (down, up) in self.pairs.items():
            for side, rows in (("down", down), ("up", up.t())):
                packed = Matrix.of(rows).quantised()
                tensors |= {f"{name}.{side}": packed.values, f"{name}.{side}.scale": packed.scale}
        record = {"kind": KIND, "format": FORMAT, "slug": self.slug, "network": self.digest, "rank": self.rank}
        tensor_file.write(path, tensors, {**record, "training": dict(self.record)})

    @staticmethod
    def load(path: Path, shape: TransformerShape, digest: str) -> Adapter:
        """Read one for the network of this shape and digest; raises ``VoiceError`` for one that does not fit."""
        tensors, record = tensor_file.read(path)
        if record.get("kind") != KIND or record.get("format") not in (FORMAT, FORMAT_OF_FLOATS):
            raise VoiceError(f"{path} is no adapter of format {FORMAT}")
        try:
            slug, rank = slug_of(record["slug"]), int(record["rank"])
            if record["network"] != digest:
                raise ValueError("it was trained on another narrator: antiphon train NAME --kind adapter makes one")
            if not 0 < rank <= MOST_RANKS:
                raise ValueError(f"its rank is {rank}")
            pairs = {}
            for name in (f"{place}.{matrix}" for place in range(shape.layers) for matrix in ADAPTED):
                rows, columns = shape.sizes[name.split(".")[1]]
                if record["format"] == FORMAT_OF_FLOATS:
                    down, up = (
                        floats_of(tensors, f"{name}.down", rank, columns),
                        floats_of(tensors, f"{name}.up", rows, rank),
                    )
                else:
                    down = matrix_of(tensors, f"{name}.down", rank, columns).to_float()
                    up = matrix_of(tensors, f"{name}.up", rank, rows).to_float().t().contiguous()
                pairs[name] = down, up
            return Adapter(slug, digest, pairs, dict(record.get("training", {})))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise VoiceError(f"{path} is no adapter that fits ({error})") from None


class Adapters:
    """Those of one network, of different styles, which all add to the same matrices."""

    def __init__(self, adapters: Sequence[Adapter]) -> None:
        self._adapters = {adapter.slug: adapter for adapter in adapters}
        self._leaning = lru_cache(maxsize=4)(self._of_shares)
        self._together = lru_cache(maxsize=2)(_SideBySide)

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(self._adapters)

    def leaning(self, weights: Mapping[str, float]) -> Leaning | None:
        """What those of the styles in ``weights`` add, each by its share of all that are above 0; None: nothing."""
        positive = {slug: weight for slug, weight in weights.items() if weight > 0.0}
        whole = sum(positive.values())
        shares = {slug: round(STEPS * weight / whole) / STEPS for slug, weight in positive.items()}
        heard = [(slug, shares.get(slug, 0.0)) for slug in sorted(self._adapters)]
        return self._leaning(tuple((slug, share) for slug, share in heard if share >= HEARD_FROM))

    def _of_shares(self, shares: tuple[tuple[str, float], ...]) -> Leaning | None:
        if not shares:
            return None
        together = self._together(tuple(self._adapters[slug] for slug, _ in shares))
        ranks = torch.tensor([adapter.rank for adapter in together.adapters])
        return Leaning(together.pair_of, torch.repeat_interleave(torch.tensor([share for _, share in shares]), ranks))


class _SideBySide:
    """The matrices of some adapters set side by side: each pair when it is asked for first, for all take a while."""

    def __init__(self, adapters: tuple[Adapter, ...]) -> None:
        self.adapters = adapters
        self._pairs: dict[str, Pair] = {}

    def pair_of(self, name: str) -> Pair | None:
        """Those of the matrix ``name``, (R, in) and (out, R); None where nothing is added to it."""
        if name not in self._pairs and name in self.adapters[0].pairs:
            downs, ups = zip(*(adapter.pairs[name] for adapter in self.adapters), strict=True)
            self._pairs[name] = torch.cat(downs), torch.cat(ups, 1)
        return self._pairs.get(name)
