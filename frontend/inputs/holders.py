"""Who holds each parameter now: the last hand that moved it. Any thread.

A holder is what a performer calls it: "mouse", "nanoKONTROL2", "TUIO", "scene 3", "10.0.0.7:9000".
"""

from __future__ import annotations

from dataclasses import dataclass

MOUSE, KEYBOARD, AUTOPILOT, UNDO = "mouse", "keyboard", "autopilot", "undo"
FRESH = 1.5  # seconds after which a hand that no longer moves has let go


@dataclass(frozen=True)
class Holder:
    """``who`` last moved a parameter, at ``at`` (monotonic seconds)."""

    who: str
    at: float

    def fresh(self, now: float) -> bool:
        return now - self.at < FRESH


class Holders:
    """One holder an address. A single store and a single look at a time: nothing to be locked."""

    def __init__(self) -> None:
        self._by_address: dict[str, Holder] = {}

    def note(self, address: str, who: str, now: float) -> None:
        """``who`` moved the parameter at ``address``."""
        self._by_address[address] = Holder(who, now)

    def of(self, address: str) -> Holder | None:
        return self._by_address.get(address)
