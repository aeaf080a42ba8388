"""What follows from a message of a control: values at once, and deeds that wait for the window.

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
from frontend.inputs.takeover import Hold, take
from frontend.inputs.targets import Aim, Deed, Target
from frontend.inputs.wiring import MessageKey, Wiring, key_of
from protocol.tree import Value

PRESSED = 64  # a controller's value from which a button counts as pressed
STEP = 1 / 127  # part of the range for one step of an encoder
REST = 0.3  # seconds without a word from a control, after which no hand is at it
DEEDS_KEPT = 64  # of those that wait; a hand presses no more in a frame


class Follower:
    """``values`` gives the values in force, ``put`` sets one for the device on a port."""

    def __init__(self, values: Callable[[], Mapping[str, Value]], put: Callable[[str, Value, str], None]) -> None:
        self._values, self._put = values, put
        self.shaping = Shaping()  # gain and range of what faders and knobs say
        self.hardware: dict[Source, float] = {}  # where each fader stands, as a level
        self.heard_at: dict[Source, float] = {}
        self.moved: dict[str, Value] = {}  # what hands have moved since somebody asked
        self.kept: dict[str, Value] = {}  # faders of silenced voices, which the server does not hear of
        self.deeds: list[str] = []  # what is to be done, oldest first
        self._said: dict[MessageKey, int] = {}  # each control's last value
        self._holds: dict[tuple[Source, str], Hold] = {}
        self._touched: set[Source] = set()

    @property
    def values(self) -> Mapping[str, Value]:
        """The values in force, a silenced fader where it stands on the desk."""
        values = self._values()
        return {**values, **self.kept} if self.kept else values

    def busy(self, source: Source, now: float) -> bool:
        """Whether a hand is at this control: then it is not answered."""
        return source in self._touched or now - self.heard_at.get(source, -REST) < REST

    def forget(self, port: str) -> None:
        """A device that comes back may stand anywhere."""
        self._said = {key: value for key, value in self._said.items() if key[0] != port}
        self.hardware = {source: level for source, level in self.hardware.items() if source.port != port}
        self._touched = {source for source in self._touched if source.port != port}

    def answered(self, source: Source, level: float) -> None:
        """The device was told to stand at ``level``, and has a motor or a ring to do so."""
        self.hardware[source] = level

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
        elif (level := self._level(source, heard)) is not None:
            level = level if _is_plain(self.shaping) else self.shaping.shaped(level)
            known = replace(self._holds.get((source, address), Hold()), hardware=self.hardware.get(source))
            hold, is_taken = take(known, level, stands, now)
            self._holds[source, address] = hold
            self.hardware[source] = level
            if is_taken:
                self._set(source, aim.moves(values, level))

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


def _is_plain(shaping: Shaping) -> bool:
    """Whether a level stays as it is, to the last bit."""
    return (shaping.gain, shaping.low, shaping.high) == (1.0, 0.0, 1.0)
