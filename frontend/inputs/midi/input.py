"""MIDI in and its answers: every control of every connected device, as values on the parameter tree.

What a control says is followed at once, on the thread that hears it, so that no move waits for a frame; one lock keeps
that thread and the UI thread apart, and is held for no longer than one message takes. Once a second a third thread
looks through the ports, which may take it long. ``poll`` is called once a frame on the UI thread, and binds what is
learnt; ``tell`` lets motors and lights follow the screen. Nothing that hardware does makes a parameter jump
(``frontend.inputs.takeover``).
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from socket import socket
from typing import Literal

from frontend.client.link import AnyLink
from frontend.config.setting_fields import SettingsTable
from frontend.inputs.bindings import NOTHING_BOUND, Bindings, BindingsFile, Learner, Source
from frontend.inputs.channels import COMMON, Reading, Shaping
from frontend.inputs.hub import Hub
from frontend.inputs.midi.clock import MidiClock
from frontend.inputs.midi.controller_maps import Bank, ControllerMap, load_maps
from frontend.inputs.midi.devices import Devices
from frontend.inputs.midi.feedback import Answers, wanted
from frontend.inputs.midi.monitor import Monitor
from frontend.inputs.midi.ports import BEND_TOP, REALTIME, Heard, MidiPorts, SystemPorts
from frontend.inputs.routes_file import Route
from frontend.inputs.routing import Follower, MessageKey, Wiring, key_of, known_map, wire
from frontend.inputs.takeover import Hold, ghost
from frontend.inputs.targets import Deed, aim
from protocol.errors import ParameterError
from protocol.tree import Value, on_address

# ---- input -----------------------------------------------------------------------------------------------------------
# MIDI among the other inputs: switched on and off with them, and every control that speaks is a channel. What
# hardware drives is bound by learning and by ready maps (``frontend.inputs.midi.input``), and follows at once; the
# channels are there for whoever wants to know where every control stands, such as teaching by showing. Gain,
# smoothing and range hold for what faders and knobs drive, too. ``hear`` runs on the ports' thread, the rest on the
# hands' thread or any.

MOST = 256  # channels that wait for the hands' thread; a cable has no more controls


@dataclass(frozen=True)
class MidiSettings(Shaping):
    """MIDI is listened to unless it is switched off; not smoothed, since knobs are calm by themselves."""

    on: bool = True
    smoothing: float = 0.0
    lost: Literal["stay", "rest"] = "stay"


class MidiWay:
    """The hub's side of MIDI. ``status`` and ``complaint`` are asked of whoever has the devices."""

    key = "midi"
    name = "MIDI"
    table = SettingsTable("MIDI", MidiSettings(), "[midi]", COMMON)
    routes: Sequence[Route] = ()

    def __init__(self, status: Callable[[], str], complaint: Callable[[], str]) -> None:
        self.on = True
        self.wake: Callable[[], None] = lambda: None
        self._status, self._complaint = status, complaint
        self._came: dict[str, Reading] = {}

    @property
    def status(self) -> str:
        return self._status()

    @property
    def complaint(self) -> str:
        return self._complaint()

    def hear(self, device: str, heard: Heard) -> None:
        """Remember where a control of ``device`` stands."""
        kind = "note" if heard.kind == "off" else heard.kind
        channel = f"{self.key}/{device}/{kind}{'' if kind == 'bend' else f' {heard.number}'}"
        if channel in self._came or len(self._came) < MOST:
            top = BEND_TOP if kind == "bend" else 127
            self._came[channel] = Reading(channel, heard.value / top)
        self.wake()

    # ---- as the hub has it -----------------------------------------------------------------------------------------

    def start(self, settings: MidiSettings, wake: Callable[[], None]) -> None:
        self.on, self.wake = True, wake

    def poll(self, now: float) -> Iterable[Reading]:
        came, self._came = self._came, {}
        return list(came.values())

    def sockets(self) -> Sequence[socket]:
        return ()

    def stop(self) -> None:
        self.on = False
        self._came = {}


