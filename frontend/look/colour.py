"""Colour: the voices' colours joined in proportion to who wrote what, in OKLab, where a mean looks like a mean.

Hex and 8-bit sRGB are what goes in and out; between them stand linear sRGB (0..1) and OKLab (Ottosson 2020,
https://bottosson.github.io/posts/oklab/), both as float64 arrays (..., 3). A mean of the voices' colours stays
within what a screen can show, or leaves it by so little that it is cut off there.

Pure numpy, no window and no thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontend.look.surplus import divided, leads
from protocol.messages import Tint
from protocol.puck import SNAP_RADII

Floats = NDArray[np.float64]
RGB = tuple[int, int, int]  # 8-bit sRGB

STAGE = "#07090C"  # the stage's ground
HI = "#E9EDF3"  # text that no voice wrote; also what the stage's tints are lifted towards

VOICE_LIGHTNESS = (0.64, 0.93)  # OKLab L of the 24 voices, and of every colour that a new one is given
STAGE_LIGHTNESS = (0.70, 0.93)  # what that range becomes on the stage
STAGE_HI = 0.08  # share of HI in a stage tint
ON_IT = 1e-4  # radii from a voice's disc that count as lying on it; its power by the steepest falloff fits in 32 bits

_LMS_OF_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_OF_ROOTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LINEAR_OF_LMS = np.linalg.inv(_LMS_OF_LINEAR)
_ROOTS_OF_LAB = np.linalg.inv(_LAB_OF_ROOTS)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB (WCAG 2)


# ---- from space to space -----------------------------------------------------------------------------------------


def rgb_of_hex(colour: str) -> RGB:
    """ "#RRGGBB" as three bytes; ``ValueError`` for anything else."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"a colour is written #RRGGBB, not {colour[:20]!r}")
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def hex_of_rgb(rgb: Iterable[int]) -> str:
    return "#{:02X}{:02X}{:02X}".format(*rgb)


def linear_of_srgb(srgb: ArrayLike) -> Floats:
    """sRGB 0..1 (IEC 61966-2-1), shape (..., 3), without its transfer curve."""
    srgb = np.asarray(srgb, float)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.0) + 0.055) / 1.055) ** 2.4)


def srgb_of_linear(linear: ArrayLike) -> Floats:
    linear = np.asarray(linear, float)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055)


def oklab_of_linear(linear: ArrayLike) -> Floats:
    return np.asarray(np.cbrt(np.asarray(linear, float) @ _LMS_OF_LINEAR.T) @ _LAB_OF_ROOTS.T)


def linear_of_oklab(oklab: ArrayLike) -> Floats:
    """May leave 0..1: not every OKLab colour can be shown."""
    return np.asarray((np.asarray(oklab, float) @ _ROOTS_OF_LAB.T) ** 3 @ _LINEAR_OF_LMS.T)


def oklab_of_hexes(hexes: Sequence[str]) -> Floats:
    """Shape (n, 3)."""
    return oklab_of_linear(linear_of_srgb(np.array([rgb_of_hex(h) for h in hexes], float).reshape(-1, 3) / 255.0))


