"""Training a char-LSTM: truncated backpropagation through time with the state carried over, stoppable at any moment.

What was found to work on two CPU cores: bfloat16 where the processor has it, 32-64 streams of 64 steps, AdamW with a
learning rate that falls to almost nothing over the time given, gradient clip 1 (Pascanu et al. 2013). Time spent, not
steps, drives the schedule, so "two minutes" means two minutes on any machine; the clock is handed in. Runs on the
caller's thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge, Interval
from torch import Tensor, nn

from models import tensor_file
from models.char_lstm.network import CharLSTM
from models.interface import Codes
from models.training.learner import BatchSource, Examination, Learner

Clock = Callable[[], float]  # seconds, never backwards

EXAMINATIONS_PER_RUN = 16  # examinations of a run that is given characters


Count = Annotated[int, Ge(0)]
Positive = Annotated[float, Interval(ge=0.0, le=1e6)]


@dataclass(frozen=True)
class TrainingConfig:
    """How to train; the defaults suit a base network on 2 cores."""

    minutes: Positive = 30.0
    chars: Count = 0  # to be read; where given it decides when the run ends, not the minutes, on any machine the same
    every: Positive = 30.0  # seconds between two examinations; a run given characters has ``EXAMINATIONS_PER_RUN``
    texts: Annotated[int, Ge(1)] = 64  # B, streams read side by side
    steps: Annotated[int, Ge(1)] = 64  # T, characters between updates
    peak: Positive = 3e-3  # the highest learning rate
    floor: Positive = 0.02  # the last learning rate, as a share of the highest
    warmup: Positive = 0.02  # share of the time in which the rate rises
    weight_decay: Positive = 0.01
    dropout: Positive = 0.0
    clip: Positive = 1.0
    stay: Count = 8_192  # characters a stream reads before it jumps elsewhere
    seed: Count = 1

    def rate(self, share: float) -> float:
        """The learning rate when ``share`` (0-1) of the time is spent: a short rise, then half a cosine."""
        if share < self.warmup:
            return self.peak * (0.05 + 0.95 * share / self.warmup)
        fall = min(1.0, (share - self.warmup) / (1.0 - self.warmup))
        return self.peak * (self.floor + (1.0 - self.floor) * 0.5 * (1.0 + math.cos(math.pi * fall)))


@dataclass(frozen=True)
class Progress:
    """What a run can say of itself; bits are bits per character."""

    examined: bool  # whether the held-out text was just read; else its bits are those of the last time
    share: float  # of the time or the characters given, 0-1
    seconds: float
    chars: int
    train_bits: float
    held_out_bits: float
    best_bits: float
    rate: float  # of learning


class Trainer:
    """One run: a network, the streams it learns from, and the held-out pieces that decide which state is kept."""

    def __init__(
        self,
        network: CharLSTM,
        streams: BatchSource,
        held_out: Sequence[Codes],
        config: TrainingConfig,
        clock: Clock = time.monotonic,
    ) -> None:
        self.network, self.streams, self.config, self._clock = network, streams, config, clock
        self.learner = Learner(network, streams, config.texts, config.steps, config.weight_decay, config.clip)
        self._examination = Examination(held_out, self.learner.device)
        self.digest = ""  # of the texts, so that a checkpoint is not taken for another run's
        self.seconds = 0.0
        self.best_bits = self.examine()
        self._best = copied(network)
        self.curve: list[tuple[float, int, float, float]] = []  # seconds, characters, training bits, held-out bits
        torch.manual_seed(config.seed)

    @property
    def chars(self) -> int:
        """Characters read."""
        return self.learner.chars

    @property
    def share(self) -> float:
        """How much of the time, or of the characters, given is spent, 0-1."""
        if self.config.chars:
            return min(1.0, self.chars / self.config.chars)
        return min(1.0, self.seconds / (60.0 * self.config.minutes))

    def run(
        self,
        report: Callable[[Progress], None] | None = None,
        checkpoint: Path | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train until what was given is spent or ``stop()``; examine and checkpoint as often as the recipe says.

        ``report`` hears of every update. The network then holds the best weights seen on the held-out text.
        """
        examined_at, bits = (self.seconds, self.chars), self.best_bits
        last = self._clock()
        while self.share < 1.0 and not stop():
            self.advance(self.share)
            now = self._clock()
            self.seconds += now - last  # examinations and reports are part of the time given
            last = now
            if self.config.chars:
                due = EXAMINATIONS_PER_RUN * (self.chars - examined_at[1]) >= self.config.chars
                examined = due or self.share >= 1.0
            else:
                examined = self.seconds - examined_at[0] >= self.config.every or self.share >= 1.0
            if examined:
                bits, examined_at = self.examine_and_keep(), (self.seconds, self.chars)
                if checkpoint:
                    self.save(checkpoint)
            if report:
                report(
                    Progress(
                        examined,
                        self.share,
                        self.seconds,
                        self.chars,
                        self.learner.train_bits,
                        bits,
                        self.best_bits,
                        self.config.rate(self.share),
                    )
                )
        if self.share < 1.0:  # stopped: nothing since the last examination is lost
            self.examine_and_keep()
            if checkpoint:
                self.save(checkpoint)
        self.keep_best()

    def advance(self, share: float) -> None:
        """Make one update, at the learning rate for when ``share`` (0-1) of the run is done. Waits for no device."""
        self.learner.update(self.config.rate(share))

    def examine(self) -> float:
        """Bits per character on the held-out text."""
        return self._examination.bits(self.network)

    def examine_and_keep(self) -> float:
        """Examine; the weights are kept where none read the held-out text better."""
        bits = self.examine()
        if bits < self.best_bits:
            self.best_bits, self._best = bits, copied(self.network)
        self.curve.append((round(self.seconds, 1), self.chars, round(self.learner.train_bits, 4), round(bits, 4)))
        return bits

    def keep_best(self) -> None:
        """Go back to the best weights seen on the held-out text."""
        self.network.load_state_dict(self._best)

    def save(self, path: Path) -> None:
        """Write everything that the rest of the run depends on."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self._best.items()}
        tensors |= {"state.hidden": self.learner.state[0], "state.cell": self.learner.state[1]}
        tensors |= {f"optimizer.{name}": value for name, value in self.learner.moments().items()}
        record = {
            "recipe": asdict(self.config),
            "seconds": self.seconds,
            "chars": self.chars,
            "curve": self.curve,
            "train_bits": self.learner.train_bits,
            "best_bits": self.best_bits,
            "streams": self.streams.state(),
            "text": self.digest,
            "layers": self.network.shape.layers,
            "hidden": self.network.shape.hidden,
            "generator": torch.get_rng_state().tolist(),
        }
        tensor_file.write(path, tensors, record)

    def restore(self, path: Path) -> None:
        """Go on from a file that ``save`` wrote; the recipe's minutes may have grown since."""
        tensors, record = tensor_file.read(path)
        self.network.load_state_dict(tensor_file.under("network.", tensors))
        self._best = tensor_file.under("best.", tensors)
        device, learner = self.learner.device, self.learner
        learner.state = (tensors["state.hidden"].to(device), tensors["state.cell"].to(device))
        learner.restore_moments(tensor_file.under("optimizer.", tensors))
        learner.chars = record["chars"]
        learner.updates = record["chars"] // (self.config.texts * self.config.steps)
        learner.train_bits = record["train_bits"]
        self.seconds, self.best_bits = record["seconds"], record["best_bits"]
        self.curve = [tuple(row) for row in record["curve"]]
        self.streams.restore(record["streams"])
        torch.set_rng_state(torch.tensor(record["generator"], dtype=torch.uint8))


def copied(network: nn.Module) -> dict[str, Tensor]:
    """The weights of ``network`` as they are now."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}
