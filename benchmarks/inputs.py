"""How long a hand's move takes to reach the server: from a MIDI message, or a datagram, to the weight on its board.

    MIDI   a fader's message is sent through JACK to a front end in a process of its own, windows and all, which sends
           the weight on; it has arrived when a ping sent right behind it was answered (an upper bound)
    heard  the same, from the moment when the front end has the message: without JACK's own periods
    OSC    a datagram with the weight, sent straight to the server, and a ping right behind it
    TUIO   a frame of a touch table, sent to another such front end (that of the terminal, where the first has no
           window), until the places of its finger, or of all three, stand there (``benchmarks.inputs``)

Run as a program (HOST PORT SECONDS FRONT) this file is that front end, and prints what it measured as JSON.
"""

from __future__ import annotations

import json
import math
import os
import random
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

from benchmarks.machine import (
    JACK_FRAMES_PER_S,
    ROOT,
    ServerListener,
    describe,
    front_end_playing,
    jack_server,
    listener,
    percentile,
    screen,
    server,
)
from frontend.client.link import Link
from frontend.inputs.bindings import NOTHING_BOUND, MidiControl
from frontend.inputs.hub import Hub
from frontend.inputs.inputs_file import InputsConfig, InputsFile, default_path
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import MidiListener, MidiMessage, OpenPort, SystemPorts
from protocol.errors import DisplayError, LinkError
from protocol.messages import MorePucks, Ping, Pong, Set, ToServer
from protocol.osc import decode_to_front, decode_to_server, encode
from protocol.process import RECEIVER_PRIORITY, raise_priority
from protocol.tree import ParameterTree, weight_address

# ---- fingers on a touch table ----------------------------------------------------------------------------------------
# The front end plays a server through a tap, which hands every datagram on. Behind a new place it puts a ping, whose
# answer says that the place is in the server's store: an upper bound, in which the tap's own time is contained. A
# frame has arrived when the places of all its fingers have, or those of a later one. The tap has a thread of its own.

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
        raise_priority(RECEIVER_PRIORITY)  # what measures is not to wait for its own turn
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
            with front_end_playing(kind, address):
                table = TouchTable(port)
                try:
                    yield table
                finally:
                    table.close()
        finally:
            del os.environ["ANTIPHON_HOME"]
            if before is not None:
                os.environ["ANTIPHON_HOME"] = before


JACK_PERIOD_FRAMES = 64  # frames of JACK's: 1.3 ms
CLIENT, PORT, CONTROLLER = "bench", "fader", 7
FADER_PAUSES_S = (0.010, 0.030)  # seconds between two messages of a moving fader, at random
FADER_STEP = 2  # of 127, from one message to the next: near enough never to be let go
FADER_SETTLE_S = 10.0  # seconds for windows to open and the fader to be picked up
ARRIVAL_TIMEOUT_S = 0.5  # seconds within which a move has arrived
FINGERS_OF_A_HAND = 3  # fingers that come down together
Front = str  # "window" or "none"


def measure(seconds: float = 20.0, front: Front = "window") -> dict[str, Any]:
    """One JSON object with a row for each way: how many moves, and percentiles in ms. ``seconds`` for each of them.

    Raises ``DisplayError`` where there is no JACK or no screen.
    """
    with server() as playing:
        with listener(playing.address) as listening:
            cards = listening.introductions()
            address = weight_address(cards[0].slug)
            rows = [_row("OSC", _datagrams(listening, address, seconds))]
        with jack_server(JACK_PERIOD_FRAMES), screen() if front == "window" else nullcontext("") as display:
            sent, moves = _faders(playing.address, address, seconds, front, display)
    kind = "window" if front == "window" else "terminal"
    fingers = {
        "TUIO": touches(seconds, kind),
        f"TUIO, {FINGERS_OF_A_HAND} fingers": touches(seconds, kind, FINGERS_OF_A_HAND),
    }
    pairs = list(matched(sent, moves))
    rows += [
        _row("MIDI", [arrived - at for at, _, arrived in pairs]),
        _row("heard", [arrived - heard for _, heard, arrived in pairs]),
    ]
    rows += [_row(way, times) for way, times in fingers.items()]
    return {
        "benchmark": "inputs",
        "machine": describe(),
        "front": front,
        "jack_period_ms": round(1e3 * JACK_PERIOD_FRAMES / JACK_FRAMES_PER_S, 2),
        "sent": len(sent),
        "rows": rows,
    }


def _row(way: str, times: Sequence[float]) -> dict[str, Any]:
    if not times:
        raise DisplayError(f"no move of {way} has arrived: nothing can be said")
    return {
        "input": way,
        "moves": len(times),
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
        "most_ms": percentile(times, 1.0),
    }


# ---- straight to the server ----------------------------------------------------------------------------------------


def _datagrams(listening: ServerListener, address: str, seconds: float) -> list[float]:
    """Seconds from each datagram to the answer of the ping behind it."""
    chance, sent = random.Random(1), dict[int, float]()
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        token = len(sent)
        sent[token] = time.perf_counter()
        listening.send(Set(address, chance.random()), Ping(token))
        for heard in listening.receive(chance.uniform(*FADER_PAUSES_S)):
            times += [heard.at - sent[message.token] for message in heard.messages if isinstance(message, Pong)]
    return times


# ---- through the front end -----------------------------------------------------------------------------------------


