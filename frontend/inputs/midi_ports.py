"""The seam to MIDI hardware: which ports there are, and a callback for what one sends.

``SystemPorts`` is the real thing (mido on python-rtmidi); ``FakePorts`` ships beside it for tests and for trying things
out without a device. A callback runs on the library's own thread; everything else on the UI thread.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

BEND_TOP = 16_383
NUMBERED = re.compile(r"(?<=.) \d+:\d+$")  # " 28:0", which ALSA adds and changes from one plugging to the next


@dataclass(frozen=True)
class Heard:
    """One message from a control. ``kind`` is "cc", "note" (a press) or "bend"; ``value`` 0 to 127, or BEND_TOP."""

    port: str  # the device's name, see ``device``
    kind: str
    channel: int  # 1 to 16
    number: int
    value: int


Hear = Callable[[Heard], None]


class OpenPort(Protocol):
    def close(self) -> None:
        """Hear no more. Never raises, also when the device has gone."""


class MidiPorts(Protocol):
    def names(self) -> list[str]:
        """The ports that could be opened now; cheap. Raises ``OSError`` where this machine has no MIDI."""

    def open(self, name: str, hear: Hear) -> OpenPort:
        """Call ``hear`` for each message from now on, on any thread. Raises ``OSError``."""


def device(name: str) -> str:
    """A port's name without what changes when it is plugged in again."""
    return NUMBERED.sub("", name)


class SystemPorts:
    """The machine's own ports. ``MIDO_BACKEND`` chooses the system, for instance mido.backends.rtmidi/UNIX_JACK."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._scanner: Any = None  # one client, kept: asking it is 1,000 times cheaper than a new one
        self._hopeless = False

    def names(self) -> list[str]:
        if self._scanner is None:
            self._start()
        return list(self._scanner.get_ports())

    def open(self, name: str, hear: Hear) -> OpenPort:
        port = device(name)

        def on_message(message: Any) -> None:
            heard = heard_in(message, port)
            if heard is not None:
                hear(heard)

        try:
            return _SystemPort(self._backend.open_input(name, callback=on_message))
        except (OSError, SystemError, RuntimeError) as error:  # rtmidi's own errors are RuntimeErrors
            raise OSError(f"MIDI port {name} cannot be opened: {error}") from None

    def _start(self) -> None:
        chosen = os.environ.get("MIDO_BACKEND")
        without_alsa = sys.platform == "linux" and not chosen and not Path("/dev/snd/seq").exists()
        if self._hopeless or without_alsa:  # asking ALSA all the same would print into the terminal
            raise OSError("no MIDI here")
        import mido
        import rtmidi

        backend = mido.Backend(chosen)
        api = getattr(rtmidi, f"API_{backend.api}") if backend.api else rtmidi.API_UNSPECIFIED
        try:
            self._scanner = rtmidi.MidiIn(api, name="antiphon scanner")
        except (SystemError, RuntimeError):
            self._hopeless = True
            raise OSError("no MIDI here") from None
        self._backend = backend


class _SystemPort:
    def __init__(self, port: Any) -> None:
        self._port = port

    def close(self) -> None:
        with contextlib.suppress(OSError, SystemError, RuntimeError):  # its device has gone
            self._port.close()


def heard_in(message: Any, port: str) -> Heard | None:
    """What a mido message says, or None for one that no control sends."""
    match message.type:
        case "control_change":
            return Heard(port, "cc", message.channel + 1, message.control, message.value)
        case "note_on" if message.velocity > 0:
            return Heard(port, "note", message.channel + 1, message.note, message.velocity)
        case "pitchwheel":
            return Heard(port, "bend", message.channel + 1, 0, message.pitch + 8_192)
    return None


class FakePorts:
    """Devices that are plugged in, moved and unplugged by hand. ``open_now`` are the ports in use, dead ones too."""

    def __init__(self, *names: str, has_midi: bool = True) -> None:
        self._names = list(names)
        self._has_midi = has_midi
        self._open: list[_FakePort] = []

    @property
    def open_now(self) -> list[str]:
        return [port.name for port in self._open]

    def names(self) -> list[str]:
        if not self._has_midi:
            raise OSError("no MIDI here")
        return list(self._names)

    def open(self, name: str, hear: Hear) -> OpenPort:
        if name not in self._names:
            raise OSError(f"MIDI port {name} cannot be opened: it is not there")
        port = _FakePort(name, hear, self._open)
        self._open.append(port)
        return port

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
                port.hear(Heard(device(name), kind, channel, number, value))


class _FakePort:
    def __init__(self, name: str, hear: Hear, among: list[_FakePort]) -> None:
        self.name, self.hear, self.is_alive = name, hear, True
        self._among = among

    def close(self) -> None:
        if self in self._among:
            self._among.remove(self)
