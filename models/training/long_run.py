"""A run over days: the rate is held, the weights are averaged, and nothing depends on when it ends.

``LongRun.hold`` goes on until it is told to stop; ``LongRun.decay`` is the branch that lowers the rate over so many
characters and leaves the network that is shipped. ``state`` and ``LongRun.restore`` carry all of it from one sitting,
or one machine, to the next. Runs on the caller's thread; between two updates nothing waits for an accelerator.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from models.char_lstm.network import CharLSTM
from models.interface import Codes
from models.training.learner import BatchSource, Examination, Learner
from models.training.run_state import RunState
from models.training.schedule import average_decay, decayed_rate, held_rate
from protocol.errors import TrainingError

Clock = Callable[[], float]  # seconds, never backwards
Row = tuple[float, int, float, float, float]  # of a curve: seconds, characters, bits read, network's, average's

AVERAGE_EVERY = 10  # updates


@dataclass(frozen=True)
class LongRunConfig:
    """How to go on for days; what was found stands in docs/voices/trials.md."""

    texts: int = 64  # B, streams read side by side
    steps: int = 64  # T, characters between updates
    peak: float = 5.5e-3  # the learning rate that is held
    warmup_updates: int = 400  # of every sitting's first rise
    half_life_chars: int = 4_096_000  # after which the average has forgotten half of what it held
    weight_decay: float = 0.01
    clip: float = 1.0
    stay: int = 4_096  # characters a stream reads before it jumps elsewhere
    seed: int = 3


@dataclass(frozen=True)
class Sitting:
    """One sitting of a long run: when it ends, who hears of it, and how its state is kept."""

    stop: Callable[[], bool]
    report: Callable[[LongProgress], None]
    keep: Callable[[], None] = lambda: None  # called now and then, and at the end, to save
    examine_every_s: float = 300.0
    keep_every_s: float = 180.0


@dataclass(frozen=True)
class LongProgress:
    """What a long run can say of itself after an examination; bits are bits per character, held out."""

    seconds: float
    chars: int
    chars_per_second: float  # of this sitting
    train_bits: float
    network_bits: float
    average_bits: float


class LongRun:
    """A network that is learning, the average of its weights, and the curve of both."""

    def __init__(
        self,
        network: CharLSTM,
        streams: BatchSource,
        held_out: Sequence[Codes],
        config: LongRunConfig,
        digest: str,
        machine: str,
        clock: Clock = time.monotonic,
    ) -> None:
        """``digest`` is that of the texts, ``machine`` a name under which characters and seconds are counted."""
        self.network, self.config, self._clock = network, config, clock
        self._streams, self._digest, self._machine = streams, digest, machine
        self._learner = Learner(network, streams, config.texts, config.steps, config.weight_decay, config.clip)
        self._examination = Examination(held_out, self._learner.device)
        self._examined = CharLSTM(network.shape).to(self._learner.device)  # takes the average to be examined
        self._average = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self._warm_from = 0  # the update at which the rate began to rise
        self.seconds = 0.0
        self.curve: list[Row] = []
        self.machines: dict[str, tuple[int, float]] = {}  # characters and seconds on each
        self._decay: tuple[int, int] | None = None  # where the branch began, in characters, and its length

    @property
    def chars(self) -> int:
        """Characters read, over all sittings."""
        return self._learner.chars

    def restore(self, state: RunState) -> None:
        """Go on from ``state``; raises ``TrainingError`` where it belongs to other texts or another size.

        With other streams than it was taken with, readers begin at other places, and the rate rises anew.
        """
        if (state.record["text"], state.shape) != (self._digest, self.network.shape):
            raise TrainingError("the state belongs to other texts or another size: name another file with --state")
        learner, device = self._learner, self._learner.device
        self.network.load_state_dict(state.network)
        self._average = {name: value.to(device, copy=True) for name, value in state.average.items()}
        learner.restore_moments(state.moments)
        learner.chars, learner.updates = state.chars, int(state.record["updates"])
        learner.train_bits = float(state.record["train_bits"])
        same = (state.record["streams_kind"], state.record["config"]["texts"], state.record["config"]["steps"])
        if same == (type(self._streams).__name__, self.config.texts, self.config.steps):
            learner.state = (state.hidden.to(device), state.cell.to(device))
            self._streams.restore(state.record["streams"])
            self._warm_from = int(state.record["warm_from"])
        else:
            self._warm_from = learner.updates
        self.seconds = float(state.record["seconds"])
        self.curve = [tuple(row) for row in state.record["curve"]]
        self.machines = {name: (int(chars), float(s)) for name, (chars, s) in state.record["machines"].items()}
        decay = state.record["decay"]
        self._decay = (int(decay[0]), int(decay[1])) if decay else None

    def state(self) -> RunState:
        """Where the run stands."""
        hidden, cell = self._learner.state
        record: dict[str, Any] = {
            "layers": self.network.shape.layers,
            "hidden": self.network.shape.hidden,
            "config": asdict(self.config),
            "chars": self.chars,
            "updates": self._learner.updates,
            "seconds": self.seconds,
            "train_bits": self._learner.train_bits,
            "warm_from": self._warm_from,
            "decay": self._decay,
            "curve": self.curve,
            "machines": self.machines,
            "streams": self._streams.state(),
            "streams_kind": type(self._streams).__name__,
            "text": self._digest,
        }
        moments = self._learner.moments()
        network = {name: value.detach() for name, value in self.network.state_dict().items()}
        return RunState(network, self._average, moments, hidden, cell, record)

    def hold(self, sitting: Sitting) -> None:
        """Learn at the held rate until the sitting ends."""

        def rate() -> float:
            return held_rate(self.config.peak, self._learner.updates - self._warm_from, self.config.warmup_updates)

        self._learn(rate, sitting)

    def decay(self, chars: int, sitting: Sitting) -> bool:
        """Lower the rate to nothing over ``chars`` characters; False where the sitting ended before.

        A branch that was begun, and restored, goes on as it was begun.
        """
        begun, length = self._decay = self._decay or (self.chars, chars)

        def share() -> float:
            return (self.chars - begun) / length

        def stop() -> bool:
            return share() >= 1.0 or sitting.stop()

        self._learn(lambda: decayed_rate(self.config.peak, share()), replace(sitting, stop=stop))
        return share() >= 1.0

    def better(self) -> tuple[CharLSTM, float]:
        """The network or its average, whichever reads the held-out text better, and its bits per character."""
        network, average = self._bits()
        return (self.network, network) if network <= average else (self._examined, average)

    def _learn(self, rate: Callable[[], float], sitting: Sitting) -> None:
        learner, begun, spent = self._learner, self.chars, 0.0
        last = examined = kept = self._clock()
        while not sitting.stop():
            learner.update(rate())
            if learner.updates % AVERAGE_EVERY == 0:
                self._take_average()
            now = self._clock()
            self._count(now - last)
            spent, last = spent + now - last, now
            if now - examined >= sitting.examine_every_s:
                sitting.report(self._look(spent, begun))
                examined = self._clock()
            if now - kept >= sitting.keep_every_s:
                sitting.keep()
                kept = self._clock()
        if self.chars > begun:
            sitting.report(self._look(spent, begun))
        sitting.keep()

    def _count(self, seconds: float) -> None:
        self.seconds += seconds
        chars, before = self.machines.get(self._machine, (0, 0.0))
        self.machines[self._machine] = (chars + self.config.texts * self.config.steps, before + seconds)

    def _take_average(self) -> None:
        half_life = self.config.half_life_chars // (self.config.texts * self.config.steps)
        weight = 1.0 - average_decay(self._learner.updates, AVERAGE_EVERY, half_life)
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self._average[name].lerp_(value, weight)

    def _look(self, spent: float, begun: int) -> LongProgress:
        network, average = self._bits()
        read = self._learner.train_bits
        self.curve.append((round(self.seconds, 1), self.chars, round(read, 4), round(network, 4), round(average, 4)))
        speed = (self.chars - begun) / max(spent, 1e-9)
        return LongProgress(self.seconds, self.chars, speed, read, network, average)

    def _bits(self) -> tuple[float, float]:
        """Held out: the network's, and its average's."""
        self._examined.load_state_dict(self._average)
        return self._examination.bits(self.network), self._examination.bits(self._examined)
