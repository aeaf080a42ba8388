"""The link to the server: one UDP socket, a mirror of what comes, and values going out.

``LinkLike`` is the seam that windows and inputs know; ``Link`` is the real one and ``frontend.fake_link.FakeLink`` the
one in memory that ships beside it. A reader thread receives, subscribes, pings and asks to be let in; everything else,
decoding included, happens in ``pump`` on the UI thread. Values alone may be ``set`` from any thread, so that what a
hand does on hardware does not wait for a frame to be drawn.
"""

from __future__ import annotations

import contextlib
import math
import socket
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from frontend.admission import Admission
from frontend.mirror import Mirror
from frontend.pacing import Asking, Insisting, Outbox
from protocol.errors import LinkError
from protocol.messages import MAIN, Finish, Panic, Ping, Pong, Set, Subscribe, ToServer
from protocol.osc import decode_to_front, encode
from protocol.tree import Value

RENEWAL = 3.0  # seconds between subscriptions; they lapse after 10
KNOCK = 0.5  # seconds between subscriptions while the server is silent
SILENT = 1.5  # seconds without a datagram after which the server counts as silent
PING = 1.0  # seconds
PINGS = 10  # the latency is the median of so many
CLOCK = 2**31  # the token counts microseconds and begins anew after 35 minutes
SESSIONS = b"/session/"  # how messages about being let in begin
WAITING = 8_192  # datagrams that wait for a slow UI thread; older ones are dropped, the next state heals


class LinkLike(Protocol):
    """What a window or an input may do with the performance. Belongs to the UI thread, but for ``set``, ``flush`` and
    ``send``.

    Any thread may also read single values of ``mirror.values``, and ``mirror.tree``.
    """

    @property
    def mirror(self) -> Mirror:
        """The performance as it is known now."""

    @property
    def where(self) -> str:
        """The server's place, for a status line."""

    @property
    def latency_ms(self) -> float | None:
        """Round trip to the server, the median of the last pings; None before the first answer."""

    @property
    def standing(self) -> str:
        """A line for the performer where this front end may do less than play; else empty."""

    @property
    def refused(self) -> int:
        """Datagrams or messages that were not understood."""

    def pump(self, now: float) -> None:
        """Bring the mirror up to date; once a frame. ``now`` in monotonic seconds."""

    def set(self, address: str, value: Value) -> None:
        """Give a parameter of the tree a new value, clamped to its range: here at once, and at the server. Any thread.

        Raises ``ParameterError`` for an address that the tree lacks and for what is no finite number.
        """

    def flush(self, now: float) -> float:
        """Send the values that may go by now; when to call again, infinity where nothing waits. Any thread."""

    def send(self, message: ToServer) -> None:
        """Send one message. Raises ``MessageError`` for what the wire cannot carry, such as too long a text."""

    def close(self) -> None:
        """Release what is held; a second time does nothing."""


