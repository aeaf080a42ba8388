"""From files to word voices: every one that can be read, checked against its golden vector.

Runs on the caller's thread; the choir then belongs to whoever takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch

from models.words.choir import WordChoir
from models.words.reading import Reading, WordVoice
from models.words.weights_file import KIND, WordWeights
from protocol.errors import VoiceError

__all__ = ["KIND", "load"]

GOLDEN_TEXT = b"It was the best"  # read from the beginning to get the golden vector
GOLDEN_TOLERANCE = 0.03  # total variation distance from it that another machine's arithmetic may have


def load(paths: Iterable[Path], device: str, complain: Callable[[str], None]) -> WordChoir:
    """All voices that can be read from ``paths``; a broken one is left out with one line to ``complain``.

    They are stepped on the processor whatever the ``device``: a step is too small for another. Raises ``VoiceError``
    only when none is left.
    """
    torch.set_num_threads(1)
    voices = []
    for path in paths:
        try:
            voice = WordVoice(WordWeights.load(path))
            _check(voice)
        except VoiceError as error:
            complain(f"{error}: going on without it")
            continue
        voices.append(voice)
    if not voices:
        raise VoiceError("there is no word voice that can be read: antiphon train NAME --kind word makes one")
    return WordChoir(voices)


def expect(voice: WordVoice, text: bytes = GOLDEN_TEXT) -> tuple[float, ...]:
    """What a fresh ``voice`` expects after ``text``."""
    reading = Reading(voice)
    for code in text:
        reading.read(code)
    return tuple(reading.expected().tolist())


def _check(voice: WordVoice) -> None:
    """Raise ``VoiceError`` unless ``voice`` speaks as it was saved."""
    distance = 0.5 * np.abs(np.array(expect(voice)) - np.array(voice.golden)).sum() if voice.golden else np.inf
    if not distance <= GOLDEN_TOLERANCE:  # also false for NaN
        raise VoiceError(
            f"the word voice {voice.slug} does not speak as it was saved (golden vector off by {distance:.3f}): "
            "train it again, or get its file again"
        )
