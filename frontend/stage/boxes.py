"""What the stage is made of: boxes with a place in the atlas and a colour, from characters, words, rectangles, points.

A box is a row of ``FLOATS_A_BOX`` numbers: left, top, right, bottom in pixels; the same in the atlas, 0..1; red, green,
blue and opacity, 0..1. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontend.stage.glyphs import SOLID, GlyphAtlas

Floats = NDArray[np.float32]

FLOATS_A_BOX = 12
NONE: Floats = np.zeros((0, FLOATS_A_BOX), np.float32)
NONE.flags.writeable = False


def characters(atlas: GlyphAtlas, indices: NDArray[np.integer], x: Floats, y: Floats, rgba: Floats) -> Floats:
    """Characters as boxes (n, 12): indices into the atlas (n,), pens (n,) and (n,), colours (n, 4)."""
    pens = np.stack([x, y, x, y], axis=1)
    return np.concatenate([pens + atlas.boxes[indices], atlas.places[indices], rgba], axis=1)


def rectangles(atlas: GlyphAtlas, edges: ArrayLike, rgb: ArrayLike, alpha: ArrayLike) -> Floats:
    """Filled boxes (n, 12): ``edges`` (n, 4) left, top, right, bottom; ``rgb`` 8-bit, (n, 3) or one for all."""
    edges = np.asarray(edges, np.float32).reshape(-1, 4)
    boxes = np.empty((len(edges), FLOATS_A_BOX), np.float32)
    boxes[:, :4], boxes[:, 4:8] = edges, atlas.places[SOLID]
    boxes[:, 8:11], boxes[:, 11] = np.asarray(rgb, np.float32) / 255.0, alpha
    return boxes


def words(
    atlas: GlyphAtlas, face: int, text: str, place: tuple[float, float], rgb: Sequence[int], alpha: float
) -> Floats:
    """7-bit ``text`` set in the atlas's face number ``face``, its first pen at ``place``."""
    indices = np.frombuffer(text.encode("ascii", "replace"), np.uint8).astype(int) + 128 * face
    pens = np.rint(place[0] + np.cumsum(atlas.advances[indices]) - atlas.advances[indices]).astype(np.float32)
    inked = indices != 32 + 128 * face
    x, indices = pens[inked], indices[inked]
    rgba = np.tile(np.array([*rgb, 255.0 * alpha], np.float32) / np.float32(255.0), (len(x), 1))
    return characters(atlas, indices, x, np.full(len(x), round(place[1]), np.float32), rgba)


def width(atlas: GlyphAtlas, face: int, text: str) -> float:
    """How wide ``words`` sets ``text``, in pixels."""
    indices = np.frombuffer(text.encode("ascii", "replace"), np.uint8).astype(int) + 128 * face
    return float(atlas.advances[indices].sum())


def joined(*parts: Floats) -> Floats:
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


# ---- soft points and rings -------------------------------------------------------------------------------------------

POINT, RING = 0, 1
SPRITE_SIDES_PX = (64, 256)  # pixels
RING_WIDTH = 3.0  # pixels


def with_sprites(atlas: GlyphAtlas) -> GlyphAtlas:
    """``atlas`` with the sprites below its characters; sprite s has the index behind all characters, plus s."""
    height, width = atlas.coverage.shape
    wide, high = max(width, *SPRITE_SIDES_PX), height + max(SPRITE_SIDES_PX)
    if width < sum(SPRITE_SIDES_PX):
        wide = max(width, sum(SPRITE_SIDES_PX))
    coverage = np.zeros((high, wide), np.uint8)
    coverage[:height, :width] = atlas.coverage
    scale = np.array([width / wide, height / high] * 2, np.float32)
    places, left = [atlas.places * scale], 0
    for sprite, side in zip(_sprites(), SPRITE_SIDES_PX, strict=True):
        coverage[height : height + side, left : left + side] = sprite
        inside = np.array([left + 0.5, height + 0.5, left + side - 0.5, height + side - 0.5])
        places.append((inside / [wide, high, wide, high]).astype(np.float32)[None])
        left += side
    nothing = np.zeros((len(SPRITE_SIDES_PX), 4), np.float32)
    return replace(
        atlas,
        coverage=coverage,
        places=np.concatenate(places),
        boxes=np.concatenate([atlas.boxes, nothing]),
        advances=np.concatenate([atlas.advances, nothing[:, 0]]),
    )


def sprites(
    atlas: GlyphAtlas, sprite: int, middles: ArrayLike, radii: ArrayLike, rgb: ArrayLike, alpha: ArrayLike
) -> Floats:
    """Sprites as boxes (n, 12): ``middles`` (n, 2) and ``radii`` in pixels, ``rgb`` 8-bit, (n, 3) or one for all."""
    middles = np.asarray(middles, np.float32).reshape(-1, 2)
    reach = np.broadcast_to(np.asarray(radii, np.float32), len(middles))[:, None]
    boxes = np.empty((len(middles), FLOATS_A_BOX), np.float32)
    boxes[:, :2], boxes[:, 2:4] = middles - reach, middles + reach
    boxes[:, 4:8] = atlas.places[len(atlas.places) - len(SPRITE_SIDES_PX) + sprite]
    boxes[:, 8:11], boxes[:, 11] = np.asarray(rgb, np.float32) / 255.0, alpha
    return boxes


@lru_cache(maxsize=1)
def _sprites() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    point, ring = (_distances(side) for side in SPRITE_SIDES_PX)
    soft = np.clip((1.0 - point) / 0.65, 0.0, 1.0)
    line = np.clip(
        RING_WIDTH / 2 + 0.5 - np.abs(ring - 1.0 + 2 * RING_WIDTH / SPRITE_SIDES_PX[RING]) * SPRITE_SIDES_PX[RING] / 2,
        0.0,
        1.0,
    )
    return (255 * soft**2 * (3 - 2 * soft)).astype(np.uint8), (255 * line).astype(np.uint8)


def _distances(side: int) -> NDArray[np.float64]:
    """From the middle, 1 at the edge."""
    away = (np.arange(side) + 0.5) / side * 2 - 1
    return np.hypot(away[:, None], away)
