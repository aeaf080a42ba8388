"""A bad wire: a proxy between a front end and a server that loses, doubles, delays and swaps datagrams, both ways.

One thread; loopback alone. What it does to each datagram is drawn from a seeded generator.
"""

from __future__ import annotations

import heapq
import random
import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread

LOOPBACK = "127.0.0.1"
SWAPPED = 0.03  # seconds by which a datagram that is out of order comes later than those behind it
NAP = 0.02  # seconds at most between two looks


@dataclass(frozen=True)
class NetworkConditions:
    """What happens to a datagram: shares of all, and seconds."""

    lost: float = 0.0
    doubled: float = 0.0
    swapped: float = 0.0
    delay: float = 0.0


FAIR = NetworkConditions()


class LossyRelay:
    """Listens on ``address`` for one front end and speaks for it to ``server``, until ``close``."""

    def __init__(self, server: tuple[str, int], weather: NetworkConditions, seed: int = 0) -> None:
        self.weather = weather
        self._luck = random.Random(seed)
        self._near, self._far = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._near.bind((LOOPBACK, 0))
        self._far.connect(server)
        self.address: tuple[str, int] = self._near.getsockname()[:2]
        self._front: tuple[str, int] | None = None
        self._under_way: list[tuple[float, int, bool, bytes]] = []  # when it arrives, a tie-breaker, outwards, what
        self._count = 0
        self._closing = Event()
        self._thread = Thread(target=self._carry, name="bad wire", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._near.close()
        self._far.close()

    def _carry(self) -> None:
        for end in (self._near, self._far):
            end.setblocking(False)
        while not self._closing.is_set():
            next_at = self._under_way[0][0] if self._under_way else float("inf")
            wait = min(NAP, max(0.0, next_at - time.monotonic()))
            for end in select.select([self._near, self._far], [], [], wait)[0]:
                with suppress(OSError):  # nobody listens on the other side yet
                    datagram, sender = end.recvfrom(65_536)
                    if end is self._near:
                        self._front = sender
                    self._take(datagram, outwards=end is self._near)
            while self._under_way and self._under_way[0][0] <= time.monotonic():
                _, _, outwards, datagram = heapq.heappop(self._under_way)
                with suppress(OSError):
                    if outwards:
                        self._far.send(datagram)
                    elif self._front:
                        self._near.sendto(datagram, self._front)

    def _take(self, datagram: bytes, outwards: bool) -> None:
        weather, luck = self.weather, self._luck
        if luck.random() < weather.lost:
            return
        for _ in range(2 if luck.random() < weather.doubled else 1):
            late = SWAPPED if luck.random() < weather.swapped else 0.0
            self._count += 1
            heapq.heappush(self._under_way, (time.monotonic() + weather.delay + late, self._count, outwards, datagram))
