"""The seam to MIDI hardware: which ports there are, what one sends, and a way to answer it.

``frontend.inputs.system_ports.SystemPorts`` is the real thing; ``FakePorts`` ships here for tests and for trying things
out without a device. ``hear`` is called on a thread of the ports' own; everything else runs on the UI thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

BEND_TOP = 16_383
NUMBERED = re.compile(r"(?<=.) \d+:\d+$")  # " 28:0", which ALSA adds and changes from one plugging to the next


@dataclass(frozen=True)
class Heard:
    """One message from a device.

    ``kind`` is "cc", "note" (a press), "off" (its release), "bend" or "program"; or, of a clock, "pulse", "start",
    "continue" or "stop", which have neither channel nor number. ``value`` is 0 to 127, or to BEND_TOP for a bend.
    """

    port: str  # the device's name, see ``device``
    kind: str
    channel: int = 0  # 1 to 16
    number: int = 0
    value: int = 0


Hear = Callable[[Heard], None]


class OpenPort(Protocol):
    def close(self) -> None:
        """Hear no more. Never raises, also when the device has gone."""


class OutPort(Protocol):
    def send(self, message: Sequence[int]) -> None:
        """Send one whole message, its bytes. Never raises: a device that has gone is missed at the next scan."""

    def close(self) -> None:
        """Send no more. Never raises."""


class MidiPorts(Protocol):
    def names(self) -> list[str]:
        """The ports that could be opened now; cheap. Two may have the same name. Raises ``OSError`` without MIDI."""

    def open(self, name: str, which: int, port: str, hear: Hear) -> OpenPort:
        """Call ``hear`` for each message from now on, on any thread; ``port`` is what it calls its device.

        ``which`` of those of the same ``name``, counted from 0. Raises ``OSError``.
        """

    def outputs(self) -> list[str]:
        """The ports that could be answered; otherwise as ``names``."""

    def open_output(self, name: str, which: int) -> OutPort:
        """Raises ``OSError``."""


def device(name: str) -> str:
    """A port's name without what changes when it is plugged in again."""
    return NUMBERED.sub("", name)


def heard_in(data: Sequence[int], port: str) -> Heard | None:
    """What a message's bytes say, or None for one that no control sends, and for what is no message."""
    if not data:
        return None
    status, *rest = data
    if status in REALTIME:
        return Heard(port, REALTIME[status]) if not rest else None
    if len(rest) != LENGTHS.get(status & 0xF0) or any(not 0 <= byte < 128 for byte in rest):
        return None
    channel, number, value = (status & 0x0F) + 1, rest[0], rest[-1]
    match status & 0xF0:
        case 0x80:
            return Heard(port, "off", channel, number, 0)
        case 0x90:
            return Heard(port, "note" if value else "off", channel, number, value)
        case 0xB0:
            return Heard(port, "cc", channel, number, value)
        case 0xC0:
            return Heard(port, "program", channel, number, 127)
        case 0xE0:
            return Heard(port, "bend", channel, 0, number + 128 * value)
    return None


LENGTHS = {0x80: 2, 0x90: 2, 0xB0: 2, 0xC0: 1, 0xE0: 2}  # status -> data bytes
REALTIME = {0xF8: "pulse", 0xFA: "start", 0xFB: "continue", 0xFC: "stop"}


class FakePorts:
    """Devices that are plugged in, moved and unplugged by hand.

    ``open_now`` are the ports in use, dead ones too; ``told`` is what was sent to each device that is there.
    """

    def __init__(self, *names: str, has_midi: bool = True) -> None:
        self._names = list(names)
        self._has_midi = has_midi
        self._open: list[_FakePort] = []
        self.told: list[tuple[str, tuple[int, ...]]] = []

    @property
    def open_now(self) -> list[str]:
        return [port.name for port in self._open]

    def names(self) -> list[str]:
        if not self._has_midi:
            raise OSError("no MIDI here")
        return list(self._names)

    outputs = names

    def open(self, name: str, which: int, port: str, hear: Hear) -> OpenPort:
        if self._names.count(name) <= which:
            raise OSError(f"MIDI port {name} cannot be opened: it is not there")
        opened = _FakePort(name, port, hear, self._open)
        self._open.append(opened)
        return opened

    def open_output(self, name: str, which: int) -> OutPort:
        if self._names.count(name) <= which:
            raise OSError(f"MIDI port {name} cannot be opened: it is not there")
        return _FakeOutput(name, self)

    def plug(self, name: str) -> None:
        self._names.append(name)

    def unplug(self, name: str) -> None:
        """As on a real machine: nobody is told, and what was open stays dead when the name comes back."""
        self._names.remove(name)
        for port in self._open:
            port.is_alive = port.is_alive and port.name != name

    def move(self, name: str, number: int, value: int, kind: str = "cc", channel: int = 1) -> None:
        """A control of the device sends; only who has the port open, and alive, hears it."""
        for port in self._open:
            if port.name == name and port.is_alive:
                port.hear(Heard(port.port, kind, channel, number, value))


class _FakePort:
    def __init__(self, name: str, port: str, hear: Hear, among: list[_FakePort]) -> None:
        self.name, self.port, self.hear, self.is_alive = name, port, hear, True
        self._among = among

    def close(self) -> None:
        if self in self._among:
            self._among.remove(self)


class _FakeOutput:
    def __init__(self, name: str, ports: FakePorts) -> None:
        self._name, self._ports, self._alive = name, ports, True

    def send(self, message: Sequence[int]) -> None:
        if self._alive and self._name in self._ports.names():
            self._ports.told.append((self._name, tuple(message)))

    def close(self) -> None:
        self._alive = False
