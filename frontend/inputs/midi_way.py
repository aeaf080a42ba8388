"""MIDI among the other inputs: switched on and off with them, and every control that speaks is a channel.

What hardware drives is bound by learning and by ready maps (``frontend.inputs.midi``), and follows at once; the
channels are there for whoever wants to know where every control stands, such as teaching by showing. Gain, smoothing
and range hold for what faders and knobs drive, too. ``hear`` runs on the ports' thread, the rest on the hands' thread
or any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from socket import socket
from typing import Literal

from frontend.fields import Table
from frontend.inputs.channels import COMMON, Reading, Shaping
from frontend.inputs.hub_file import Route
from frontend.inputs.midi_ports import BEND_TOP, Heard

MOST = 256  # channels that wait for the hands' thread; a cable has no more controls


@dataclass(frozen=True)
class MidiSettings(Shaping):
    """MIDI is listened to unless it is switched off; not smoothed, since knobs are calm by themselves."""

    on: bool = True
    smoothing: float = 0.0
    lost: Literal["stay", "rest"] = "stay"


class MidiWay:
    """The hub's side of MIDI. ``status`` and ``complaint`` are asked of whoever has the devices."""

    key = "midi"
    name = "MIDI"
    table = Table("MIDI", MidiSettings(), "[midi]", COMMON)
    routes: Sequence[Route] = ()

    def __init__(self, status: Callable[[], str], complaint: Callable[[], str]) -> None:
        self.on = True
        self.wake: Callable[[], None] = lambda: None
        self._status, self._complaint = status, complaint
        self._came: dict[str, Reading] = {}

    @property
    def status(self) -> str:
        return self._status()

    @property
    def complaint(self) -> str:
        return self._complaint()

    def hear(self, device: str, heard: Heard) -> None:
        """Remember where a control of ``device`` stands."""
        kind = "note" if heard.kind == "off" else heard.kind
        channel = f"{self.key}/{device}/{kind}{'' if kind == 'bend' else f' {heard.number}'}"
        if channel in self._came or len(self._came) < MOST:
            top = BEND_TOP if kind == "bend" else 127
            self._came[channel] = Reading(channel, heard.value / top)
        self.wake()

    # ---- as the hub has it -----------------------------------------------------------------------------------------

    def start(self, settings: MidiSettings, wake: Callable[[], None]) -> None:
        self.on, self.wake = True, wake

    def poll(self, now: float) -> Iterable[Reading]:
        came, self._came = self._came, {}
        return list(came.values())

    def sockets(self) -> Sequence[socket]:
        return ()

    def stop(self) -> None:
        self.on = False
        self._came = {}
