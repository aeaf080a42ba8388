"""Who holds each parameter now: the last hand that moved it. Any thread.

A holder is what a performer calls it: "mouse", "nanoKONTROL2", "TUIO", "phone", "scene 3", "OSC 10.0.0.7".
"""

from __future__ import annotations

from dataclasses import dataclass

MOUSE, KEYBOARD, AUTOPILOT, UNDO = "mouse", "keyboard", "autopilot", "undo"
PHONE = "phone"  # what `antiphon remote` subscribes as
AT_THIS_WINDOW = (MOUSE, KEYBOARD, AUTOPILOT, UNDO)
HELD_S = 1.5  # seconds after which a hand that no longer moves has let go


@dataclass(frozen=True)
class Holder:
    """``who`` last moved a parameter, at ``at`` (monotonic seconds)."""

    who: str
    at: float

    def fresh(self, now: float) -> bool:
        return now - self.at < HELD_S

    @property
    def short(self) -> str:
        """As short as a control has room for; empty for whoever sits at this window and sees it anyway."""
        if self.who in AT_THIS_WINDOW or self.who.startswith(("scene ", "cue ")):
            return ""
        word = self.who.split(" ")[0]
        return word if len(word) <= 8 else word[:7] + "\u2026"


def program_name(who: str) -> str:
    """Another program, as it is called: by the name it has, by its machine, or by its port where it is this one."""
    host, colon, port = who.rpartition(":")
    if not colon:
        return who
    return f"OSC :{port}" if host in ("127.0.0.1", "::1") else f"OSC {host}"


class Holders:
    """One holder an address. A single store and a single look at a time: nothing to be locked."""

    def __init__(self) -> None:
        self._by_address: dict[str, Holder] = {}

    def note(self, address: str, who: str, now: float) -> None:
        """``who`` moved the parameter at ``address``."""
        self._by_address[address] = Holder(who, now)

    def fresh(self, address: str, now: float) -> Holder | None:
        """Who moves the parameter at ``address`` now."""
        holder = self._by_address.get(address)
        return holder if holder is not None and holder.fresh(now) else None

    def heard(self, taken: dict[str, str], now: float) -> None:
        """What the server said of other programs, by address; the table is emptied."""
        while taken:
            address, who = taken.popitem()
            self.note(address, program_name(who), now)

    def of(self, address: str) -> Holder | None:
        return self._by_address.get(address)
