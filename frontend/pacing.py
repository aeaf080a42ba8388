"""When to send what: values at a bearable pace, and questions for missing text that do not nag.

Pure: time is what the functions are told, in monotonic seconds. No thread of its own, no lock: the link has one.
"""

from __future__ import annotations

import math

from protocol.messages import Set, Since
from protocol.tree import Value

SPACING = 1 / 250  # seconds between two values of one address on the wire
AGAIN = (0.06, 0.15, 0.3, 0.5, 0.75)  # seconds after a value left, at which it is sent again unless it was heard
ASKING = (0.1, 0.4)  # seconds: first and longest wait before the same missing text is asked for again


class Outbox:
    """Values on their way out, at most one a ``SPACING`` for each address; the last one always goes. Pure."""

    def __init__(self) -> None:
        self._sent_at: dict[str, float] = {}
        self._waiting: dict[str, Value] = {}

    def put(self, address: str, value: Value, now: float) -> list[Set]:
        """Take a value; returns what to send now."""
        self._waiting[address] = value
        return self.due(now)

    def due(self, now: float) -> list[Set]:
        """What has waited long enough."""
        ready = [address for address in self._waiting if now - self._sent_at.get(address, -SPACING) >= SPACING]
        self._sent_at.update((address, now) for address in ready)
        return [Set(address, self._waiting.pop(address)) for address in ready]

    @property
    def due_at(self) -> float:
        """When the next value may go; infinity where none waits."""
        return min((self._sent_at.get(each, -SPACING) + SPACING for each in self._waiting), default=math.inf)


class Insisting:
    """Values that left, until the server says the same: so that a hand's last move is not lost with its datagram.

    What is not heard after ``AGAIN`` is said again; after the last time the server is believed. Pure.
    """

    def __init__(self) -> None:
        self._unheard: dict[str, tuple[Value, float, int]] = {}  # what was said last, when, and how often again

    def said(self, address: str, value: Value, now: float) -> None:
        self._unheard[address] = (value, now, 0)

    def heard(self, address: str, value: Value) -> None:
        """The server says that this holds."""
        if address in self._unheard and _same(self._unheard[address][0], value):
            del self._unheard[address]

    def forget(self) -> None:
        """Something was ordered that moves controls by itself: what was said before may no longer hold."""
        self._unheard.clear()

    def due(self, now: float) -> list[Set]:
        """What to say again."""
        again = [address for address, (_, at, times) in self._unheard.items() if now >= at + AGAIN[times]]
        sets = [Set(address, self._unheard[address][0]) for address in again]
        for address in again:
            value, at, times = self._unheard.pop(address)
            if times + 1 < len(AGAIN):
                self._unheard[address] = (value, at, times + 1)
        return sets

    @property
    def due_at(self) -> float:
        """When something is to be said again; infinity where all was heard."""
        return min((at + AGAIN[times] for _, at, times in self._unheard.values()), default=math.inf)


def _same(one: Value, other: Value) -> bool:
    """Whether both are one value, of which one came as 32 bits."""
    mine, theirs = (value if isinstance(value, tuple) else (value,) for value in (one, other))
    return len(mine) == len(theirs) and all(abs(a - b) <= 1e-6 for a, b in zip(mine, theirs, strict=True))


class Asking:
    """When to ask for missing text: at once, then ever more seldom as long as the same place stays missing.

    As long as pieces come, nothing more is asked: a long text comes in many. Pure.
    """

    def __init__(self) -> None:
        self._position: int | None = None
        self._wait = ASKING[0]
        self._next_at = 0.0

    def due(self, position: int | None, now: float) -> Since | None:
        if position is None:
            self._position = None
            return None
        if self._position is not None and position != self._position:
            self._wait, self._next_at = ASKING[0], now + ASKING[0]
        elif self._position is None:
            self._wait, self._next_at = ASKING[0], now
        self._position = position
        if now < self._next_at:
            return None
        self._next_at = now + self._wait
        self._wait = min(2 * self._wait, ASKING[1])
        return Since(position)
