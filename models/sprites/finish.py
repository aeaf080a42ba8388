"""From what a generator draws to a sprite: a hard edge, no specks, few colours, the voices' tint, a dark outline.

A sprite is a picture of at most 16 colours: 0 is clear, 1 the outline, the rest are the figure's. Pure numpy; no thread
of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Tint = tuple[float, tuple[int, int, int]]  # a voice's share, and its colour

CLEAR, OUTLINE, FIRST = 0, 1, 2  # places in the palette
COLOURS = 14  # of a figure
OUTLINE_RGB = (9, 8, 14)
SMOOTHING = 0.75  # how much of a [1 2 1] filter: it takes out the weave that doubling leaves
EDGE = 0.45  # alpha from which a pixel belongs to the figure
LEAST_ISLAND = 0.06  # of the largest island's pixels: smaller ones are specks
LUMA = np.array([0.30, 0.59, 0.11])  # of red, green and blue
BRIGHT, LARGEST_GAIN = 205.0, 2.2  # the lightest pixels become so light: a hall is dark
CONTRAST = 1.15
TINT_STRENGTH = 0.5  # 0: the generator's own colours, 1: the voices' alone
RAMP = 64  # steps from a colour's shadow to its light
RAMP_MIDDLE = 0.55  # where in it the colour itself stands
SHADOW_RGB = np.array([10.0, 8.0, 16.0])
ROUNDS = 3  # of finding the colours


@dataclass(frozen=True, eq=False)
class Sprite:
    """``places`` [side, side] are indices into ``palette`` [16, 3]; what they do not use is black."""

    places: Bytes
    palette: Bytes

    @property
    def rgba(self) -> Bytes:
        """The picture as bytes [side, side, 4]."""
        alpha = np.where(self.places == CLEAR, 0, 255).astype(np.uint8)
        return np.concatenate([self.palette[self.places], alpha[..., None]], -1)


def finished(picture: npt.NDArray[np.floating], tints: Sequence[Tint] = (), strength: float = TINT_STRENGTH) -> Sprite:
    """The sprite of a drawn ``picture`` [4, side, side], colours multiplied by alpha, values 0-1."""
    picture = smoothed(picture)
    alpha = picture[3]
    mask = without_specks(alpha >= EDGE)
    places = np.zeros(mask.shape, np.uint8)
    palette = np.zeros((FIRST + COLOURS, 3), np.uint8)
    if not mask.any():
        return Sprite(places, palette)
    rgb = (picture[:3, mask] / np.maximum(alpha[mask], EDGE)).T.astype(float) * 255.0
    rgb *= np.clip(BRIGHT / max(float(np.percentile(rgb @ LUMA, 96)), 1.0), 1.0, LARGEST_GAIN)
    light = rgb @ LUMA
    middle = rgb.mean(0)
    rgb = (rgb - middle) * CONTRAST + middle
    if tints:
        rgb = (1.0 - strength) * rgb + strength * tinted(light, tints)
    colours, nearest = few_colours(rgb.clip(0.0, 255.0))
    palette[FIRST : FIRST + len(colours)] = colours.round()
    palette[OUTLINE] = OUTLINE_RGB
    places[mask] = FIRST + nearest
    places[_around(mask)] = OUTLINE
    return Sprite(places, palette)


def smoothed(picture: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Every pixel a little more like its neighbours, across and down."""
    mean = picture
    for axis in (1, 2):
        length = picture.shape[axis]
        wide = np.pad(mean, [(0, 0), *((1, 1) if each == axis else (0, 0) for each in (1, 2))], mode="edge")
        before, here, after = (np.take(wide, range(place, place + length), axis) for place in range(3))
        mean = (before + 2.0 * here + after) / 4.0
    softer: npt.NDArray[np.floating] = picture + SMOOTHING * (mean - picture)
    return softer


def without_specks(mask: Mask) -> Mask:
    """``mask`` without islands that are small beside the largest one; pixels that meet at a corner are joined."""
    names = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        padded = np.pad(names, 1)
        rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
        grown = np.where(mask, np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:]), 0)
        if (grown == names).all():
            break
        names = grown
    sizes = np.bincount(names[mask], minlength=mask.size + 1)
    large: Mask = mask & (sizes[names] >= max(2.0, LEAST_ISLAND * sizes.max(initial=0)))
    return large


def tinted(light: Floats, tints: Sequence[Tint]) -> Floats:
    """A colour for each pixel by how light it is: the darkest voice has the shadows, as wide as its share."""
    shares = np.array([max(share, 0.0) for share, _ in tints])
    order = np.argsort([float(np.dot(colour, LUMA)) for _, colour in tints], kind="stable")
    edges = np.cumsum(shares[order]) / max(float(shares.sum()), 1e-9)
    rank = np.argsort(np.argsort(light, kind="stable"), kind="stable") / len(light)
    whose = np.minimum(np.searchsorted(edges[:-1], rank, side="right"), len(tints) - 1)
    low, high = np.percentile(light, [2, 98])
    step = ((light - low) / max(float(high - low), 1.0)).clip(0.0, 1.0) * (RAMP - 1)
    ramps = np.stack([ramp(tints[index][1]) for index in order])
    coloured: Floats = ramps[whose, step.astype(int)]
    return coloured


def ramp(colour: Sequence[int]) -> Floats:
    """From nearly black over ``colour`` to nearly white, [64, 3]."""
    own, along = np.asarray(colour, float), np.linspace(0.0, 1.0, RAMP)[:, None]
    up = along / RAMP_MIDDLE
    dark = own * up**1.1 + SHADOW_RGB * (1.0 - up)
    return np.where(up < 1.0, dark, own + (255.0 - own) * (along - RAMP_MIDDLE) / (1.0 - RAMP_MIDDLE) * 0.85)


def few_colours(rgb: Floats, most: int = COLOURS) -> tuple[Floats, npt.NDArray[np.intp]]:
    """At most so many colours for pixels [count, 3], and which of them each has; by k-means from dark to light."""
    order = np.argsort(rgb.sum(1), kind="stable")
    colours = rgb[order[np.linspace(0, len(rgb) - 1, min(most, len(rgb))).astype(int)]]
    for _ in range(ROUNDS):
        nearest = _nearest(rgb, colours)
        counts = np.bincount(nearest, minlength=len(colours))
        sums = np.stack([np.bincount(nearest, rgb[:, channel], len(colours)) for channel in range(3)], 1)
        colours = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], colours)
    return colours, _nearest(rgb, colours)


def _nearest(rgb: Floats, colours: Floats) -> npt.NDArray[np.intp]:
    places: npt.NDArray[np.intp] = np.argmin(np.square(colours).sum(1) - 2.0 * rgb @ colours.T, 1)
    return places


def _around(mask: Mask) -> Mask:
    padded = np.pad(mask, 1)
    near: Mask = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return near & ~mask
