"""Who is awake for being near the puck: the next voices that it may come to have their wishes ready before it does.

Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from protocol.mixing import circle
from protocol.puck import clamp, position
from protocol.tree import Value, number_of, weight_address

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
