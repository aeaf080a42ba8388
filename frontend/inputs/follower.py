"""What follows from a message of a control: values at once, and deeds that wait for the window.

Where MIDI is smoothed, a fader's value comes near at once and goes the rest of the way in ``settle``. Takeover looks at
the smoothed value, which is what would be set: so nothing jumps. What another hand moves meanwhile stays there.

Owns what is known of the hardware: where each control stands, and how soft takeover holds it. Runs on the thread that
hears MIDI, and on the UI thread while that one waits: whoever calls holds ``frontend.inputs.midi.Midi``'s lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from frontend.inputs.bindings import FINE, Source
from frontend.inputs.channels import Shaping
from frontend.inputs.learning import steps
from frontend.inputs.midi_ports import BEND_TOP, Heard
from frontend.inputs.one_euro import OneEuro
from frontend.inputs.takeover import MOVED, Hold, take
from frontend.inputs.targets import Aim, Deed, Presence, Target
from frontend.inputs.wiring import MessageKey, Wiring, key_of
from protocol.tree import Value

PRESSED = 64  # a controller's value from which a button counts as pressed
STEP = 1 / 127  # part of the range for one step of an encoder
REST = 0.3  # seconds without a word from a control, after which no hand is at it
SETTLED = 1 / 512  # of a fader's way; nearer than this to where it stands, a smoothed value has arrived
DEEDS_KEPT = 64  # of those that wait; a hand presses no more in a frame


class Follower:
    """``values`` gives the values in force, ``put`` sets one for the device on a port."""

    def __init__(self, values: Callable[[], Mapping[str, Value]], put: Callable[[str, Value, str], None]) -> None:
        self._values, self._put = values, put
        self.shaping = Shaping(smoothing=0.0)  # of what faders and knobs say
        self.hardware: dict[Source, float] = {}  # where each fader stands, as a level
        self.heard_at: dict[Source, float] = {}
        self.moved: dict[str, Value] = {}  # what hands have moved since somebody asked
        self.kept: dict[str, Value] = {}  # faders of silenced voices, which the server does not hear of
        self.deeds: list[str] = []  # what is to be done, oldest first
        self._said: dict[MessageKey, int] = {}  # each control's last value
        self._holds: dict[tuple[Source, str], Hold] = {}
        self._touched: set[Source] = set()
        self._euros: dict[Source, OneEuro] = {}  # what each fader says, smoothed
        self._calming: dict[Source, tuple[str, float]] = {}  # on their way: to which address, where it was left

    @property
    def values(self) -> Mapping[str, Value]:
        """The values in force, a silenced fader where it stands on the desk."""
        values = self._values()
        return {**values, **self.kept} if self.kept else values

    def busy(self, source: Source, now: float) -> bool:
        """Whether a hand is at this control, or its value still on the way: then it is not answered."""
        return source in self._touched or source in self._calming or now - self.heard_at.get(source, -REST) < REST

    def forget(self, port: str) -> None:
        """A device that comes back may stand anywhere."""
        self._said = {key: value for key, value in self._said.items() if key[0] != port}
        self.hardware = {source: level for source, level in self.hardware.items() if source.port != port}
        self._touched = {source for source in self._touched if source.port != port}
        self._euros = {source: euro for source, euro in self._euros.items() if source.port != port}
        self._calming = {source: way for source, way in self._calming.items() if source.port != port}

    def answered(self, source: Source, level: float) -> None:
        """The device was told to stand at ``level``, and has a motor or a ring to do so."""
        self.hardware[source] = level
        self._euros.pop(source, None)

    def note(self, heard: Heard) -> int | None:
        """Remember a message; gives what the control said before."""
        key = key_of(heard)
        before = self._said.get(key)
        self._said[key] = heard.value
        return before

    def follow(self, heard: Heard, wiring: Wiring, now: float) -> None:
        """Do what a control said, for everything that it drives."""
        before = self.note(heard)
        fader = wiring.touching.get(key_of(heard))
        if fader is not None:
            (self._touched.add if heard.kind == "note" else self._touched.discard)(fader)
        for source in wiring.by_message.get(key_of(heard), ()):
            self.heard_at[source] = now
            aim = wiring.aims.get(source)
            if aim is None:
                continue
            if aim.is_switch:
                self._press(source, aim, heard, before)
            else:
                self._move(source, wiring.driven[source], aim, heard, now)
        if heard.kind == "program" and not wiring.by_message.get(key_of(heard)):
            self._do(*wiring.addresses(heard))

    def settle(self, wiring: Wiring, now: float) -> None:
        """Once a frame: let smoothed values go on to where their faders stand."""
        for source, (address, _) in list(self._calming.items()):
            aim, euro = wiring.aims.get(source), self._euros.get(source)
            if aim is None or isinstance(aim, Deed) or euro is None or wiring.driven[source] != address:
                del self._calming[source]  # another bank or voice is under it
                continue
            if self._lost(source, aim):
                continue
            euro = euro.step(euro.raw, now, self.shaping.smoothing)
            if euro.level is None or abs(euro.level - euro.raw) < SETTLED:
                euro = OneEuro(euro.raw, euro.raw, 0.0, now)
            self._go(source, address, aim, euro, now)

    def _lost(self, source: Source, aim: Target | Presence) -> bool:
        """Whether another hand has moved what was on its way: then the fader, where it stands, has to meet it again."""
        way = self._calming.get(source)
        if way is None or abs(aim.stands(self.values) - way[1]) <= MOVED:
            return False
        raw = self._euros.pop(source).raw
        self.hardware[source] = self._shaped(raw)
        del self._calming[source]
        return True

    def _do(self, *addresses: str) -> None:
        self.deeds += addresses
        del self.deeds[:-DEEDS_KEPT]

    def _press(self, source: Source, aim: Aim, heard: Heard, before: int | None) -> None:
        latch = source.kind == "latch"
        edge = heard.value >= PRESSED > (before or 0)
        if not (latch or edge or source.kind in ("note", "program")):
            return
        if isinstance(aim, Deed):
            self._do(aim.address)
        elif isinstance(aim, Target):
            address = aim.parameter.address
            self._set(source, [(address, heard.value >= PRESSED if latch else not self.values[address])])

    def _move(self, source: Source, address: str, aim: Aim, heard: Heard, now: float) -> None:
        assert not isinstance(aim, Deed)
        values = self.values
        stands = aim.stands(values)
        if source.kind in ("relative", "offset"):
            self._set(source, aim.moves(values, stands + STEP * steps(source.kind, heard.value)))
        elif source.kind in ("velocity", "held"):
            self._set(source, aim.moves(values, heard.value / 127))
        elif (raw := self._level(source, heard)) is not None:
            self._lost(source, aim)
            euro = self._euros.get(source, OneEuro()).step(raw, now, self.shaping.smoothing)
            self._go(source, address, aim, euro, now)

    def _go(self, source: Source, address: str, aim: Target | Presence, euro: OneEuro, now: float) -> None:
        """Take a fader's value where it may be taken, and remember whether it is on its way still."""
        assert euro.level is not None
        self._euros[source] = euro
        level = self._shaped(euro.level)
        known = replace(self._holds.get((source, address), Hold()), hardware=self.hardware.get(source))
        self._holds[source, address], is_taken = take(known, level, aim.stands(self.values), now)
        self.hardware[source] = level
        if is_taken:
            self._set(source, aim.moves(self.values, level))
        if euro.level == euro.raw:
            self._calming.pop(source, None)
        else:
            self._calming[source] = address, aim.stands(self.values)

    def _set(self, source: Source, moves: list[tuple[str, Value]]) -> None:
        for address, value in moves:
            if address in self.kept:
                self.kept[address] = value
            else:
                self._put(address, value, source.port)
            self.moved[address] = value

    def _level(self, source: Source, heard: Heard) -> float | None:
        """Where the fader stands; None at the coarse half of a 14-bit pair, which the fine half is to follow."""
        if source.kind == "bend":
            return heard.value / BEND_TOP
        if source.kind != "cc14":
            return heard.value / 127
        coarse = self._said.get((source.port, "cc", source.channel, source.number))
        if heard.number != source.number + FINE or coarse is None:
            return None
        return (128 * coarse + heard.value) / BEND_TOP

    def _shaped(self, level: float) -> float:
        """With gain and range; where there are none it stays as it is, to the last bit."""
        is_plain = (self.shaping.gain, self.shaping.low, self.shaping.high) == (1.0, 0.0, 1.0)
        return level if is_plain else self.shaping.shaped(level)
