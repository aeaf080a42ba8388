"""Voices whose every distribution is known: real weight files, made in a moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch

from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from protocol.alphabet import VOCABULARY

SMALL = Shape(1, 8)
NEVER = -60.0  # a logit that float32 turns into a probability of nought


def save_spelling_voice(folder: Path, slug: str, shares: Mapping[str, float], shape: Shape = SMALL) -> Path:
    """A voice that writes each character of ``shares`` with its share, whatever it has read."""
    network = CharLSTM(shape)
    with torch.no_grad():
        network.output.weight.zero_()
        network.output.bias.fill_(NEVER)
        for character, share in shares.items():
            network.output.bias[ord(character)] = math.log(share)
    assert network.output.bias.shape == (VOCABULARY,)
    path = folder / f"{slug}.safetensors"
    VoiceWeights.of(network, slug, {"made": "by hand"}).save(path)
    return path