def _faders(
    server: tuple[str, int], address: str, seconds: float, front: Front, display: str
) -> tuple[list[tuple[float, int]], list[tuple[float, float, int]]]:
    """What was sent (when, value), and what became of it in the front end (heard, arrived, value)."""
    import rtmidi

    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=CLIENT)
    out.open_virtual_port(PORT)
    place = (server[0], str(server[1]))
    command = [sys.executable, "-m", "benchmarks.inputs", *place, str(seconds + FADER_SETTLE_S), front, address]
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as home:
        environment = {**os.environ, "ANTIPHON_HOME": home, **({"DISPLAY": display} if display else {})}
        playing = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            sent = _move(out, seconds, playing)
            output, _ = playing.communicate(timeout=60)
        finally:
            playing.kill()
            out.delete()
    if playing.returncode:
        raise DisplayError("the front end ended before it was measured")
    return sent, [tuple(row) for row in json.loads(output)]


def _move(out: Any, seconds: float, playing: subprocess.Popen[str]) -> list[tuple[float, int]]:
    """Move the fader up and down until the front end has had its time; gives the messages of the last ``seconds``."""
    chance, sent = random.Random(1), list[tuple[float, int]]()
    value, by = 0, FADER_STEP
    assert playing.stdout is not None
    playing.stdout.readline()  # it plays now
    began = time.monotonic()
    while (now := time.monotonic()) < began + seconds + FADER_SETTLE_S - 1.0:
        by = -by if not 0 <= value + by <= 127 else by
        value += by
        at = time.monotonic()
        out.send_message([0xB0, CONTROLLER, value])
        if now > began + FADER_SETTLE_S - 1.0:
            sent.append((at, value))
        time.sleep(chance.uniform(*FADER_PAUSES_S))
    return sent


def matched(
    sent: Sequence[tuple[float, int]], moves: Sequence[tuple[float, float, int]]
) -> Iterator[tuple[float, float, float]]:
    """(sent, heard, arrived) of each move that arrived, in monotonic seconds."""
    place = 0
    for at, value in sent:
        while place < len(moves) and moves[place][0] < at:
            place += 1
        if place < len(moves) and moves[place][2] == value and moves[place][0] - at < ARRIVAL_TIMEOUT_S:
            yield at, moves[place][0], moves[place][1]


class MeasuredLink(Link):
    """A link that sends a ping behind every weight, by a socket whose answers the system dates."""

    def __init__(self, host: str, port: int, address: str, listening: ServerListener) -> None:
        self.address, self.listening = address, listening
        self.pinged: list[tuple[int, float]] = []  # each move's value, and when it was sent
        super().__init__(host, port)

    def send(self, message: ToServer) -> None:
        super().send(message)
        if isinstance(message, Set) and message.address == self.address and isinstance(message.value, float):
            self.pinged.append((round(127 * message.value), time.monotonic()))
            self.listening.send(Ping(len(self.pinged) - 1))


class MeasuredPorts(SystemPorts):
    """The machine's ports; remembers when each of the fader's messages was heard."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[int, float]] = []

    def open(self, name: str, which: int, port: str, hear: MidiListener) -> OpenPort:
        def measured(heard: MidiMessage) -> None:
            if heard.number == CONTROLLER:
                self.heard.append((heard.value, time.monotonic()))
            hear(heard)

        return super().open(name, which, port, measured)


@contextmanager
def _pongs(listening: ServerListener) -> Iterator[dict[int, float]]:
    """When each ping was answered, in monotonic seconds; filled by a thread until the context ends."""
    answered: dict[int, float] = {}
    ended = threading.Event()

    def listen() -> None:
        while not ended.is_set():
            offset = time.monotonic() - time.perf_counter()
            for heard in listening.receive(0.2):
                answered.update({m.token: heard.at + offset for m in heard.messages if isinstance(m, Pong)})

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield answered
    finally:
        ended.set()
        thread.join()


def main(host: str, port: int, seconds: float, front: Front, address: str) -> None:
    """Play, as a front end does, and print (heard, arrived, value) of every move."""
    fader = MidiControl(f"{CLIENT}:{PORT}", "cc", 1, CONTROLLER)
    InputsFile(default_path()).save(InputsConfig(bindings=NOTHING_BOUND.bound(fader, address)), {})
    with listener((host, port), subscribed=False) as listening, _pongs(listening) as answered:
        link = MeasuredLink(host, port, address, listening)
        ports = MeasuredPorts()
        print("playing", flush=True)
        if front == "window":
            from frontend.app import run

            run(link, ports=ports, seconds=seconds)
        else:
            _without_a_window(link, ports, seconds)
        time.sleep(ARRIVAL_TIMEOUT_S)
        link.close()
    moves = []
    for token, (value, at) in enumerate(link.pinged):
        heard_at = last_heard(ports.heard, value, at)
        if heard_at is not None and token in answered:
            moves.append((heard_at, answered[token], value))
    print(json.dumps(moves))


def last_heard(heard: Sequence[tuple[int, float]], value: int, at: float) -> float | None:
    """When ``value`` was last heard before ``at``; None where it was not, or too long ago. Times are in order."""
    place = bisect(heard, at, key=lambda entry: entry[1])
    while place > 0 and at - heard[place - 1][1] < ARRIVAL_TIMEOUT_S:
        place -= 1
        if heard[place][0] == value:
            return heard[place][1]
    return None


def _without_a_window(link: Link, ports: SystemPorts, seconds: float) -> None:
    """What a front end does sixty times a second, but for its picture."""
    hub = Hub(link, InputsFile(default_path()))
    hub.add(MidiInput(hub, link, ports))
    hub.begin()
    until = time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        link.pump(now)
        time.sleep(1 / 60)
    hub.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[5])
