"""A colour for a new voice: in OKLCH, as far as can be from all in use, for three kinds of eyes.

OKLab: Ottosson 2020. Colour blindness: Machado, Oliveira and Fernandes 2009, severity 1, in linear sRGB. Pure numpy;
no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIGHTNESS = np.linspace(0.64, 0.93, 12)  # readable on every ground of the instrument
CHROMA = np.linspace(0.05, 0.15, 6)
HUE = np.arange(0.0, 360.0, 4.0)  # degrees

VISIONS: dict[str, Floats] = {  # linear sRGB to linear sRGB as seen
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def farthest_colour(used: Sequence[str]) -> str:
    """The colour ("#RRGGBB") whose nearest neighbour among ``used``, in the worst of the three visions, is farthest."""
    candidates = _candidates()  # (N, 3) sRGB, 0-255
    nearest = np.full(len(candidates), np.inf)
    for vision in VISIONS:
        seen = oklab(candidates, vision)  # (N, 3)
        for colour in used:
            distance = np.linalg.norm(seen - oklab(rgb(colour)[None], vision), axis=1)
            nearest = np.minimum(nearest, distance)
    red, green, blue = (int(part) for part in candidates[int(np.argmax(nearest))])
    return f"#{red:02X}{green:02X}{blue:02X}"


def distance(one: str, other: str, vision: str = "normal") -> float:
    """How far two colours are apart in OKLab, as an eye of the given ``vision`` sees them."""
    pair = oklab(np.stack([rgb(one), rgb(other)]), vision)
    return float(np.linalg.norm(pair[0] - pair[1]))


def rgb(colour: str) -> Floats:
    """ "#RRGGBB" as three numbers, 0-255."""
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], float)


def oklab(colours: Floats, vision: str = "normal") -> Floats:
    """(N, 3) sRGB colours, 0-255, as an eye of the given ``vision`` sees them, in OKLab."""
    parts = colours / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ VISIONS[vision].T, 0, 1)
    return np.asarray(np.cbrt(seen @ _TO_CONES.T) @ _TO_LAB.T)


def _candidates() -> Floats:
    """All colours of the grid that a screen can show, as (N, 3) whole numbers 0-255."""
    lightness, chroma, hue = (axis.ravel() for axis in np.meshgrid(LIGHTNESS, CHROMA, np.radians(HUE)))
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    cones = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    linear = cones @ np.linalg.inv(_TO_CONES).T
    linear = linear[np.all((linear >= 0) & (linear <= 1), axis=1)]
    parts = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(parts * 255))
