"""Many phones at once: a real server with every voice awake, the real phones' server, and phones that play.

Two hundred of the audience are websockets alone (``benchmarks.phones``), and each moves its puck twenty times a
second; a few more are pages in a real browser, under fingers; one performer's phone moves a control. A relay before the
server's port dates what comes by there, and sends a ping behind the crowd's pucks, whose answer says that they are on
the server's board. Rows:

    audience   from a phone's message to the pucks of the crowd at the server's port
    applied    the same to the answer of the ping behind them (an upper bound)
    page       from a finger on a page to the port
    performer  from a performer's message to its value at the port

This process's own delays are part of them all. Thin phones and relay run on one event loop, in a thread; the pages are
touched by another, and characters are heard on the caller's.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import os
import struct
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from typing import Any, cast

from benchmarks.browser import Browser, Tab, browser
from benchmarks.clock import characters, wake_all
from benchmarks.machine import FRONT_DOOR, busy_seconds, describe, last_in_seconds, listener, percentile, server
from frontend.remote.host import PhoneServerProcess
from frontend.remote.links import AccessTokens, InviteLinks
from protocol.errors import AntiphonError, LinkError
from protocol.messages import CrowdPucks, Ping, Pong, Set, ToServer
from protocol.osc import decode_to_front, decode_to_server, encode
from protocol.puck import Puck
from protocol.tree import ParameterTree

# ---- a phone that is a websocket and nothing else (RFC 6455), so that hundreds leave the machine to what is measured -

TEXT_FRAME, CLOSE_FRAME, PING_FRAME, PONG_FRAME = 0x1, 0x8, 0x9, 0xA  # opcodes
LAST_FRAGMENT = 0x80  # the only fragment; masked
HEAD_END = b"\r\n\r\n"


class ThinPhone(asyncio.Protocol):
    """``opened`` when the first picture has come. ``lost`` where the connection ended before ``close``."""

    def __init__(self, host: str, token: str) -> None:
        self._greeting = (
            f"GET /{token}/play HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        ).encode()
        self._came = bytearray()
        self._upgraded = self._closing = False
        self._wire: asyncio.Transport
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pictures = 0
        self.lost = False

    @classmethod
    async def enter(cls, port: int, token: str) -> ThinPhone:
        """A phone that is shown the performance. Raises ``LinkError`` where it is not let in, and ``OSError``."""
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_connection(lambda: cls(f"127.0.0.1:{port}", token), "127.0.0.1", port)
        await phone.opened
        return phone

    def send_text(self, text: str) -> None:
        self._send(TEXT_FRAME, text.encode())

    def close(self) -> None:
        self._closing = True
        self._wire.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)
        self._wire.write(self._greeting)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = not self._closing
        if not self.opened.done():
            self.opened.set_exception(LinkError("a phone was not let in"))

    def data_received(self, data: bytes) -> None:
        self._came += data
        if not self._upgraded:
            head, found, rest = self._came.partition(HEAD_END)
            if not found:
                return
            if b" 101 " not in head.splitlines()[0]:
                self._wire.abort()
                return
            self._upgraded, self._came = True, rest
        while (frame := take_frame(self._came)) is not None:
            self._take(*frame)

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT_FRAME:
            self.pictures += 1
            if not self.opened.done():
                self.opened.set_result(None)
        elif opcode == PING_FRAME:
            self._send(PONG_FRAME, payload)
        elif opcode == CLOSE_FRAME:
            self._wire.abort()

    def _send(self, opcode: int, payload: bytes) -> None:
        if not self._wire.is_closing():
            self._wire.write(masked_frame(opcode, payload))


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """One message as a client sends it, masked with zeros. At most 65,535 bytes."""
    size = len(payload)
    length = bytes([LAST_FRAGMENT | size]) if size < 126 else struct.pack(">BH", LAST_FRAGMENT | 126, size)
    return bytes([LAST_FRAGMENT | opcode]) + length + bytes(4) + payload


def take_frame(came: bytearray) -> tuple[int, bytes] | None:
    """Opcode and payload of the first message of a server, taken away from ``came``; None until it is whole."""
    if len(came) < 2:
        return None
    size, at = came[1] & 0x7F, 2
    if size >= 126:
        at = 4 if size == 126 else 10
        if len(came) < at:
            return None
        size = int.from_bytes(came[2:at], "big")
    if len(came) < at + size:
        return None
    frame = came[0] & 0xF, bytes(came[at : at + size])
    del came[: at + size]
    return frame


MOVES_PER_S = 20.0  # a second and phone
PROBES_PER_S = 20.0  # a second, of the performer's phone
TOUCHES_PER_S = 5.0  # a second, on each page
CHARS_PER_S = 20.0  # characters/s
SETTLE_S, PHONES_TIMEOUT_S = 3.0, 60.0  # seconds
POLL_S = 0.002  # seconds between two looks whose turn it is
PROBED_ADDRESS, CROWD_PREFIX, PONG_PREFIX = "/mix/temperature", b"/crowd/pucks\0", b"/pong\0"
LINE_STEPS, LINE_RADII = 4_096, 0.7  # places of a puck on its line, all told apart by the wire; radii
FIRST_PING_TOKEN = -(2**31)  # the link's own are not negative
NO_VOICES_TREE = ParameterTree(())


class UdpRelay(asyncio.DatagramProtocol):
    """Before the server: hands datagrams on, both ways, and dates them. They are read when all is over."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._front: tuple[str, int] | None = None
        self._out: asyncio.DatagramTransport
        self.came: list[tuple[float, bytes]] = []  # from the phones' server
        self.answered: dict[int, float] = {}  # which of ``came`` is surely on the board, and since when

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        now = time.perf_counter()
        if source != self._server:
            self._front = source
            self._out.sendto(data, self._server)
            if CROWD_PREFIX in data:
                self._out.sendto(encode(Ping(FIRST_PING_TOKEN + len(self.came))), self._server)
            self.came.append((now, data))
            return
        if data.startswith(PONG_PREFIX):
            token = next(m.token for m in decode_to_front(data, None).messages if isinstance(m, Pong))
            if token < 0:
                self.answered[token - FIRST_PING_TOKEN] = now
                return
        if self._front is not None:
            self._out.sendto(data, self._front)

    def messages(self) -> Iterator[tuple[int, float, ToServer]]:
        """What came: its number, when, and what it said."""
        for number, (at, data) in enumerate(self.came):
            for message in decode_to_server(data, NO_VOICES_TREE).messages:
                yield number, at, message


