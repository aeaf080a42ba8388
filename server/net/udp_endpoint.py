"""The UDP socket by which everything comes in and goes out.

A thread of its own receives. ``server.net.access_control`` decides about each datagram, ``protocol.osc`` decodes it (a
fader's move takes the quicker ``protocol.osc``). Values are stored at once, actions queued, pings answered,
subscriptions kept. What cannot be understood is a complaint and never an exception. What nobody reads in time is
dropped by the system, so that a flood costs processor time and no memory. The engine's thread sends, and never waits.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from threading import Event, Lock, Thread

from protocol.errors import AntiphonError, LinkError, MessageError, ParameterError
from protocol.formats import PREFIX
from protocol.logs import LOG, log_folder
from protocol.messages import (
    MAIN,
    AccessChallenge,
    AccessGranted,
    AccessProof,
    AccessRequest,
    CrowdPucks,
    Follow,
    HoldShow,
    Message,
    MorePucks,
    Panic,
    Ping,
    Pong,
    Query,
    Set,
    ShowAnswer,
    ShowCommand,
    ShowDocument,
    ShowDone,
    ShowStands,
    Signal,
    SpriteShown,
    Subscribe,
)
from protocol.networks import is_loopback
from protocol.osc import FastSetReader, bundled, decode_to_server, encode, encode_bundle, plain
from protocol.show_commands import CALM, SHOW, SHOW_COMMANDS
from server.engine.clock import Clock
from server.engine.parameter_store import ActionRequest, PerformanceRegistry
from server.engine.status_line import StatusLine
from server.engine.subscribers import MOST_SUBSCRIBERS, Address, Subscribers
from server.net.access_control import AccessControl, Rights, needed
from server.net.show_relay import NUMBERS, Outgoing, ShowRelay

BUFFER_BYTES = 1 << 20  # bytes that the system is asked to hold for us, each way
LONGEST_DATAGRAM_BYTES = 65_536  # bytes, more than UDP can carry: nothing is cut
RESERVED_SUBSCRIBERS = 8  # places among the listeners that stay free for this machine
REFUSED = "from another machine one may only watch, unless it proves the secret of --secret-file"
CLOSING_CHECK_S = 0.2  # seconds after which the receiver looks whether it is to end


class UdpEndpoint:
    """Listens on ``host``:``port`` (port 0: any that is free) from its making to ``close``.

    Its thread begins with ``prepare``. Raises ``LinkError`` where it cannot listen.
    """

    def __init__(
        self,
        registry: PerformanceRegistry,
        status_line: StatusLine,
        clock: Clock,
        host: str,
        port: int,
        prepare: Callable[[], object] = lambda: None,
        access: AccessControl | None = None,
    ) -> None:
        """``access`` say who is let in; without them, this machine alone."""
        self._registry, self._status_line, self._clock = registry, status_line, clock
        self._shortcut = FastSetReader(registry.tree)
        self._known = registry.tree  # by the shortcut
        self._main = registry.parameters(MAIN)
        self._prepare = prepare
        self._lock = Lock()  # guards the three below
        self._subscribers = Subscribers()
        self._followers = Subscribers()  # of the signals
        self._new_subscribers: dict[str, dict[Address, None]] = {}  # by performance, each once
        self._shows: dict[tuple[str, str], ShowRelay] = {}  # by performance and role; the receiver's
        self._closing = Event()
        self._access = access or AccessControl()
        self._socket = _bound(host, port, self._access)
        name = self._socket.getsockname()
        self.address: Address = (name[0], name[1])
        self._thread = Thread(target=self._receive, name="antiphon receiver", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; what comes after is lost."""
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def sink(self, performance: str) -> PerformanceChannel:
        """The way out of one performance."""
        return PerformanceChannel(self, performance)

    def new_subscribers(self, performance: str) -> list[Address]:
        with self._lock:
            return list(self._new_subscribers.pop(performance, {}))

    def listeners(self, performance: str) -> tuple[Address, ...]:
        with self._lock:
            return self._subscribers.targets(self._clock.now(), performance)

    def followers(self, performance: str) -> tuple[Address, ...]:
        with self._lock:
            return self._followers.targets(self._clock.now(), performance)

    def expect(self, performance: str, listeners: Iterable[Address]) -> None:
        """These programs of this machine were subscribed to a server that has ended; they stay subscribed."""
        now = self._clock.now()
        with self._lock:
            for target in listeners:
                if is_loopback(target[0]) and self._subscribers.renew(target, target[1], now, performance):
                    self._new_subscribers.setdefault(performance, {})[target] = None

    def answer_to(self, source: Address) -> Address:
        with self._lock:
            return self._subscribers.answer_to(source)

    def send(self, messages: Sequence[Message], targets: Iterable[Address]) -> None:
        try:
            datagrams = encode_bundle(messages, self._registry.tree)
        except MessageError as error:
            self._status_line.complain(str(error), self._clock.now())
            return
        for target in targets:
            self._post(datagrams, target)

    def _post(self, datagrams: Iterable[bytes], target: Address) -> None:
        for datagram in datagrams:
            with contextlib.suppress(OSError):  # nobody there, no way there, no room: the next state heals it
                self._socket.sendto(datagram, target)

    def _receive(self) -> None:
        self._prepare()
        while not self._closing.is_set():
            try:
                datagram, source = self._socket.recvfrom(LONGEST_DATAGRAM_BYTES)
            except (TimeoutError, ConnectionError):
                self._relay()
                continue  # Windows reports here that a subscriber's port is closed
            except OSError:
                time.sleep(CLOSING_CHECK_S)
                continue
            try:
                self.handle(datagram, (source[0], source[1]))
            except Exception as error:  # whatever it is, the next datagram is to be received
                LOG.exception("a datagram of %d bytes from %s could not be handled", len(datagram), source)
                line = f"a datagram could not be handled: {error!r}; the log in {log_folder()} says where"
                self._status_line.complain(line, self._clock.now())
            self._relay()

    def handle(self, datagram: bytes, source: Address) -> None:
        """Deal with one datagram, whatever it is, on the receiver's thread (a benchmark may do without that)."""
        rights, complaint = self._access.check(source, len(datagram), self._clock.now())
        if complaint:
            self._status_line.complain(complaint, self._clock.now())
        if rights is None:
            return
        tree = self._registry.tree
        if tree is not self._known:  # voices came
            self._shortcut, self._known = FastSetReader(tree), tree
        try:
            if rights is Rights.CONTROL and (wish := self._shortcut.read(datagram)):
                self._main.put(wish.address, wish.value, source)
                return
        except ParameterError as error:
            self._complain(str(error), source)
            return
        decoded = decode_to_server(datagram, tree, self._shortcut.read)
        complaints = list(decoded.complaints)
        answers: dict[type, Message] = {}  # one of a kind: whoever asks twice in one datagram is answered once
        values: list[bytes] = []  # that were asked for
        for message, performance in zip(decoded.messages, decoded.performances, strict=True):
            if needed(message) > rights:
                if rights is Rights.NOTHING and needed(message) is Rights.WATCH:
                    answers[AccessChallenge] = self._challenge(source)
                else:
                    complaints.append(REFUSED)
                continue
            try:
                match message:
                    case Set(address, value):
                        self._registry.parameters(performance).put(address, value, source)
                    case MorePucks() | CrowdPucks():
                        self._registry.parameters(performance).add_pucks(message, source, self._clock.now())
                    case Ping(token):
                        answers[Pong] = Pong(token)
                    case Query(address):
                        values.append(self._value(address, performance))
                    case Subscribe(port, name):
                        self._subscribe(source, port, performance, rights)
                        if name and rights is Rights.CONTROL:
                            self._registry.parameters(performance).introduce(source, name)
                    case Follow(port):
                        self._follow(source, port, performance)
                    case AccessRequest():
                        answers[AccessChallenge] = self._challenge(source)
                    case AccessProof(cookie, proof):
                        if grant := self._access.prove(source, cookie, proof, self._clock.now()):
                            answers[AccessGranted] = AccessGranted(grant.rights, grant.seconds)
                            complaints += filter(None, [grant.complaint])
                    case ShowDocument() | SpriteShown():
                        if self._show(performance).holds(source, self._clock.now()):
                            self.send([message], self.listeners(performance))
                    case ShowCommand() | HoldShow() | ShowDone():
                        complaints += filter(None, [self._show_says(message, source, performance)])
                    case _:
                        if not self._registry.parameters(performance).submit(ActionRequest(message, source)):
                            complaints.append("more is asked for than can be done: some of it was dropped")
                        if isinstance(message, Panic):
                            self._tell_of_panic(source, performance)
            except AntiphonError as error:
                complaints.append(str(error))
        if complaints and (rights is Rights.CONTROL or self._access.may_remark("rubbish", self._clock.now())):
            self._complain(complaints[-1], source, len(complaints))
        self._post((encode(answer) for answer in answers.values()), source)
        if values:
            self._post(bundled(values), self.answer_to(source))

    def _show(self, performance: str, role: str = SHOW) -> ShowRelay:
        """The relay of one performance's commands of a role. Raises ``ParameterError`` where there is none."""
        self._registry.parameters(performance)
        found = self._shows.get((performance, role))
        if found is None:
            found = self._shows[performance, role] = ShowRelay(secrets.randbelow(NUMBERS), role)
        return found

    def _show_says(self, message: ShowCommand | HoldShow | ShowDone, source: Address, performance: str) -> str:
        """Something about a show; gives a line for the performer, or none."""
        now = self._clock.now()
        match message:
            case HoldShow(role=role):
                answer, complaint = self._show(performance, role).hold(source, message, now)
                self._post([encode(answer)], source)
                if role == SHOW and answer.yours:
                    self._tell_of_show(message, performance)
                return complaint
            case ShowDone():
                for (name, _), show in self._shows.items():
                    if name == performance:
                        self._send_each(show.done(message))
                return ""
        self._show(performance, SHOW_COMMANDS[message.address].role).ask(message, self.answer_to(source), now)
        return ""

    def _tell_of_show(self, said: HoldShow, performance: str) -> None:
        """Whoever follows the performance knows where its show stands."""
        stands = ShowStands(said.setlist, said.cue, said.black, said.frozen, said.theme)
        self.send([stands], self.listeners(performance))

    def _tell_of_panic(self, source: Address, performance: str) -> None:
        """The front end that holds the show ends its fades and solos, unless it was the one who asked."""
        show, now = self._shows.get((performance, SHOW)), self._clock.now()
        if show is not None and show.held(now) and not show.holds(source, now):
            show.ask(ShowCommand(CALM), self.answer_to(source), now)

    def _relay(self) -> None:
        """Send what the relays have to say by now."""
        for show in self._shows.values():
            if show.busy:
                self._send_each(show.due(self._clock.now()))

    def _send_each(self, outgoing: Outgoing) -> None:
        for target, message in outgoing:
            self._post([encode(message)], target)
            if isinstance(message, ShowAnswer) and not message.done:
                self._status_line.complain(f"{message.command}: {message.words}", self._clock.now())

    def _challenge(self, source: Address) -> AccessChallenge:
        return AccessChallenge(self._access.cookie(source, self._clock.now()))

    def _complain(self, complaint: str, source: Address, times: int = 1) -> None:
        self._status_line.complain(f"{complaint} (from {source[0]}:{source[1]})", self._clock.now(), times)

    def _value(self, address: str, performance: str) -> bytes:
        """A parameter with its value, for who asked at this address of a performance."""
        parameters = self._registry.parameters(performance)
        named = address if performance == MAIN else f"{PREFIX}{performance}{address}"
        return plain(named, parameters.tree[address], parameters.control(address))

    def _follow(self, source: Address, port: int, performance: str) -> None:
        self._check_port(source, port)
        self._registry.parameters(performance)
        now = self._clock.now()
        with self._lock:
            self._followers.renew(source, port, now, performance)
            if not self._followers.has((source[0], port or source[1]), now):
                raise MessageError(f"{MOST_SUBSCRIBERS} follow the signals already: one more cannot")

    def _check_port(self, source: Address, port: int) -> bool:
        """Whether ``source`` is another machine; raises ``MessageError`` if it asks for somebody else's port."""
        outside = not self._access.controls(source[0])
        if outside and port not in (0, source[1]):
            raise MessageError("to another machine nothing goes to any port but the one that asked for it")
        return outside

    def _subscribe(self, source: Address, port: int, performance: str, rights: Rights) -> None:
        outside = self._check_port(source, port)
        if rights is Rights.CONTROL:
            self._registry.open(performance)
        else:
            self._registry.parameters(performance)
        now = self._clock.now()
        with self._lock:
            if (
                outside
                and not self._subscribers.has(source, now)
                and len(self._subscribers) >= MOST_SUBSCRIBERS - RESERVED_SUBSCRIBERS
            ):
                raise MessageError("others from outside are listening: the last places are this machine's")
            target = self._subscribers.renew(source, port, now, performance)
            if target is not None:
                self._new_subscribers.setdefault(performance, {})[target] = None
            elif not self._subscribers.has((source[0], port or source[1]), now):
                raise MessageError(f"{MOST_SUBSCRIBERS} front ends are listening already: one more cannot")


