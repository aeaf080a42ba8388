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
from typing import Annotated, Any

import numpy as np
import torch
from annotated_types import Ge, Interval
from torch import Tensor, nn
from torch.nn import functional as F

from models import tensor_file
from models.char_lstm.network import CharLSTM, State
from models.training.streams import Codes, Streams
from protocol.alphabet import VOCABULARY

Clock = Callable[[], float]  # seconds, never backwards

EXAMINED_TEXTS = 32  # streams that the held-out text is read as, for the progress line only
EXAMINED_STEPS = 1_024  # characters of each
EXAMINATIONS_PER_RUN = 16  # examinations of a run that is given characters


def autocast_bfloat16(device: str) -> torch.autocast:
    """Products in bfloat16 from here on, but on a processor that has none (no AVX-512): oneDNN's LSTM fails there."""
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or has_bfloat16())


def has_bfloat16(ops: Any = torch.ops.mkldnn) -> bool:
    """Whether oneDNN is there, and has bfloat16 on this processor. A PyTorch that no longer tells has none for us."""
    there = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    try:
        return there and bool(ops._is_mkldnn_bf16_supported())
    except (AttributeError, NotImplementedError, RuntimeError):
        return False


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
        streams: Streams,
        held_out: Sequence[Codes],
        config: TrainingConfig,
        clock: Clock = time.monotonic,
    ) -> None:
        self.network, self.streams, self.config, self._clock = network, streams, config, clock
        self._held_out = _side_by_side(held_out)
        self._device = network.output.weight.device
        self._optimizer = torch.optim.AdamW(
            network.parameters(), config.peak, weight_decay=config.weight_decay, fused=True
        )
        self._state = network.zero_state(config.texts)
        self.digest = ""  # of the texts, so that a checkpoint is not taken for another run's
        self.seconds = 0.0
        self.chars = 0
        self._train_bits = math.log2(VOCABULARY)
        self.best_bits = self.examine()
        self._best = _copy(network)
        self.curve: list[tuple[float, int, float, float]] = []  # seconds, characters, training bits, held-out bits
        torch.manual_seed(config.seed)

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
            self._step()
            now = self._clock()
            self.seconds += now - last  # examinations and reports are part of the time given
            last = now
            if self.config.chars:
                due = EXAMINATIONS_PER_RUN * (self.chars - examined_at[1]) >= self.config.chars
                examined = due or self.share >= 1.0
            else:
                examined = self.seconds - examined_at[0] >= self.config.every or self.share >= 1.0
            if examined:
                bits, examined_at = self._examine_and_keep(), (self.seconds, self.chars)
                if checkpoint:
                    self.save(checkpoint)
            if report:
                report(
                    Progress(
                        examined,
                        self.share,
                        self.seconds,
                        self.chars,
                        self._train_bits,
                        bits,
                        self.best_bits,
                        self.config.rate(self.share),
                    )
                )
        if self.share < 1.0:  # stopped: nothing since the last examination is lost
            self._examine_and_keep()
            if checkpoint:
                self.save(checkpoint)
        self.network.load_state_dict(self._best)

    def _step(self) -> float:
        """Read ``steps`` characters of each stream and make one update; return its bits per character."""
        for group in self._optimizer.param_groups:
            group["lr"] = self.config.rate(self.share)
        codes, fresh = self.streams.batch()
        keep = torch.from_numpy(~fresh).to(self._device).view(1, -1, 1)
        state: State = (self._state[0] * keep, self._state[1] * keep)
        batch = torch.from_numpy(codes).to(self._device)  # (T + 1, B)
        self.network.train()
        with autocast_bfloat16(self._device.type):
            logits, state = self.network(batch[:-1], state)
        loss = F.cross_entropy(logits.float().flatten(0, 1), batch[1:].flatten())
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        self._optimizer.step()
        self._state = (state[0].detach().float(), state[1].detach().float())
        self.chars += codes.shape[1] * self.config.steps
        bits = loss.item() / math.log(2)
        updates = self.chars / (codes.shape[1] * self.config.steps)
        self._train_bits += max(0.02, 1.0 / updates) * (bits - self._train_bits)
        return bits

    def examine(self) -> float:
        """Bits per character on the held-out text, read as many short streams (a little above one long reading)."""
        self.network.eval()
        codes = self._held_out.to(self._device)
        with torch.inference_mode(), autocast_bfloat16(self._device.type):
            state = self.network.zero_state(codes.shape[1])
            total = 0.0
            for part in range(0, len(codes) - 1, 64):
                read = codes[part : part + 65]
                logits, state = self.network(read[:-1], state)
                total += F.cross_entropy(logits.float().flatten(0, 1), read[1:].flatten(), reduction="sum").item()
        return total / (codes.shape[1] * (len(codes) - 1)) / math.log(2)

    def _examine_and_keep(self) -> float:
        bits = self.examine()
        if bits < self.best_bits:
            self.best_bits, self._best = bits, _copy(self.network)
        self.curve.append((round(self.seconds, 1), self.chars, round(self._train_bits, 4), round(bits, 4)))
        return bits

    def save(self, path: Path) -> None:
        """Write everything that the rest of the run depends on."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self._best.items()}
        tensors |= {"state.hidden": self._state[0], "state.cell": self._state[1]}
        for index, moments in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in moments.items()}
        record = {
            "recipe": asdict(self.config),
            "seconds": self.seconds,
            "chars": self.chars,
            "curve": self.curve,
            "train_bits": self._train_bits,
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
        self.network.load_state_dict(_under("network.", tensors))
        self._best = _under("best.", tensors)
        self._state = (tensors["state.hidden"].to(self._device), tensors["state.cell"].to(self._device))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in _under("optimizer.", tensors).items():
            index, moment = name.split(".", 1)
            moments.setdefault(int(index), {})[moment] = value
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.seconds, self.chars = record["seconds"], record["chars"]
        self.curve = [tuple(row) for row in record["curve"]]
        self._train_bits, self.best_bits = record["train_bits"], record["best_bits"]
        self.streams.restore(record["streams"])
        torch.set_rng_state(torch.tensor(record["generator"], dtype=torch.uint8))


def _side_by_side(pieces: Sequence[Codes]) -> Tensor:
    """The held-out pieces as (T + 1, B) codes: every piece gives as many streams as fit."""
    length = max(2, min(EXAMINED_STEPS + 1, min(len(piece) for piece in pieces)))
    starts = [(p, s) for p, piece in enumerate(pieces) for s in range(0, len(piece) - length + 1, length)]
    chosen = [starts[i] for i in np.unique(np.linspace(0, len(starts) - 1, EXAMINED_TEXTS).astype(int))]
    rows = np.stack([pieces[p][s : s + length] for p, s in chosen], axis=1)
    return torch.from_numpy(rows.astype(np.int64))


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _under(prefix: str, tensors: dict[str, Any]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
