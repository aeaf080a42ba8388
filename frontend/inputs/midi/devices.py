"""The MIDI devices that are plugged in, each under a name of its own, opened when they come and closed when they go.

A device is known by its port's name without what the system adds; the second of two that are called alike is "NAME #2",
and whichever of them is pulled out gets its own name back. ``scan`` is to be called once a second: no system tells of a
device that has gone. It may take long, for systems are slow to open a port; whoever else asks, on any thread, sees what
the last one found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from frontend.inputs.midi.ports import MidiListener, MidiPorts, OpenPort, OutPort, device_name

OWN_PORTS = "antiphon"  # how our own ports are called, which are no devices
HIDDEN_PORTS = ("Midi Through",)  # ALSA's own loop, which is no device

Place = tuple[str, int]  # a port's name, and which of those of that name


@dataclass
class Device:
    """One that is plugged in. ``port`` is its name here; ``out`` the way to answer it, None where there is none."""

    port: str
    place: Place
    entry: OpenPort
    out: OutPort | None = None


class Devices:
    """``hear`` is called for every message, on the ports' own thread.

    ``answering`` says by which words a device's output can be known, None where it is not to be answered.
    """

    def __init__(self, ports: MidiPorts, hear: MidiListener, answering: Callable[[str], str | None]) -> None:
        self.has_midi = True
        self.complaint = ""
        self._ports, self._hear, self._answering = ports, hear, answering
        self._there: dict[Place, Device] = {}  # for the thread that scans
        self._seen: tuple[Device, ...] = ()  # for everybody

    def __iter__(self) -> Iterator[Device]:
        return iter(self._seen)

    @property
    def names(self) -> tuple[str, ...]:
        """All that are plugged in, in the order of their names, so that it does not depend on who came first."""
        return tuple(sorted(there.port for there in self))

    @property
    def shown(self) -> list[str]:
        return [name for name in self.names if not name.startswith(HIDDEN_PORTS)]

    def scan(self) -> tuple[list[str], list[str]]:
        """Open what has come and close what has gone; the names of both."""
        try:
            places = _places(self._ports.names())
        except OSError:
            self.has_midi = False
            return [], []
        self.has_midi = True
        troubles: list[str] = []
        gone = [self._close(place) for place in self._there.keys() - set(places)]
        come = [
            port for place in places if place not in self._there and (port := self._open(place, troubles)) is not None
        ]
        for there in self._there.values():
            if there.out is None:
                self._answer(there, troubles)
        self._seen, self.complaint = tuple(self._there.values()), "; ".join(troubles[-1:])
        return come, gone

    def close(self) -> list[str]:
        """Let all of them go; their names."""
        gone = [self._close(place) for place in list(self._there)]
        self._seen = ()
        return gone

    def _open(self, place: Place, troubles: list[str]) -> str | None:
        port = self._free_name(device_name(place[0]))
        try:
            entry = self._ports.open(*place, port, self._hear)
        except OSError as error:
            troubles.append(str(error))
            return None
        self._there[place] = Device(port, place, entry)
        return port

    def _close(self, place: Place) -> str:
        gone = self._there.pop(place)
        gone.entry.close()
        if gone.out is not None:
            gone.out.close()
        return gone.port

    def _free_name(self, name: str) -> str:
        taken = {there.port for there in self._there.values()}
        twins = (f"{name} #{place}" if place > 1 else name for place in range(1, len(taken) + 2))
        return next(name for name in twins if name not in taken)

    def _answer(self, there: Device, troubles: list[str]) -> None:
        """Open the output that belongs to a device, where it wants answers."""
        words = self._answering(there.port)
        if words is None:
            return
        try:
            place = _belonging(there.place, _places(self._ports.outputs()), words)
            there.out = None if place is None else self._ports.open_output(*place)
        except OSError as error:
            troubles.append(str(error))


def _places(names: Sequence[str]) -> list[Place]:
    """Each port that is not ours, with its place among those called alike."""
    counts: dict[str, int] = {}
    places = []
    for name in names:
        if not name.lower().startswith(OWN_PORTS):
            places.append((name, counts.setdefault(name, 0)))
            counts[name] += 1
    return places


def _belonging(place: Place, outputs: Sequence[Place], words: str) -> Place | None:
    """The output of the device at ``place``: the one called as its input, or the one whose name holds ``words``."""
    name, which = place
    if place in outputs:
        return place
    alike = [output for output in outputs if device_name(output[0]) == device_name(name)]
    alike = alike or [output for output in outputs if words.lower() in output[0].lower()]
    return alike[min(which, len(alike) - 1)] if alike else None
