"""What the desk shows and asks of MIDI hardware: the seam, and the hardware that is not there.

``frontend.inputs.midi.input.Midi`` is the real one. UI thread only.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Protocol

from frontend.inputs.bindings import NOTHING_BOUND, Bindings
from frontend.inputs.midi.clock import MidiClock, Tempo
from frontend.inputs.midi.controller_maps import Bank
from frontend.inputs.midi.monitor import Monitor
from protocol.tree import Value


class MidiInterface(Protocol):
    """What the desk shows and asks of the hardware; ``frontend.inputs.midi.input.Midi`` is one."""

    @property
    def learning(self) -> str | None: ...

    @property
    def status(self) -> str: ...

    @property
    def complaint(self) -> str: ...

    @property
    def devices(self) -> list[tuple[str, str]]: ...

    @property
    def bank(self) -> Bank: ...

    @property
    def bindings(self) -> Bindings: ...

    @property
    def monitor(self) -> Monitor: ...

    @property
    def tempo(self) -> Tempo: ...

    def poll(self, now: float) -> None: ...

    def tell(self, lit: Container[str], kept: Mapping[str, float]) -> None: ...

    def moved(self) -> dict[str, Value]: ...

    def deeds(self) -> list[str]: ...

    def turn_bank(self, by: int) -> None: ...

    def restore(self, bindings: Bindings) -> None: ...

    def learn(self, address: str) -> None: ...

    def cancel(self) -> None: ...

    def forget(self, address: str) -> None: ...

    def label(self, address: str) -> str | None: ...

    def ghost(self, address: str) -> float | None: ...

    def shown_name(self, port: str) -> str: ...


class NoMidi:
    """Where there is no MIDI: it never has anything to say."""

    learning: str | None = None
    status = "no MIDI here"
    complaint = ""
    bank = Bank()
    bindings: Bindings = NOTHING_BOUND

    def __init__(self) -> None:
        self.devices: list[tuple[str, str]] = []
        self.monitor = Monitor()
        self.tempo: Tempo = MidiClock()

    def poll(self, now: float) -> None:
        """Nothing comes."""

    def tell(self, lit: Container[str], kept: Mapping[str, float]) -> None:
        """Nobody listens."""

    def moved(self) -> dict[str, Value]:
        return {}

    def deeds(self) -> list[str]:
        return []

    def turn_bank(self, by: int) -> None:
        """It has no faders."""

    def restore(self, bindings: Bindings) -> None:
        self.bindings = bindings

    def learn(self, address: str) -> None:
        """Nobody will teach it."""

    def cancel(self) -> None:
        """It was learning nothing."""

    def forget(self, address: str) -> None:
        """It knew nothing."""

    def label(self, address: str) -> str | None:
        return None

    def ghost(self, address: str) -> float | None:
        return None

    def shown_name(self, port: str) -> str:
        return port
