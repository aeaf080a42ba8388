"""Who listens: addresses that asked to be sent the performance, each until it lapses.

Pure: time is passed in, nothing is sent. Not locked; ``server.endpoint`` guards it.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.messages import LAPSE

Address = tuple[str, int]  # host and port

MOST = 32  # listeners at a time


@dataclass
class _Subscription:
    source: Address  # who asked
    until: float  # seconds


class Subscribers:
    """At most ``most`` targets; a subscription that is not renewed ends after ``lapse`` seconds."""

    def __init__(self, most: int = MOST, lapse: float = LAPSE) -> None:
        self._most = most
        self._lapse = lapse
        self._by_target: dict[Address, _Subscription] = {}

    def renew(self, source: Address, port: int, now: float) -> Address | None:
        """``source`` wants to be sent all to ``port`` of its host (0: the port it asks from) for the next seconds.

        Returns the target if it is new; None if it was known, if no such port can be or if no place is free.
        """
        if not 0 <= port <= 0xFFFF:
            return None
        target = (source[0], port or source[1])
        self._drop(now)
        known = target in self._by_target
        if not known and len(self._by_target) >= self._most:
            return None
        self._by_target[target] = _Subscription(source, now + self._lapse)
        return None if known else target

    def targets(self, now: float) -> tuple[Address, ...]:
        """Everyone whose subscription has not lapsed, in the order in which they came."""
        self._drop(now)
        return tuple(self._by_target)

    def answer_to(self, source: Address) -> Address:
        """Where ``source`` listens: the target that it subscribed, or its own address."""
        return next((target for target, known in self._by_target.items() if known.source == source), source)

    def _drop(self, now: float) -> None:
        for target in [target for target, known in self._by_target.items() if known.until <= now]:
            del self._by_target[target]
