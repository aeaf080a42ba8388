"""What the controller shows and asks of MIDI devices: the interface, and the one for no devices.

``frontend.inputs.midi.input.MidiInput`` is the real one; what controls do goes through the hub, as with every input. UI
thread only.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Protocol

from frontend.inputs.midi.clock import MidiClock, Tempo
from frontend.inputs.midi.controller_maps import Bank
from frontend.inputs.midi.monitor import Monitor
from frontend.inputs.midi.timecode import MidiTimecode


class MidiInterface(Protocol):
    """What the controller shows and asks of MIDI devices."""

    @property
    def status(self) -> str: ...

    @property
    def complaint(self) -> str: ...

    @property
    def devices(self) -> list[tuple[str, str]]: ...

    @property
    def bank(self) -> Bank: ...

    @property
    def monitor(self) -> Monitor: ...

    @property
    def tempo(self) -> Tempo: ...

    @property
    def timecode(self) -> MidiTimecode: ...

    def send_feedback(self, lit: Container[str]) -> None: ...

    def turn_bank(self, by: int) -> None: ...

    def shown_name(self, port: str) -> str: ...


class NoMidi:
    """Where there is no MIDI: it never has anything to say."""

    status = "no MIDI here"
    complaint = ""
    bank = Bank()

    def __init__(self) -> None:
        self.devices: list[tuple[str, str]] = []
        self.monitor = Monitor()
        self.tempo: Tempo = MidiClock()
        self.timecode = MidiTimecode()

    def send_feedback(self, lit: Container[str]) -> None:
        """Nobody listens."""

    def turn_bank(self, by: int) -> None:
        """It has no faders."""

    def shown_name(self, port: str) -> str:
        return port
