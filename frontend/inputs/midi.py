"""MIDI in: every control of every connected device, as values on the parameter tree.

``poll`` is called once a frame on the UI thread; a port's callback, on the library's thread, only puts what was heard
into a queue. Once a second the ports are looked through: a device that is plugged in is opened, one that has gone is
closed, and when it comes back under its name it goes on where its bindings say. Nothing that hardware does makes a
parameter jump (``frontend.inputs.takeover``).
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import replace

from frontend.inputs.bindings import NOTHING_BOUND, Bindings, BindingsFile, Source
from frontend.inputs.learning import Learner, steps
from frontend.inputs.maps import ControllerMap, load_maps
from frontend.inputs.midi_ports import BEND_TOP, Heard, MidiPorts, OpenPort, SystemPorts, device
from frontend.inputs.takeover import Hold, ghost, take
from frontend.inputs.targets import Target, target
from frontend.link import LinkLike
from protocol.errors import ParameterError
from protocol.tree import Value, on_address

SCAN = 1.0  # seconds between two looks at the ports
CORRECTS = 0.5  # seconds for which a control that was just learnt may still turn out to be of another kind
WAITING = 4_096  # messages that wait for a slow UI thread
PRESSED = 64  # a controller's value from which a button counts as pressed
STEP = 1 / 127  # part of the range for one step of an encoder
UNSHOWN = ("Midi Through",)  # ALSA's own loop, which is no device

MessageKey = tuple[str, str, int, int]  # device, what was heard, channel, number


class Midi:
    """The way in for MIDI. ``store`` remembers what was learnt, ``ports`` and ``maps`` are there for tests."""

    def __init__(
        self,
        link: LinkLike,
        store: BindingsFile,
        ports: MidiPorts | None = None,
        maps: Sequence[ControllerMap] | None = None,
    ) -> None:
        self.last: Heard | None = None  # the last thing heard, for a monitor
        self._link = link
        self._store = store
        self._ports = SystemPorts() if ports is None else ports
        self._bindings = NOTHING_BOUND
        self._has_midi = True
        self._file_complaint = ""
        self._port_complaint = ""
        self._open: dict[str, OpenPort] = {}
        self._scan_at = -math.inf
        self._heard: deque[Heard] = deque(maxlen=WAITING)
        self._learning: tuple[str, Learner] | None = None
        self._correcting_until: float | None = None
        self._said: dict[MessageKey, int] = {}  # each control's last value
        self._hardware: dict[Source, float] = {}  # where each fader stands, as a level
        self._holds: dict[tuple[Source, str], Hold] = {}
        self._table_of: object = None
        self._driven: dict[Source, str] = {}
        self._by_message: dict[MessageKey, list[Source]] = {}
        if maps is None:
            maps, complaints = load_maps()
            self._file_complaint = "; ".join(complaints)
        self._maps = maps
        try:
            self._bindings = store.load()
        except ParameterError as error:
            self._file_complaint = str(error)

    # ---- for the windows -----------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """The devices by name, or why there are none."""
        if not self._has_midi:
            return "no MIDI here"
        shown = [self._shown_name(name) for name in self._open if not name.startswith(UNSHOWN)]
        return ", ".join(shown) or "no MIDI device"

    @property
    def complaint(self) -> str:
        """One line about what is wrong with a file or a port; empty when all is well."""
        return self._file_complaint or self._port_complaint

    @property
    def learning(self) -> str | None:
        """The address that the next control to move will drive."""
        if self._learning is None or self._correcting_until is not None:
            return None
        return self._learning[0]

    def learn(self, address: str) -> None:
        """Let the next control that moves drive ``address``. Raises ``ParameterError`` for no such target."""
        is_switch = target(self._link.mirror.tree, address).is_switch
        self._learning = (address, Learner(is_switch))
        self._correcting_until = None

    def cancel(self) -> None:
        """Learn nothing after all."""
        self._learning = None

    def forget(self, address: str) -> None:
        """Unbind what was learnt for ``address``; what a ready map says holds again."""
        self._bind(self._bindings.without(address))

    def label(self, address: str) -> str | None:
        """What drives ``address``, such as "CC 4", whether its device is connected or not."""
        sources = [*self._bindings.sources(address), *self._sources(address)]
        return sources[0].label if sources else None

    def ghost(self, address: str) -> float | None:
        """Where the hardware stands, in the parameter's unit, while it has not picked the parameter up."""
        standing = [source for source in self._sources(address) if source in self._hardware]
        try:
            aim = target(self._link.mirror.tree, address)
        except ParameterError:
            return None
        for source in standing:
            level = ghost(Hold(self._hardware.get(source)), aim.level(self._value(aim)))
            if level is not None:
                return aim.number(level)
        return None

    # ---- once a frame --------------------------------------------------------------------------------------------

    def poll(self, now: float) -> None:
        """Look for devices when it is time, and do what controls said. ``now`` in monotonic seconds."""
        if now - self._scan_at >= SCAN:
            self._scan_at = now
            self._scan()
        self._refresh()
        if self._correcting_until is not None and now >= self._correcting_until:
            self._learning = self._correcting_until = None
        while self._heard:
            heard = self._heard.popleft()
            self.last = heard
            key = (heard.port, heard.kind, heard.channel, heard.number)
            before = self._said.get(key)
            self._said[key] = heard.value
            if not self._has_learnt(heard, now):
                self._follow(heard, key, before, now)

    def close(self) -> None:
        """Close every port."""
        for name in list(self._open):
            self._close(name)

    # ---- devices -------------------------------------------------------------------------------------------------

    def _scan(self) -> None:
        try:
            names = self._ports.names()
        except OSError:
            self._has_midi = False
            return
        self._has_midi, self._port_complaint = True, ""
        for name in self._open.keys() - set(names):
            self._close(name)
        for name in names:
            if name not in self._open:
                try:
                    self._open[name] = self._ports.open(name, self._heard.append)
                except OSError as error:
                    self._port_complaint = str(error)

    def _close(self, name: str) -> None:
        """A device that comes back may stand anywhere: what was known of its controls is forgotten."""
        self._open.pop(name).close()
        port = device(name)
        self._said = {key: value for key, value in self._said.items() if key[0] != port}
        self._hardware = {source: level for source, level in self._hardware.items() if source.port != port}

    def _shown_name(self, name: str) -> str:
        fitting = [known.name for known in self._maps if known.fits(name)]
        return fitting[0] if fitting else device(name).split(":")[0]

    # ---- bindings ------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Work out anew what each control drives, when devices, voices in play or bindings have changed."""
        mirror = self._link.mirror
        playing = tuple(slug for slug in mirror.slugs if mirror.values[on_address(slug)])
        table_of = (self._bindings, playing, tuple(self._open))
        if table_of == self._table_of:
            return
        self._table_of = table_of
        learnt = self._bindings.by_source
        taken = {(source.port, *message) for source in learnt for message in source.messages}
        self._driven = dict(learnt)
        for name in self._open if self._bindings.ready_maps else ():
            for known in self._maps:
                if known.fits(name):
                    ready = known.bindings(device(name), playing).items()
                    self._driven |= {s: a for s, a in ready if taken.isdisjoint((s.port, *m) for m in s.messages)}
        by_message: dict[MessageKey, list[Source]] = defaultdict(list)
        for source in self._driven:
            for message in source.messages:
                by_message[(source.port, *message)].append(source)
        self._by_message = dict(by_message)

    def _sources(self, address: str) -> list[Source]:
        return [source for source, driven in self._driven.items() if driven == address]

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
        if self._correcting_until is None:
            self._correcting_until = now + CORRECTS
        self._bind(self._bindings.bound(source, address))
        return True

    # ---- values --------------------------------------------------------------------------------------------------

    def _follow(self, heard: Heard, key: MessageKey, before: int | None, now: float) -> None:
        """Do what a control said, for everything that it drives; ``before`` is what it said last."""
        for source in self._by_message.get(key, ()):
            address = self._driven[source]
            try:
                aim = target(self._link.mirror.tree, address)
            except ParameterError:
                continue  # bound to a voice that is not in this choir
            if aim.is_switch:
                if source.kind == "note" or heard.value >= PRESSED > (before or 0):
                    self._link.set(aim.parameter.address, not self._value(aim))
            elif source.kind in ("relative", "offset"):
                self._set(aim, aim.level(self._value(aim)) + STEP * steps(source.kind, heard.value))
            else:
                self._follow_fader(source, address, aim, heard, now)

    def _follow_fader(self, source: Source, address: str, aim: Target, heard: Heard, now: float) -> None:
        level = self._level(source, heard)
        if level is None:
            return
        known = replace(self._holds.get((source, address), Hold()), hardware=self._hardware.get(source))
        hold, is_taken = take(known, level, aim.level(self._value(aim)), now)
        self._holds[source, address] = hold
        self._hardware[source] = level
        if is_taken:
            self._set(aim, level)

    def _level(self, source: Source, heard: Heard) -> float | None:
        """Where the fader stands; None at the coarse half of a 14-bit pair, which the fine half is to follow."""
        if source.kind == "bend":
            return heard.value / BEND_TOP
        if source.kind == "cc":
            return heard.value / 127
        coarse = self._said.get((source.port, "cc", source.channel, source.number))
        if heard.number == source.number or coarse is None:
            return None
        return (128 * coarse + heard.value) / BEND_TOP

    def _value(self, aim: Target) -> Value:
        return self._link.mirror.values[aim.parameter.address]

    def _set(self, aim: Target, level: float) -> None:
        self._link.set(aim.parameter.address, aim.moved(self._value(aim), level))
