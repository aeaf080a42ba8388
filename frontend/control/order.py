"""The order of the voices on the puck's circle, and how a hand changes it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence


def slot(x: float, y: float, count: int) -> int:
    """The place, of ``count``, that is nearest to the direction of (x, y): the first at twelve, then clockwise."""
    turn = math.atan2(x, y) / math.tau
    return round(turn * count) % count


def reordered(everyone: Sequence[int], ring: Sequence[int], voice: int, place: int) -> list[int]:
    """``everyone`` in an order in which, of those in the ``ring``, ``voice`` is at ``place``.

    The others of the ring keep their order, and who is in no ring stays where it is. On a circle the first comes after
    the last: where a voice goes past twelve, the others move on by one.
    """
    others = [other for other in ring if other != voice]
    turned = iter([*others[:place], voice, *others[place:]])
    inside = set(ring)
    return [next(turned) if other in inside else other for other in everyone]
