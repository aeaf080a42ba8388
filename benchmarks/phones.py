"""Many phones at once: a real server with every voice awake, the real phones' server, and phones made of websockets.

Each phone of the audience moves its puck twenty times a second. One performer's phone moves a control meanwhile, and a
relay before the server's port sees when that arrives there: what is told is from the phone's send to the server's port,
this process's own delays included. Phones and relay run on one event loop, in a thread; characters are heard on the
caller's.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import threading
import time
from contextlib import AsyncExitStack, closing
from itertools import pairwise
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from benchmarks.clock import characters, wake_all
from benchmarks.listening import FRONT_DOOR, ear, last, server
from benchmarks.machine import busy_seconds, describe, percentile
from frontend.remote.host import Phones
from frontend.remote.links import Keys
from protocol.errors import LinkError
from protocol.messages import CrowdPucks, Set
from protocol.osc import decode_to_server
from protocol.tree import ParameterTree

MOVES = 20.0  # a second and phone
PROBES = 20.0  # a second, of the performer's phone
RATE = 20.0  # characters/s
SETTLE, PATIENCE = 2.0, 60.0  # seconds
PROBED = "/mix/temperature"
TREE = ParameterTree(())


class Relay(asyncio.DatagramProtocol):
    """Before the server: hands datagrams on, both ways, and notes when probes and crowds came by."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._front: tuple[str, int] | None = None
        self._out: asyncio.DatagramTransport
        self.probes: dict[float, float] = {}  # value: when
        self.crowds = 0
        self.pucks = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        if source == self._server:
            if self._front is not None:
                self._out.sendto(data, self._front)
            return
        now, self._front = time.perf_counter(), source
        self._out.sendto(data, self._server)
        for message in decode_to_server(data, TREE).messages:
            if isinstance(message, Set) and message.address == PROBED and isinstance(message.value, float):
                self.probes[round(message.value, 5)] = now
            elif isinstance(message, CrowdPucks):
                self.crowds += 1
                self.pucks = max(self.pucks, sum(weight > 0.0 for *_, weight in message.pucks))


class House:
    """The phones' server and all phones; runs on a thread of its own from ``start`` to ``end``."""

    def __init__(self, address: tuple[str, int], phones: int) -> None:
        self._address, self._phones = address, phones
        self._ready, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.relay: Relay | None = None
        self.sent: dict[float, float] = {}
        self.pictures = [0] * phones  # that each phone was shown
        self.moves = self.lost = 0
        self.pid = 0
        self.trouble = ""

    def start(self) -> None:
        """Raises ``LinkError`` where not all phones find room."""
        self._thread.start()
        if not self._ready.wait(PATIENCE) or self.trouble:
            raise LinkError(f"phones are not let in: {self.trouble or 'no answer'}")

    def end(self) -> None:
        self._ending.set()
        self._thread.join()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        transport, self.relay = await loop.create_datagram_endpoint(
            lambda: Relay(self._address), local_addr=("127.0.0.1", 0)
        )
        place = transport.get_extra_info("sockname")
        keys = Keys.fresh()
        command = [sys.executable, str(FRONT_DOOR), "remote", "--with-parent", "--server", f"{place[0]}:{place[1]}",
                   "--port", "0"]  # fmt: skip
        with closing(transport), closing(Phones(command, "127.0.0.1", keys)) as phones:
            links = await asyncio.to_thread(phones.wait, PATIENCE)
            if links is None:
                self.trouble = phones.trouble or "they are not served"
                self._ready.set()
                return
            self.pid = phones.pid
            async with AsyncExitStack() as stack:
                origin = Origin(links.audience.rsplit("/", 2)[0])

                async def enter(link: str) -> ClientConnection:
                    place = link.replace("http", "ws", 1) + "play"
                    return await stack.enter_async_context(
                        connect(place, origin=origin, proxy=None, compression=None, open_timeout=PATIENCE)
                    )

                crowd = [await enter(links.audience) for _ in range(self._phones)]
                performer = await enter(links.performer)
                tasks = [asyncio.create_task(self._move(phone, at)) for at, phone in enumerate(crowd)]
                tasks += [asyncio.create_task(self._look(phone, at)) for at, phone in enumerate(crowd)]
                tasks += [asyncio.create_task(self._probe(performer)), asyncio.create_task(self._look(performer, None))]
                await asyncio.sleep(SETTLE)
                self._ready.set()
                while not self._ending.is_set():
                    await asyncio.sleep(0.05)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _move(self, phone: ClientConnection, at: int) -> None:
        await asyncio.sleep(at / len(self.pictures) / MOVES)
        try:
            while True:
                turn = time.perf_counter() * (0.5 + at / 100) + at
                await phone.send(json.dumps({"puck": [round(0.8 * math.cos(turn), 4), round(0.8 * math.sin(turn), 4)]}))
                self.moves += 1
                await asyncio.sleep(1 / MOVES)
        except ConnectionClosed:
            self.lost += 1

    async def _look(self, phone: ClientConnection, at: int | None) -> None:
        async for _ in phone:
            if at is not None:
                self.pictures[at] += 1

    async def _probe(self, phone: ClientConnection) -> None:
        number = 0
        while True:
            number += 1
            value = round(0.5 + number % 20_000 * 1e-5, 5)
            self.sent[value] = time.perf_counter()
            await phone.send(json.dumps({"set": {PROBED: value}}))
            await asyncio.sleep(1 / PROBES)


def measure(phones: int = 200, seconds: float = 10.0) -> dict[str, Any]:
    """One JSON object: latencies in ms, what a phone was shown a second, how evenly characters came meanwhile."""
    with server() as playing, ear(playing.address) as listening:
        voices = wake_all(listening, RATE)
        house = House(playing.address, phones)
        house.start()
        try:
            began, busy, moves, shown = time.perf_counter(), busy_seconds(house.pid), house.moves, list(house.pictures)
            times = characters(listening, seconds)
            passed = time.perf_counter() - began
            load = (busy_seconds(house.pid) - busy) / passed
            moved = house.moves - moves
            pictures = [after - before for before, after in zip(shown, house.pictures, strict=True)]
        finally:
            house.end()
        own = playing.stop()
    assert house.relay is not None
    ways = [came - house.sent[value] for value, came in house.relay.probes.items() if value in house.sent]
    jitter = [abs(later - earlier - 1.0 / RATE) for earlier, later in pairwise(times)]
    return {
        "benchmark": "phones", "machine": describe(), "phones": phones, "voices": voices, "lost": house.lost,
        "pucks_in_the_crowd": house.relay.pucks, "moves_a_second": round(moved / passed, 1),
        "probes": len(ways), "p50_ms": percentile(ways, 0.5), "p99_ms": percentile(ways, 0.99),
        "fewest_pictures_a_second": round(min(pictures) / passed, 2), "core_percent": round(100 * load, 1),
        "characters": len(times), "late": sum(late > 0.5 / RATE for late in jitter),
        "jitter_p99_ms": percentile(jitter, 0.99),
        "server_p99_ms": percentile(last(own["sent_ms"], len(times)), 0.99),
    }  # fmt: skip
