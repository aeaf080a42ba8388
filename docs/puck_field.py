"""The picture of the puck's weight field, at falloff 2: whose country each place is, and where the lead changes.

Drawn with numpy from ``protocol.puck`` alone, so that the picture cannot say anything but the geometry that is played.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontend.look.colour import bytes_of_oklab, oklab_of_hexes
from frontend.look.png import save_png
from protocol.puck import SNAP_RADII, position

SIDE = 720  # pixels
FINER = 2  # samples a pixel and axis
RADIUS = 0.94  # of half the picture
FALLOFF = 2.0
GROUND = "#0B0D11"
VOICES = ("#7DE4FF", "#50ABFF", "#EFBC3A", "#CC7203", "#99DA74", "#F889BC", "#B190DC")
LEADS = (0.25, 0.5, 0.75)  # where a white line stands
DISC = 0.045  # radii, of a voice's mark

Floats = NDArray[np.float64]


def draw_field(path: Path) -> None:
    """Save the picture to ``path``."""
    n = SIDE * FINER
    line = (np.arange(n) + 0.5) / n * 2.0 / RADIUS - 1.0 / RADIUS
    x, y = line[None, :], -line[:, None]
    shares = weights(x, y)  # (n, n, voices)
    image = shares @ oklab_of_hexes(VOICES)
    ranked = np.sort(shares, axis=-1)
    lead, runner_up = ranked[..., -1], ranked[..., -2]
    hi, dark = oklab_of_hexes(["#E9EDF3", GROUND])
    for share in LEADS:
        image = _blend(image, hi, 0.75 * _line(lead - share, 1.6))
    dashes = ((np.hypot(x, y) * 22.0) % 1.0 < 0.6) & (np.hypot(x, y) > 0.05)
    image = _blend(image, dark, 0.8 * _line(lead - runner_up, 1.6) * dashes)
    for i, colour in enumerate(oklab_of_hexes(VOICES)):
        px, py = position(i, len(VOICES))
        distance = np.hypot(x - px, y - py)
        image = _blend(image, dark, _inside(distance, DISC + 0.012))
        image = _blend(image, colour, _inside(distance, DISC))
    outside = np.hypot(x, y) > 1.0
    marked = (
        np.min([np.hypot(x - px, y - py) for px, py in (position(i, len(VOICES)) for i in range(len(VOICES)))], axis=0)
        < DISC + 0.012
    )
    image[outside & ~marked] = dark
    save_png(path, bytes_of_oklab(image.reshape(SIDE, FINER, SIDE, FINER, 3).mean(axis=(1, 3))))


def weights(x: Floats, y: Floats) -> Floats:
    """(..., voices) ``protocol.puck.influence`` of a whole plane of places at once."""
    places = np.array([position(i, len(VOICES)) for i in range(len(VOICES))])
    distance = np.hypot(x[..., None] - places[:, 0], y[..., None] - places[:, 1]) - SNAP_RADII
    powers = np.maximum(distance, 1e-4) ** -FALLOFF
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def _blend(image: Floats, colour: Floats, alpha: Floats) -> Floats:
    return np.asarray(image + (colour - image) * alpha[..., None])


def _line(height: Floats, width: float) -> Floats:
    """How much of a line ``width`` pixels wide lies at each place, where ``height`` goes through 0."""
    down, across = np.gradient(height)
    away = np.abs(height) / np.maximum(np.hypot(down, across), 1e-9) / FINER  # pixels
    return np.clip(width / 2 + 0.5 - away, 0.0, 1.0)


def _inside(distance: Floats, radius: float) -> Floats:
    pixels = (radius - distance) * RADIUS * SIDE / 2
    return np.clip(pixels + 0.5, 0.0, 1.0)
