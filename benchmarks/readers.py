"""Many readers of the stage on the web at once: how long after the server's datagram each character reaches them.

A real server with every voice awake, the real `antiphon web`, and readers of its event stream: some by httpx, the rest
thin sockets, so that hundreds leave the machine to what is measured. One reader loses its line every second and is
caught up. A character's place in the text tells when its datagram came here. This process's own delays are part of it.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, cast

import httpx

from benchmarks.clock import wake_all
from benchmarks.machine import FRONT_DOOR, busy_seconds, describe, listener, percentile, server
from protocol.errors import LinkError
from protocol.messages import Char

CHARS_PER_S = 20.0  # characters/s
SETTLE_S, TIMEOUT_S = 3.0, 60.0  # seconds
POSITION = re.compile(rb'"position":(\d+),"character"')
WHERE = re.compile(r"http://127\.0\.0\.1:(\d+)/")
KNOWN = re.compile(rb"id: ([\d.]+)\n")
BY_HTTPX = 50  # of the readers
LATE_S = 0.3  # seconds


@contextmanager
def stage_on_the_web(address: tuple[str, int]) -> Iterator[tuple[int, int]]:
    """`antiphon web` before a server; its port and its process. Raises ``LinkError`` where it does not begin."""
    command = [sys.executable, str(FRONT_DOOR), "web", "--server", f"{address[0]}:{address[1]}", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        try:
            assert child.stderr is not None
            said = WHERE.search(child.stderr.readline())
            if said is None:
                raise LinkError("the stage on the web did not begin")
            yield int(said[1]), child.pid
        finally:
            child.terminate()


class Readers:
    """So many readers of the stage at a port, on an event loop of a thread of their own, from ``start`` to ``end``."""

    def __init__(self, port: int, count: int) -> None:
        self._port, self._count = port, count
        self._ready, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._open = 0
        self._raw: list[list[tuple[float, bytes]]] = [[] for _ in range(count)]  # what came to each, and when
        self.lost = 0  # readers whose line broke, but for the one that leaves by itself

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(TIMEOUT_S):
            self.end()
            raise LinkError(f"only {self._open} of {self._count} readers were let in")

    def end(self) -> None:
        self._ending.set()
        self._thread.join()

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, limits=limits) as client:
            few = min(BY_HTTPX, self._count - 1)
            tasks = [self._by_httpx(client, reader) for reader in range(few)]
            tasks += [self._by_socket(reader) for reader in range(few, self._count - 1)]
            running = [asyncio.create_task(each) for each in (*tasks, self._again_and_again(self._count - 1))]
            while not self._ending.is_set():
                await asyncio.sleep(0.05)
            for task in running:
                task.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
            self.lost = sum(not isinstance(each, asyncio.CancelledError) for each in ended)

    async def _by_httpx(self, client: httpx.AsyncClient, reader: int) -> None:
        async with client.stream("GET", f"http://127.0.0.1:{self._port}/stream") as answer:
            self._opened()
            async for data in answer.aiter_raw():
                self._note(reader, data)

    async def _by_socket(self, reader: int) -> None:
        loop = asyncio.get_running_loop()
        transport, thin = await loop.create_connection(
            lambda: _ThinReader(lambda data: self._note(reader, data)), "127.0.0.1", self._port
        )
        self._opened()
        try:
            await thin.lost
        finally:
            transport.close()

    async def _again_and_again(self, reader: int) -> None:
        """A reader whose line breaks every second, and who says what it knows when it is back."""
        self._opened()
        known = b""
        while True:
            wire, writer = await self._asked(known)
            until = time.monotonic() + 1.0
            try:
                while time.monotonic() < until and (data := await wire.read(65_536)):
                    self._note(reader, data)
                    known = (KNOWN.findall(data) or [known])[-1]
            finally:
                writer.close()

    async def _asked(self, known: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        wire, writer = await asyncio.open_connection("127.0.0.1", self._port)
        last = b"Last-Event-ID: %b\r\n" % known if known else b""
        writer.write(b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n%b\r\n" % last)
        return wire, writer

    def _opened(self) -> None:
        self._open += 1
        if self._open == self._count:
            self._ready.set()

    def _note(self, reader: int, data: bytes) -> None:
        self._raw[reader].append((time.perf_counter(), data))

    def came(self) -> list[list[tuple[int, float]]]:
        """Each reader's positions, and when they came: what was cut in two belongs to when its rest came."""
        found: list[list[tuple[int, float]]] = []
        for raw in self._raw:
            positions, text = [], b""
            for at, data in raw:
                whole, _, text = (text + data).rpartition(b"\n")
                positions += [(int(position), at) for position in POSITION.findall(whole)]
            found.append(positions)
        return found


class _ThinReader(asyncio.Protocol):
    """A connection that asks for the stream and hands on what comes; ``lost`` ends with it."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)


def measure(readers: int = 300, seconds: float = 20.0) -> dict[str, Any]:
    """One JSON object. Raises ``LinkError`` where not all readers are let in."""
    with server() as playing, listener(playing.address) as listening:
        voices = wake_all(listening, CHARS_PER_S)
        with stage_on_the_web(playing.address) as (port, pid):
            house = Readers(port, readers)
            house.start()
            told: dict[int, float] = {}
            try:
                for _ in listening.receive(SETTLE_S):
                    pass
                began, busy, own = time.perf_counter(), busy_seconds(pid), time.process_time()
                for heard in listening.receive(seconds):
                    told |= {each.length - 1: heard.at for each in heard.messages if isinstance(each, Char)}
                passed, busy = time.perf_counter() - began, busy_seconds(pid) - busy
                own = time.process_time() - own
                time.sleep(1.0)  # for what is under way
            finally:
                house.end()
    arrived = house.came()
    late = [[at - told[position] for position, at in came if position in told] for came in arrived]
    everyone = [each for reader in late for each in reader]
    gaps = sum(b != a + 1 for came in arrived for (a, _), (b, _) in pairwise(came))
    return {
        "benchmark": "readers",
        "machine": describe(),
        "readers": readers,
        "voices": voices,
        "characters": len(told),
        "lost": house.lost,
        "gaps": gaps,
        "told_to_each": min(map(len, late)),
        "p50_ms": percentile(everyone, 0.5),
        "p99_ms": percentile(everyone, 0.99),
        "most_ms": percentile(everyone, 1.0),
        "later_than_300_ms": sum(each > LATE_S for each in everyone),
        "core_percent": round(100 * busy / passed, 1),
        "bench_core_percent": round(100 * own / passed, 1),
    }
