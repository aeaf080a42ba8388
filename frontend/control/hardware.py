"""What the desk shows and asks of MIDI hardware: the seam, and the hardware that is not there.

``frontend.inputs.midi.Midi`` is the real one. UI thread only.
"""

from __future__ import annotations

from typing import Protocol


class MidiLike(Protocol):
    """What the desk shows and asks of the hardware; ``frontend.inputs.midi.Midi`` is one."""

    @property
    def learning(self) -> str | None: ...

    @property
    def status(self) -> str: ...

    @property
    def complaint(self) -> str: ...

    def poll(self, now: float) -> None: ...

    def learn(self, address: str) -> None: ...

    def cancel(self) -> None: ...

    def forget(self, address: str) -> None: ...

    def label(self, address: str) -> str | None: ...

    def ghost(self, address: str) -> float | None: ...


class NoMidi:
    """Where there is no MIDI: it never has anything to say."""

    learning: str | None = None
    status = "no MIDI here"
    complaint = ""

    def poll(self, now: float) -> None:
        """Nothing comes."""

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
