"""From files to transformers that speak: one network, and the adapters of styles that fit it.

The networks are packed once in a process however often voices are loaded anew: they are a hundred megabytes. Runs on
the caller's thread; the voices then belong to whoever takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from models import tensor_file
from models.transformer.adapters import KIND as ADAPTER
from models.transformer.adapters import Adapter
from models.transformer.beam import Beam
from models.transformer.key_values import KeyValues
from models.transformer.stepping import Stepper
from models.transformer.voices import TransformerVoices
from models.transformer.weights_file import KIND, TransformerWeights
from protocol.errors import VoiceError

__all__ = ["KIND", "load"]

GOLDEN_TEXT = b"It was the best"  # read from the beginning to get the golden vector
GOLDEN_TOLERANCE = 0.03  # total variation distance from it that another machine's arithmetic may have
GOING_ON = ": going on without it"


@dataclass(frozen=True)
class _Packed:
    stepper: Stepper
    digest: str


def load(paths: Iterable[Path], device: str, complain: Callable[[str], None]) -> TransformerVoices:
    """The transformers among ``paths`` and the adapters that fit the first; others are left out with one line each.

    They are stepped on the processor whatever the ``device``. Raises ``VoiceError`` only when no network is left.
    """
    torch.set_num_threads(1)
    networks, adapters = [], list[Path]()
    for path in paths:
        try:
            if tensor_file.read_record(path).get("kind") == ADAPTER:
                adapters.append(path)
            else:
                networks.append(_network(path))
        except VoiceError as error:
            complain(f"{error}{GOING_ON}")
    if not networks:
        raise VoiceError("there is no transformer that can be read: antiphon models install smollm2 gets one")
    fitting = []
    for path in adapters:
        try:
            fitting.append(Adapter.load(path, networks[0].stepper.shape, networks[0].digest))
        except VoiceError as error:
            complain(f"{error}{GOING_ON}")
    return TransformerVoices([network.stepper for network in networks], fitting)


def expect(stepper: Stepper, text: bytes = GOLDEN_TEXT) -> tuple[float, ...]:
    """What a network expects after ``text``."""
    beam = Beam(stepper, KeyValues(stepper.shape))
    for _ in beam.begin():
        pass
    for code in text:
        for _ in beam.read(code):
            pass
    return tuple(beam.expected().tolist())


def _network(path: Path) -> _Packed:
    state = path.stat()
    return _packed(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def _packed(path: Path, changed: int, size: int) -> _Packed:
    """The network of the file at ``path`` as it was when it was ``changed``."""
    weights = TransformerWeights.load(path)
    found = _Packed(Stepper(weights), weights.digest())
    distance = 0.5 * np.abs(np.array(expect(found.stepper)) - np.array(weights.golden or np.nan)).sum()
    if not distance <= GOLDEN_TOLERANCE:  # also false for NaN
        raise VoiceError(
            f"the transformer {weights.name} does not speak as it was saved (golden vector off by {distance:.3f}): "
            "install it again"
        )
    return found
