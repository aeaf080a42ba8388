"""What a MIDI message says of the controls that are heard in it. Pure but for what was said before.

Whoever calls holds the hub's lock.
"""

from __future__ import annotations

from frontend.inputs.bindings import FINE_OFFSET, MessageKey, MidiControl
from frontend.inputs.channels import Reading
from frontend.inputs.midi.ports import BEND_TOP, MidiMessage

ENCODER_STEP = 1 / 127  # part of the range for one step of an encoder


class Decoder:
    """Remembers the last value of each controller, for those that send theirs in two halves."""

    def __init__(self) -> None:
        self._said: dict[MessageKey, int] = {}

    def forget(self, port: str) -> None:
        """A device that comes back may stand anywhere."""
        self._said = {key: value for key, value in self._said.items() if key[0] != port}

    def note(self, heard: MidiMessage) -> None:
        """Remember a message; before ``reading`` is asked about it."""
        if heard.kind == "cc":
            self._said[heard.key] = heard.value

    def reading(self, control: MidiControl, heard: MidiMessage) -> Reading | None:
        """What ``heard`` says of ``control``; None at the coarse half of a pair, which the fine half is to follow."""
        match control.kind:
            case "relative" | "offset":
                return Reading(control, ENCODER_STEP * steps(control.kind, heard.value))
            case "bend":
                return Reading(control, heard.value / BEND_TOP)
            case "cc14":
                coarse = self._said.get((control.port, "cc", control.channel, control.number))
                if heard.number != control.number + FINE_OFFSET or coarse is None:
                    return None
                return Reading(control, (128 * coarse + heard.value) / BEND_TOP)
        return Reading(control, heard.value / 127)


def steps(kind: str, value: int) -> int:
    """How many steps an encoder of this ``kind`` was turned, up or (negative) down."""
    if kind == "offset":
        return value - 64
    return value if value < 64 else value - 128


def channel_reading(device: str, heard: MidiMessage) -> Reading:
    """The message as a channel of the input, for whoever wants to know where every control stands."""
    kind = "note" if heard.kind == "off" else heard.kind
    name = f"midi/{device}/{kind}{'' if kind == 'bend' else f' {heard.number}'}"
    return Reading(name, heard.value / (BEND_TOP if kind == "bend" else 127), heard=heard)
