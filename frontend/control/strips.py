"""Where the faders' strips stand and which value is where on them. Pure: values and dp in and out.

Above zero a strip has its full length. Where a voice is below zero the zero line moves up by a third of it, and what
lies below is half as long a unit as what lies above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from frontend.control.layout import Rect
from frontend.theme import STRIP_LIMIT

LEFT, RIGHT = 56.0, 16.0  # of the strips inside the panel
OVER = 5.0  # that the track reaches beyond its ends
HANDLE_W, HANDLE_H = 48.0, 16.0
TOUCH_H = 44.0  # of a handle in a panel that has the whole window
NOTCH = 0.07  # of the way above zero, that a hand goes on before a fader goes below it
BELOW = 1 / 3  # of the length, that lies below zero where anybody does


@dataclass(frozen=True)
class Strips:
    """``below`` is how far the zero line has moved up, 0 to 1."""

    panel: Rect
    count: int
    compact: bool
    below: float = 0.0
    large: bool = False

    @cached_property
    def top(self) -> float:
        """The y of value 1."""
        return self.panel.y + (76.0 if self.compact else 80.5) + (14.0 if self.large else 0.0)

    @cached_property
    def length(self) -> float:
        """dp from the lowest end to 1."""
        foot = 148.0 if self.plain else 172.0  # names take their room
        return self.panel.h - foot + (14.0 if self.compact else 0.0) - (60.0 if self.large else 0.0)

    @cached_property
    def way(self) -> float:
        """dp from 0 to 1."""
        return self.length * (1.0 - BELOW * self.below)

    @cached_property
    def zero(self) -> float:
        """The y of value 0."""
        return self.top + self.way

    @cached_property
    def foot_y(self) -> float:
        """The y of the lowest end."""
        return self.top + self.length

    @cached_property
    def pitch(self) -> float:
        return (self.panel.w - LEFT - RIGHT) / max(1, self.count)

    @cached_property
    def plain(self) -> bool:
        """Whether there are so many that names are left out."""
        return self.count > STRIP_LIMIT and self.panel.w < 80.0 * self.count

    @cached_property
    def handle(self) -> float:
        """How wide a handle is."""
        return min(HANDLE_W * (1.5 if self.large else 1.0), self.pitch - 6)

    @cached_property
    def handle_h(self) -> float:
        return TOUCH_H if self.large else HANDLE_H

    def x(self, place: int) -> float:
        """The middle of a strip."""
        return self.panel.x + LEFT + self.pitch * (place + 0.5)

    def y(self, value: float) -> float:
        """Where a value stands."""
        if value >= 0.0:
            return self.zero - self.way * value
        return self.zero - (self.foot_y - self.zero) * value

    def value(self, y: float) -> float:
        """The value that stands at y, from the lowest that there is room for to 1."""
        if y <= self.zero:
            return min(1.0, (self.zero - y) / self.way)
        room = self.foot_y - self.zero
        return max(-1.0, (self.zero - y) / room) if room > 1.0 else 0.0

    def grasp(self, place: int) -> Rect:
        """Where a strip can be taken hold of."""
        return self._areas[place][0]

    def foot(self, place: int) -> Rect:
        """Chip and name below a strip."""
        return self._areas[place][1]

    @cached_property
    def _areas(self) -> list[tuple[Rect, Rect]]:
        reach, y = self.handle_h / 2 + 6, self.foot_y + OVER + (14.0 if self.large else 0.0)
        lefts = [self.x(place) - self.pitch / 2 for place in range(self.count)]
        return [
            (
                Rect(x, self.top - reach, self.pitch, self.length + 2 * reach),
                Rect(x, y + 9, self.pitch, self.panel.bottom - y - 13),
            )
            for x in lefts
        ]


strips_of = lru_cache(maxsize=8)(Strips)  # the same strips in every frame, measured once


def value_of(grip: float) -> float:
    """A fader's value for how far the hand went, as a share of the way above zero: with a notch at zero.

    Below it a hand that went as far as above has gone twice the value: there the scale is half as long.
    """
    if grip >= 0.0:
        return min(1.0, grip)
    return max(-1.0, min(0.0, (grip + NOTCH) / _UNIT_BELOW))


def grip_of(value: float) -> float:
    """The inverse of ``value_of``; at zero the hand is above the notch."""
    return value if value >= 0.0 else value * _UNIT_BELOW - NOTCH


_UNIT_BELOW = BELOW / (1.0 - BELOW)  # of a unit below zero, as a share of one above
