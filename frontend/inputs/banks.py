"""Banks: which of the voices in play lie under the hardware's faders, where there are more voices than faders. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bank:
    """``width`` faders on the voices from place ``first`` on, of ``count`` in play. Without faders width is 0."""

    first: int = 0
    width: int = 0
    count: int = 0

    @property
    def of(self) -> int:
        """How many banks there are."""
        return -(-self.count // self.width) if self.width else 0

    @property
    def number(self) -> int:
        """Which one this is, counted from 1."""
        return self.first // self.width + 1 if self.width else 0

    @property
    def places(self) -> range:
        """The places in play that lie under a fader."""
        return range(self.first, min(self.count, self.first + self.width))

    @property
    def words(self) -> str:
        """Which bank it is, for a status line; empty where all voices have a fader."""
        return f"bank {self.number} of {self.of}" if self.of > 1 else ""

    def turned(self, by: int) -> Bank:
        """The bank ``by`` places on, as far as there is one."""
        return bank(self.first + by * self.width, self.width, self.count)


def bank(first: int, width: int, count: int) -> Bank:
    """The bank that holds place ``first``, or the last one there is."""
    if not width or not count:
        return Bank(0, width, count)
    return Bank(max(0, min(first, count - 1)) // width * width, width, count)
