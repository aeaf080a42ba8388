"""A few small pictures, and a generator that learnt them for a moment."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.sprites.latents import Latents
from models.sprites.network import Generator, SpriteShape
from models.sprites.pictures import PictureSet
from models.sprites.weights_file import SpriteWeights

SMALL = SpriteShape(categories=3, latent=6, embedding=4, channels=16)
NAMES = ("bats", "cats", "rats")


@pytest.fixture
def small_set() -> PictureSet:
    """Squares of three colours, each somewhere else and a little larger or smaller."""
    random = np.random.default_rng(3)
    pixels = np.zeros((36, 64, 64, 4), np.uint8)
    labels = np.repeat(np.arange(3), 12)
    for picture, label in zip(pixels, labels, strict=True):
        top, left, side = random.integers(4, 20, 3)
        colour = np.roll([220, 60, 40], label)
        picture[top : top + 2 * side, left : left + 2 * side] = (*colour, 255)
    return PictureSet(NAMES, pixels, labels)


@pytest.fixture
def weights() -> SpriteWeights:
    torch.manual_seed(5)
    labels = torch.arange(3).repeat_interleave(8)
    points = torch.randn(24, SMALL.latent) + 4.0 * torch.nn.functional.one_hot(labels, SMALL.latent)
    latents = Latents.of(points, torch.full_like(points, 0.1), labels, 3)
    return SpriteWeights(NAMES, Generator(SMALL).eval(), latents, {"name": "small"})


@pytest.fixture
def file(weights: SpriteWeights, tmp_path: Path) -> Path:
    path = tmp_path / "small.safetensors"
    weights.save(path)
    return path
