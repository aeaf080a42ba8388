"""The way from the present values to others: how a scene, an undo or a voice comes without a jump.

Where on its way it is, is told from outside, so that a way may be seconds or characters long. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from frontend.control.ease import in_out
from protocol.tree import Value

Unit = Literal["s", "chars"]


@dataclass(frozen=True)
class Fade:
    """How long a way is: so many seconds, or so many characters of text."""

    length: float = 0.25
    unit: Unit = "s"

    def __str__(self) -> str:
        if self.unit == "chars":
            return f"{self.length:.0f} ch"
        if self.length < 1.0:
            return f"{self.length:.2f} s".lstrip("0")
        return f"{self.length:.1f} s" if self.length < 10.0 else f"{self.length:.0f} s"


class Glide:
    """From ``present`` to ``wanted``, in-out, from position ``began`` on and ``lasts`` long.

    Numbers glide; a voice comes into play at once, its weight from 0, and leaves when its weight has reached 0; the
    puck lands or lifts at once, places on the circle change at once. ``drop`` takes what a hand has touched out of it:
    the hand wins.
    """

    def __init__(self, present: Mapping[str, Value], wanted: Mapping[str, Value], began: float, lasts: float) -> None:
        self._began, self._lasts = began, lasts
        self._from: dict[str, Value] = {}
        self._to: dict[str, Value] = {}
        self._last: dict[str, Value] = {}  # given when the way is over
        for address, value in wanted.items():
            if isinstance(value, bool) or address.endswith("/place"):
                self._from[address] = self._to[address] = value
            else:
                self._from[address], self._to[address] = present[address], value
        for on in [address for address in wanted if address.endswith("/on")]:
            weight = on.removesuffix("on") + "weight"
            kept = wanted.get(weight, present[weight])
            if wanted[on] and not present[on]:
                self._from[weight], self._to[weight] = 0.0, kept
            elif present[on] and not wanted[on]:
                self._from[weight], self._to[weight] = present[weight], 0.0
                self._from[on] = self._to[on] = True
                self._last |= {on: False, weight: kept}

    @property
    def ends(self) -> dict[str, Value]:
        """The values that will stand when it is over."""
        return self._to | self._last

    def drop(self, address: str) -> None:
        for table in (self._from, self._to, self._last):
            table.pop(address, None)

    def progress(self, position: float) -> float:
        """How far it is at ``position``, 0 to 1."""
        return min(1.0, max(0.0, (position - self._began) / self._lasts)) if self._lasts > 0.0 else 1.0

    def over(self, position: float) -> bool:
        return position >= self._began + self._lasts

    def at(self, position: float) -> dict[str, Value]:
        """The values to set at ``position``."""
        share = in_out(self.progress(position))
        order = sorted(self._to, key=lambda address: address.endswith("/on"))  # who comes in has weight 0 already
        values = {address: _between(self._from[address], self._to[address], share) for address in order}
        return values | self._last if self.over(position) else values


def _between(a: Value, b: Value, share: float) -> Value:
    if share < 1.0 and isinstance(a, tuple) and isinstance(b, tuple):
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
    if isinstance(a, (bool, tuple)) or isinstance(b, (bool, tuple)):
        return b
    return a + (b - a) * share if share < 1.0 else b
