"""Antiphony: two choirs that answer each other, sentence by sentence, and the puck that says whose turn comes next.

The voices in play stand in two groups (``protocol.mixing.choirs``), the first on the left of the circle, the second on
the right. At the end of each sentence the turn passes to the other choir while the puck lies between the two, or is
lifted; leaned to one side, that side keeps it, or gets it. The turn is a parameter like any other, so that takes,
shares, colours and whoever looks on know it; it is moved between two letters and never within a sentence, unless a hand
does so. Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocol.mixing import choirs, circle, pucks_influence
from protocol.sentences import ends_sentence
from protocol.tree import ANTIPHONY, TURN, Value, number_of, weight_address

KEEPS_FROM = 0.4  # of a lean from -1 to 1, from which a side of the circle keeps the turn
LONGEST_TURN_CHARS = 180  # letters of a turn, behind which any blank ends it


def leaning(values: Mapping[str, Value], slugs: Sequence[str]) -> float:
    """From -1, all to the first choir, to 1, all to the second: what the performer's pucks say to a voice of each."""
    ring = circle(values, slugs)
    said = pucks_influence(values, len(ring), crowd=False)
    if said is None:
        return 0.0
    by_voice = dict(zip(ring, said, strict=True))
    left, right = (sum(by_voice[voice] for voice in choir) / max(1, len(choir)) for choir in choirs(values, slugs))
    return (right - left) / (left + right) if left + right > 0.0 else 0.0


def next_turn(values: Mapping[str, Value], slugs: Sequence[str]) -> float:
    """Whose turn it is when the present sentence has ended: 0 the first choir's, 1 the second's."""
    other = 0.0 if number_of(values, TURN) >= 0.5 else 1.0
    heard = [
        any(number_of(values, weight_address(slugs[voice])) > 0.0 for voice in choir) for choir in choirs(values, slugs)
    ]
    if not all(heard):
        return 1.0 if heard[1] else 0.0
    lean = leaning(values, slugs)
    return other if abs(lean) < KEEPS_FROM else float(lean > 0.0)


class Turns:
    """Nothing sung yet. ``wrote`` is told of every character, and says when the turn passes."""

    def __init__(self) -> None:
        self._letters = 0  # of this turn, but for blanks

    def wrote(self, end: str, values: Mapping[str, Value], slugs: Sequence[str]) -> float | None:
        """The turn that begins behind ``end``, the last of the text; None where it stays as it is."""
        if not number_of(values, ANTIPHONY):
            self._letters = 0
            return None
        blank = end[-1:].isspace()
        self._letters += not blank
        over = self._letters and blank and (ends_sentence(end) or self._letters >= LONGEST_TURN_CHARS)
        if not over:
            return None
        self._letters = 0
        turn = next_turn(values, slugs)
        return None if turn == number_of(values, TURN) else turn