class PhoneBench:
    """The phones' server and all phones; runs on threads of its own from ``start`` to ``end``."""

    def __init__(self, address: tuple[str, int], phones: int, tabs: int) -> None:
        self._address, self._phones, self._tabs = address, phones, tabs
        self._ready, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._in_a_thread)
        self._relay: UdpRelay
        self.trouble = ""
        self.pid = 0
        self.crowd: list[ThinPhone] = []
        self.moves: list[dict[int, float]] = [{} for _ in range(phones)]  # each phone's places: when it went there
        self.touches: list[list[float]] = [[] for _ in range(tabs)]  # when a finger moved on each page
        self.probes: dict[float, float] = {}  # a value: when it was said
        self.moved = 0

    def start(self) -> None:
        """Raises ``LinkError`` where not all phones find room."""
        self._thread.start()
        if not self._ready.wait(PHONES_TIMEOUT_S) or self.trouble:
            self.end()
            raise LinkError(f"phones are not let in: {self.trouble or 'no answer'}")

    def end(self) -> None:
        self._ending.set()
        self._thread.join()

    def _in_a_thread(self) -> None:
        try:
            asyncio.run(self._run())
        except (AntiphonError, AssertionError, OSError) as error:
            self.trouble = str(error)
            self._ready.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        transport, self._relay = await loop.create_datagram_endpoint(
            lambda: UdpRelay(self._address), local_addr=("127.0.0.1", 0)
        )
        place = transport.get_extra_info("sockname")
        command = [sys.executable, str(FRONT_DOOR), "remote", "--with-parent"]
        command += ["--server", f"{place[0]}:{place[1]}", "--port", "0"]
        keys = AccessTokens.fresh()
        with closing(transport), closing(PhoneServerProcess(command, "127.0.0.1", keys)) as phones:
            links = await asyncio.to_thread(phones.wait, PHONES_TIMEOUT_S)
            if links is None:
                raise LinkError(phones.trouble or "they are not served")
            self.pid = phones.pid
            port = int(links.audience.split(":")[2].partition("/")[0])
            self.crowd = [await ThinPhone.enter(port, keys.audience) for _ in range(self._phones)]
            performer = await ThinPhone.enter(port, keys.performer)
            pages = asyncio.create_task(asyncio.to_thread(self._touch, links)) if self._tabs else None
            try:
                await self._play(performer)
            finally:
                if pages is not None:
                    await pages
                for phone in (*self.crowd, performer):
                    phone.close()

    async def _play(self, performer: ThinPhone) -> None:
        """All phones in turn, evenly, and the performer between them, until the end."""
        began, probed = time.perf_counter(), 0
        while not self._ending.is_set():
            now = time.perf_counter()
            while self.moved < (now - began) * MOVES_PER_S * self._phones:
                step, phone = divmod(self.moved, self._phones)
                self.moved += 1
                self.moves[phone][step % LINE_STEPS] = time.perf_counter()
                self.crowd[phone].send_text(f'{{"puck":[{place_of(step):.6f},{0.5 * math.sin(phone):.4f}]}}')
            if probed < (now - began) * PROBES_PER_S:
                probed += 1
                value = round(0.5 + probed % 20_000 * 1e-5, 5)
                self.probes[value] = time.perf_counter()
                performer.send_text(json.dumps({"set": {PROBED_ADDRESS: value}}))
            if not self._tabs and now - began > SETTLE_S:
                self._ready.set()
            await asyncio.sleep(POLL_S)

    def _touch(self, links: InviteLinks) -> None:
        """A thread of its own: fingers on real pages."""
        try:
            with browser() as opened:
                tabs = [_opened(opened, links.audience) for _ in range(self._tabs)]
                middles = [tab.middle("#circle") for tab in tabs]
                for tab, middle in zip(tabs, middles, strict=True):
                    tab.touch("Start", middle)
                time.sleep(SETTLE_S)
                self._ready.set()
                turn = 0
                while not self._ending.wait(1 / TOUCHES_PER_S):
                    turn += 1
                    for tab, (x, y), moves in zip(tabs, middles, self.touches, strict=True):
                        moves.append(time.perf_counter())
                        tab.touch("Move", (x + 60 * math.cos(turn), y + 60 * math.sin(turn)))
        except (AntiphonError, AssertionError, OSError) as error:
            self.trouble = str(error)
            self._ready.set()
            self._ending.set()

    # ---- afterwards ------------------------------------------------------------------------------------------------

    def ways(self, since: float) -> tuple[dict[str, list[float]], list[list[float]]]:
        """Seconds of each row's messages that came after ``since``, and the audience's phone by phone."""
        rows: dict[str, list[float]] = {"audience": [], "applied": [], "page": [], "performer": []}
        each: list[list[float]] = [[] for _ in self.crowd]
        before: Sequence[Puck] = ()
        waiting = [iter(moves) for moves in self.touches]
        touched = [next(moves, math.inf) for moves in waiting]
        for number, at, message in self._relay.messages():
            if isinstance(message, Set) and message.address == PROBED_ADDRESS and isinstance(message.value, float):
                said = self.probes.get(round(message.value, 5), 0.0)
                if said > since:
                    rows["performer"].append(at - said)
            if not isinstance(message, CrowdPucks):
                continue
            for slot, puck in enumerate(message.pucks):
                if slot < len(before) and before[slot][:2] == puck[:2]:
                    continue
                if slot < len(each):
                    went = self.moves[slot].get(step_of(puck[0]), 0.0)
                    if went > since:
                        each[slot].append(at - went)
                        rows["audience"].append(at - went)
                        if number in self._relay.answered:
                            rows["applied"].append(self._relay.answered[number] - went)
                elif (tab := slot - len(each)) < len(touched) and touched[tab] < at:
                    if touched[tab] > since:
                        rows["page"].append(at - touched[tab])
                    while touched[tab] < at:  # a move that was overtaken by the next one was never sent
                        touched[tab] = next(waiting[tab], math.inf)
            before = message.pucks
        return rows, each

    def most_pucks(self) -> int:
        """How many pucks the crowd had at most."""
        crowds = [message.pucks for _, _, message in self._relay.messages() if isinstance(message, CrowdPucks)]
        return max((sum(weight > 0.0 for *_, weight in pucks) for pucks in crowds), default=0)


