"""The machine's own MIDI ports, by python-rtmidi: ALSA or JACK on Linux, CoreMIDI on macOS, Windows' own.

``MIDO_BACKEND`` chooses where there are two, for instance mido.backends.rtmidi/UNIX_JACK. Ports are opened by their
place among those of the same name, so that twins are told apart where the system names them alike.

One thread of our own fetches what rtmidi has heard, every millisecond while a port is open. rtmidi could call back
instead, but on a thread of JACK's, which JACK ends where it stands when a port is closed: if it waits for Python's lock
at that moment, Python stands still for ever. Everything else runs on the UI thread.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from frontend.inputs.midi_ports import Hear, OpenPort, OutPort, heard_in

BACKEND = "MIDO_BACKEND"
LOOK = 0.001  # seconds between two looks at what has come
QUEUE = 4_096  # messages that rtmidi keeps meanwhile
TROUBLES = (OSError, SystemError, RuntimeError, ValueError)  # rtmidi's own errors are RuntimeErrors and ValueErrors


class SystemPorts:
    """Real ports. Two clients of the system's are kept to ask for names: 1,000 times cheaper than a new one."""

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

    def open(self, name: str, which: int, port: str, hear: Hear) -> OpenPort:
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
                    heard = heard_in(message, entry.port)
                    if heard is not None:
                        entry.hear(heard)
            time.sleep(LOOK)

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
        except TROUBLES as error:
            raise OSError(f"MIDI port {name} cannot be opened: {error}") from None
        return client

    def _client(self, kind: str) -> Any:
        if kind == "MidiOut":
            return self._rtmidi.MidiOut(self._api, name="antiphon")
        client = self._rtmidi.MidiIn(self._api, name="antiphon", queue_size_limit=QUEUE)
        client.ignore_types(sysex=True, timing=False, active_sense=True)
        return client

    def _close(self, kind: str, client: Any) -> None:
        with contextlib.suppress(*TROUBLES):  # its device has gone
            client.close_port()
            if kind not in self._spare:
                while kind == "MidiIn" and client.get_message() is not None:
                    pass  # nobody's any more
                self._spare[kind] = client
                return
        with contextlib.suppress(*TROUBLES):
            client.delete()

    def _scanner(self, kind: str) -> Any:
        if kind not in self._scanners:
            self._scanners[kind] = self._start(kind)
        return self._scanners[kind]

    def _start(self, kind: str) -> Any:
        chosen = os.environ.get(BACKEND, "").partition("/")[2]
        without_alsa = sys.platform == "linux" and not chosen and not Path("/dev/snd/seq").exists()
        if self._hopeless or without_alsa:  # asking ALSA all the same would print into the terminal
            raise OSError("no MIDI here")
        import rtmidi

        self._rtmidi = rtmidi
        self._api = getattr(rtmidi, f"API_{chosen}", rtmidi.API_UNSPECIFIED)
        try:
            return getattr(rtmidi, kind)(self._api, name="antiphon scanner")
        except TROUBLES:
            self._hopeless = True
            raise OSError("no MIDI here") from None


class _Input:
    def __init__(self, client: Any, port: str, hear: Hear, shut: Callable[[_Input], None]) -> None:
        self.client, self.port, self.hear, self._shut = client, port, hear, shut

    def fetch(self) -> list[Sequence[int]]:
        """What came since the last look, oldest first."""
        messages: list[Sequence[int]] = []
        with contextlib.suppress(*TROUBLES):  # its device has gone
            while len(messages) < QUEUE and (event := self.client.get_message()) is not None:
                messages.append(event[0])
        return messages

    def close(self) -> None:
        self._shut(self)


class _Output:
    def __init__(self, client: Any, shut: Callable[[Any], None]) -> None:
        self._client, self._shut = client, shut

    def send(self, message: Sequence[int]) -> None:
        with contextlib.suppress(*TROUBLES):
            self._client.send_message(message)

    def close(self) -> None:
        self._shut(self._client)
