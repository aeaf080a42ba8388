"""A control's travel: which value stands at which share of its way, and back. Pure; no thread of its own."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.tree import Parameter


@dataclass(frozen=True)
class Travel:
    """From ``low`` to ``high``; a ``curve`` under 1 gives the low end more room (share = (place in range) ** curve)."""

    low: float
    high: float
    curve: float = 1.0

    @classmethod
    def of(cls, parameter: Parameter, curve: float = 1.0) -> Travel:
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


UNIT = Travel(0.0, 1.0)


def two_places(value: float, tight: bool = False) -> str:
    """A weight with fixed decimals; ``tight`` leaves out the leading 0."""
    words = f"{value:.2f}"
    return words[1:] if tight and words.startswith("0") else words


def percent(share: float) -> str:
    """A share as whole per cent, without the sign."""
    return f"{100 * share:.0f}"
