"""The link to the server: a UDP socket, a reader thread, and the rules for what is sent when.

``AnyLink`` is what windows and inputs know; ``Link`` is the real one, ``frontend.client.fake_link.FakeLink`` the one in
memory. The reader thread receives datagrams and keeps subscription, session and pings going; everything else, decoding
included, happens in ``pump`` on the UI thread. Values may be ``set`` from any thread, so that a move on hardware waits
for no frame. The values of one address leave at least ``SET_SPACING_S`` apart, the last one always, and a value is sent
again a few times until the server has echoed it.
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

from frontend.client.session_state import SessionState
from protocol.errors import LinkError
from protocol.messages import (
    MAIN,
    AccessChallenge,
    AccessGranted,
    AccessProof,
    AccessRequest,
    FinishSentence,
    Message,
    Panic,
    Ping,
    Pong,
    ResendText,
    Set,
    Subscribe,
    ToServer,
)
from protocol.osc import decode_to_front, encode
from protocol.sessions import SESSION_S, proof
from protocol.tree import Value

# ---- what is sent when (pure; time in monotonic seconds) -------------------------------------------------------------

SET_SPACING_S = 1 / 250  # seconds between two values of one address on the wire
# seconds after a value left, at which it is sent again unless it was heard
RESEND_AFTER_S = (0.06, 0.15, 0.3, 0.5, 0.75)
REQUEST_WAIT_S = (0.1, 0.4)  # seconds: first and longest wait before the same missing text is asked for again


class PacedSets:
    """Values on their way out, at most one a ``SET_SPACING_S`` for each address; the last one always goes. Pure."""

    def __init__(self) -> None:
        self._sent_at: dict[str, float] = {}
        self._waiting: dict[str, Value] = {}

    def put(self, address: str, value: Value, now: float) -> list[Set]:
        """Take a value; returns what to send now."""
        self._waiting[address] = value
        return self.due(now)

    def due(self, now: float) -> list[Set]:
        """What has waited long enough."""
        ready = [
            address for address in self._waiting if now - self._sent_at.get(address, -SET_SPACING_S) >= SET_SPACING_S
        ]
        self._sent_at.update((address, now) for address in ready)
        return [Set(address, self._waiting.pop(address)) for address in ready]

    @property
    def due_at(self) -> float:
        """When the next value may go; infinity where none waits."""
        return min(
            (self._sent_at.get(each, -SET_SPACING_S) + SET_SPACING_S for each in self._waiting), default=math.inf
        )


class UnconfirmedSets:
    """Values that left, until the server says the same: so that a hand's last move is not lost with its datagram.

    What is not heard after ``RESEND_AFTER_S`` is said again; after the last time the server is believed. Pure.
    """

    def __init__(self) -> None:
        self._unheard: dict[str, tuple[Value, float, int]] = {}  # what was said last, when, and how often again

    def sent(self, address: str, value: Value, now: float) -> None:
        self._unheard[address] = (value, now, 0)

    def confirmed(self, address: str, value: Value) -> None:
        """The server says that this holds."""
        if address in self._unheard and _same(self._unheard[address][0], value):
            del self._unheard[address]

    def clear(self) -> None:
        """Something was ordered that moves controls by itself: what was said before may no longer hold."""
        self._unheard.clear()

    def due(self, now: float) -> list[Set]:
        """What to say again."""
        again = [address for address, (_, at, times) in self._unheard.items() if now >= at + RESEND_AFTER_S[times]]
        sets = [Set(address, self._unheard[address][0]) for address in again]
        for address in again:
            value, at, times = self._unheard.pop(address)
            if times + 1 < len(RESEND_AFTER_S):
                self._unheard[address] = (value, at, times + 1)
        return sets

    @property
    def due_at(self) -> float:
        """When something is to be said again; infinity where all was heard."""
        return min((at + RESEND_AFTER_S[times] for _, at, times in self._unheard.values()), default=math.inf)


def _same(one: Value, other: Value) -> bool:
    """Whether both are one value, of which one came as 32 bits."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    mine, theirs = (value if isinstance(value, tuple) else (value,) for value in (one, other))
    return len(mine) == len(theirs) and all(abs(a - b) <= 1e-6 for a, b in zip(mine, theirs, strict=True))


