"""Who listens: addresses that asked to be sent the performance, each until it lapses.

Pure: time is passed in, nothing is sent. Not locked; ``server.net.udp_endpoint`` guards it.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.messages import MAIN, SUBSCRIPTION_S

Address = tuple[str, int]  # host and port

MOST_SUBSCRIBERS = 32  # listeners at a time


@dataclass
class _Subscription:
    source: Address  # who asked
    until: float  # seconds
    performance: str


class Subscribers:
    """At most ``most`` targets; a subscription that is not renewed ends after ``lapse`` seconds."""

    def __init__(self, most: int = MOST_SUBSCRIBERS, lapse: float = SUBSCRIPTION_S) -> None:
        self._most = most
        self._lapse = lapse
        self._by_target: dict[Address, _Subscription] = {}

    def renew(self, source: Address, port: int, now: float, performance: str = MAIN) -> Address | None:
        """``source`` wants a performance sent to ``port`` of its host (0: the port it asks from) for the next seconds.

        Returns the target if it is new there; None if it was known, if no such port can be or if no place is free.
        """
        if not 0 <= port <= 0xFFFF:
            return None
        target = (source[0], port or source[1])
        self._drop(now)
        known = self._by_target.get(target)
        if known is None and len(self._by_target) >= self._most:
            return None
        self._by_target[target] = _Subscription(source, now + self._lapse, performance)
        return None if known is not None and known.performance == performance else target

    def __len__(self) -> int:
        """How many there are, those included that lapsed and were not asked for since."""
        return len(self._by_target)

    def has(self, target: Address, now: float) -> bool:
        known = self._by_target.get(target)
        return known is not None and known.until > now

    def targets(self, now: float, performance: str | None = None) -> tuple[Address, ...]:
        """Everyone whose subscription to ``performance`` (None: to any) has not lapsed, in the order they came."""
        self._drop(now)
        return tuple(target for target, known in self._by_target.items() if performance in (None, known.performance))

    def answer_to(self, source: Address) -> Address:
        """Where ``source`` listens: the target that it subscribed, or its own address."""
        return next((target for target, known in self._by_target.items() if known.source == source), source)

    def _drop(self, now: float) -> None:
        for target in [target for target, known in self._by_target.items() if known.until <= now]:
            del self._by_target[target]
