"""The choir: all voices of one shape held together and stepped in one call, each with a state of its own.

A voice's answer never depends on which others step with it, so one-hot weights give exactly the single voice's text.
Implements ``models.interface.Voices``. Belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.arithmetic import FloatStack, Int8Stack, Stack
from models.interface import FIRST, VOCABULARY, Voices
from models.network import Shape
from models.trail import StateTrail
from models.voice import GOLDEN_TEXT, VoiceWeights
from protocol.errors import VoiceError


@dataclass(frozen=True)
class ChoirState:
    """What the voices remember: independent copies of hidden and cell (layers, S, H) and distributions (S, V)."""

    hidden: Tensor
    cell: Tensor
    distributions: NDArray[np.float32]


class Choir:
    """S voices of one shape. ``device`` "cpu" uses int8 where it can; anything else, or ``exact``, uses float32."""

    def __init__(self, voices: Sequence[VoiceWeights], device: str = "cpu", exact: bool = False) -> None:
        if not voices:
            raise VoiceError("a choir needs at least one voice: train one (antiphon train --help)")
        shapes = {str(voice.shape) for voice in voices}
        if len(shapes) > 1:
            raise VoiceError(f"voices of different shapes cannot sing in one choir: {', '.join(sorted(shapes))}")
        self.slugs = tuple(voice.slug for voice in voices)
        self.shape: Shape = voices[0].shape
        self._device = torch.device(device)
        int8 = self._device.type == "cpu" and not exact and Int8Stack.available()

        def stack(matrices: list[Tensor], biases: list[Tensor]) -> Stack:
            return Int8Stack(matrices, biases) if int8 else FloatStack(matrices, biases, self._device)

        first = [voice.characters + voice.layers[0].bias for voice in voices]
        self._characters = torch.stack(first).to(self._device)  # (S, V, 4H)
        none = torch.zeros(4 * self.shape.hidden)  # the first layer's bias went to the characters
        self._layers = [stack([v.layers[k].weight for v in voices], [v.layers[k].bias if k else none for v in voices])
                        for k in range(self.shape.layers)]
        self._output = stack([voice.output for voice in voices], [voice.output_bias for voice in voices])
        size = (self.shape.layers, len(voices), self.shape.hidden)
        self._hidden = torch.zeros(size, device=self._device)  # (layers, S, H)
        self._cell = torch.zeros(size, device=self._device)
        self._distributions = np.full((len(voices), VOCABULARY), 1 / VOCABULARY, np.float32)
        self.reset(range(len(voices)))

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    @torch.inference_mode()
    def step(self, code: int, voices: Sequence[int]) -> None:
        if not voices:
            return
        every = len(voices) == len(self.slugs)
        chosen = slice(None) if every else torch.tensor(list(voices), device=self._device)
        order = range(len(self.slugs)) if every else voices
        gates = self._characters[chosen, code]  # (n, 4H)
        below: Tensor | None = None
        for k, layer in enumerate(self._layers):
            hidden, cell = self._hidden[k, chosen], self._cell[k, chosen]  # (n, H)
            product = layer.apply(hidden if below is None else torch.cat([below, hidden], dim=1), order)
            into, forget, new, out = (product + gates if below is None else product).chunk(4, dim=1)
            cell = forget.sigmoid() * cell + into.sigmoid() * new.tanh()
            below = out.sigmoid() * cell.tanh()
            self._hidden[k, chosen], self._cell[k, chosen] = below, cell
        assert below is not None
        expected = self._output.apply(below, order).softmax(dim=1)  # (n, V)
        self._distributions[slice(None) if every else list(voices)] = expected.cpu().numpy()

    def reset(self, voices: Sequence[int]) -> None:
        self.forget(voices)
        self.step(FIRST, voices)

    def forget(self, voices: Sequence[int]) -> None:
        """The zero state, before anything was read."""
        self._hidden[:, list(voices)] = 0.0
        self._cell[:, list(voices)] = 0.0

    def another(self) -> Choir:
        other = copy(self)
        other._hidden, other._cell = torch.zeros_like(self._hidden), torch.zeros_like(self._cell)
        other._distributions = np.full_like(self._distributions, 1 / VOCABULARY)
        other.reset(range(len(self.slugs)))
        return other

    def adopt(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, Choir)
        chosen = list(voices)
        self._hidden[:, chosen], self._cell[:, chosen] = others._hidden[:, chosen], others._cell[:, chosen]
        self._distributions[chosen] = others._distributions[chosen]

    def save_state(self) -> ChoirState:
        return ChoirState(self._hidden.clone(), self._cell.clone(), self._distributions.copy())

    def load_state(self, state: ChoirState) -> None:
        self._hidden.copy_(state.hidden)
        self._cell.copy_(state.cell)
        self._distributions[:] = state.distributions

    def trail(self, places: int) -> StateTrail:
        return StateTrail([self._hidden, self._cell], torch.from_numpy(self._distributions), places)


def pick_device(wanted: str | None = None) -> str:
    """``wanted`` if torch has it, else CUDA, then MPS, then CPU; raises ``VoiceError`` for one that is not there."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted is None:
        return next(name for name, there in present.items() if there)
    if not present.get(wanted.split(":")[0], False):
        usable = ", ".join(name for name, there in present.items() if there)
        raise VoiceError(f"there is no device {wanted} here: use --device with one of {usable}")
    return wanted


def load_choir(paths: Iterable[Path], device: str = "cpu",
               complain: Callable[[str], None] = lambda line: None) -> Choir:
    """All voices that can be read from ``paths``, checked against their golden vectors.

    A broken file, or one of another shape than most, is left out with one line to ``complain``; raises ``VoiceError``
    only when none is left. Torch then works on one thread: a step is bound by memory, and a second thread, which has
    to be waited for at every product, made it slower as soon as anything else ran on the machine.
    """
    torch.set_num_threads(1)
    voices = []
    for path in paths:
        try:
            voices.append(VoiceWeights.load(path))
        except VoiceError as error:
            complain(f"{error}: going on without it")
    shapes = [voice.shape for voice in voices]
    most = max(map(shapes.count, shapes), default=0)
    for voice in [voice for voice in voices if shapes.count(voice.shape) < most]:
        complain(f"the voice {voice.slug} is {voice.shape}, the others are not: going on without it")
        voices.remove(voice)
    choir = Choir(voices, device)
    off = _unfaithful(choir, voices, complain)
    choir = Choir([voice for voice in voices if voice.slug not in off], device) if off else choir
    choir.reset(range(len(choir.slugs)))
    return choir


def _unfaithful(choir: Choir, voices: Sequence[VoiceWeights], complain: Callable[[str], None]) -> set[str]:
    """The slugs of the voices that do not answer GOLDEN_TEXT as they did when they were saved."""
    every = range(len(voices))
    choir.forget(every)
    for code in GOLDEN_TEXT.encode("ascii"):
        choir.step(code, every)
    off = set()
    for voice, distribution in zip(voices, choir.distributions, strict=True):
        try:
            voice.check(torch.from_numpy(distribution))
        except VoiceError as error:
            complain(f"{error}: going on without it")
            off.add(voice.slug)
    return off
