"""The frame that all inputs share: a thread that waits for them, their settings, and what their channels drive.

An input is a way in (TUIO, Leap, camera, OSC, MIDI, phones). It is switched on and off, polled, and closed on one
thread, "antiphon hands", which sleeps until a socket of an input has something, ``wake`` is called, or a moment has
passed: what a hand does is on the wire within milliseconds, and waits for no frame to be drawn. An input says what it
reads as ``Reading``s; the hub filters and shapes them, lets them take hold of parameters without a jump
(``frontend.inputs.takeover``) and sends the values. An input may also set values by itself, through ``Hub.set``, which
says whose hand it was. Whatever an input raises costs that input, not the others.

Windows ask for ``rows``, a snapshot, and change settings and routes; those methods are for any thread. ``tidy`` is
called once a frame on the UI thread: it writes what is to be remembered.

To write an input: a class with ``Input``'s names (``frontend.inputs.osc.tuio`` is one); give it to ``Hub.add`` in
``frontend.input_registry.ways_in``. Its own thread, where it needs one, puts what it got into a deque and calls the
``wake`` that ``start`` was given; ``poll`` empties the deque. ``Hub.features`` gives all channels that are present.
"""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from frontend.client.link import AnyLink
from frontend.config.setting_fields import SettingsTable
from frontend.inputs.channels import Channel, Reading, Shaping
from frontend.inputs.last_touch import Holders
from frontend.inputs.multi_puck import PucksOut
from frontend.inputs.routes_file import InputsFile, Kept, Route
from frontend.inputs.routing import Driving
from protocol.errors import AntiphonError
from protocol.priority import HANDS, raise_priority
from protocol.puck import Puck
from protocol.pucks import MOST_PUCKS
from protocol.tree import Value

TICK = 1 / 120  # seconds between two looks while something is read, or on its way
SWITCH = 0.0005  # seconds that a thread which draws may keep the interpreter when a hand moves; by default 0.005
IDLE = 0.1  # seconds between two looks while nothing is
AWAKE = 1.0  # seconds after the last reading for which the looks stay close
MOST_CHANNELS = 512  # of all inputs together
QUIET = 1.0  # seconds after a change before it is written
LEARNT = 0.2  # of a channel's range that it has to move to be learnt

Wake = Callable[[], None]


class Input(Protocol):
    """A way in. ``start``, ``poll``, ``stop`` and ``sockets`` are called on the hands' thread."""

    key: str  # its table in inputs.toml, and the beginning of its channels' names
    name: str  # what the performer calls it
    table: SettingsTable[Any]  # of its settings: a dataclass that extends ``Shaping``
    routes: Sequence[Route]  # what its channels drive before the user says otherwise

    @property
    def status(self) -> str:
        """One line while it is on: what is connected, what is waited for. Any thread."""

    @property
    def complaint(self) -> str:
        """One line about what is wrong; empty when all is well. Any thread."""

    def start(self, settings: Any, wake: Wake) -> None:
        """Begin to listen, with these settings; ``wake`` asks for a poll, from any thread.

        An ``AntiphonError`` that it raises is its complaint, and it is off until it is switched on again.
        """

    def poll(self, now: float) -> Iterable[Reading]:
        """What came since the last call; ``now`` in monotonic seconds. Does not wait."""

    def sockets(self) -> Sequence[socket.socket]:
        """What to wait for; may change from call to call."""

    def stop(self) -> None:
        """Listen no more, release everything; never raises, and a second time does nothing."""


@dataclass(frozen=True)
class ChannelRow:
    """A channel for a panel: its shaped ``level``, whether it is ``seen`` now, what it drives, and whether it leads."""

    name: str
    level: float
    seen: bool
    routes: tuple[Route, ...]
    leads: bool


@dataclass(frozen=True)
class InputRow:
    """An input for a panel."""

    key: str
    name: str
    status: str
    complaint: str
    settings: Shaping
    table: SettingsTable[Any]
    channels: tuple[ChannelRow, ...]


@dataclass(frozen=True)
class Ellipse:
    """Where something round is: its middle and its half axes, in parts of a window's width and height."""

    x: float
    y: float
    across: float
    down: float


