"""From files to a choir: every voice that can be read, checked, packed, and made fusible where it has kin.

Runs on the caller's thread; the choir then belongs to whoever takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch

from models.char_lstm.choir import Choir
from models.char_lstm.fusion import FusibleChoir, FusionSources
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.stored_voice import StoredVoice
from models.char_lstm.weights_file import GOLDEN_TEXT
from protocol.errors import VoiceError


def load_voices(
    paths: Iterable[Path], device: str = "cpu", complain: Callable[[str], None] = lambda line: None
) -> Choir:
    """All voices that can be read from ``paths``, checked against their golden vectors.

    A broken file, or one of another shape than most, is left out with one line to ``complain``; raises ``VoiceError``
    only when none is left. Torch then works on one thread: a step is bound by memory, and a second thread, which has
    to be waited for at every product, made it slower as soon as anything else ran on the machine.
    """
    torch.set_num_threads(1)
    voices = []
    for path in paths:
        try:
            voices.append(StoredVoice.read(path))
        except VoiceError as error:
            complain(f"{error}: going on without it")
    shapes = [voice.shape for voice in voices]
    most = max(map(shapes.count, shapes), default=0)
    for voice in [voice for voice in voices if shapes.count(voice.shape) < most]:
        complain(f"the voice {voice.slug} is {voice.shape}, the others are not: going on without it")
        voices.remove(voice)
    choir = Choir(PackedWeights(voices, device))
    off = _unfaithful(choir, voices, complain)
    if off:
        voices = [voice for voice in voices if voice.slug not in off]
        choir = Choir(PackedWeights(voices, device))
    choir.reset(range(len(choir.slugs)))
    family = FusionSources(voices, choir.weights)
    return FusibleChoir(family) if family.exists else choir


def _unfaithful(choir: Choir, voices: Sequence[StoredVoice], complain: Callable[[str], None]) -> set[str]:
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
