"""The hub of all inputs: it listens to them, shapes what they say, and routes it to the parameters.

An input is a way in (TUIO, Leap, camera, OSC, MIDI, phones). It is switched on and off, polled, and closed on one
thread, "antiphon hands", which sleeps until a socket of an input has something, ``wake`` is called, or a moment has
passed: what a hand does is on the wire within milliseconds, and waits for no frame to be drawn. An input says what it
reads as ``Reading``s: either when it is polled, or through ``Hub.hear`` from a thread of its own; then the values have
left when that returns. The hub filters and shapes the readings and gives them to the router
(``frontend.inputs.routing``), which lets them take hold of parameters without a jump. An input may also set values by
itself, through ``Hub.set``, which says whose hand it was. Whatever an input raises costs that input, not the others.

What the user binds, by learning or by hand, is one table for all inputs, in one file. Windows ask for ``rows``, a
snapshot, and change settings and bindings; those methods are for any thread. ``save_when_due`` is called once a frame
on the UI thread: it writes what is to be remembered.

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
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from frontend.client.link import AnyLink
from frontend.config.setting_fields import SettingsTable
from frontend.inputs.bindings import PRECISE_KINDS, Bindings, MidiControl, Source, kind_of, label
from frontend.inputs.channels import Channel, Reading, Shaping
from frontend.inputs.inputs_file import InputsConfig, InputsFile
from frontend.inputs.interface import ChannelRow, Ellipse, Input, InputRow
from frontend.inputs.last_touch import Holders
from frontend.inputs.learning import Learner, control_in
from frontend.inputs.midi.ports import MidiMessage
from frontend.inputs.multi_puck import PuckSender
from frontend.inputs.routing import Router, Said, Wiring, wire
from frontend.inputs.targets import aim, is_switch
from protocol.errors import AntiphonError, ParameterError
from protocol.process import HANDS_PRIORITY, raise_priority
from protocol.puck import MOST_PUCKS, Puck
from protocol.tree import Value

if TYPE_CHECKING:
    from _typeshed import HasFileno

BUSY_LOOK_S = 1 / 120  # seconds between two looks while something is read, or on its way
SWITCH_INTERVAL_S = (
    0.0005  # seconds that a thread which draws may keep the interpreter when a hand moves; by default 0.005
)
IDLE_LOOK_S = 0.1  # seconds between two looks while nothing is
BUSY_FOR_S = 1.0  # seconds after the last reading for which the looks stay close
MAX_CHANNELS = 512  # of all inputs together
SAVE_AFTER_S = 1.0  # seconds after a change before it is written


class Hub:
    """All inputs, by key. ``file`` None keeps nothing. Before ``begin`` no thread runs: ``turn`` is called by hand."""

    def __init__(
        self, link: AnyLink, file: InputsFile | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.holders = Holders()
        self._link, self._file, self._clock = link, file or InputsFile(None), clock
        self.lock = threading.RLock()  # guards all below, and what an input that calls ``hear`` remembers of its
        # controls; held for moments only, never while an input waits for anything
        self._inputs: dict[str, Input] = {}
        self._kept = InputsConfig()
        self._running: dict[str, Any] = {}  # the settings that each input which is on was started with
        self._failed: dict[str, str] = {}
        self._channels: dict[str, dict[str, Channel]] = {}  # by input, by name
        self._controls: dict[MidiControl, Channel] = {}  # what bound MIDI controls say
        self._devices: dict[str, str] = {}  # MIDI devices by port, as the screen calls them
        self._messages: dict[str, MidiMessage] = {}  # the last message that each channel of MIDI shows
        self._looked: dict[str, float] = {}  # each channel's level in the last look
        self._router = Router(link)
        self._wired_of: tuple[object, ...] = ()
        self._pucks = {kind: PuckSender(kind) for kind in MOST_PUCKS}
        self.circle: Ellipse | None = None  # where the puck's circle is seen, in parts of the window; the UI says so
        self._learner: Learner | None = None
        self._read_at = -math.inf
        self._changed_at: float | None = None
        self._ending = False
        self._thread: threading.Thread | None = None
        self._bell: socket.socket | None = None  # a byte written here wakes the thread

    # ---- which inputs there are ------------------------------------------------------------------------------------

    def add(self, *inputs: Input) -> None:
        """Let these be known, each switched on or off as the file says. Before ``begin``."""
        with self.lock:
            self._inputs |= {each.key: each for each in inputs}
            self._kept = self._file.load(self._tables)

    def begin(self) -> None:
        """Start the hands' thread. The interpreter is asked to let it in sooner, whatever a frame does."""
        sys.setswitchinterval(SWITCH_INTERVAL_S)
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
        with self.lock:
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
        with self.lock:
            self._pucks[kind].gather(who, tuple(pucks))
        if threading.current_thread() is not self._thread:
            self.wake()

    def features(self) -> dict[str, float]:
        """The shaped level of every channel that is present now."""
        return {row.name: row.level for each in self.rows() for row in each.channels if row.seen}

    def rows(self) -> tuple[InputRow, ...]:
        """All inputs with their channels, as they are now."""
        now = self._clock()
        with self.lock:
            return tuple(self._row(each, now) for each in self._inputs.values())

    @property
    def status(self) -> str:
        """The inputs that are on, by name, with what each says; MIDI's devices have a place of their own."""
        with self.lock:
            parts = [
                f"{each.name}: {each.status}"
                for key, each in self._inputs.items()
                if key in self._running and each.status and key != "midi"
            ]
        return ", ".join(parts)

    @property
    def complaint(self) -> str:
        """One line about what is wrong with any of them; empty when all is well."""
        with self.lock:
            for key, each in self._inputs.items():
                line = self._failed.get(key) or (each.complaint if key in self._running else "")
                if line:
                    return f"{each.name}: {line}"
        return self._file.trouble

    def change(self, key: str, **values: object) -> None:
        """Change settings of an input, numbers clamped. Raises ``ParameterError``."""
        with self.lock:
            settings = self._inputs[key].table.changed(self._kept.settings[key], values)
            self._failed.pop(key, None)
            self._keep(replace(self._kept, settings={**self._kept.settings, key: settings}))
        self.wake()

    def input(self, key: str) -> Input | None:
        """The input of this name, for a panel that knows more of it than its channels."""
        with self.lock:
            return self._inputs.get(key)

    def settings(self, key: str) -> Any:
        """The settings of an input, a dataclass of its own that extends ``Shaping``."""
        with self.lock:
            return self._kept.settings[key]

    # ---- what drives what ------------------------------------------------------------------------------------------

    @property
    def wiring(self) -> Wiring:
        """What every source drives now: what was bound, and what inputs bring along."""
        with self.lock:
            self._rewire()
            return self._router.wiring

    def _rewire(self) -> None:
        """Wire anew where bindings, inputs or the choir have changed."""
        with self.lock:
            tree, ready = self._link.session.tree, tuple(each.ready for each in self._inputs.values())
            wired_of = (self._kept.bindings, ready)
            if not self._wired_of or self._wired_of[0] is not tree or self._wired_of[1:] != wired_of:
                self._wired_of = (tree, *wired_of)
                self._router.wiring = wire(self._kept.bindings, (each for row in ready for each in row), tree)

    @property
    def bindings(self) -> Bindings:
        """What the user bound."""
        return self._kept.bindings

    def restore(self, bindings: Bindings) -> None:
        """Let what was bound be this, and remember it."""
        with self.lock:
            self._keep(replace(self._kept, bindings=bindings))

    def bind(self, channel: str, address: str) -> None:
        """Let a channel drive this, in place of all that it drove before; an empty address is nothing.

        A channel that shows a MIDI control's messages stands for that control.
        """
        with self.lock:
            heard = self._messages.get(channel)
            source: Source | None = channel
            if heard is not None:
                corrected = (each for each in self.wiring.by_message.get(heard.key, ()) if each.kind in PRECISE_KINDS)
                for_switch = bool(address) and is_switch(address)
                source = next(corrected, None) or control_in(heard, for_switch) or control_in(heard, not for_switch)
            if source is not None:
                self.restore(self._kept.bindings.bound(source, address))

    @property
    def learning(self) -> str | None:
        """The address that the next source to move will drive."""
        learner = self._learner
        return None if learner is None else learner.address

    def learn(self, address: str) -> None:
        """Let the next source that a hand moves drive ``address``. Raises ``ParameterError`` for no such target."""
        for_switch = aim(self._link.session.tree, address).is_switch
        with self.lock:
            self._learner = Learner(address, for_switch)

    def cancel(self) -> None:
        """Learn nothing after all."""
        with self.lock:
            self._learner = None

    def forget(self, address: str) -> None:
        """Let nothing that was learnt drive ``address``, and no channel; what a ready map says holds again."""
        with self.lock:
            self.restore(self._kept.bindings.without(address, self._present(address)))

    def label(self, address: str) -> str | None:
        """What was learnt for ``address``, or which MIDI control drives it, such as "CC 4"; connected or not."""
        with self.lock:
            learnt = [each.source for each in self._kept.bindings.learnt if each.address == address]
            wired = [each for each in self.wiring.by_address.get(address, ()) if isinstance(each, MidiControl)]
        return next((label(source) for source in (*learnt, *wired)), None)

    def driver(self, address: str) -> str | None:
        """The same, and where there is none a channel that is there and drives it."""
        with self.lock:
            return self.label(address) or next(map(str, self._present(address)), None)

    def ghost(self, address: str) -> float | None:
        """Where a fader stands, in the parameter's unit, while it has not met the parameter."""
        try:
            with self.lock:
                return self._router.ghost(address)
        except KeyError:  # another choir, and nothing is wired to it yet
            return None

    def moved(self) -> dict[str, Value]:
        """What hands have moved through the router since the last call, by address, and where to."""
        with self.lock:
            found, self._router.moved = self._router.moved, {}
        return found

    def actions(self) -> list[str]:
        """What was pressed since the last call, by address, oldest first."""
        with self.lock:
            found, self._router.actions = self._router.actions, []
        return found

    @property
    def values(self) -> Mapping[str, Value]:
        """The values in force, a silenced fader where it stands on the desk."""
        return self._router.values

    def set_aside(self, faders: Mapping[str, float]) -> None:
        """The faders of silenced voices, by address: who moves one is told by ``moved``, not to the server."""
        with self.lock:
            self._router.kept = {**faders}

    def _present(self, address: str) -> list[Source]:
        """The channels that are there and drive ``address``."""
        there = {name for channels in self._channels.values() for name in channels}
        return [source for source in self.wiring.by_address.get(address, ()) if source in there]

    def save_when_due(self, now: float) -> None:
        """Once a frame, on the UI thread: write what has not changed for a moment."""
        if self._changed_at is not None and now >= self._changed_at + SAVE_AFTER_S:
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
            with self.lock:
                self._read(key, readings, now)
        with self.lock:
            moved = self._route(self._live(now), now)
            if self._learner is not None and (learnt := self._learner.decide(now)) is not None:
                self._bind_learnt(learnt, self._learner)
            under_way = moved or any(each.is_on_its_way for each in self._controls.values())
        pucks_in = self._send_pucks(now) - now
        flush_in = min(pucks_in, self._link.flush(now) - now)
        busy = now - self._read_at < BUSY_FOR_S or under_way
        return max(0.0, min(flush_in, BUSY_LOOK_S if busy else IDLE_LOOK_S))

    # ---- any thread ------------------------------------------------------------------------------------------------

    def hear(self, key: str, who: str, readings: Sequence[Reading], now: float) -> bool:
        """What an input reads, on a thread of its own: the values that follow have left when this returns.

        ``who`` is what the screen calls the device. The first reading shows the message. False where something was
        learnt from it: then nothing follows.
        """
        with self.lock:
            self._read(key, readings, now)
            if self._learn(readings[0], now):
                return False
            moved = self._route([each for reading in readings for each in self._spoken(key, who, reading, now)], now)
        if moved:
            self.wake()  # what the link holds back has to be sent in time
        return True

    def _spoken(self, key: str, who: str, reading: Reading, now: float) -> Iterable[Said]:
        """What a bound MIDI control says in this moment."""
        source, level = reading.source, reading.level
        if isinstance(source, str) or level is None:
            return
        if kind_of(source).steps:
            yield Said(who, source, level, spoke=True)
            return
        self._devices[source.port] = who
        shaping, channel = self._kept.settings[key], self._controls.get(source, Channel())
        with contextlib.suppress(KeyError):
            if self._router.lost(source):
                channel = self._left_alone(source, channel, shaping)
        channel = self._controls[source] = channel.read(reading, now, shaping)
        shaped = channel.level(now, shaping)
        if shaped is not None:
            yield Said(who, source, shaped, spoke=True, on_its_way=channel.is_on_its_way, raw=level)

    def _left_alone(self, source: MidiControl, channel: Channel, shaping: Shaping) -> Channel:
        """Another hand moved what was on its way: the control, where it stands, has to meet that again."""
        self._router.stands(source, shaping.shaped(channel.euro.raw))
        return channel.arrived()

    def answered(self, source: MidiControl, level: float) -> None:
        """The device was told to stand at ``level``, and has a motor or a ring to do so."""
        with self.lock:
            self._router.stands(source, level)
            self._controls.pop(source, None)

    def at_hand(self, source: MidiControl, now: float) -> bool:
        """Whether a hand is at this control, or its value still on the way."""
        with self.lock:
            return self._router.at_hand(source, now)

    def level(self, source: MidiControl) -> float | None:
        """Where a bound fader stands; None for a button, and for what has not been heard."""
        with self.lock:
            return self._router.level(source)

    def touch(self, source: MidiControl, is_touched: bool) -> None:
        """The fader says itself whether a hand is on it."""
        with self.lock:
            (self._router.touched.add if is_touched else self._router.touched.discard)(source)

    def do(self, *addresses: str) -> None:
        """Let these actions be done."""
        with self.lock:
            self._router.do(*addresses)

    def forget_device(self, port: str) -> None:
        """A MIDI device has come or gone: its controls may stand anywhere."""
        with self.lock:
            self._router.forget(port)
            self._controls = {each: channel for each, channel in self._controls.items() if each.port != port}

    # ---- the hands' thread -----------------------------------------------------------------------------------------

    def _send_pucks(self, now: float) -> float:
        """Say what is due; when there will be something again."""
        with self.lock:
            due = [each.due(now) for each in self._pucks.values()]
        for message, _ in due:
            if message is not None:
                self._link.send(message)
        return min(again for _, again in due)

    def _run(self, hears: socket.socket) -> None:
        raise_priority(HANDS_PRIORITY)  # before whatever draws
        waiting: tuple[HasFileno, ...] = ()
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
        with self.lock:
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
        with self.lock:
            self._running.pop(key, None)
            self._channels.pop(key, None)

    def _fail(self, key: str, line: str) -> None:
        self._stop(key)
        with self.lock:
            self._failed[key] = f"{line}; switch it off and on to try again"

    # ---- channels: the lock is ours --------------------------------------------------------------------------------

    def _read(self, key: str, readings: Sequence[Reading], now: float) -> None:
        channels = self._channels.setdefault(key, {})
        room = MAX_CHANNELS - sum(map(len, self._channels.values()))
        for reading in readings:
            name = reading.source
            if not isinstance(name, str):
                continue
            known = channels.get(name)
            if known is None:
                if reading.level is None or room <= 0:
                    continue
                room, known = room - 1, Channel()
            channels[name] = read = known.read(reading, now, self._kept.settings[key])
            if reading.heard is not None and reading.heard.kind != "off":
                self._messages[name] = reading.heard
            if read.seen and not known.seen:
                self._router.arrived(name)
            self._read_at = now
            if reading.heard is None:
                self._learn(reading, now)

    def _learn(self, reading: Reading, now: float) -> bool:
        """Whether this reading bound its source, or is weighed with others; then it moves nothing."""
        learner = self._learner
        if learner is None:
            return False
        source = learner.hear(reading, now)
        if source is None:
            return learner.weighs
        self._bind_learnt(source, learner)
        return True

    def _bind_learnt(self, source: Source, learner: Learner) -> None:
        """What a learner has found drives its address, from where it stands."""
        if learner.level is not None:
            self._router.pressed(source, learner.level)
            self._router.stands(source, learner.level)
        self._keep(replace(self._kept, bindings=self._kept.bindings.bound(source, learner.address)))
        self._learner = None

    def mend(self, source: MidiControl, by: MidiControl) -> None:
        """A control turns out to be of another kind than was learnt."""
        with self.lock:
            self._keep(replace(self._kept, bindings=self._kept.bindings.replacing(source, by)))

    def _route(self, said: Iterable[Said], now: float) -> bool:
        """Let the router do what the sources say; whether anything was set."""
        self._rewire()
        try:
            sets = self._router.route(said, now)
        except (KeyError, ParameterError):  # another choir is coming, and nothing is wired to it yet
            return False
        for address, who in sets:
            self.holders.note(address, who, now)
        return bool(sets)

    def _live(self, now: float) -> Iterable[Said]:
        """What all sources say that speak without being heard: channels that are there, and values on their way."""
        by_source = self._router.wiring.by_source
        for key, channels in self._channels.items():
            shaping, who = self._kept.settings[key], self._inputs[key].name
            for name, channel in channels.items():
                level = channel.level(now, shaping) if name in by_source else None
                if level is not None:
                    spoke = self._looked.get(name) != level
                    self._looked[name] = level
                    yield Said(who, name, level, channel.seen, spoke and channel.seen)
        shaping = self._kept.settings.get("midi", Shaping())
        for source, channel in list(self._controls.items()):
            if not channel.is_on_its_way:
                continue
            if self._router.lost(source):
                self._controls[source] = self._left_alone(source, channel, shaping)
                continue
            self._controls[source] = channel = channel.settled(now, shaping)
            level = channel.level(now, shaping)
            if level is not None:
                yield Said(self._devices.get(source.port, source.port), source, level, on_its_way=channel.is_on_its_way)

    def _sources(self, channel: str) -> tuple[Source, ...]:
        """What a channel stands for: itself, and the MIDI controls that are heard in the message that it shows."""
        heard = self._messages.get(channel)
        return (channel, *(self.wiring.by_message.get(heard.key, ()) if heard is not None else ()))

    def _row(self, each: Input, now: float) -> InputRow:
        key, shaping = each.key, self._kept.settings[each.key]
        rows = []
        for name, channel in self._channels.get(key, {}).items():
            level, sources = channel.level(now, shaping), self._sources(name)
            drives = tuple(address for source in sources for address in self.wiring.driven(source))
            leads = any(map(self._router.leads, sources))
            rows.append(ChannelRow(name, channel.rest if level is None else level, channel.seen, drives, leads))
        status = each.status if key in self._running else "off"
        complaint = self._failed.get(key) or (each.complaint if key in self._running else "")
        return InputRow(key, each.name, status, complaint, shaping, each.table, tuple(rows))

    # ---- what is remembered ----------------------------------------------------------------------------------------

    @property
    def _tables(self) -> Mapping[str, SettingsTable[Any]]:
        return {key: each.table for key, each in self._inputs.items()}

    def _keep(self, kept: InputsConfig) -> None:
        if kept != self._kept:
            self._kept, self._changed_at = kept, self._clock()

    def _save(self) -> None:
        with self.lock:
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