SCAN = 1.0  # seconds between two looks at the ports
CORRECTS = 0.5  # seconds for which a control that was just learnt may still turn out to be of another kind
WAITING = 4_096  # messages that wait while something is learnt
CLOCKWORK = frozenset(REALTIME.values())
TURNS = {"/bank/left": -1, "/bank/right": 1}


class Midi:
    """The way in for MIDI. ``store`` remembers what was learnt; ``ports``, ``maps``, ``clock`` are there for tests.

    ``ports`` None: the machine's own. Others are looked through by ``poll``, and not by a thread.
    """

    def __init__(
        self,
        link: AnyLink,
        store: BindingsFile,
        ports: MidiPorts | None = None,
        maps: Sequence[ControllerMap] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.monitor = Monitor()
        self.tempo = MidiClock()
        self._link, self._store, self._clock = link, store, clock
        self._lock = threading.Lock()  # over all that the hearing thread touches
        self._follower = Follower(lambda: link.session.values, self._put)
        self.way = MidiWay(lambda: self.status, lambda: self.complaint)
        self._hub: Hub | None = None
        self._names: dict[str, str] = {}  # devices as the screen calls them
        self._answers = Answers()
        self._wiring = Wiring()
        self._wired_of: object = None
        self._first = 0  # the place in play of the bank's first voice
        self._bindings = NOTHING_BOUND
        self._file_complaint = ""
        self._waiting: deque[tuple[Heard, float]] = deque(maxlen=WAITING)  # while something is learnt
        self._flooded: dict[MessageKey, tuple[Heard, float]] = {}  # each control's last word from a device that floods
        self._learning: tuple[str, Learner] | None = None
        self._correcting_until: float | None = None
        self._scan_at = -math.inf
        self._closing = threading.Event()
        self._scanner: threading.Thread | None = None
        self._now = 0.0
        if maps is None:
            maps, complaints = load_maps()
            self._file_complaint = "; ".join(complaints)
        self._maps = maps
        self._devices = Devices(SystemPorts() if ports is None else ports, self._hear, self._answering)
        try:
            self._bindings = store.load()
        except ParameterError as error:
            self._file_complaint = str(error)
        if ports is None:
            self._scanner = threading.Thread(target=self._keep_scanning, name="antiphon midi devices", daemon=True)
            self._scanner.start()

    # ---- for the windows -----------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """The devices by name and which bank is under them, or why there are none."""
        if not self.way.on:
            return "MIDI is off"
        if not self._devices.has_midi:
            return "no MIDI here"
        names = ", ".join(map(self.shown_name, self._devices.shown))
        return ", ".join(filter(None, (names, self.bank.words))) or "no MIDI device"

    @property
    def devices(self) -> list[tuple[str, str]]:
        """Each device as it is called on the screen, and the ready map that it has, if any."""
        found = []
        for port in self._devices.shown:
            known = self._wiring.known.get(port)
            found.append((self.shown_name(port), known.name if known is not None else ""))
        return found

    @property
    def complaint(self) -> str:
        """One line about what is wrong with a file, a port or a device; empty when all is well."""
        return self._file_complaint or self._devices.complaint or self.monitor.complaint(self._now)

    @property
    def bank(self) -> Bank:
        """Which of the voices in play are under the hardware's faders."""
        return self._wiring.bank

    def turn_bank(self, by: int) -> None:
        """The voices before (-1) or after (1) come under the faders; nothing moves until they are met."""
        self._first = self._wiring.bank.turned(by).first
        self._refresh()

    @property
    def bindings(self) -> Bindings:
        """What was learnt."""
        return self._bindings

    def restore(self, bindings: Bindings) -> None:
        """Let what was learnt be this, and remember it."""
        if bindings != self._bindings:
            self._bind(bindings)

    @property
    def learning(self) -> str | None:
        """The address that the next control to move will drive."""
        if self._learning is None or self._correcting_until is not None:
            return None
        return self._learning[0]

    def learn(self, address: str) -> None:
        """Let the next control that moves drive ``address``. Raises ``ParameterError`` for no such target."""
        is_switch = aim(self._link.session.tree, address).is_switch
        with self._lock:
            self._learning = (address, Learner(is_switch))
        self._correcting_until = None

    def cancel(self) -> None:
        """Learn nothing after all."""
        with self._lock:
            self._learning = None

    def forget(self, address: str) -> None:
        """Unbind what was learnt for ``address``; what a ready map says holds again."""
        self._bind(self._bindings.without(address))

    def label(self, address: str) -> str | None:
        """What drives ``address``, such as "CC 4", whether its device is connected or not."""
        sources = self._wiring.sources(address) if self._wired_of else []
        learnt = [source for source, driven in self._bindings.by_source.items() if driven == address]
        return next((source.label for source in (*learnt, *sources)), None)

    def ghost(self, address: str) -> float | None:
        """Where the hardware stands, in the parameter's unit, while it has not picked the parameter up."""
        wiring, values = self._wiring, self._follower.values
        for source in wiring.sources(address):
            aimed, hardware = wiring.aims.get(source), self._follower.hardware.get(source)
            if aimed is None or isinstance(aimed, Deed) or hardware is None:
                continue
            level = ghost(Hold(hardware), aimed.stands(values))
            if level is not None:
                return aimed.number(level)
        return None

    def moved(self) -> dict[str, Value]:
        """What hands on hardware have moved since the last call, by address, and where to."""
        with self._lock:
            found, self._follower.moved = self._follower.moved, {}
        return found

    def deeds(self) -> list[str]:
        """What was pressed since the last call, by address, oldest first; banks are turned already."""
        with self._lock:
            found, self._follower.deeds[:] = list(self._follower.deeds), []
        for deed in found:
            if deed in TURNS:
                self.turn_bank(TURNS[deed])
        return [deed for deed in found if deed not in TURNS]

    # ---- once a frame --------------------------------------------------------------------------------------------

    def poll(self, now: float) -> None:
        """Look for devices, bind what is learnt, let smoothed values go on. ``now`` in monotonic seconds."""
        self._now = now
        if self._hub is not None:
            self._follower.shaping = self._hub.settings(self.way.key)
        if self._scanner is None and now - self._scan_at >= SCAN:
            self._scan_at = now
            self._scan()
        self._refresh()
        if self._correcting_until is not None and now >= self._correcting_until:
            self._correcting_until = None
            self.cancel()
        while self._waiting:
            heard, at = self._waiting.popleft()
            if not self._has_learnt(heard, now):
                with self._lock, contextlib.suppress(ParameterError):
                    self._follower.follow(heard, self._wiring, at)
        with self._lock:
            flooded, self._flooded = list(self._flooded.values()), {}
            for heard, at in flooded:
                self._take(heard, at)
            with contextlib.suppress(KeyError, ParameterError):  # another choir, as in ``_take``
                self._follower.settle(self._wiring, now)

    def tell(self, lit: Container[str], kept: Mapping[str, float]) -> None:
        """Once a frame: let motors and lights follow the screen. ``lit`` are the deeds whose lights burn.

        ``kept`` are the faders of silenced voices, by address: moving one is told by ``moved``, not to the server.
        """
        now = self._now
        self._refresh()  # other voices may have come since the frame began
        with self._lock:
            self._follower.kept = {**kept}
        due = self._answers.due(
            lambda: wanted(self._wiring, self._follower.values, lit, self._link.session.slugs),
            lambda source: self._follower.busy(source, now),
            now,
        )
        outs = {there.port: there.out for there in self._devices if there.out is not None} if due else {}
        for part, answer in due.items():
            if part.port not in outs:
                continue
            for message in answer.messages:
                outs[part.port].send(message)
            if answer.level is not None and isinstance(part, Source):
                with self._lock:
                    self._follower.answered(part, answer.level)

    def through(self, hub: Hub) -> None:
        """From now on values go through the hub, which tells whose hand it was and sends what has to wait."""
        self._hub = hub

    def close(self) -> None:
        """Close every port."""
        self._closing.set()
        if self._scanner is not None:
            self._scanner.join()
        self._devices.close()

    # ---- the hearing thread --------------------------------------------------------------------------------------

    def _hear(self, heard: Heard) -> None:
        """A device has spoken; on the ports' thread."""
        now = self._clock()
        if heard.kind in CLOCKWORK:
            self.tempo.hear(heard.kind, heard.port, now)
            return
        floods = self.monitor.hear(heard, self._wiring.addresses(heard), now)
        with self._lock:
            if floods:
                self._flooded[key_of(heard)] = heard, now
            else:
                self._take(heard, now)
        self.way.hear(self._names.get(heard.port, heard.port), heard)

    def _put(self, address: str, value: Value, port: str) -> None:
        """A control of the device on ``port`` gives a parameter a value."""
        if self._hub is None:
            self._link.set(address, value)
        else:
            self._hub.set(address, value, self._names.get(port, port))

    def _take(self, heard: Heard, now: float) -> None:
        """Follow what was heard, or keep it while something is learnt; under the lock."""
        if self._learning is not None:
            self._waiting.append((heard, now))
            return
        with contextlib.suppress(KeyError, ParameterError):  # another choir sings, and nothing is wired to it yet
            self._follower.follow(heard, self._wiring, now)
        for source in self._wiring.by_message.get(key_of(heard), ()):
            self._answers.heard(source, self._follower.hardware.get(source))

    # ---- devices and bindings ------------------------------------------------------------------------------------

    def _answering(self, port: str) -> str | None:
        known = known_map(self._maps, port)
        return known.port if known is not None and known.feedback.is_there else None

    def _keep_scanning(self) -> None:
        """The devices' thread."""
        while not self._closing.is_set():
            self._scan()
            self._closing.wait(SCAN)

    def _scan(self) -> None:
        come, gone = self._devices.scan() if self.way.on else ([], self._devices.close())
        with self._lock:
            for port in (*come, *gone):
                self._follower.forget(port)
                self._answers.forget(port)

    def shown_name(self, port: str) -> str:
        """A device as the screen calls it: by its map's name, else the first part of its own."""
        known = known_map(self._maps, port)
        twin = port.rpartition(" #")[1:] if " #" in port else ("", "")
        return (known.name if known is not None else port.split(":")[0].split(" #")[0]) + "".join(twin)

    def _refresh(self) -> None:
        """Wire anew when devices, voices in play, bank or bindings have changed."""
        session = self._link.session
        playing = tuple(slug for slug in session.slugs if session.values[on_address(slug)])
        names = self._devices.names
        wired_of = (self._bindings, playing, names, self._first, session.slugs)
        if wired_of != self._wired_of:
            self._wired_of = wired_of
            wiring = wire(self._bindings, self._maps, names, session.tree, playing, self._first)
            with self._lock:
                self._wiring = wiring
                self._names = {name: self.shown_name(name) for name in names}

    def _bind(self, bindings: Bindings) -> None:
        """Use these bindings from now on, and remember them."""
        self._bindings = bindings
        self._refresh()
        try:
            self._store.save(bindings)
            self._file_complaint = ""
        except ParameterError as error:
            self._file_complaint = str(error)

    def _has_learnt(self, heard: Heard, now: float) -> bool:
        """Whether this message bound a control, or corrected its kind; then it moves nothing."""
        if self._learning is None:
            return False
        address, learner = self._learning
        source = learner.hear(heard)
        if source is None or self._bindings.by_source.get(source) == address:
            return False
        with self._lock:
            self._follower.note(heard)
        if self._correcting_until is None:
            self._correcting_until = now + CORRECTS
        self._bind(self._bindings.bound(source, address))
        return True
