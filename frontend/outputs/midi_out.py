"""MIDI out: the signals as controllers and notes on a port that the performer chose.

``poll`` is called once a frame on the UI thread. While a port is chosen it asks the server for the signals. Once a
second the ports are looked through: one that has gone is told and taken again when it returns. Every note that began
ends: by its time, when the text rests, when another port is chosen, and when this is closed.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from frontend.client.link import AnyLink
from frontend.inputs.midi.ports import device_name
from frontend.outputs.signal_player import Midi, SignalMapping, SignalPlayer, load_mapping
from protocol.messages import Follow

OFF, VIRTUAL = "off", "a port of its own"
NAME = "Antiphon signals"  # what the port of its own is called
CLOSING_WAIT_S = 0.1
STATUS = {"off": 0x80, "on": 0x90, "cc": 0xB0}  # MIDI's first byte, without its channel
SUBSCRIBE_PERIOD_S = 3.0  # seconds between subscriptions; they lapse after 10
SCAN_PERIOD_S = 1.0  # seconds between two looks at the ports


class OutPort(Protocol):
    def send(self, message: Midi) -> None:
        """Raises ``OSError``."""

    def close(self) -> None:
        """Never raises."""


class OutPorts(Protocol):
    def names(self) -> list[str]:
        """The ports that could be played now. Raises ``OSError`` where this machine has no MIDI."""

    def open(self, name: str) -> OutPort:
        """The port called ``name``, or with VIRTUAL one that others connect to. Raises ``OSError``."""


class MidiOutput(Protocol):
    """What windows ask of MIDI out; ``MidiOut`` is one."""

    choices: tuple[str, ...]

    @property
    def complaint(self) -> str: ...

    def look(self) -> None: ...

    def poll(self, chosen: str, now: float) -> None: ...


class NoMidiOut:
    """Where signals are played on nothing."""

    choices: tuple[str, ...] = (OFF,)
    complaint = ""

    def look(self) -> None:
        """There is nothing to choose."""

    def poll(self, chosen: str, now: float) -> None:
        """Nothing sounds."""


class MidiOut:
    """Plays what ``link`` hears. ``mapping`` None: as the user's file says."""

    def __init__(self, link: AnyLink, ports: OutPorts | None = None, mapping: SignalMapping | None = None) -> None:
        self._link, self._ports = link, ports or SystemOutPorts()
        self._file_complaint, self._port_complaint = "", ""
        if mapping is None:
            mapping, self._file_complaint = load_mapping()
        self._mapping = mapping
        self._playing = SignalPlayer(mapping)
        self._chosen = OFF
        self._name = ""  # of the open port
        self._port: OutPort | None = None
        self._scan_at = self._follow_at = 0.0
        self._looks = False
        self.choices: tuple[str, ...] = (OFF,)

    def look(self) -> None:
        """Somebody is choosing: keep ``choices`` right at the next ``poll``."""
        self._looks = True

    @property
    def complaint(self) -> str:
        """One line about what is wrong; empty when all is well."""
        return self._port_complaint or (self._file_complaint if self._chosen != OFF else "")

    def poll(self, chosen: str, now: float) -> None:
        """Play on the port ``chosen`` what was heard since the last call."""
        if chosen != self._chosen:
            self._leave()
            self._chosen, self._scan_at, self._follow_at, self._port_complaint = chosen, now, now, ""
        if (self._looks or chosen != OFF) and now >= self._scan_at:
            self._scan_at, self._looks = now + SCAN_PERIOD_S, False
            self._scan()
        heard = self._link.session.signals
        if self._port is None:
            heard.clear()
            return
        if now >= self._follow_at:
            self._follow_at = now + SUBSCRIBE_PERIOD_S
            self._link.send(Follow())
        self._playing.introduce([card.slug for card in self._link.session.cards])
        messages: list[Midi] = []
        while heard:
            messages += self._playing.take(heard.popleft(), now)
        self._send([*messages, *self._playing.ended(now)])

    def close(self) -> None:
        self._leave()

    def _scan(self) -> None:
        try:
            names = {device_name(name): name for name in self._ports.names()}
        except OSError as error:
            self.choices = (OFF,)
            if self._chosen != OFF:
                self._port_complaint = f"MIDI out: {error}"
            return
        own = () if sys.platform == "win32" else (VIRTUAL,)
        self.choices = (OFF, *own, *(name for name in names if NAME not in name and "antiphon" not in name.lower()))
        if self._chosen == OFF:
            return
        there = self._chosen == VIRTUAL or self._chosen in names
        if not there:
            if self._port is not None:
                self._port.close()  # what is dead cannot be silenced
            self._port = None
            self._playing = SignalPlayer(self._mapping)
            self._port_complaint = f"MIDI out: {self._chosen} is not there"
        elif self._port is None:
            try:
                self._port = self._ports.open(VIRTUAL if self._chosen == VIRTUAL else names[self._chosen])
                self._playing, self._port_complaint = SignalPlayer(self._mapping), ""
            except OSError as error:
                self._port_complaint = f"MIDI out: {error}"

    def _leave(self) -> None:
        """End what sounds and let the port go."""
        if self._port is not None:
            self._send(self._playing.silence())
        if self._port is not None:
            self._port.close()
        self._port = None

    def _send(self, messages: list[Midi]) -> None:
        for message in messages:
            if self._port is None:
                return
            try:
                self._port.send(message)
            except OSError as error:
                self._port_complaint = f"MIDI out: {error}"
                self._port.close()
                self._port = None