def place_of(step: int) -> float:
    """Where on its line a phone's puck is in this step."""
    return LINE_RADII * (2 * (step % LINE_STEPS) / LINE_STEPS - 1)


def step_of(x: float) -> int:
    """The inverse of ``place_of``, also where x went over the wire."""
    return round((x / LINE_RADII + 1) * LINE_STEPS / 2)


def _opened(opened: Browser, link: str) -> Tab:
    tab = opened.tab(link)
    tab.wait_for("document.body.className && !document.body.classList.contains('waiting')")
    return tab


def measure(phones: int = 200, seconds: float = 10.0, tabs: int = 3) -> dict[str, Any]:
    """One JSON object: a row for each way, in ms; what a phone was shown a second; how evenly characters came.

    Raises ``LinkError`` where not all phones are let in, or no browser is found for ``tabs``.
    """
    with server() as playing, listener(playing.address) as listening:
        voices = wake_all(listening, CHARS_PER_S)
        house = PhoneBench(playing.address, phones, tabs)
        house.start()
        try:
            began, moved, shown = time.perf_counter(), house.moved, [phone.pictures for phone in house.crowd]
            busy, own = busy_seconds(house.pid), time.process_time()
            times = [at for at in characters(listening, seconds) if at >= began]  # none of those that waited
            passed = time.perf_counter() - began
            busy, own = busy_seconds(house.pid) - busy, time.process_time() - own
            moved = house.moved - moved
            pictures = [phone.pictures - before for phone, before in zip(house.crowd, shown, strict=True)]
            lost = sum(phone.lost for phone in house.crowd)
        finally:
            house.end()
        figures = playing.stop()
    rows, each = house.ways(began)
    jitter = [abs(later - earlier - 1.0 / CHARS_PER_S) for earlier, later in pairwise(times)]
    return {
        "benchmark": "phones",
        "machine": describe(),
        "phones": phones,
        "pages": tabs,
        "voices": voices,
        "lost": lost,
        "pucks_in_the_crowd": house.most_pucks(),
        "moves_a_second": round(moved / passed, 1),
        "rows": [_row(way, times) for way, times in rows.items() if times],
        "slowest_phone_p50_ms": max(percentile(ways, 0.5) for ways in each if ways),
        "slowest_phone_p99_ms": max(percentile(ways, 0.99) for ways in each if ways),
        "fewest_pictures_a_second": round(min(pictures) / passed, 2),
        "core_percent": round(100 * busy / passed, 1),
        "bench_core_percent": round(100 * own / passed, 1),
        "characters": len(times),
        "late": sum(late > 0.5 / CHARS_PER_S for late in jitter),
        "jitter_p99_ms": percentile(jitter, 0.99),
        "server_p99_ms": percentile(last_in_seconds(figures["sent_ms"], len(times)), 0.99),
    }


def _row(way: str, times: Sequence[float]) -> dict[str, Any]:
    return {
        "way": way,
        "moves": len(times),
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
        "most_ms": percentile(times, 1.0),
    }
