"""Training a transformer, or what is added to it, on stretches of a text that are drawn at random.

Each stretch begins as every text does that a voice writes. What is learnt is for whoever inherits it: a few thin
matrices (``adapter_trainer``) or the whole network (``fine_tuning``). Seconds are the processor's. Runs on the caller's
thread; the clock is handed in.
"""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models import tensor_file
from models.interface import Codes
from models.training.learner import has_bfloat16, moments_of, restore_moments
from models.training.streams import Span, cut, spread_split
from models.training.timed_run import TimedRun, straight_fall
from models.training.train_voice import encode
from models.training.trainer import Clock
from models.transformer.network import Pairs, Transformer
from models.transformer.subwords import Subwords
from protocol.errors import TrainingError

Numbers = NDArray[np.int64]

WARMUP_UPDATES = 10
EXAMINATIONS_PER_RUN = 4
EXAMINED_CHARS = 2_000  # held out, at the most, of each place: stretches of tokens are cut from there
EXAMINED_TOKENS = 2_048  # held out, at the most, for the progress and for which state is kept
LEAST_WEIGHT = 0.03  # of the newest update in the running mean of the training loss


@dataclass(frozen=True)
class StretchConfig:
    """How to train on stretches; what was tried stands in docs/voices/kinds.md."""

    minutes: float = 3.0  # of the processor
    readings: float = 4.0  # of the text at the most
    texts: int = 2  # B, stretches read side by side
    tokens: int = 128  # T, of a stretch
    peak: float = 1e-3  # the highest learning rate
    floor: float = 0.1  # the last one, as a share of it
    clip: float = 1.0
    seed: int = 1
    updates: int | None = None  # at the most, where somebody counts them

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


@dataclass(frozen=True)
class Material:
    """A text as a transformer reads it: what is learnt from, and what is held out, as for a char voice."""

    codes: Codes
    held_out: tuple[Span, ...]
    numbers: Numbers  # of the tokens that are read
    chars: int  # of those
    examined: Stretches

    @staticmethod
    def of(text: str, subwords: Subwords, tokens: int) -> Material:
        """A cleaned text; stretches are of so many ``tokens``."""
        codes = encode(text)
        split = spread_split(len(codes))

        def tokens_of(piece: Codes) -> Numbers:
            return np.array(subwords.encode(piece.tobytes()), np.int64)

        numbers = np.concatenate([tokens_of(piece) for piece in cut(codes, split.training)])
        held_out = [tokens_of(piece[:EXAMINED_CHARS]) for piece in cut(codes, split.held_out)]
        lengths = np.array([len(token) for token in subwords.tokens])
        examined = Stretches.of(held_out, lengths, len(subwords), tokens)
        return Material(codes, split.held_out, numbers, int(lengths[numbers].sum()), examined)


class StretchTrainer(TimedRun):
    """One run: the network, the tokens that are learnt from, and those that decide what is kept."""

    examinations = EXAMINATIONS_PER_RUN
    examinations_charged = False  # one is long for a run of minutes

    def __init__(
        self,
        network: Transformer,
        learnt: Mapping[str, Tensor],
        numbers: Numbers,
        chars: int,
        examined: Stretches,
        config: StretchConfig,
        clock: Clock = time.process_time,
    ) -> None:
        """``learnt`` are the tensors that change, by name; ``numbers``: the text by its tokens, of ``chars``."""
        super().__init__(clock, math.log(network.shape.tokens), chars / len(numbers))
        self.network, self._learnt = network, dict(learnt)
        self._plan, self._examined = config, examined
        self._numbers = torch.from_numpy(numbers)
        self._optimizer = torch.optim.Adam(list(self._learnt.values()))
        self.plain_bits = self.best_bits = self.examine()
        self._best: dict[str, Tensor] | None = None  # nothing yet is better than nothing

    @property
    def chars(self) -> int:
        """Characters read, about."""
        return round(self.updates * self._plan.texts * self._plan.tokens * self._chars_per_token)

    @property
    def share(self) -> float:
        """How much of the time, of the readings or of the updates is spent, 0-1."""
        plan = self._plan
        readings = self.updates * plan.texts * plan.tokens / len(self._numbers)
        counted = self.updates / plan.updates if plan.updates else 0.0
        return min(1.0, max(self.seconds / (60.0 * plan.minutes), readings / plan.readings, counted))

    @property
    def best(self) -> dict[str, Tensor] | None:
        """The best seen; None where none was better than nothing."""
        return self._best

    @property
    def rate(self) -> float:
        return self._plan.rate(self.updates, self.share)

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
        tensors = {f"learnt.{name}": value for name, value in self._copied().items()}
        tensors |= {f"best.{name}": value for name, value in (self._best or {}).items()}
        tensors |= {f"optimizer.{name}": value for name, value in moments_of(self._optimizer).items()}
        record = {
            "config": asdict(self._plan),
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
        for name, value in tensor_file.under("learnt.", tensors).items():
            self._learnt[name].data.copy_(value)
        self._best = tensor_file.under("best.", tensors) or None
        restore_moments(self._optimizer, tensor_file.under("optimizer.", tensors))
        self.seconds, self.updates, self._nats = record["seconds"], record["updates"], record["nats"]
        self.best_bits, self.plain_bits = record["best_bits"], record["plain_bits"]
        self.curve = [tuple(row) for row in record["curve"]]

    def begin(self, checkpoint: Path, digest: str, whose: str) -> None:
        """Go on from ``checkpoint`` if it is this run's, whose text and network ``digest`` tells, else begin.

        Raises ``TrainingError`` for one of another run; ``whose`` says what of whom it is then not.
        """
        if checkpoint.exists():
            if tensor_file.read_record(checkpoint).get("text") != digest:
                raise TrainingError(f"{checkpoint} belongs to another text or {whose}: delete it to begin anew")
            self.restore(checkpoint)
        self.digest = digest

    def _advance(self) -> None:
        """Read some stretches and make one update."""
        plan = self._plan
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate
        generator = torch.Generator().manual_seed(plan.seed + self.updates)
        tokens = min(plan.tokens, len(self._numbers))
        starts = torch.randint(len(self._numbers) - tokens + 1, (plan.texts,), generator=generator).tolist()
        drawn = torch.stack([self._numbers[start : start + tokens] for start in starts])
        begin = torch.full((plan.texts, 1), self.network.shape.tokens)
        loss = self._loss(torch.cat([begin, drawn], 1)) / drawn.numel()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(list(self._learnt.values()), plan.clip)
        self._optimizer.step()
        self.updates += 1
        self._note_loss(loss.item(), LEAST_WEIGHT)

    @abstractmethod
    def _pairs(self) -> Pairs | None:
        """What is added to the network's matrices."""

    def _loss(self, numbers: Tensor) -> Tensor:
        """The nats that all tokens of ``numbers`` (B, T + 1) but the first cost together."""
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
            known = self.network(numbers[:, :-1], self._pairs())
            logits = self.network.logits(known)
        return F.cross_entropy(logits.float().flatten(0, 1), numbers[:, 1:].flatten(), reduction="sum")

    def _copied(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self._learnt.items()}