class SystemOutPorts:
    """The machine's own ports, by the same system as MIDI in: ``MIDO_BACKEND`` chooses it."""

    def __init__(self) -> None:
        self._api = 0
        self._scanner: Any = None  # one client, kept: asking it is far cheaper than a new one

    def names(self) -> list[str]:
        if self._scanner is None:
            chosen = os.environ.get("MIDO_BACKEND", "")
            if sys.platform == "linux" and not chosen and not Path("/dev/snd/seq").exists():
                raise OSError("no MIDI here")  # asking ALSA all the same would print into the terminal
            import rtmidi

            self._api = getattr(rtmidi, f"API_{chosen.partition('/')[2]}", rtmidi.API_UNSPECIFIED)
            self._scanner = self._client("antiphon out scanner")
        return list(self._scanner.get_ports())

    def open(self, name: str) -> OutPort:
        client = self._client(NAME)
        try:
            if name == VIRTUAL:
                client.open_virtual_port(NAME)
            else:
                client.open_port(client.get_ports().index(name), NAME)
        except (SystemError, RuntimeError, ValueError, NotImplementedError) as error:  # rtmidi's own are RuntimeErrors
            client.delete()
            raise OSError(f"{name} cannot be opened: {error}") from None
        return _SystemOutPort(client)

    def _client(self, name: str) -> Any:
        import rtmidi

        try:
            return rtmidi.MidiOut(self._api, name=name)
        except (SystemError, RuntimeError):
            raise OSError("no MIDI here") from None


class _SystemOutPort:
    def __init__(self, client: Any) -> None:
        self._client = client
        self._sent_at = -math.inf

    def send(self, message: Midi) -> None:
        kind, channel, number, value = message
        try:
            self._client.send_message([STATUS[kind] | channel - 1, number, value])
            self._sent_at = time.monotonic()
        except (SystemError, RuntimeError, ValueError) as error:
            raise OSError(str(error)) from None

    def close(self) -> None:
        # What was sent lies in a buffer that JACK empties a moment later: closed at once, the last note would sound on.
        time.sleep(max(0.0, self._sent_at + CLOSING_WAIT_S - time.monotonic()))
        with contextlib.suppress(SystemError, RuntimeError):  # its device has gone
            self._client.close_port()
            self._client.delete()


class FakeOutPorts:
    """Ports that come and go by hand; ``sent`` is what was played, by port's name."""

    def __init__(self, *names: str) -> None:
        self.here = list(names)
        self.sent: list[tuple[str, Midi]] = []
        self.open_now: list[str] = []

    def names(self) -> list[str]:
        return list(self.here)

    def open(self, name: str) -> OutPort:
        self.open_now.append(name)
        return _FakeOutPort(name, self)


class _FakeOutPort:
    def __init__(self, name: str, among: FakeOutPorts) -> None:
        self._name, self._among = name, among

    def send(self, message: Midi) -> None:
        if self._name in self._among.here or self._name == VIRTUAL:
            self._among.sent.append((self._name, message))

    def close(self) -> None:
        self._among.open_now.remove(self._name)