class MissingTextRequests:
    """When to ask for missing text: at once, then ever more seldom as long as the same place stays missing.

    As long as pieces come, nothing more is asked: a long text comes in many. Pure.
    """

    def __init__(self) -> None:
        self._position: int | None = None
        self._wait = REQUEST_WAIT_S[0]
        self._next_at = 0.0

    def due(self, position: int | None, now: float) -> ResendText | None:
        if position is None:
            self._position = None
            return None
        if self._position is not None and position != self._position:
            self._wait, self._next_at = REQUEST_WAIT_S[0], now + REQUEST_WAIT_S[0]
        elif self._position is None:
            self._wait, self._next_at = REQUEST_WAIT_S[0], now
        self._position = position
        if now < self._next_at:
            return None
        self._next_at = now + self._wait
        self._wait = min(2 * self._wait, REQUEST_WAIT_S[1])
        return ResendText(position)


# ---- the session with a server on another machine (pure; reader thread) ----------------------------------------------

CHALLENGE_PAUSE_S = 0.2  # seconds in which not more than one challenge is answered: a false server cannot keep us busy
RENEW_SESSION_EARLY_S = SESSION_S / 3  # seconds before a session ends at which it is renewed
SESSION_RETRY_S = 1.0  # seconds between two attempts to renew it
WATCH, CONTROL = 1, 2  # the rights of ``AccessGranted``


class SessionHandshake:
    """``secret`` None: to watch only, where the server is another machine's. ``host``:``port`` are this side's own."""

    def __init__(self, secret: bytes | None, host: str, port: int) -> None:
        self._secret, self._host, self._port = secret, host, port
        self._rights = 0  # nothing was granted: none was asked for, or none yet
        self._answered_at = self._renew_at = -math.inf

    @property
    def access_warning(self) -> str:
        """A line for the performer where less is allowed than playing; else empty."""
        if self._rights != WATCH:
            return ""
        if self._secret is None:
            return "watching only: to play a server on another machine, name its secret with --secret-file"
        return "watching only: the server does not take this secret"

    def reply_to(self, message: Message, now: float) -> list[ToServer]:
        """What to say to a message about sessions; nothing to any other."""
        if isinstance(message, AccessChallenge) and now - self._answered_at >= CHALLENGE_PAUSE_S:
            self._answered_at = now
            proved = proof(self._secret, message.cookie, self._host, self._port) if self._secret else b""
            return [AccessProof(message.cookie, proved)]
        if isinstance(message, AccessGranted):
            self._rights = message.rights
            self._renew_at = now + max(SESSION_RETRY_S, min(message.seconds, SESSION_S) - RENEW_SESSION_EARLY_S)
            return [Subscribe()]
        return []

    def due(self, now: float) -> list[ToServer]:
        """What to send unasked, to keep the session."""
        if not self._rights or now < self._renew_at:
            return []
        self._renew_at = now + SESSION_RETRY_S
        return [AccessRequest()]


SUBSCRIBE_PERIOD_S = 3.0  # seconds between subscriptions; they lapse after 10
RECONNECT_PERIOD_S = 0.5  # seconds between subscriptions while the server is silent
SERVER_SILENT_AFTER_S = 1.5  # seconds without a datagram after which the server counts as silent
PING_PERIOD_S = 1.0
LATENCY_PINGS = 10  # the latency is the median of so many
TOKEN_MODULUS = 2**31  # the token counts microseconds and begins anew after 35 minutes
SESSION_PREFIX = b"/session/"  # how messages about being let in begin
MAX_WAITING_DATAGRAMS = 8_192  # datagrams that wait for a slow UI thread; older ones are dropped, the next state heals


class Leader(Protocol):
    """Another machine whose performance is played here too, until this one goes on by itself."""

    @property
    def following(self) -> bool:
        """Whether it still is."""

    @property
    def line(self) -> str:
        """One line for the performer: who is followed, or why nobody is any more."""

    @property
    def followed(self) -> SessionState:
        """The other machine's performance."""