class Hub:
    """All inputs, by key. ``file`` None keeps nothing. Before ``begin`` no thread runs: ``turn`` is called by hand."""

    def __init__(
        self, link: AnyLink, file: InputsFile | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.holders = Holders()
        self._link, self._file, self._clock = link, file or InputsFile(None), clock
        self._lock = threading.RLock()  # guards all below; held for moments only, never while an input works
        self._inputs: dict[str, Input] = {}
        self._kept = Kept()
        self._running: dict[str, Any] = {}  # the settings that each input which is on was started with
        self._failed: dict[str, str] = {}
        self._channels: dict[str, dict[str, Channel]] = {}  # by input, by name
        self._driving = Driving(link)
        self._pucks = {kind: PucksOut(kind) for kind in MOST_PUCKS}
        self.circle: Ellipse | None = None  # where the puck's circle is seen, in parts of the window; the UI says so
        self._learning: tuple[str, dict[str, float]] | None = None  # the address, and where each channel stood
        self._read_at = -math.inf
        self._changed_at: float | None = None
        self._ending = False
        self._thread: threading.Thread | None = None
        self._bell: socket.socket | None = None  # a byte written here wakes the thread

    # ---- which inputs there are ------------------------------------------------------------------------------------

    def add(self, *inputs: Input) -> None:
        """Let these be known, each switched on or off as the file says. Before ``begin``."""
        with self._lock:
            self._inputs |= {each.key: each for each in inputs}
            self._kept = self._file.load(self._tables)

    def begin(self) -> None:
        """Start the hands' thread. The interpreter is asked to let it in sooner, whatever a frame does."""
        sys.setswitchinterval(SWITCH)
        hears, self._bell = socket.socketpair()
        for each in (hears, self._bell):
            each.setblocking(False)
        self._thread = threading.Thread(target=self._run, args=(hears,), name="antiphon hands", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop every input and the thread, and write what is to be remembered; a second time does nothing."""
        self._ending = True
        if self._thread is not None:
            self.wake()
            self._thread.join()
            self._thread = None
        with self._lock:
            running = list(self._running)
        for key in running:
            self._stop(key)
        if self._bell is not None:
            self._bell.close()
            self._bell = None
        self._save()

    def wake(self) -> None:
        """Let every input be polled now. Any thread; never waits."""
        bell = self._bell
        if bell is not None:
            with contextlib.suppress(OSError):  # full: it is awake already; closed: nobody needs it
                bell.send(b"!")

    # ---- for windows and inputs: any thread ------------------------------------------------------------------------

    def set(self, address: str, value: Value, who: str) -> None:
        """Give a parameter a value and say whose hand it was. Raises ``ParameterError`` as ``AnyLink.set`` does."""
        self._link.set(address, value)
        self.holders.note(address, who, self._clock())

    def gather(self, kind: str, who: str, pucks: Sequence[Puck]) -> None:
        """All pucks that an input called ``who`` has besides the one: ``MORE`` of the performer's, or the ``CROWD``'s.

        They are numbered, said again and sent with those of the other inputs; those beyond ``MOST_PUCKS`` are left out.
        """
        with self._lock:
            self._pucks[kind].gather(who, tuple(pucks))
        if threading.current_thread() is not self._thread:
            self.wake()

    def features(self) -> dict[str, float]:
        """The shaped level of every channel that is present now."""
        return {row.name: row.level for each in self.rows() for row in each.channels if row.seen}

    def rows(self) -> tuple[InputRow, ...]:
        """All inputs with their channels, as they are now."""
        now = self._clock()
        with self._lock:
            return tuple(self._row(each, now) for each in self._inputs.values())

    @property
    def status(self) -> str:
        """The inputs that are on, by name, with what each says; MIDI's devices have a place of their own."""
        with self._lock:
            told = [
                f"{each.name}: {each.status}"
                for key, each in self._inputs.items()
                if key in self._running and each.status and key != "midi"
            ]
        return ", ".join(told)

    @property
    def complaint(self) -> str:
        """One line about what is wrong with any of them; empty when all is well."""
        with self._lock:
            for key, each in self._inputs.items():
                line = self._failed.get(key) or (each.complaint if key in self._running else "")
                if line:
                    return f"{each.name}: {line}"
        return self._file.trouble

    def change(self, key: str, **values: object) -> None:
        """Change settings of an input, numbers clamped. Raises ``ParameterError``."""
        with self._lock:
            settings = self._inputs[key].table.changed(self._kept.settings[key], values)
            self._failed.pop(key, None)
            self._keep(replace(self._kept, settings={**self._kept.settings, key: settings}))
        self.wake()

    def input(self, key: str) -> Input | None:
        """The input of this name, for a panel that knows more of it than its channels."""
        with self._lock:
            return self._inputs.get(key)

    def settings(self, key: str) -> Any:
        """The settings of an input, a dataclass of its own that extends ``Shaping``."""
        with self._lock:
            return self._kept.settings[key]

    def route(self, route: Route) -> None:
        """Let a channel drive this, in place of all that it drove before; an empty address is nothing."""
        with self._lock:
            others = tuple(each for each in self._kept.routes if each.channel != route.channel)
            self._keep(replace(self._kept, routes=(*others, route)))

    @property
    def learning(self) -> str | None:
        """The address that the next channel to move will drive."""
        with self._lock:
            return self._learning[0] if self._learning is not None else None

    def learn(self, address: str) -> None:
        """Let the next channel that distinctly moves drive ``address``."""
        with self._lock:
            self._learning = (address, {})

    def cancel(self) -> None:
        """Learn nothing after all."""
        with self._lock:
            self._learning = None

    def drives(self, address: str) -> str | None:
        """The channel that drives ``address``, if any does."""
        with self._lock:
            for key, channels in self._channels.items():
                for name in channels:
                    if any(route.address == address for route in self._routes_of(key, name)):
                        return name
        return None

    def tidy(self, now: float) -> None:
        """Once a frame, on the UI thread: write what has not changed for a moment."""
        if self._changed_at is not None and now >= self._changed_at + QUIET:
            self._save()

    # ---- the hands' thread -----------------------------------------------------------------------------------------

    def turn(self, now: float) -> float:
        """One look at all inputs; gives for how many seconds there is nothing to do unless something comes."""
        self._switch()
        for key in list(self._running):
            try:
                readings = list(self._inputs[key].poll(now))
            except Exception as error:  # an input's mistake must not take the others along
                self._fail(key, str(error) if isinstance(error, AntiphonError) else f"it failed ({error!r})")
                continue
            with self._lock:
                self._read(key, readings, now)
        with self._lock:
            sets = self._driving.drive(self._live(now), now)
            for address, who in sets:
                self.holders.note(address, who, now)
        pucks_in = self._send_pucks(now) - now
        flush_in = min(pucks_in, self._link.flush(now) - now)
        busy = now - self._read_at < AWAKE or self._driving.under_way
        return max(0.0, min(flush_in, TICK if busy else IDLE))

    def _send_pucks(self, now: float) -> float:
        """Say what is due; when there will be something again."""
        with self._lock:
            due = [each.due(now) for each in self._pucks.values()]
        for message, _ in due:
            if message is not None:
                self._link.send(message)
        return min(again for _, again in due)

    def _run(self, hears: socket.socket) -> None:
        raise_priority(HANDS)  # before whatever draws
        waiting: tuple[socket.socket, ...] = ()
        selector: selectors.BaseSelector | None = None
        while not self._ending:
            timeout = self.turn(self._clock())
            wanted = (hears, *(each for key in self._running for each in self._inputs[key].sockets()))
            if selector is None or wanted != waiting:  # a new one: sockets may have been closed, their numbers reused
                if selector is not None:
                    selector.close()
                selector, waiting = selectors.DefaultSelector(), wanted
                for each in wanted:
                    selector.register(each, selectors.EVENT_READ)
            if any(selected.fileobj is hears for selected, _ in selector.select(timeout)):
                with contextlib.suppress(OSError):
                    hears.recv(4_096)
        if selector is not None:
            selector.close()
        hears.close()

    def _switch(self) -> None:
        """Start and stop inputs as their settings say."""
        with self._lock:
            wanted = {
                key: self._kept.settings[key]
                for key in self._inputs
                if self._kept.settings[key].on and key not in self._failed
            }
        for key in list(self._running):
            if key not in wanted or _own(self._running[key]) != _own(wanted[key]):
                self._stop(key)
        for key, settings in wanted.items():
            if key not in self._running:
                try:
                    self._inputs[key].start(settings, self.wake)
                except AntiphonError as error:
                    self._failed[key] = str(error)
                    continue
            self._running[key] = settings

    def _stop(self, key: str) -> None:
        self._inputs[key].stop()
        with self._lock:
            self._running.pop(key, None)
            self._channels.pop(key, None)

    def _fail(self, key: str, line: str) -> None:
        self._stop(key)
        with self._lock:
            self._failed[key] = f"{line}; switch it off and on to try again"

    # ---- channels: the lock is ours --------------------------------------------------------------------------------

    def _read(self, key: str, readings: Sequence[Reading], now: float) -> None:
        channels = self._channels.setdefault(key, {})
        room = MOST_CHANNELS - sum(map(len, self._channels.values()))
        for reading in readings:
            known = channels.get(reading.channel)
            if known is None:
                if reading.level is None or room <= 0:
                    continue
                room, known = room - 1, Channel()
            channels[reading.channel] = read = known.read(reading, now, self._kept.settings[key])
            if read.seen and not known.seen:
                self._driving.arrived(reading.channel)
            self._read_at = now
            if self._learning is not None and read.seen:
                self._learn_from(reading.channel, read.raw or 0.0)

    def _learn_from(self, channel: str, raw: float) -> None:
        assert self._learning is not None
        address, stood = self._learning
        if abs(raw - stood.setdefault(channel, raw)) >= LEARNT:
            self._learning = None
            self.route(Route(channel, address))

    def _live(self, now: float) -> Iterable[tuple[str, str, float, bool, tuple[Route, ...]]]:
        """Every channel that has something to say: its input's name, its own, level, whether it is seen, its routes."""
        for key, channels in self._channels.items():
            shaping = self._kept.settings[key]
            for name, channel in channels.items():
                level = channel.level(now, shaping)
                routes = self._routes_of(key, name)
                if level is not None and routes:
                    yield self._inputs[key].name, name, level, channel.seen, routes

    def _routes_of(self, key: str, channel: str) -> tuple[Route, ...]:
        own = tuple(route for route in self._kept.routes if route.channel == channel)
        return own or tuple(route for route in self._inputs[key].routes if route.channel == channel)

    def _row(self, each: Input, now: float) -> InputRow:
        key, shaping = each.key, self._kept.settings[each.key]
        rows = []
        for name, channel in self._channels.get(key, {}).items():
            level = channel.level(now, shaping)
            rows.append(
                ChannelRow(
                    name,
                    level if level is not None else channel.rest,
                    channel.seen,
                    self._routes_of(key, name),
                    self._driving.leads(name),
                )
            )
        status = each.status if key in self._running else "off"
        complaint = self._failed.get(key) or (each.complaint if key in self._running else "")
        return InputRow(key, each.name, status, complaint, shaping, each.table, tuple(rows))

    # ---- what is remembered ----------------------------------------------------------------------------------------

    @property
    def _tables(self) -> Mapping[str, SettingsTable[Any]]:
        return {key: each.table for key, each in self._inputs.items()}

    def _keep(self, kept: Kept) -> None:
        if kept != self._kept:
            self._kept, self._changed_at = kept, self._clock()

    def _save(self) -> None:
        with self._lock:
            if self._changed_at is None:
                return
            self._changed_at = None
            kept = self._kept
        self._file.save(kept, self._tables)


def _own(settings: Shaping) -> dict[str, object]:
    """What of an input's settings it has to be started anew for."""
    restarts, shaping = settings.RESTARTS, vars(Shaping())
    return {
        name: value
        for name, value in vars(settings).items()
        if (name not in shaping if restarts is None else name in restarts)
    }
