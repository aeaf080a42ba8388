"""When to send what: values at a bearable pace, and questions for missing text that do not nag.

Pure: time is what the functions are told, in monotonic seconds. No thread of its own, no lock: the link has one.
"""

from __future__ import annotations

import math

from protocol.messages import Set, Since
from protocol.tree import Value

SPACING = 1 / 250  # seconds between two values of one address on the wire
ASKING = (0.1, 5.0)  # seconds: first and longest wait before the same missing text is asked for again


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
