"""MIDI ports: which there are, what one sends, and a way to answer it.

``SystemPorts`` are the machine's own, by python-rtmidi: ALSA or JACK on Linux, CoreMIDI on macOS, Windows' own.
``MIDO_BACKEND`` chooses where there are two, for instance mido.backends.rtmidi/UNIX_JACK. ``FakePorts`` are for tests
and for trying things out without a device. A port's listener is called on a thread of the ports' own; everything else
runs on the thread that looks for devices, and ``OutPort.send`` on the UI thread.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from frontend.inputs.midi.timecode import parse_timecode

BEND_TOP = 16_383
LONGEST_NAME_CHARS = 200  # characters of a device's name
PORT_NUMBER = re.compile(r"(?<=.) \d+:\d+$")  # " 28:0", which ALSA adds and changes from one plugging to the next


@dataclass(frozen=True)
class MidiMessage:
    """One message from a device.

    ``kind`` is "cc", "note" (a press), "off" (its release), "bend" or "program"; or, of a clock, "pulse", "start",
    "continue" or "stop", which have neither channel nor number; or of timecode and transport, as
    ``frontend.inputs.midi.timecode`` has them. ``value`` is 0 to 127, or to BEND_TOP for a bend.
    """

    port: str  # the device's name, see ``device_name``
    kind: str
    channel: int = 0  # 1 to 16
    number: int = 0
    value: int = 0

    @property
    def key(self) -> tuple[str, str, int, int]:
        """Which control sent it: device, kind, channel, number."""
        return self.port, self.kind, self.channel, self.number


MidiListener = Callable[[MidiMessage], None]


class OpenPort(Protocol):
    def close(self) -> None:
        """Hear no more. Never raises, also when the device has gone."""


class OutPort(Protocol):
    def send(self, message: Sequence[int]) -> None:
        """Send one whole message, its bytes. Never raises: a device that has gone is missed at the next scan."""

    def close(self) -> None:
        """Send no more. Never raises."""


class MidiPorts(Protocol):
    slow: bool  # whether to look through them may take long: then it wants a thread of its own

    def names(self) -> list[str]:
        """The ports that could be opened now; cheap. Two may have the same name. Raises ``OSError`` without MIDI."""

    def open(self, name: str, which: int, port: str, hear: MidiListener) -> OpenPort:
        """Call ``hear`` for each message from now on, on any thread; ``port`` is what it calls its device.

        ``which`` of those of the same ``name``, counted from 0. Raises ``OSError``.
        """

    def outputs(self) -> list[str]:
        """The ports that could be answered; otherwise as ``names``."""

    def open_output(self, name: str, which: int) -> OutPort:
        """Raises ``OSError``."""


def device_name(name: str) -> str:
    """A port's name without what changes when it is plugged in again, as a file can hold it."""
    return PORT_NUMBER.sub("", name).encode("utf-8", "replace").decode("utf-8")[:LONGEST_NAME_CHARS]


def parse_message(data: Sequence[int], port: str) -> MidiMessage | None:
    """What a message's bytes say, or None for one that no control sends, and for what is no message."""
    if not data:
        return None
    status, *rest = data
    if status in TIMECODE_STATUSES:
        said = parse_timecode(data)
        return None if said is None else MidiMessage(port, said[0], 0, said[1], said[2])
    if status in CLOCK_MESSAGES:
        return MidiMessage(port, CLOCK_MESSAGES[status]) if not rest else None
    if len(rest) != DATA_LENGTHS.get(status & 0xF0) or any(not 0 <= byte < 128 for byte in rest):
        return None
    channel, number, value = (status & 0x0F) + 1, rest[0], rest[-1]
    match status & 0xF0:
        case 0x80:
            return MidiMessage(port, "off", channel, number, 0)
        case 0x90:
            return MidiMessage(port, "note" if value else "off", channel, number, value)
        case 0xB0:
            return MidiMessage(port, "cc", channel, number, value)
        case 0xC0:
            return MidiMessage(port, "program", channel, number, 127)
        case 0xE0:
            return MidiMessage(port, "bend", channel, 0, number + 128 * value)
    return None


DATA_LENGTHS = {0x80: 2, 0x90: 2, 0xB0: 2, 0xC0: 1, 0xE0: 2}  # status -> data bytes
TIMECODE_STATUSES = (0xF1, 0xF0)  # a quarter frame; system exclusive, which has full frames and transports
CLOCK_MESSAGES = {0xF8: "pulse", 0xFA: "start", 0xFB: "continue", 0xFC: "stop"}


class FakePorts:
    """Devices that are plugged in, moved and unplugged by hand.

    ``open_now`` are the ports in use, dead ones too; ``told`` is what was sent to each device that is there.
    """

    slow = False

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

    def open(self, name: str, which: int, port: str, hear: MidiListener) -> OpenPort:
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
        self.say(name, kind, number, value, channel)

    def say(self, name: str, kind: str, number: int, value: int, channel: int = 0) -> None:
        """The device says anything else."""
        for port in self._open:
            if port.name == name and port.is_alive:
                port.hear(MidiMessage(port.port, kind, channel, number, value))


class _FakePort:
    def __init__(self, name: str, port: str, hear: MidiListener, among: list[_FakePort]) -> None:
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


# ---- the machine's own -----------------------------------------------------------------------------------------------
# Ports are opened by their place among those of the same name, so that twins are told apart. One thread of our own
# fetches what rtmidi has heard, every millisecond while a port is open. rtmidi could call back instead, but on a thread
# of JACK's, which JACK ends where it stands when a port is closed: if it waits for Python's lock at that moment, Python
# stands still for ever.

