"""How long a finger on a touch table takes to reach the server: from the TUIO frame to the puck on its board.

Frames are sent to a real front end, windows and all, in a process of its own. It plays a server through a tap, which
hands every datagram on; behind a new place it puts a ping, whose answer says that the place stands on the board: an
upper bound, in which the tap's own time is contained. A frame has arrived when the places of all its fingers have, or
those of a later one: what a newer frame overtook is not left out, its wait is counted to the end. Runs on the caller's
thread; the tap has one of its own.
"""

from __future__ import annotations

import math
import os
import random
import selectors
import socket
import struct
import tempfile
import threading
import time
from bisect import bisect
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pythonosc.osc_message_builder import OscMessageBuilder

from benchmarks.listening import server
from benchmarks.neighbours import front_end
from protocol.errors import LinkError
from protocol.messages import MorePucks, Ping, Pong, Set
from protocol.osc import decode_to_front, decode_to_server, encode
from protocol.priority import RECEIVER, raise_priority
from protocol.tree import ParameterTree

FRAME_PAUSES_S = (0.009, 0.030)  # between two frames of a moving finger, at random; tables send 60 to 120 a second
FRONT_END_TIMEOUT_S = 30.0  # seconds for a front end to open its windows
TOUCH_SETTLE_S = 3.0  # seconds that it plays before it counts
NO_VOICES_TREE = ParameterTree(())
PLACE_RADII = 0.0005  # radii between two places that a finger may have: far more than the wire rounds
FARTHEST_PLACE = 1_600  # places from the middle
RECENT_PLACES = 300  # places that are not taken again so soon
SentFrame = tuple[float, tuple[int, ...]]  # when it was sent, and its fingers' places


class UdpTap:
    """Between a front end and the server at ``address``. ``arrived``: when a puck's place was answered."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.arrived: defaultdict[int, list[float]] = defaultdict(list)
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.bind(("127.0.0.1", 0))
        self._far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._far.connect(address)
        self.address: tuple[str, int] = self._near.getsockname()
        self._pinged: list[tuple[int, ...]] = []
        self._front: tuple[str, int] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._hand_on, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._near.close()
        self._far.close()

    def _hand_on(self) -> None:
        raise_priority(RECEIVER)  # what measures is not to wait for its own turn
        with selectors.DefaultSelector() as selector:
            selector.register(self._near, selectors.EVENT_READ)
            selector.register(self._far, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _ in selector.select(0.1):
                    if key.fileobj is self._near:
                        datagram, self._front = self._near.recvfrom(65_536)
                        self._far.send(datagram)
                        self._look(datagram)
                    else:
                        self._answer(self._far.recv(65_536), time.perf_counter())

    def _look(self, datagram: bytes) -> None:
        """A ping of our own behind what holds places; the front end's tokens are never negative."""
        for message in decode_to_server(datagram, NO_VOICES_TREE).messages:
            match message:
                case Set("/puck", (float(x), float(_))):
                    self._ping((x,))
                case MorePucks(_, pucks):
                    self._ping(tuple(x for x, _, _ in pucks))

    def _ping(self, xs: tuple[float, ...]) -> None:
        self._pinged.append(tuple(round(x / PLACE_RADII) for x in xs))
        self._far.send(encode(Ping(-len(self._pinged))))

    def _answer(self, datagram: bytes, now: float) -> None:
        for message in decode_to_front(datagram, None).messages if len(datagram) < 64 else ():
            if isinstance(message, Pong) and message.token < 0:
                for place in self._pinged[-message.token - 1]:
                    self.arrived[place].append(now)
                return
        if self._front is not None:
            self._near.sendto(datagram, self._front)


def touches(seconds: float, kind: str, fingers: int = 1) -> list[float]:
    """Seconds from each frame to its arrival, for ``fingers`` that all move for ``seconds``.

    ``kind`` of front end: "window" or "terminal". Raises ``LinkError`` where none of the places arrives.
    """
    with server() as playing, _tapped(playing.address) as tap, _listening_front(tap.address, kind) as table:
        chance = random.Random(1)
        recent = deque[int](maxlen=RECENT_PLACES)

        def places() -> tuple[int, ...]:
            """One for each finger."""
            while len(set(recent) & (found := set(chance.sample(range(-FARTHEST_PLACE, FARTHEST_PLACE + 1), fingers)))):
                pass
            recent.extend(found)
            return tuple(found)

        began = time.perf_counter()
        while not tap.arrived:
            if time.perf_counter() > began + FRONT_END_TIMEOUT_S:
                raise LinkError("no finger reaches the server: nothing can be said")
            table.show(places())
            time.sleep(0.1)
        sent: list[SentFrame] = []
        until = time.perf_counter() + seconds + TOUCH_SETTLE_S
        while (now := time.perf_counter()) < until:
            table.show(here := places())
            if now > until - seconds:
                sent.append((now, here))
            time.sleep(chance.uniform(*FRAME_PAUSES_S))
        time.sleep(0.5)
        return waits(sent, tap.arrived)


def waits(sent: Sequence[SentFrame], arrived: Mapping[int, Sequence[float]]) -> list[float]:
    """Seconds until each frame of ``sent`` had ``arrived``, or one that was sent later; the last may have none.

    ``arrived`` has the times of each place, in order.
    """
    found, stood = [], math.inf
    for at, places in reversed(sent):
        stood = min(stood, max(_first(arrived.get(place, ()), at) for place in places))
        found.append(stood - at)
    return [wait for wait in reversed(found) if wait < math.inf]


def _first(times: Sequence[float], after: float) -> float:
    place = bisect(times, after)
    return times[place] if place < len(times) else math.inf


class TouchTable:
    """A tracker."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._place, self._frame = ("127.0.0.1", port), 0

    def show(self, places: Sequence[int]) -> None:
        """One frame with a finger at each of these places of the puck's circle, from its left to its right."""
        self._frame += 1
        ids = range(1, len(places) + 1)
        across = [(1.0 + PLACE_RADII * place) / 2.0 for place in places]
        sets = [_message("set", finger, x, 0.5, 0.0, 0.0, 0.0) for finger, x in zip(ids, across, strict=True)]
        elements = (_message("alive", *ids), *sets, _message("fseq", self._frame))
        body = b"".join(struct.pack(">i", len(each)) + each for each in elements)
        self._socket.sendto(b"#bundle\0" + bytes(7) + b"\1" + body, self._place)

    def close(self) -> None:
        self._socket.close()


def _message(*arguments: str | float) -> bytes:
    builder = OscMessageBuilder("/tuio/2Dcur")
    for argument in arguments:
        builder.add_arg(argument)
    return bytes(builder.build().dgram)


@contextmanager
def _tapped(address: tuple[str, int]) -> Iterator[UdpTap]:
    tap = UdpTap(address)
    try:
        yield tap
    finally:
        tap.close()


@contextmanager
def _listening_front(address: tuple[str, int], kind: str) -> Iterator[TouchTable]:
    """A front end that listens to a table, with a home of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = os.environ.get("ANTIPHON_HOME")
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as home:
        (Path(home) / "inputs.toml").write_text(f"[tuio]\non = true\nport = {port}\n", "utf-8")
        os.environ["ANTIPHON_HOME"] = home
        try:
            with front_end(kind, address):
                table = TouchTable(port)
                try:
                    yield table
                finally:
                    table.close()
        finally:
            del os.environ["ANTIPHON_HOME"]
            if before is not None:
                os.environ["ANTIPHON_HOME"] = before
