"""A run that is given minutes of the processor: it advances, is examined at even parts of it, and leaves checkpoints.

What is learnt, and how, is for whoever inherits it: words (``word_trainer``), an adapter (``adapter_trainer``). Seconds
are the clock's that is handed in, so that "six minutes" are six whatever else runs. Runs on the caller's thread.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from models.training.trainer import Clock, Progress


def straight_fall(peak: float, floor: float, warmup_updates: int, updates: int, share: float) -> float:
    """The learning rate of an update when ``share`` (0-1) of a run is done: a short rise, a straight fall."""
    return peak * min(1.0, (updates + 1) / warmup_updates) * max(floor, 1.0 - share)


class TimedRun(ABC):
    """``best_bits`` are those of the first examination until something is better."""

    examinations: ClassVar[int]  # of a whole run
    examinations_charged: ClassVar[bool] = True  # whether the time that they take is the run's

    def __init__(self, clock: Clock, nats: float, chars_per_token: float) -> None:
        """``nats`` is what a token costs that nobody knows anything of."""
        self._clock, self._nats, self._chars_per_token = clock, nats, chars_per_token
        self.updates, self.seconds = 0, 0.0
        self.digest = ""  # of the text, so that a checkpoint is not taken for another run's
        self.best_bits = math.inf
        self.curve: list[tuple[float, int, float, float]] = []  # seconds, characters, training bits, held-out bits

    @property
    @abstractmethod
    def chars(self) -> int:
        """Characters read, about."""

    @property
    @abstractmethod
    def share(self) -> float:
        """How much of the time, or of the readings, is spent, 0-1."""

    @property
    @abstractmethod
    def rate(self) -> float:
        """The learning rate of the next update."""

    @abstractmethod
    def examine(self) -> float:
        """Bits per character on what is held out."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write everything that the rest of the run depends on."""

    @abstractmethod
    def _advance(self) -> None:
        """Read what comes next and make one update."""

    @abstractmethod
    def _keep(self) -> None:
        """What is known now is the best so far."""

    @property
    def train_bits(self) -> float:
        """A running mean of the bits per character on what is read."""
        return self._nats / math.log(2) / self._chars_per_token

    def run(
        self,
        report: Callable[[Progress], None],
        checkpoint: Path,
        stop: Callable[[], bool] = lambda: False,
        keep_every_s: float = 60.0,
    ) -> None:
        """Train until what was given is spent or ``stop()``."""
        examined, kept, bits = self.share, self.seconds, self.best_bits
        last = self._clock()
        while self.share < 1.0 and not stop():
            self._advance()
            now = self._clock()
            self.seconds, last = self.seconds + now - last, now
            due = self.examinations * (self.share - examined) >= 1.0 or self.share >= 1.0
            if due:
                bits, examined = self.examine_and_keep(), self.share
                if not self.examinations_charged:
                    last = self._clock()
            if self.seconds - kept >= keep_every_s:
                self.save(checkpoint)
                kept = self.seconds
            numbers = self.seconds, self.chars, self.train_bits, bits, self.best_bits, self.rate
            report(Progress(due, self.share, *numbers))
        if self.share < 1.0:
            self.examine_and_keep()
        self.save(checkpoint)

    def examine_and_keep(self) -> float:
        """Examine; what was learnt is kept where nothing read the held-out text better."""
        bits = self.examine()
        if bits < self.best_bits:
            self.best_bits = bits
            self._keep()
        self.curve.append((round(self.seconds, 1), self.chars, round(self.train_bits, 4), round(bits, 4)))
        return bits

    def _note_loss(self, nats: float, least_weight: float) -> None:
        """The newest update's loss enters the running mean with the weight ``least_weight`` at the least."""
        self._nats += (nats - self._nats) * max(least_weight, 1.0 / self.updates)
