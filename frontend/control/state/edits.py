"""How a hand's edit becomes values: a place on a control's range, shares of weights, the voices' order, the last word.

Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from protocol.tree import Parameter

# ---- the order of the voices on the puck's circle --------------------------------------------------------------------


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


# ---- the last word ---------------------------------------------------------------------------------------------------

MAX_WORD_CHARS = 120  # characters; the longest "word" that is taken back at once


def last_word(text: str) -> int:
    """How many characters the last word has, with the blanks behind it."""
    text = text[-MAX_WORD_CHARS:]
    kept = text.rstrip()
    return len(text) - max(kept.rfind(" "), kept.rfind("\n"), kept.rfind("\t"), -1) - 1


def begun_apart(before: str, primed: str) -> str:
    """``primed`` so that it does not grow together with the end of the text ``before`` it.

    Behind a blank, and where it begins with a blank or a sign, it is as it is; what begins with a capital or a figure
    begins a line, all else a word.
    """
    if not before or before[-1].isspace() or not primed or not primed[0].isalnum():
        return primed
    return (" " if primed[0].islower() else "\n") + primed


class ControlRange(NamedTuple):
    """From ``low`` to ``high``; a ``curve`` under 1 gives the low end more room (share = (place in range) ** curve)."""

    low: float
    high: float
    curve: float = 1.0

    @classmethod
    def of(cls, parameter: Parameter, curve: float = 1.0) -> ControlRange:
        return cls(parameter.low, parameter.high, curve)

    def share(self, value: float) -> float:
        """0..1 of the way; values outside stand at the ends."""
        place = (value - self.low) / (self.high - self.low)
        return float(min(1.0, max(0.0, place)) ** self.curve)

    def value(self, share: float) -> float:
        """The value at a share of the way; the ends are met exactly."""
        if share <= 0.0:
            return self.low
        if share >= 1.0:
            return self.high
        return float(self.low + (self.high - self.low) * share ** (1.0 / self.curve))


UNIT_RANGE = ControlRange(0.0, 1.0)


MINUS = "\u2212"


def two_places(value: float, tight: bool = False) -> str:
    """A weight with fixed decimals; ``tight`` leaves out the leading 0."""
    words = f"{abs(value):.2f}"
    sign = MINUS if value <= -0.005 else ""
    return sign + (words[1:] if tight and words.startswith("0") else words)


def percent(share: float) -> str:
    """A share as whole per cent; what is below zero with its minus."""
    return f"{MINUS if share <= -0.005 else ''}{100 * abs(share):.0f}"


MAX_SHARE = 0.99  # that one voice can be given of all while there are others
MIN_TOTAL_WEIGHT = 1e-9  # sum of weights below which there is nothing to share with


def with_share(weights: Sequence[float], which: int, share: float) -> list[float]:
    """Signed ``weights``, of which ``which`` now is ``share`` (-1 to 1) of the sum of all absolute values.

    The others keep their proportions, and the sum stays as it is unless one would grow beyond 1. Where no other has a
    weight of note (``MIN_TOTAL_WEIGHT`` in all) there is nothing to share: the weight itself becomes ``share``.
    """
    others = sum(abs(weight) for place, weight in enumerate(weights) if place != which)
    if others < MIN_TOTAL_WEIGHT:
        return [share if place == which else weight for place, weight in enumerate(weights)]
    part = min(MAX_SHARE, max(-MAX_SHARE, share))
    whole = others + abs(weights[which])
    scale = (1.0 - abs(part)) * whole / others
    shared = [part * whole if place == which else weight * scale for place, weight in enumerate(weights)]
    return [weight / max(1.0, *map(abs, shared)) for weight in shared]
