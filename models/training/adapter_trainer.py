"""Training an adapter: a few thin matrices that teach a transformer a style, while the transformer itself stays (LoRA).

A few minutes of one core are enough. Runs on the caller's thread; the clock is handed in.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from models.training.learner import has_bfloat16
from models.training.stretch_trainer import Numbers, StretchConfig, Stretches, StretchTrainer
from models.training.trainer import Clock
from models.transformer.network import ADAPTED, Pair, Pairs, Transformer


@dataclass(frozen=True)
class AdapterConfig(StretchConfig):
    """How to train an adapter."""

    rank: int = 8
    strength: float = 2.0  # by which the product of the two matrices is multiplied


class AdapterTrainer(StretchTrainer):
    """A run in which the network stays as it is, and what is added to it is learnt."""

    def __init__(
        self,
        network: Transformer,
        numbers: Numbers,
        chars: int,
        examined: Stretches,
        config: AdapterConfig,
        clock: Clock = time.process_time,
    ) -> None:
        """``numbers``: the text by its tokens, of ``chars`` characters."""
        self.config = config
        self._dtype = torch.bfloat16 if has_bfloat16() else torch.float32
        generator = torch.Generator().manual_seed(config.seed)
        learnt: dict[str, Tensor] = {}
        for place in range(network.shape.layers):
            for name in ADAPTED:
                rows, columns = network.shape.sizes[name]
                down = torch.randn(config.rank, columns, generator=generator) / math.sqrt(columns)
                learnt[f"{place}.{name}.down"] = down.requires_grad_()
                learnt[f"{place}.{name}.up"] = torch.zeros(rows, config.rank).requires_grad_()
        self._names = [name.removesuffix(".down") for name in learnt if name.endswith(".down")]
        super().__init__(network.to(self._dtype).requires_grad_(False), learnt, numbers, chars, examined, config, clock)

    @property
    def pairs(self) -> dict[str, Pair] | None:
        """The best seen, as they are added; None where none was better than nothing."""
        best = self.best
        if best is None:
            return None
        return {name: (best[f"{name}.down"], self.config.strength * best[f"{name}.up"]) for name in self._names}

    def _pairs(self) -> Pairs:
        strength, learnt = self.config.strength, self._learnt
        return {
            name: (learnt[f"{name}.down"].to(self._dtype), (strength * learnt[f"{name}.up"]).to(self._dtype))
            for name in self._names
        }
