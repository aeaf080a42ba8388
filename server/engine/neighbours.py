"""Who is worth being awake: by a part in the mix, and by nearness to the puck, so that wishes are there before it is.

Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from protocol.mixing import Vector, circle, normalised
from protocol.puck import clamp, position
from protocol.tree import Value, number_of, weight_address

ASLEEP_BELOW = 0.05  # of the mix, or half the greatest share where that is less
NEAREST = 3  # voices that are awake for being nearest to the puck, whatever their share


def nearest_to_puck(values: Mapping[str, Value], slugs: Sequence[str]) -> list[int]:
    """The indices of the voices nearest to the puck, of those in play with a fader above 0; none while it is lifted."""
    puck = values.get("/puck")
    if number_of(values, "/puck/lifted", 1.0) or not isinstance(puck, tuple):
        return []
    ring, place = circle(values, slugs), clamp(puck[0], puck[1])
    heard = [
        (math.dist(place, position(at, len(ring))), voice)
        for at, voice in enumerate(ring)
        if number_of(values, weight_address(slugs[voice])) > 0.0
    ]
    return [voice for _, voice in sorted(heard)[:NEAREST]]


def audible_in(weights: Vector) -> NDArray[np.bool_]:
    """(S,) whose part in a mix of ``weights`` is worth being awake for: of what is wanted, or of all that is not."""

    def enough(shares: Vector) -> NDArray[np.bool_]:
        return np.asarray((shares > 0.0) & (shares >= min(ASLEEP_BELOW, shares.max(initial=0.0) / 2)))

    return enough(normalised(weights)) | enough(-weights)
