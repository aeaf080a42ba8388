"""A link in memory, with the surface of ``frontend.link.Link``: for tests, and for windows that are being made.

``FakeLink()`` keeps what is sent in ``sent`` and is fed by ``deliver``; ``FakeLink.demo()`` plays by itself. No socket
and no thread of its own; as with the real one, values may be set from any thread.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from threading import RLock

from frontend.demo import Demo
from frontend.mirror import Mirror
from frontend.pacing import Asking
from protocol.messages import Set, ToFront, ToServer
from protocol.tree import Value


class FakeLink:
    """``sent`` are the messages sent, values included, oldest first. ``clock`` dates values that are set here."""

    def __init__(self, demo: Demo | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.mirror = Mirror()
        self.where = "here"
        self.standing = ""
        self.latency_ms: float | None = None
        self.refused = 0
        self.sent: list[ToServer] = []
        self.closed = False
        self._demo = demo
        self._clock = clock
        self._coming: deque[ToFront] = deque()
        self._asking = Asking()
        self._lock = RLock()

    @classmethod
    def demo(cls, seed: int = 1, clock: Callable[[], float] = time.monotonic) -> FakeLink:
        """A link to a small performance that writes by itself at every ``pump``; the same for the same seed."""
        link = cls(Demo(seed), clock)
        link.latency_ms = 0.4
        return link

    def deliver(self, messages: Iterable[ToFront]) -> None:
        """What the next ``pump`` finds."""
        self._coming.extend(messages)

    def pump(self, now: float) -> None:
        if self._demo is not None:
            with self._lock:
                self._coming.extend(self._demo.advance(now))
        while self._coming:
            self.mirror.apply(self._coming.popleft(), now)
        since = self._asking.due(self.mirror.missing(), now)
        if since is not None:
            self.send(since)

    def set(self, address: str, value: Value) -> None:
        value = self.mirror.accept(address, value)
        with self._lock:
            self.mirror.lead(address, value, self._clock())
            self.send(Set(address, value))

    def flush(self, now: float) -> float:
        return math.inf

    def send(self, message: ToServer) -> None:
        with self._lock:
            self.sent.append(message)
            if self._demo is not None:
                self._demo.take(message)

    def close(self) -> None:
        self.closed = True
