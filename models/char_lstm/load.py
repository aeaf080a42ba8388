"""From files to a choir: every char-LSTM that can be read, checked, packed, and fusible where others share its base.

Runs on the caller's thread; the choir then belongs to whoever takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch

from models.char_lstm.choir import Choir
from models.char_lstm.fusion import FusibleChoir, FusionSources
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.weights_file import GOLDEN_TEXT, VoiceWeights
from protocol.errors import VoiceError

KIND = "char-lstm"  # as a voice file's record names it; one that names none is of this kind


def load(paths: Iterable[Path], device: str, complain: Callable[[str], None]) -> Choir:
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
    choir = Choir(PackedWeights(voices, device))
    unfaithful = _unfaithful(choir, voices, complain)
    if unfaithful:
        voices = [voice for voice in voices if voice.slug not in unfaithful]
        choir = Choir(PackedWeights(voices, device))
    choir.reset(range(len(choir.slugs)))
    sources = FusionSources(voices, choir.weights)
    return FusibleChoir(sources) if sources.exist else choir


def _unfaithful(choir: Choir, voices: Sequence[VoiceWeights], complain: Callable[[str], None]) -> set[str]:
    """The slugs of the voices that do not answer GOLDEN_TEXT as they did when they were saved."""
    every = range(len(voices))
    choir.forget(every)
    for code in GOLDEN_TEXT.encode("ascii"):
        choir.step(code, every)
    found = set()
    for voice, distribution in zip(voices, choir.distributions, strict=True):
        try:
            voice.check(torch.from_numpy(distribution))
        except VoiceError as error:
            complain(f"{error}: going on without it")
            found.add(voice.slug)
    return found
