"""Rubbish thrown at a server: does it go on speaking, how long does each datagram keep it, does its memory stay?

``measure_receiver`` times the receiver's own code in this process, by processor time, so that a busy machine makes no
difference. ``measure_server`` throws at a real server and waits after every few datagrams until they were dealt with,
so that none is lost in a buffer. Damaged messages wake voices and open performances, as true ones may. So the server is
first made to remember all that it ever remembers; once it has met every kind of rubbish, after a fifth of it, it is to
grow no more. On loopback; the caller's thread.
"""

from __future__ import annotations

import gc
import random
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np

from benchmarks.endure.rubbish import TRAPS, damaged, random_bytes, well_formed
from benchmarks.machine import ServerListener, listener, resident_mb, server, wait_for_state, write_on
from frontend.client.link import Link
from protocol.errors import LinkError
from protocol.formats import ACTIONS, TO_SERVER
from protocol.messages import MAIN, Char, Ping, Pong, Set
from protocol.osc import decode_to_front, decode_to_server, encode
from protocol.tree import QUOTATION, ParameterTree, on_address, weight_address
from server.engine.catch_up import REMEMBERED_PLACES
from server.engine.clock import FakeClock
from server.engine.parameter_store import MOST_PERFORMANCES, PerformanceRegistry
from server.engine.status_line import StatusLine
from server.net.udp_endpoint import UdpEndpoint

VOICES = tuple(f"voice-{number:02}" for number in range(24))
DATAGRAM_PAUSE_S = 0.05  # seconds on the fake clock between two datagrams: nobody sends too much
DATAGRAMS_PER_PING = 16  # datagrams thrown before an answer is waited for: few enough for any buffer
SENDER_SOCKETS = 12  # sockets, each a sender of its own to the server's doors
MAX_SENT_BYTES = 60_000  # bytes; what Linux and macOS both send on loopback, larger ones if the system lets
ANSWER_TIMEOUT_S = 20.0  # seconds for the server to answer a ping
ASKED_AGAIN_S = 1.0  # after which the server is asked again
DAMAGED_SHARE = 0.1  # of all datagrams are true messages with damage
# performances besides main: all that find room
OTHERS = ("blue", *(f"other-{number}" for number in range(2, MOST_PERFORMANCES)))
FULL_CHARS = REMEMBERED_PLACES + 100  # characters after which every remembered place has been used
CHARS_PER_STEP = 100  # of them asked for at a time


def measure(count: int = 1_100_000, seed: int = 1, weights: Path | None = None) -> dict[str, Any]:
    """Both measurements with ``count`` datagrams each, and every trap besides."""
    return {"datagrams": count, **measure_receiver(min(count, 200_000), seed), **measure_server(count, seed, weights)}


def datagrams(count: int, seed: int, tree: ParameterTree) -> Iterator[bytes]:
    """``count`` of them, a tenth damaged true messages and the rest random bytes, after the traps."""
    luck = random.Random(seed)
    yield from TRAPS.values()
    for _ in range(count):
        datagram = random_bytes(luck)
        if luck.random() < DAMAGED_SHARE:
            datagram = damaged(well_formed(TO_SERVER, tree, luck), luck)
            while _orders(datagram, tree):
                datagram = damaged(well_formed(TO_SERVER, tree, luck), luck)
        yield datagram


def _orders(datagram: bytes, tree: ParameterTree) -> bool:
    """Whether ``datagram`` is no rubbish at all, but says what is to be done with the text: that may stop it."""
    return any(isinstance(message, ACTIONS) for message in decode_to_server(datagram, tree).messages)


def measure_receiver(count: int, seed: int) -> dict[str, Any]:
    """How many microseconds of the processor's time the receiver needs for a datagram, and the slowest trap's name."""
    registry, clock = PerformanceRegistry(ParameterTree(VOICES)), FakeClock()
    times: list[int] = []
    traps: dict[str, float] = {}
    with closing(UdpEndpoint(registry, StatusLine(), clock, "127.0.0.1", 0)) as endpoint:
        names = iter(TRAPS)
        gc.disable()
        try:
            for number, datagram in enumerate(datagrams(count, seed, registry.tree)):
                clock.advance(DATAGRAM_PAUSE_S)
                began = time.thread_time_ns()
                endpoint.handle(datagram, ("127.0.0.1", 9))
                times.append(time.thread_time_ns() - began)
                if number < len(TRAPS):
                    traps[next(names)] = times[-1] / 1e3
                for name in registry.names():  # as the engine does
                    registry.parameters(name).take_requests()
                    endpoint.new_subscribers(name)
        finally:
            gc.enable()
    microseconds = np.array(times) / 1e3
    return {
        "dealt_us": {
            "median": round(float(np.median(microseconds)), 1),
            "p99": round(float(np.percentile(microseconds, 99)), 1),
            "worst": round(float(microseconds.max()), 1),
            "over_1_ms": int((microseconds > 1_000).sum()),
        },
        "slowest_trap": max(traps, key=lambda name: traps[name]),
    }