class Link:
    """A subscription to a ``performance`` of the server at ``host``:``port``.

    Raises ``LinkError`` when there is no such machine.

    A server that does not answer is no error: the link knocks until one does.
    """

    def __init__(
        self,
        host: str,
        port: int,
        performance: str = MAIN,
        secret: bytes | None = None,
        beat: Callable[[], object] = lambda: None,
        name: str = "",
    ) -> None:
        """``secret`` is proved to a server on another machine, and never sent. ``beat`` is called whenever the link is
        pumped, for whoever watches over the front end. ``name``: how others are told who holds what is set here.
        """
        self._beat = beat
        self.mirror = Mirror()
        self.where = f"{host}:{port}" if performance == MAIN else f"{host}:{port}, {performance}"
        self._performance = performance
        self.latency_ms: float | None = None
        self.refused = 0
        self.complaint = ""  # about the last thing that was not understood
        self._socket = _connected(host, port)
        here = self._socket.getsockname()
        self.mirror.here = name or f"{here[0]}:{here[1]}"
        self._name = name
        self._admission = Admission(secret, here[0], here[1])
        self._came: deque[tuple[float, bytes]] = deque(maxlen=WAITING)
        self._heard_at = -math.inf
        self._round_trips: deque[float] = deque(maxlen=PINGS)
        self._outbox = Outbox()
        self._insisting = Insisting()
        self._going_out = threading.Lock()  # guards both, and that values leave in the order they were set in
        self._asking = Asking()
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, name="antiphon link", daemon=True)
        self._reader.start()

    @property
    def standing(self) -> str:
        return self._admission.standing

    def pump(self, now: float) -> None:
        self._beat()
        while self._came:
            came_at, datagram = self._came.popleft()
            decoded = decode_to_front(datagram, self.mirror.tree if self.mirror.cards else None)
            for message in decoded.messages:
                if isinstance(message, Pong):
                    self._measure(message, came_at)
                elif isinstance(message, Set):
                    with self._going_out:
                        self._insisting.heard(message.address, message.value)
                self.mirror.apply(message, came_at)
            if decoded.complaints:
                self.refused += len(decoded.complaints)
                self.complaint = decoded.complaints[-1]
        self.flush(now)
        since = self._asking.due(self.mirror.missing(), now)
        if since is not None:
            self.send(since)

    def set(self, address: str, value: Value) -> None:
        value = self.mirror.accept(address, value)
        now = time.monotonic()
        with self._going_out:
            self.mirror.lead(address, value, now)
            self._put(self._outbox.put(address, value, now), now)

    def flush(self, now: float) -> float:
        with self._going_out:
            for again in self._insisting.due(now):
                self.send(again)
            self._put(self._outbox.due(now), now)
            return min(self._outbox.due_at, self._insisting.due_at)

    def _put(self, values: Iterable[Set], now: float) -> None:
        for message in values:
            self._insisting.said(message.address, message.value, now)
            self.send(message)

    def send(self, message: ToServer) -> None:
        if isinstance(message, Panic | Finish):
            self._insisting.forget()
        with contextlib.suppress(OSError):  # the server is away: state is told again when it is back
            self._socket.send(encode(message, self.mirror.tree, self._performance))

    def close(self) -> None:
        self._closing.set()
        self._reader.join()
        self._socket.close()

    def _measure(self, pong: Pong, came_at: float) -> None:
        self._round_trips.append((_microseconds(came_at) - pong.token) % CLOCK / 1000)
        self.latency_ms = statistics.median(self._round_trips)

    def _read(self) -> None:
        """The reader thread: receive, and keep the subscription and the pings going."""
        subscribe_at = ping_at = 0.0
        while not self._closing.is_set():
            now = time.monotonic()
            self._say(self._admission.due(now))
            if now >= subscribe_at:
                self.send(Subscribe(name=self._name))
                subscribe_at = now + (RENEWAL if now - self._heard_at < SILENT else KNOCK)
            if now >= ping_at:
                self.send(Ping(_microseconds(now)))
                ping_at = now + PING
            try:
                datagram = self._socket.recv(65_536)
            except TimeoutError:
                continue
            except OSError:  # refused: no server there yet, or not any more
                self._closing.wait(KNOCK / 5)
                continue
            self._heard_at = time.monotonic()
            if datagram.startswith(SESSIONS):
                for message in decode_to_front(datagram, None).messages:
                    self._say(self._admission.take(message, self._heard_at))
            else:
                self._came.append((self._heard_at, datagram))

    def _say(self, messages: Iterable[ToServer]) -> None:
        for message in messages:
            self.send(message)


def _microseconds(now: float) -> int:
    """A ping's token is the time it left, so that its answer tells the round trip by itself."""
    return int(now * 1e6) % CLOCK


def _connected(host: str, port: int) -> socket.socket:
    """A UDP socket that hears only the server's datagrams."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        connection = socket.socket(family, kind, protocol)
        connection.connect(address)
    except (OSError, UnicodeError, OverflowError) as error:
        raise LinkError(f"cannot reach {host}:{port} ({error}); give the server's place as HOST:PORT") from None
    connection.settimeout(0.1)  # seconds, within which close is noticed
    return connection
