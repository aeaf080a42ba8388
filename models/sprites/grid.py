"""Sprites side by side in one picture, to be looked at. Pure but for the file; no thread of its own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from models.sprites.drawing import CreatureArtist
from models.sprites.weights_file import SpriteWeights
from protocol.atomic_file import write_atomically

Bytes = npt.NDArray[np.uint8]

GROUND = (20, 20, 26)
GAP = 2  # pixels between two
SCALE = 2  # of each pixel
ACROSS = 12  # pictures of a category


def tiled(rows: Sequence[Sequence[Bytes]], scale: int = SCALE) -> Bytes:
    """Pictures [side, side, 4] in rows, as [height, width, 3]."""
    side = rows[0][0].shape[0] * scale
    pitch = side + GAP
    picture = np.full((len(rows) * pitch + GAP, max(map(len, rows)) * pitch + GAP, 3), GROUND, np.uint8)
    for down, row in enumerate(rows):
        for across, rgba in enumerate(row):
            large = rgba.repeat(scale, 0).repeat(scale, 1).astype(float)
            top, left = GAP + down * pitch, GAP + across * pitch
            under, alpha = picture[top : top + side, left : left + side], large[..., 3:] / 255.0
            under[:] = (large[..., :3] * alpha + under * (1.0 - alpha)).round()
    return picture


def category_grid(weights: SpriteWeights, across: int = ACROSS, seed: int = 100, scale: int = SCALE) -> Bytes:
    """Finished sprites without tint: a row of each category."""
    artist, rows = CreatureArtist(weights), []
    for index, name in enumerate(weights.categories):
        sprites = [artist.draw({name: 1.0}, each) for each in normal_noise(seed + index, across, artist.latent)]
        rows.append([sprite.rgba for sprite in sprites if sprite])
    return tiled(rows, scale)


def normal_noise(seed: int, count: int, numbers: int) -> npt.NDArray[np.float32]:
    """Noise for so many creatures, [count, numbers]."""
    noise: npt.NDArray[np.float32] = torch.randn(count, numbers, generator=torch.Generator().manual_seed(seed)).numpy()
    return noise


def save_picture(path: Path, pixels: Bytes) -> None:
    """Write ``pixels`` ([height, width, 3 or 4]) as PNG, whole or not at all."""
    from PIL import Image

    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG")
    write_atomically(path, held.getvalue())