def measure_server(
    count: int, seed: int, weights: Path | None = None, patience: float = ANSWER_TIMEOUT_S
) -> dict[str, Any]:
    """What a real server does meanwhile. Raises ``LinkError`` if it stops answering."""
    with (
        server("--no-precedence", weights=weights) as serving,
        listener(serving.address) as listening,
        ExitStack() as sockets,
    ):
        tree = ParameterTree(card.slug for card in listening.introductions())
        for name in (MAIN, *OTHERS):
            fill(serving.address, name)
        crowd = [sockets.enter_context(_thrower(serving.address, patience)) for _ in range(SENDER_SOCKETS)]
        memory, batch = [resident_mb(serving.pid) or 0.0], list[bytes]()
        with _Speech(listening) as speech:
            began = time.monotonic()
            for number, datagram in enumerate(datagrams(count, seed, tree)):
                batch.append(datagram[:MAX_SENT_BYTES])
                if len(batch) == DATAGRAMS_PER_PING:
                    _throw(crowd[number // DATAGRAMS_PER_PING % SENDER_SOCKETS], batch)
                    batch.clear()
                if number % max(1, count // 50) == 0:
                    memory.append(resident_mb(serving.pid) or 0.0)
            _throw(crowd[0], batch)
            seconds = time.monotonic() - began
        listening.hear_until(lambda message: isinstance(message, Char), "the server did not speak afterwards")
        memory.append(resident_mb(serving.pid) or 0.0)
    return {
        "seconds": round(seconds, 1),
        "datagrams_a_second": round(count / seconds),
        "characters_meanwhile": len(speech.times),
        "longest_silence_s": round(float(max(np.diff([began, *speech.times]), default=seconds)), 2),
        "memory_mb": {
            "filled": memory[0],
            "after_a_fifth": memory[len(memory) // 5],
            "at_the_end": memory[-1],
            "most": max(memory),
        },
    }


def fill(address: tuple[str, int], performance: str) -> None:
    """Wake every voice in a performance, the fused one too; let it write until it remembers all that it ever will.

    With other weights the fused network is made once more, in the other of the two places that it has.
    """
    with closing(Link(*address, performance=performance)) as link:
        wait_for_state(link)
        link.set("/transport/run", False)
        link.set("/puck/lifted", True)
        link.set("/mix/fusion", 0.5)  # the fused network is a voice too
        link.set(QUOTATION, 100)  # what is quoted from is on the disk until it is asked for
        for weight in (1.0, 0.5):
            for number, slug in enumerate(link.session.slugs):
                link.set(on_address(slug), True)
                link.set(weight_address(slug), 1.0 if number else weight)
            for _ in range(0, FULL_CHARS // 2, CHARS_PER_STEP):
                write_on(link, CHARS_PER_STEP)
        link.set(QUOTATION, 0)


class _Speech:
    """Listens on a thread of its own while it is entered: ``times`` are when characters came, in monotonic seconds."""

    def __init__(self, listening: ServerListener) -> None:
        self.times: list[float] = []
        self._listening, self._done = listening, Event()
        self._thread = Thread(target=self._listen, daemon=True)

    def __enter__(self) -> _Speech:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._done.is_set():
            for heard in self._listening.receive(0.2):
                self.times += [time.monotonic() for message in heard.messages if isinstance(message, Char)]


def _thrower(address: tuple[str, int], patience: float) -> socket.socket:
    thrower = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    thrower.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    thrower.connect(address)
    thrower.settimeout(patience)
    return thrower


def _throw(thrower: socket.socket, batch: Sequence[bytes]) -> None:
    """Throw all of it, make the server play on as it did, and wait until it has dealt with that."""
    for datagram in batch:
        with suppress(OSError):  # longer than this system sends
            thrower.send(datagram)
    patience = thrower.gettimeout() or 0.0
    deadline = time.monotonic() + patience
    try:
        while time.monotonic() < deadline:
            # Again and again: where the system's buffer is full of what was thrown, it loses these, too.
            for message in (
                Set("/transport/run", True),
                Set("/mix/rate", 20.0),
                Set("/transport/hold", False),
                Ping(1),
            ):
                thrower.send(encode(message))
            thrower.settimeout(min(ASKED_AGAIN_S, patience))
            with suppress(TimeoutError):
                while Pong(1) not in decode_to_front(thrower.recv(65_536), None).messages:
                    pass
                return
    finally:
        thrower.settimeout(patience)
    raise LinkError(f"the server did not answer for {patience:.0f} s")
