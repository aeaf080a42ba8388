"""What the stage is made of: boxes with a place in the atlas and a colour, from characters, words and rectangles.

A box is a row of ``FLOATS`` numbers: left, top, right, bottom in pixels; the same in the atlas, 0..1; red, green, blue
and opacity, 0..1. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontend.stage.glyphs import SOLID, GlyphAtlas

Floats = NDArray[np.float32]

FLOATS = 12
NONE: Floats = np.zeros((0, FLOATS), np.float32)
NONE.flags.writeable = False


def characters(atlas: GlyphAtlas, indices: NDArray[np.integer], x: Floats, y: Floats, rgba: Floats) -> Floats:
    """Characters as boxes (n, 12): indices into the atlas (n,), pens (n,) and (n,), colours (n, 4)."""
    pens = np.stack([x, y, x, y], axis=1)
    return np.concatenate([pens + atlas.boxes[indices], atlas.places[indices], rgba], axis=1)


def rectangles(atlas: GlyphAtlas, edges: ArrayLike, rgb: ArrayLike, alpha: ArrayLike) -> Floats:
    """Filled boxes (n, 12): ``edges`` (n, 4) left, top, right, bottom; ``rgb`` 8-bit, (n, 3) or one for all."""
    edges = np.asarray(edges, np.float32).reshape(-1, 4)
    boxes = np.empty((len(edges), FLOATS), np.float32)
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