class AnyLink(Protocol):
    """What a window or an input may do with the performance. Belongs to the UI thread, but for ``set``, ``flush`` and
    ``send``.

    Any thread may also read single values of ``session.values``, and ``session.tree``.
    """

    @property
    def session(self) -> SessionState:
        """The performance as it is known now."""

    @property
    def where(self) -> str:
        """The server's place, for a status line."""

    @property
    def latency_ms(self) -> float | None:
        """Round trip to the server, the median of the last pings; None before the first answer."""

    @property
    def access_warning(self) -> str:
        """A line for the performer where this front end may do less than play; else empty."""

    @property
    def leader(self) -> Leader | None:
        """The other machine that is followed, or was; None where none is."""

    @property
    def refused(self) -> int:
        """Datagrams or messages that were not understood."""

    @property
    def has_news(self) -> bool:
        """Whether something came, or was set here, since the last ``pump``. Any thread."""

    def pump(self, now: float) -> None:
        """Bring the session state up to date; once a frame. ``now`` in monotonic seconds."""

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

    A server that does not answer is no error: the link asks until one does.
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
        self.leader: Leader | None = None
        self.session = SessionState()
        self.where = f"{host}:{port}" if performance == MAIN else f"{host}:{port}, {performance}"
        self._performance = performance
        self.latency_ms: float | None = None
        self.refused = 0
        self.complaint = ""  # about the last thing that was not understood
        self._socket = _connected(host, port)
        here = self._socket.getsockname()
        self.session.here = name or f"{here[0]}:{here[1]}"
        self._name = name
        self._admission = SessionHandshake(secret, here[0], here[1])
        self._came: deque[tuple[float, bytes]] = deque(maxlen=MAX_WAITING_DATAGRAMS)
        self._was_set = False  # whether a hand set something since the last pump
        self._heard_at = -math.inf
        self._round_trips: deque[float] = deque(maxlen=LATENCY_PINGS)
        self._outbox = PacedSets()
        self._insisting = UnconfirmedSets()
        self._going_out = threading.Lock()  # guards both, and that values leave in the order they were set in
        self._asking = MissingTextRequests()
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, name="antiphon link", daemon=True)
        self._reader.start()

    @property
    def access_warning(self) -> str:
        return self._admission.access_warning

    @property
    def has_news(self) -> bool:
        return self._was_set or bool(self._came)

    def pump(self, now: float) -> None:
        self._beat()
        self._was_set = False
        while self._came:
            came_at, datagram = self._came.popleft()
            decoded = decode_to_front(datagram, self.session.tree if self.session.cards else None)
            for message in decoded.messages:
                if isinstance(message, Pong):
                    self._measure(message, came_at)
                elif isinstance(message, Set):
                    with self._going_out:
                        self._insisting.confirmed(message.address, message.value)
                self.session.apply(message, came_at)
            if decoded.complaints:
                self.refused += len(decoded.complaints)
                self.complaint = decoded.complaints[-1]
        self.flush(now)
        since = self._asking.due(self.session.missing(), now)
        if since is not None:
            self.send(since)

    def set(self, address: str, value: Value) -> None:
        value = self.session.accept(address, value)
        now = time.monotonic()
        self._was_set = True
        with self._going_out:
            self.session.set_locally(address, value, now)
            self._put(self._outbox.put(address, value, now), now)

    def flush(self, now: float) -> float:
        with self._going_out:
            for again in self._insisting.due(now):
                self.send(again)
            self._put(self._outbox.due(now), now)
            return min(self._outbox.due_at, self._insisting.due_at)

    def _put(self, values: Iterable[Set], now: float) -> None:
        for message in values:
            self._insisting.sent(message.address, message.value, now)
            self.send(message)

    def send(self, message: ToServer) -> None:
        if isinstance(message, Panic | FinishSentence):
            self._insisting.clear()
        with contextlib.suppress(OSError):  # the server is away: state is told again when it is back
            self._socket.send(encode(message, self.session.tree, self._performance))

    def close(self) -> None:
        self._closing.set()
        self._reader.join()
        self._socket.close()

    def _measure(self, pong: Pong, came_at: float) -> None:
        self._round_trips.append((_microseconds(came_at) - pong.token) % TOKEN_MODULUS / 1000)
        self.latency_ms = statistics.median(self._round_trips)

    def _read(self) -> None:
        """The reader thread: receive, and keep the subscription and the pings going."""
        subscribe_at = ping_at = 0.0
        while not self._closing.is_set():
            now = time.monotonic()
            self._say(self._admission.due(now))
            if now >= subscribe_at:
                self.send(Subscribe(name=self._name))
                subscribe_at = now + (
                    SUBSCRIBE_PERIOD_S if now - self._heard_at < SERVER_SILENT_AFTER_S else RECONNECT_PERIOD_S
                )
            if now >= ping_at:
                self.send(Ping(_microseconds(now)))
                ping_at = now + PING_PERIOD_S
            try:
                datagram = self._socket.recv(65_536)
            except TimeoutError:
                continue
            except OSError:  # refused: no server there yet, or not any more
                self._closing.wait(RECONNECT_PERIOD_S / 5)
                continue
            self._heard_at = time.monotonic()
            if datagram.startswith(SESSION_PREFIX):
                for message in decode_to_front(datagram, None).messages:
                    self._say(self._admission.reply_to(message, self._heard_at))
            else:
                self._came.append((self._heard_at, datagram))

    def _say(self, messages: Iterable[ToServer]) -> None:
        for message in messages:
            self.send(message)


def _microseconds(now: float) -> int:
    """A ping's token is the time it left, so that its answer tells the round trip by itself."""
    return int(now * 1e6) % TOKEN_MODULUS


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