class PerformanceChannel:
    """An ``Outlet``: what one performance says goes to those who subscribed to it."""

    def __init__(self, endpoint: UdpEndpoint, performance: str) -> None:
        self._endpoint, self._performance = endpoint, performance

    @property
    def heard(self) -> bool:
        return bool(self._endpoint.listeners(self._performance))

    def new_subscribers(self) -> list[Address]:
        return self._endpoint.new_subscribers(self._performance)

    def broadcast(self, messages: Sequence[Message]) -> None:
        if listeners := self._endpoint.listeners(self._performance):
            self._endpoint.send(messages, listeners)

    def send(self, messages: Sequence[Message], target: Address) -> None:
        self._endpoint.send(messages, [target])

    def answer_to(self, source: Address) -> Address:
        return self._endpoint.answer_to(source)

    @property
    def followed(self) -> bool:
        return bool(self._endpoint.followers(self._performance))

    def send_signals(self, signals: Sequence[Signal]) -> None:
        if followers := self._endpoint.followers(self._performance):
            self._endpoint.send(signals, followers)


def _bound(host: str, port: int, access: AccessControl) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        found.sort(key=lambda one: one[0] != socket.AF_INET)  # "localhost" is 127.0.0.1 before it is ::1
        family, kind, protocol, _, address = found[0]
        access.listen_on(str(address[0]))
        receiver = socket.socket(family, kind, protocol)
    except (OSError, OverflowError, UnicodeError) as error:
        raise LinkError(f"the server cannot listen on {host}:{port} ({_reason(error)}); say another --host") from None
    try:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            with contextlib.suppress(OSError):  # macOS refuses where it would only give less
                receiver.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows would let two servers share a port
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        receiver.bind(address)
        receiver.settimeout(CLOSING_CHECK_S)
    except OSError as error:
        receiver.close()
        if error.errno == errno.EADDRINUSE:
            raise LinkError(f"port {port} is taken, maybe by another Antiphon: end it or say another --port") from None
        raise LinkError(f"the server cannot listen on {host}:{port} ({_reason(error)}); say another") from None
    return receiver


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
