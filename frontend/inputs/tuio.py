"""TUIO 1.1 (Kaltenbrunner et al. 2005): datagrams of a touch table in, the fingers that are down out. Pure.

A table says in each frame which fingers are alive, where those are that moved, and the frame's number; a finger that is
not alive was lifted. Frames that come late are dropped; one numbered -1 says again what is known. Several tables may
speak, told apart by their ``source``. Only `/tuio/2Dcur` is read. Places are parts of the table, 0 to 1, x to the right
and y down; times are monotonic seconds. Whatever is broken becomes a complaint, and the rest of the datagram counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from protocol import guard
from protocol.errors import MessageError
from protocol.guard import shown

PROFILE = "/tuio/2Dcur"
MOST_ALIVE = 120  # fingers of one table that are read; what is played are fewer
MOST_TABLES = 8
AGED = 1_000  # frames; a number farther back than this is not late but a table that began again
PAUSED = 1.0  # seconds of silence after which any number is new


@dataclass(frozen=True)
class Touch:
    """A finger that is down: whose table's, under which number, and where."""

    source: str
    session: int
    x: float
    y: float


@dataclass
class _Table:
    """What one table said: its fingers by session, oldest first, and the frame that is being told."""

    fingers: dict[int, tuple[float, float]] = field(default_factory=dict)
    frame: int = -1
    heard_at: float = -math.inf
    alive: frozenset[int] | None = None
    moved: dict[int, tuple[float, float]] = field(default_factory=dict)


class Tuio:
    """All tables. ``take`` each datagram, ask for ``touches``. ``complaint`` is about the last thing not understood."""

    def __init__(self) -> None:
        self.complaint = ""
        self.frames = 0  # that counted
        self.late = 0  # that were dropped
        self._tables: dict[str, _Table] = {}

    def take(self, datagram: bytes, sender: str, now: float) -> None:
        """``sender`` names the table where the datagram names none."""
        elements, complaints = guard.elements(datagram)
        source = sender
        for element in elements:
            try:
                address, arguments = guard.read(element, MOST_ALIVE + 1)
                if address == PROFILE:
                    source = self._read(source, arguments, now)
                elif not address.startswith("/tuio/"):
                    raise MessageError(f"{shown(address)} is not TUIO")
            except MessageError as error:
                complaints.append(str(error))
        if complaints:
            self.complaint = complaints[-1]
        elif elements:
            self.complaint = ""

    def touches(self, now: float, patience: float) -> list[Touch]:
        """The fingers that are down; those of a table that said nothing for ``patience`` seconds are not."""
        self._tables = {name: table for name, table in self._tables.items() if now - table.heard_at < patience}
        return [
            Touch(name, session, x, y)
            for name, table in self._tables.items()
            for session, (x, y) in table.fingers.items()
        ]

    @property
    def tables(self) -> int:
        """How many speak."""
        return len(self._tables)

    def _read(self, source: str, arguments: Sequence[object], now: float) -> str:
        """One message of the profile; gives whose the following ones are. Raises ``MessageError``."""
        match arguments:
            case ["source", str(name)]:
                return shown(name)
            case ["alive", *sessions]:
                self._table(source).alive = frozenset(_whole(session) for session in sessions)
            case ["set", session, x, y, *_]:
                table = self._table(source)
                if len(table.moved) < MOST_ALIVE:
                    table.moved[_whole(session)] = (_part(x), _part(y))
            case ["fseq", number]:
                self._frame(self._table(source), _whole(number), now)
            case _:
                raise MessageError(f"{PROFILE} has a message that is not understood")
        return source

    def _table(self, source: str) -> _Table:
        if source not in self._tables:
            if len(self._tables) >= MOST_TABLES:
                raise MessageError(f"{MOST_TABLES} tables speak already: one more is not heard")
            self._tables[source] = _Table()
        return self._tables[source]

    def _frame(self, table: _Table, number: int, now: float) -> None:
        """The frame is complete: it counts, unless it is late."""
        alive, moved = table.alive, table.moved
        table.alive, table.moved = None, {}
        is_late = number != -1 and table.frame - AGED < number < table.frame and now - table.heard_at < PAUSED
        if is_late:
            self.late += 1
            return
        self.frames += 1
        table.frame = number if number != -1 else table.frame
        table.heard_at = now
        known = table.fingers | moved
        if alive is not None:
            known = {session: place for session, place in known.items() if session in alive}
        table.fingers = dict(list(known.items())[:MOST_ALIVE])


def _whole(value: object) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value == int(value):
        return int(value)
    raise MessageError(f"{PROFILE} needs whole numbers, not {shown(repr(value))}")


def _part(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return min(1.0, max(0.0, float(value)))
    raise MessageError(f"{PROFILE} needs places from 0 to 1, not {shown(repr(value))}")