BACKEND_VARIABLE = "MIDO_BACKEND"
POLL_PERIOD_S = 0.001  # seconds between two looks at what has come
RTMIDI_QUEUE_SIZE = 4_096  # messages that rtmidi keeps meanwhile
RTMIDI_ERRORS = (
    OSError,
    SystemError,
    RuntimeError,
    ValueError,
)  # rtmidi's own errors are RuntimeErrors and ValueErrors


class SystemPorts:
    """Real ports. Two clients of the system's are kept to ask for names: 1,000 times cheaper than a new one."""

    slow = True

    def __init__(self) -> None:
        self._rtmidi: Any = None
        self._api = 0
        self._scanners: dict[str, Any] = {}
        self._spare: dict[str, Any] = {}  # a client whose port has been closed, for the next one: new ones are slow
        self._hopeless = False
        self._lock = threading.Lock()  # over the inputs that are open, and the clients behind them
        self._inputs: list[_Input] = []
        self._thread: threading.Thread | None = None

    def names(self) -> list[str]:
        return list(self._scanner("MidiIn").get_ports())

    def outputs(self) -> list[str]:
        return list(self._scanner("MidiOut").get_ports())

    def open(self, name: str, which: int, port: str, hear: MidiListener) -> OpenPort:
        opened = _Input(self._opened("MidiIn", name, which), port, hear, self._shut)
        with self._lock:
            self._inputs = [*self._inputs, opened]
            if self._thread is None:
                self._thread = threading.Thread(target=self._fetch, name="antiphon midi", daemon=True)
                self._thread.start()
        return opened

    def open_output(self, name: str, which: int) -> OutPort:
        return _Output(self._opened("MidiOut", name, which), lambda client: self._close("MidiOut", client))

    def _fetch(self) -> None:
        """The thread: hand on what came, until no port is open."""
        while True:
            with self._lock:
                came = [(entry, entry.fetch()) for entry in self._inputs]
                if not came:
                    self._thread = None
                    return
            for entry, messages in came:
                for message in messages:
                    heard = parse_message(message, entry.port)
                    if heard is not None:
                        entry.hear(heard)
            time.sleep(POLL_PERIOD_S)

    def _shut(self, entry: _Input) -> None:
        with self._lock:
            self._inputs = [other for other in self._inputs if other is not entry]
            self._close("MidiIn", entry.client)

    def _opened(self, kind: str, name: str, which: int) -> Any:
        """A client connected to the ``which``th port of that name."""
        places = [place for place, there in enumerate(self._scanner(kind).get_ports()) if there == name]
        if which >= len(places):
            raise OSError(f"MIDI port {name} cannot be opened: it is not there")
        try:
            client = self._spare.pop(kind, None) or self._client(kind)
            client.open_port(places[which], "controls" if kind == "MidiIn" else "lights")
        except RTMIDI_ERRORS as error:
            raise OSError(f"MIDI port {name} cannot be opened: {error}") from None
        return client

    def _client(self, kind: str) -> Any:
        if kind == "MidiOut":
            return self._rtmidi.MidiOut(self._api, name="antiphon")
        client = self._rtmidi.MidiIn(self._api, name="antiphon", queue_size_limit=RTMIDI_QUEUE_SIZE)
        client.ignore_types(sysex=False, timing=False, active_sense=True)
        return client

    def _close(self, kind: str, client: Any) -> None:
        with contextlib.suppress(*RTMIDI_ERRORS):  # its device has gone
            client.close_port()
            if kind not in self._spare:
                while kind == "MidiIn" and client.get_message() is not None:
                    pass  # nobody's any more
                self._spare[kind] = client
                return
        with contextlib.suppress(*RTMIDI_ERRORS):
            client.delete()

    def _scanner(self, kind: str) -> Any:
        if kind not in self._scanners:
            self._scanners[kind] = self._start(kind)
        return self._scanners[kind]

    def _start(self, kind: str) -> Any:
        chosen = os.environ.get(BACKEND_VARIABLE, "").partition("/")[2]
        without_alsa = sys.platform == "linux" and not chosen and not Path("/dev/snd/seq").exists()
        if self._hopeless or without_alsa:  # asking ALSA all the same would print into the terminal
            raise OSError("no MIDI here")
        import rtmidi

        self._rtmidi = rtmidi
        self._api = getattr(rtmidi, f"API_{chosen}", rtmidi.API_UNSPECIFIED)
        try:
            return getattr(rtmidi, kind)(self._api, name="antiphon scanner")
        except RTMIDI_ERRORS:
            self._hopeless = True
            raise OSError("no MIDI here") from None


class _Input:
    def __init__(self, client: Any, port: str, hear: MidiListener, shut: Callable[[_Input], None]) -> None:
        self.client, self.port, self.hear, self._shut = client, port, hear, shut

    def fetch(self) -> list[Sequence[int]]:
        """What came since the last look, oldest first."""
        messages: list[Sequence[int]] = []
        with contextlib.suppress(*RTMIDI_ERRORS):  # its device has gone
            while len(messages) < RTMIDI_QUEUE_SIZE and (event := self.client.get_message()) is not None:
                messages.append(event[0])
        return messages

    def close(self) -> None:
        self._shut(self)


class _Output:
    def __init__(self, client: Any, shut: Callable[[Any], None]) -> None:
        self._client, self._shut = client, shut

    def send(self, message: Sequence[int]) -> None:
        with contextlib.suppress(*RTMIDI_ERRORS):
            self._client.send_message(message)

    def close(self) -> None:
        self._shut(self._client)
