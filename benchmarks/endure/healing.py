"""How soon a front end is right again after a bad wire: a real server, a real link, and hands that move all the while.

``measure`` plays through each weather for some seconds, then lets text, hands and weather rest, and tells how many
seconds later the front end's text was the server's, and its controls too. The delay stays when the weather clears.
"""

from __future__ import annotations

import heapq
import random
import select
import socket
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

from benchmarks.machine import pump_until, server, wait_for_state
from frontend.client.link import Link
from protocol.messages import Rewind, Step, WriteWord
from protocol.tree import Value

# ---- a relay that loses, doubles, delays and swaps datagrams, both ways ----------------------------------------------
# One thread; loopback alone. What happens to each datagram is drawn from a seeded generator.

LOOPBACK = "127.0.0.1"
SWAP_DELAY_S = 0.03  # seconds by which a datagram that is out of order comes later than those behind it
MAX_NAP_S = 0.02  # seconds at most between two looks


@dataclass(frozen=True)
class NetworkConditions:
    """What happens to a datagram: shares of all, and seconds."""

    lost: float = 0.0
    doubled: float = 0.0
    swapped: float = 0.0
    delay: float = 0.0


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
            wait = min(MAX_NAP_S, max(0.0, next_at - time.monotonic()))
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
            late = SWAP_DELAY_S if luck.random() < weather.swapped else 0.0
            self._count += 1
            heapq.heappush(self._under_way, (time.monotonic() + weather.delay + late, self._count, outwards, datagram))


CONDITIONS = {
    f"{lost:.0%} lost, 10% doubled, 10% out of order, 200 ms late": NetworkConditions(lost, 0.1, 0.1, 0.2)
    for lost in (0.0, 0.05, 0.2, 0.5)
} | {f"{lost:.0%} lost": NetworkConditions(lost) for lost in (0.05, 0.2, 0.5)}
FRAME_S = 1 / 60
MOVED_ADDRESSES = ("/mix/temperature", "/mix/alloy", "/puck/falloff", "/mix/top_p")


def measure(seconds: float = 5.0, times: int = 3, weights: Path | None = None) -> dict[str, Any]:
    """One row a weather: the longest of ``times`` ways back, in seconds."""
    rows = []
    with server("--no-precedence", weights=weights) as serving:
        for name, weather in CONDITIONS.items():
            healed = [heal(serving.address, weather, seconds, seed) for seed in range(times)]
            rows.append({"weather": name, "healed_s": max(healed)})
    return {"seconds_each": seconds, "times": times, "rows": rows}


def heal(address: tuple[str, int], weather: NetworkConditions, seconds: float, seed: int) -> float:
    """Seconds from rest until all is right. Raises ``LinkError`` if it never is."""
    luck = random.Random(seed)
    with (
        closing(LossyRelay(address, replace(weather, lost=0.0), seed)) as wire,
        closing(Link(*wire.address)) as player,
        closing(Link(*address)) as witness,  # on a good wire: what it knows is what the server says
    ):
        links = (player, witness)
        for link in links:
            wait_for_state(link)
        wire.weather = weather
        player.set("/transport/run", True)
        wished: dict[str, Value] = {}
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            _play(player, wished, luck)
            for link in links:
                link.pump(time.monotonic())
            time.sleep(FRAME_S)
        witness.set("/transport/run", False)
        wire.weather = replace(weather, lost=0.0)
        rested = time.monotonic()

        def right() -> bool:
            mine, true = player.session, witness.session
            return (
                (mine.text, mine.length, mine.epoch) == (true.text, true.length, true.epoch)
                and mine.missing() is true.missing() is None
                and mine.values == true.values
                and all(_near(true.values[name], value) for name, value in wished.items())
            )

        pump_until(right, "the front end is not right again", *links)
        return round(time.monotonic() - rested, 2)


def _play(player: Link, wished: dict[str, Value], luck: random.Random) -> None:
    """What hands do in a frame: mostly a fader, now and then something that is done once."""
    address = luck.choice(MOVED_ADDRESSES)
    parameter = player.session.tree[address]
    wished[address] = parameter.accept([luck.uniform(parameter.low, parameter.high)])
    player.set(address, wished[address])
    if luck.random() < 0.03:
        player.send(luck.choice((Rewind(luck.randint(1, 30)), Step(3), WriteWord())))


def _near(one: Value, other: Value) -> bool:
    return isinstance(one, float) and isinstance(other, float) and abs(one - other) < 1e-5
