"""Training an adapter: a few thin matrices that teach a transformer a style, while the transformer itself stays (LoRA).

Stretches of the text are drawn at random; each begins as every text does that a voice writes. A few minutes of one
core are enough. Seconds are the processor's. Runs on the caller's thread; the clock is handed in.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models import tensor_file
from models.training.learner import has_bfloat16, moments_of, restore_moments
from models.training.timed_run import TimedRun, straight_fall
from models.training.trainer import Clock
from models.transformer.network import ADAPTED, Pair, Transformer

Numbers = NDArray[np.int64]

WARMUP_UPDATES = 10
EXAMINATIONS_PER_RUN = 4
EXAMINED_TOKENS = 2_048  # held out, at the most, for the progress and for which state is kept
LEAST_WEIGHT = 0.03  # of the newest update in the running mean of the training loss


@dataclass(frozen=True)
class AdapterConfig:
    """How to train an adapter; what was tried stands in docs/voices/kinds.md."""

    minutes: float = 3.0  # of the processor
    readings: float = 4.0  # of the text at the most
    texts: int = 2  # B, stretches read side by side
    tokens: int = 128  # T, of a stretch
    rank: int = 8
    strength: float = 2.0  # by which the product of the two matrices is multiplied
    peak: float = 1e-3  # the highest learning rate
    floor: float = 0.1  # the last one, as a share of it
    clip: float = 1.0
    seed: int = 1

    def rate(self, updates: int, share: float) -> float:
        """The learning rate of an update when ``share`` (0-1) of the run is done: a short rise, a straight fall."""
        return straight_fall(self.peak, self.floor, WARMUP_UPDATES, updates, share)


@dataclass(frozen=True)
class Stretches:
    """Places of a text that are examined: tokens side by side, and how many characters are foreseen."""

    numbers: Tensor  # (n, T + 1), the first of each what a text begins with
    chars: int

    @staticmethod
    def of(pieces: Sequence[Numbers], lengths: NDArray[np.int64], begin: int, tokens: int) -> Stretches:
        """The beginnings of ``pieces``; ``lengths`` are the characters of each token."""
        each = min(tokens, max(1, EXAMINED_TOKENS // len(pieces)), min(map(len, pieces)))
        rows = np.stack([piece[:each] for piece in pieces])
        begun = np.concatenate([np.full((len(rows), 1), begin), rows], 1)
        return Stretches(torch.from_numpy(begun), int(lengths[rows].sum()))


class AdapterTrainer(TimedRun):
    """One run: a network that stays as it is, the tokens that are learnt from, and those that decide what is kept."""

    examinations = EXAMINATIONS_PER_RUN
    examinations_charged = False  # one is long for a run of minutes

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
        super().__init__(clock, math.log(network.shape.tokens), chars / len(numbers))
        self.config, self._examined = config, examined
        self._dtype = torch.bfloat16 if has_bfloat16() else torch.float32
        self.network = network.to(self._dtype).requires_grad_(False)
        self._numbers = torch.from_numpy(numbers)
        generator = torch.Generator().manual_seed(config.seed)
        self._pairs: dict[str, Pair] = {}
        for place in range(network.shape.layers):
            for name in ADAPTED:
                rows, columns = network.shape.sizes[name]
                down = torch.randn(config.rank, columns, generator=generator) / math.sqrt(columns)
                self._pairs[f"{place}.{name}"] = down.requires_grad_(), torch.zeros(rows, config.rank).requires_grad_()
        self._optimizer = torch.optim.Adam([each for pair in self._pairs.values() for each in pair])
        self.plain_bits = self.best_bits = self.examine()
        self._best: dict[str, Tensor] | None = None  # nothing yet is better than nothing

    @property
    def chars(self) -> int:
        """Characters read, about."""
        return round(self.updates * self.config.texts * self.config.tokens * self._chars_per_token)

    @property
    def share(self) -> float:
        """How much of the time, or of the readings, is spent, 0-1."""
        readings = self.updates * self.config.texts * self.config.tokens / len(self._numbers)
        return min(1.0, max(self.seconds / (60.0 * self.config.minutes), readings / self.config.readings))

    @property
    def pairs(self) -> dict[str, Pair] | None:
        """The best seen, as they are added; None where none was better than nothing."""
        if self._best is None:
            return None
        names = [name.removesuffix(".down") for name in self._best if name.endswith(".down")]
        return {name: (self._best[f"{name}.down"], self.config.strength * self._best[f"{name}.up"]) for name in names}

    @property
    def rate(self) -> float:
        return self.config.rate(self.updates, self.share)

    def examine(self) -> float:
        """Bits per character on the stretches that are held out, of one way of cutting them."""
        total = 0.0
        with torch.inference_mode():
            for row in self._examined.numbers:
                total += float(self._loss(row[None]))
        return total / math.log(2) / self._examined.chars

    def _keep(self) -> None:
        self._best = self._copied()

    def save(self, path: Path) -> None:
        """Write everything that the rest of the run depends on."""
        tensors = {f"pairs.{name}": value for name, value in self._copied().items()}
        tensors |= {f"best.{name}": value for name, value in (self._best or {}).items()}
        tensors |= {f"optimizer.{name}": value for name, value in moments_of(self._optimizer).items()}
        record = {
            "config": asdict(self.config),
            "seconds": self.seconds,
            "updates": self.updates,
            "nats": self._nats,
            "curve": self.curve,
            "best_bits": self.best_bits,
            "plain_bits": self.plain_bits,
            "text": self.digest,
        }
        tensor_file.write(path, tensors, record)

    def restore(self, path: Path) -> None:
        """Go on from a file that ``save`` wrote; the minutes may have grown since."""
        tensors, record = tensor_file.read(path)
        for name, value in tensor_file.under("pairs.", tensors).items():
            matrix, side = name.rsplit(".", 1)
            self._pairs[matrix][side == "up"].data.copy_(value)
        self._best = tensor_file.under("best.", tensors) or None
        restore_moments(self._optimizer, tensor_file.under("optimizer.", tensors))
        self.seconds, self.updates, self._nats = record["seconds"], record["updates"], record["nats"]
        self.best_bits, self.plain_bits = record["best_bits"], record["plain_bits"]
        self.curve = [tuple(row) for row in record["curve"]]

    def _advance(self) -> None:
        """Read some stretches and make one update."""
        config = self.config
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate
        generator = torch.Generator().manual_seed(config.seed + self.updates)
        tokens = min(config.tokens, len(self._numbers))
        starts = torch.randint(len(self._numbers) - tokens + 1, (config.texts,), generator=generator).tolist()
        drawn = torch.stack([self._numbers[start : start + tokens] for start in starts])
        begin = torch.full((config.texts, 1), self.network.shape.tokens)
        loss = self._loss(torch.cat([begin, drawn], 1)) / drawn.numel()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([each for pair in self._pairs.values() for each in pair], config.clip)
        self._optimizer.step()
        self.updates += 1
        self._note_loss(loss.item(), LEAST_WEIGHT)

    def _loss(self, numbers: Tensor) -> Tensor:
        """The nats that all tokens of ``numbers`` (B, T + 1) but the first cost together."""
        strength = self.config.strength
        pairs: Mapping[str, Pair] = {
            name: (down.to(self._dtype), (strength * up).to(self._dtype)) for name, (down, up) in self._pairs.items()
        }
        known = self.network(numbers[:, :-1], pairs)
        logits = self.network.logits(known).float()
        return F.cross_entropy(logits.flatten(0, 1), numbers[:, 1:].flatten(), reduction="sum")

    def _copied(self) -> dict[str, Tensor]:
        return {
            f"{name}.{side}": value.detach().clone()
            for name, pair in self._pairs.items()
            for side, value in zip(("down", "up"), pair, strict=True)
        }
