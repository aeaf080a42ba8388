"""One network that learns: truncated backpropagation through time, the state of every text carried over.

``Learner.update`` reads the next batch and makes one AdamW update; nothing in it waits for an accelerator. The schedule
is the caller's. ``Examination`` reads the held-out text. Runs on the caller's thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.char_lstm.network import CharLSTM, State
from models.interface import Codes
from protocol.alphabet import VOCABULARY

EXAMINED_TEXTS = 32  # streams that the held-out text is read as, for the progress line only
EXAMINED_STEPS = 1_024  # characters of each
LEAST_WEIGHT = 0.02  # of the newest update in the running mean of the training loss


class BatchSource(Protocol):
    """Streams of text: numpy arrays from the processor's memory, or tensors that lie on the device."""

    def batch(self) -> tuple[Any, Any]:
        """The next (steps + 1, texts) codes, and which texts begin anew."""

    def state(self) -> dict[str, Any]:
        """Everything that decides the batches to come, as plain JSON values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where ``state`` was taken."""


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


class Learner:
    """A network, what it reads and what its optimiser knows."""

    def __init__(
        self, network: CharLSTM, streams: BatchSource, texts: int, steps: int, weight_decay: float, clip: float
    ) -> None:
        self.network, self.streams = network, streams
        self.device = network.output.weight.device
        self.updates = 0
        self.chars = 0
        self._clip, self._chars_per_update = clip, texts * steps
        self._optimizer = torch.optim.AdamW(network.parameters(), weight_decay=weight_decay, fused=True)
        self.state = network.zero_state(texts)
        self._nats = torch.full((), math.log(VOCABULARY), device=self.device)

    def update(self, rate: float) -> None:
        """Read the next batch and make one update at the learning rate ``rate``."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        codes, fresh = (torch.as_tensor(array).to(self.device) for array in self.streams.batch())  # (T + 1, B), (B,)
        keep = ~fresh.view(1, -1, 1)
        state: State = (self.state[0] * keep, self.state[1] * keep)
        self.network.train()
        with autocast_bfloat16(self.device.type):
            logits, state = self.network(codes[:-1], state)
        loss = F.cross_entropy(logits.float().flatten(0, 1), codes[1:].flatten())
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self._clip)
        self._optimizer.step()
        self.state = (state[0].detach().float(), state[1].detach().float())
        self.updates += 1
        self.chars += self._chars_per_update
        self._nats.lerp_(loss.detach(), max(LEAST_WEIGHT, 1.0 / self.updates))

    @property
    def train_bits(self) -> float:
        """A running mean of the bits per character on what is read. Waits for the device."""
        return self._nats.item() / math.log(2)

    @train_bits.setter
    def train_bits(self, bits: float) -> None:
        self._nats.fill_(bits * math.log(2))

    def moments(self) -> dict[str, Tensor]:
        """``moments_of`` the optimiser."""
        return moments_of(self._optimizer)

    def restore_moments(self, moments: Mapping[str, Tensor]) -> None:
        """Go on with what ``moments`` gave."""
        restore_moments(self._optimizer, moments)


def moments_of(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What it knows, ``INDEX.KIND`` for each parameter in order: its moments and its updates."""
    states = optimizer.state_dict()["state"]
    return {f"{index}.{kind}": torch.as_tensor(v) for index, held in states.items() for kind, v in held.items()}


def restore_moments(optimizer: torch.optim.Optimizer, moments: Mapping[str, Tensor]) -> None:
    """Let it go on with what ``moments_of`` gave."""
    states: dict[int, dict[str, Tensor]] = {}
    for name, value in moments.items():
        index, kind = name.split(".", 1)
        states.setdefault(int(index), {})[kind] = value.clone()  # the optimiser would write into it
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": states, "param_groups": groups})


class Examination:
    """A held-out text, read as many short streams (the bits are a little above those of one long reading)."""

    def __init__(self, pieces: Sequence[Codes], device: torch.device) -> None:
        length = max(2, min(EXAMINED_STEPS + 1, min(len(piece) for piece in pieces)))
        starts = [(p, s) for p, piece in enumerate(pieces) for s in range(0, len(piece) - length + 1, length)]
        chosen = [starts[i] for i in np.unique(np.linspace(0, len(starts) - 1, EXAMINED_TEXTS).astype(int))]
        rows = np.stack([pieces[p][s : s + length] for p, s in chosen], axis=1)
        self._codes = torch.from_numpy(rows.astype(np.int64)).to(device)  # (T + 1, B)

    def bits(self, network: CharLSTM) -> float:
        """Bits per character. Waits for the device."""
        network.eval()
        codes = self._codes
        total = torch.zeros((), device=codes.device, dtype=torch.float64)
        with torch.inference_mode(), autocast_bfloat16(codes.device.type):
            state = network.zero_state(codes.shape[1])
            for part in range(0, len(codes) - 1, 64):
                read = codes[part : part + 65]
                logits, state = network(read[:-1], state)
                total += F.cross_entropy(logits.float().flatten(0, 1), read[1:].flatten(), reduction="sum")
        return total.item() / (codes.shape[1] * (len(codes) - 1)) / math.log(2)