def bytes_of_oklab(oklab: ArrayLike) -> NDArray[np.uint8]:
    """The nearest 8-bit sRGB, same shape; what a screen cannot show is cut off at its limits, channel by channel."""
    return np.rint(255.0 * srgb_of_linear(np.clip(linear_of_oklab(oklab), 0.0, 1.0))).astype(np.uint8)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1..21."""
    dark, light = sorted(float(linear_of_srgb(np.array(rgb_of_hex(c)) / 255.0) @ _LUMINANCE) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


_HI_OKLAB = oklab_of_hexes([HI])[0]


# ---- means -------------------------------------------------------------------------------------------------------


def mix(hexes: Sequence[str], weights: Sequence[float]) -> str:
    """The OKLab mean of ``hexes`` by ``weights`` (not negative, any scale, not all zero)."""
    shares = np.asarray(weights, float)
    if len(shares) != len(hexes) or not shares.sum() > 0.0:
        raise ValueError("a mean takes one weight a colour, one of them above zero")
    return hex_of_rgb(bytes_of_oklab(shares @ oklab_of_hexes(hexes) / shares.sum()).tolist())


def puck_field(
    positions: Sequence[tuple[float, float]],
    oklab: Floats,
    falloff: float,
    size: int = 128,
    edges: tuple[float, float, float, float] = (-1.0, -1.0, 1.0, 1.0),
) -> NDArray[np.uint8]:
    """The ground of the puck's circle, (size, size, 4) RGBA, opaque, row 0 on top, texel centres.

    ``edges`` are its left, bottom, right and top in radii.

    ``positions`` are the voices' places (y up, unit circle), ``oklab`` their colours (n, 3): each texel is the mean of
    the colours by inverse distance to the power of ``falloff``. With no voice it is the stage's ground.
    """
    image = np.full((size, size, 4), 255, np.uint8)
    if not len(positions):
        image[..., :3] = rgb_of_hex(STAGE)
        return image
    line = ((np.arange(size) + 0.5) / size).astype(np.float32)
    left, bottom, right, top = edges
    places = np.asarray(positions, np.float32)  # (n, 2)
    across = (np.float32(left) + line[:, None] * np.float32(right - left) - places[:, 0]) ** 2  # (size, n)
    down = (np.float32(top) - line[:, None] * np.float32(top - bottom) - places[:, 1]) ** 2
    distances = np.sqrt(down[:, None, :] + across[None, :, :]) - np.float32(SNAP_RADII)  # (size, size, n)
    weights = np.maximum(distances, np.float32(ON_IT)) ** np.float32(-falloff)
    weights /= weights.sum(axis=-1, keepdims=True)
    image[..., :3] = bytes_of_oklab(weights @ oklab)
    return image


# ---- the voices' colours -----------------------------------------------------------------------------------------


class Palette:
    """The colours of the voices, in card order, and the colours of characters that they wrote."""

    def __init__(self, hexes: Sequence[str]) -> None:
        """``hexes``: one "#RRGGBB" a voice."""
        self.hexes = tuple(hexes)
        self.oklab = oklab_of_hexes(self.hexes)  # (S, 3)

    def __len__(self) -> int:
        return len(self.hexes)

    def text(self, tints: Sequence[Tint], start: int = 0, stop: int | None = None) -> list[RGB]:
        """The colours of the characters with ``tints[start:stop]`` in the control window, not lifted.

        They follow those before ``start`` (``frontend.look.surplus``). About half a millisecond for a line.
        """
        return self.of_shares(leads(tints, len(self), start, stop))

    def of_shares(self, shares: Floats) -> list[RGB]:
        """The colours, not lifted, of characters whose shares are the rows; plain where these are all 0."""
        squares = shares**2
        total = squares.sum(axis=1, keepdims=True)
        lab = np.where(total > 0.0, divided(squares, total) @ self.oklab, _HI_OKLAB)
        return [(red, green, blue) for red, green, blue in bytes_of_oklab(lab).tolist()]

    def stage(
        self, shares: Floats, lightness: tuple[float, float] = STAGE_LIGHTNESS, ink: str = HI, towards: float = STAGE_HI
    ) -> NDArray[np.uint8]:
        """The stage's colours, (n, 3) bytes, of characters whose shares are the rows.

        Squared and normalised, so that who leads is seen; fitted to ``lightness``, what the
        voices' range becomes, with a share ``towards`` of ``ink``. As designed each colour of the 24 and each mean of
        them has a contrast of 7.5 or more on ``STAGE``.
        """
        squares = shares**2
        total = squares.sum(axis=1, keepdims=True)
        written = total[:, 0] > 0.0
        lab = divided(squares, total) @ self.oklab
        lab[:, 0] = np.interp(lab[:, 0], VOICE_LIGHTNESS, lightness)
        plain = oklab_of_hexes([ink])[0]
        lab = np.where(written[:, None], (1.0 - towards) * lab + towards * plain, plain)
        return bytes_of_oklab(lab)


def packed(rgb: RGB, alpha: float = 1.0) -> int:
    """``rgb`` as the 32 bits that a draw list takes: alpha, blue, green, red from the highest byte down."""
    return round(255.0 * min(1.0, max(0.0, alpha))) << 24 | rgb[2] << 16 | rgb[1] << 8 | rgb[0]
