"""Training a word LSTM: truncated backpropagation over words, a sampled softmax, a rate that falls with the time.

Of all words only the right one and some thousand drawn ones are weighed at each place, by how much more likely they are
than they were drawn (Bengio & Senecal 2008; Jean et al. 2015): nine times cheaper, and right in the mean. When it plays
all are weighed. Seconds are the processor's, so that "six minutes" are six whatever else runs. Runs on the caller's
thread; the clock is handed in.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from models import tensor_file
from models.training.learner import autocast_bfloat16, moments_of, restore_moments
from models.training.timed_run import TimedRun, straight_fall
from models.training.trainer import Clock, Progress, copied
from models.words.network import State, WordLSTM
from models.words.tokens import UNKNOWN

Numbers = NDArray[np.int64]

WARMUP_UPDATES = 50
EXAMINATIONS_PER_RUN = 10
EXAMINED_STEPS = 32  # words of a stream that are weighed at once in an examination
EXAMINED_WORDS = 4_000  # held out, at the most, for the progress only
BEGINNINGS_SHARE = 0.5  # of the streams that are at a line's end when an update begins
LEAST_WEIGHT = 0.02  # of the newest update in the running mean of the training loss


@dataclass(frozen=True)
class WordTrainingConfig:
    """How to train a word voice; what was tried stands in docs/voices/kinds.md."""

    minutes: float = 6.0  # of the processor
    readings: float = 14.0  # of the text at the most: a small one is soon known by heart
    texts: int = 32  # B, streams read side by side
    steps: int = 40  # T, words between updates
    peak: float = 3e-3  # the highest learning rate
    floor: float = 0.03  # the last one, as a share of it
    drawn: int = 1_500  # words that each right one is weighed against
    dropout: float = 0.2
    clip: float = 1.0
    seed: int = 1

    def rate(self, updates: int, share: float) -> float:
        """The learning rate of an update when ``share`` (0-1) of the run is done: a short rise, a straight fall."""
        return straight_fall(self.peak, self.floor, WARMUP_UPDATES, updates, share)


@dataclass(frozen=True)
class HeldOut:
    """Words that are held out, as streams side by side, and what they cost beyond their choice."""

    numbers: Numbers  # (T + 1, B)
    spelling_bits: float  # of the unknown ones among the words that are foreseen
    chars: int  # of these

    @staticmethod
    def of(pieces: Sequence[Numbers], costs: Sequence[NDArray[np.float64]], chars: Sequence[Numbers]) -> HeldOut:
        """``pieces`` of a text, with what each word costs to be spelled, and of how many characters it is."""
        length = max(2, min(min(map(len, pieces)), 1 + EXAMINED_WORDS // len(pieces)))
        cost = sum(float(each[1:length].sum()) for each in costs)
        return HeldOut(
            np.stack([piece[:length] for piece in pieces], axis=1),
            cost,
            sum(int(each[1:length].sum()) for each in chars),
        )


class WordTrainer(TimedRun):
    """One run: a network, the words it learns from, and the held-out ones that decide which state is kept."""

    examinations = EXAMINATIONS_PER_RUN

    def __init__(
        self,
        network: WordLSTM,
        words: Numbers,
        chars: int,
        held_out: HeldOut,
        config: WordTrainingConfig,
        clock: Clock = time.process_time,
        newline: int = UNKNOWN,
    ) -> None:
        """``words``: the text by numbers, of ``chars`` characters; ``newline`` is the number of a line's end."""
        super().__init__(clock, math.log(network.shape.words), chars / len(words))
        self._newline = newline
        self.network, self.config, self._held_out = network, config, held_out
        texts = max(1, min(config.texts, len(words) // (config.steps + 1)))
        length = len(words) // texts
        self._words = torch.from_numpy(words[: texts * length].reshape(texts, length).T.copy())  # (L, B)
        counts = torch.bincount(torch.from_numpy(words), minlength=network.shape.words).double() + 0.5
        self._shares = (counts / counts.sum()).float()
        self._drawn = min(config.drawn, network.shape.words - 1)
        self._corrections = (self._drawn * self._shares).clamp_max(1.0).log()
        with torch.no_grad():
            network.bias.copy_(self._shares.log())
        self._optimizer = torch.optim.Adam(network.parameters(), fused=True)
        self._state: State = network.zero_state(texts)
        self._place = 0
        self.best_bits = self.examine()
        self._best = copied(network)
        torch.manual_seed(config.seed)

    @property
    def chars(self) -> int:
        """Characters read, about."""
        return round(self.updates * self._words.shape[1] * self.config.steps * self._chars_per_token)

    @property
    def share(self) -> float:
        """How much of the time, or of the readings, is spent, 0-1."""
        readings = self.updates * self.config.steps / len(self._words)
        return min(1.0, max(self.seconds / (60.0 * self.config.minutes), readings / self.config.readings))

    @property
    def rate(self) -> float:
        return self.config.rate(self.updates, self.share)

    def run(
        self,
        report: Callable[[Progress], None],
        checkpoint: Path,
        stop: Callable[[], bool] = lambda: False,
        keep_every_s: float = 60.0,
    ) -> None:
        """As ``TimedRun`` does. The network then holds the best weights seen."""
        super().run(report, checkpoint, stop, keep_every_s)
        self.network.load_state_dict(self._best)

    def examine(self) -> float:
        """Bits per character on the held-out words, unknown ones spelled, all words weighed."""
        network = self.network.eval()
        numbers = torch.from_numpy(self._held_out.numbers)
        total = 0.0
        with torch.inference_mode():
            state = network.zero_state(numbers.shape[1])
            for start in range(0, len(numbers) - 1, EXAMINED_STEPS):
                part = numbers[start : start + EXAMINED_STEPS + 1]
                read, state = network.read(part[:-1], state)
                logits = network.logits(read).flatten(0, 1)
                total += F.cross_entropy(logits, part[1:].flatten(), reduction="sum").item()
        return (total / math.log(2) + self._held_out.spelling_bits) / self._held_out.chars

    def _keep(self) -> None:
        self._best = copied(self.network)

    def save(self, path: Path) -> None:
        """Write everything that the rest of the run depends on."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self._best.items()}
        tensors |= {"state.hidden": self._state[0], "state.cell": self._state[1]}
        tensors |= {f"optimizer.{name}": value for name, value in moments_of(self._optimizer).items()}
        record = {
            "config": asdict(self.config),
            "seconds": self.seconds,
            "updates": self.updates,
            "place": self._place,
            "nats": self._nats,
            "curve": self.curve,
            "best_bits": self.best_bits,
            "text": self.digest,
            "shape": asdict(self.network.shape),
        }
        tensor_file.write(path, tensors, record)

    def restore(self, path: Path) -> None:
        """Go on from a file that ``save`` wrote; the minutes may have grown since."""
        tensors, record = tensor_file.read(path)
        self.network.load_state_dict(tensor_file.under("network.", tensors))
        self._best = tensor_file.under("best.", tensors)
        self._state = (tensors["state.hidden"], tensors["state.cell"])
        restore_moments(self._optimizer, tensor_file.under("optimizer.", tensors))
        self.seconds, self.updates, self._place = record["seconds"], record["updates"], record["place"]
        self._nats, self.best_bits = record["nats"], record["best_bits"]
        self.curve = [tuple(row) for row in record["curve"]]
        torch.manual_seed(self.config.seed + self.updates)  # other words are drawn than at the beginning

    def _advance(self) -> None:
        """Read the next words and make one update."""
        config, network = self.config, self.network.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate
        if self._place + config.steps + 1 > len(self._words):
            self._place, self._state = 0, network.zero_state(self._words.shape[1])
        part = self._words[self._place : self._place + config.steps + 1]
        self._forget_some(part[0])
        wanted, drawn = part[1:].flatten(), torch.multinomial(self._shares, self._drawn)
        with autocast_bfloat16("cpu"):
            read, state = network.read(part[:-1], self._state)
            read = read.flatten(0, 1)
            others = read @ network.vectors[drawn].t()
        right = (read.float() * network.vectors[wanted]).sum(1) + network.bias[wanted] - self._corrections[wanted]
        others = others.float() + (network.bias[drawn] - self._corrections[drawn])
        others = others.masked_fill(drawn[None] == wanted[:, None], -torch.inf)
        loss = (torch.logsumexp(torch.cat([right[:, None], others], 1), 1) - right).mean()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        self._optimizer.step()
        self._state = (state[0].detach().float(), state[1].detach().float())
        self._place += config.steps
        self.updates += 1
        self._note_loss(loss.item(), LEAST_WEIGHT)

    def _forget_some(self, first: Tensor) -> None:
        """Let some streams that are at a line's end begin anew there, as every text does that a voice writes."""
        anew = (first == self._newline) & (torch.rand(first.shape) < BEGINNINGS_SHARE)
        if anew.any():
            keep = (~anew).view(1, -1, 1)
            self._state = (self._state[0] * keep, self._state[1] * keep)
