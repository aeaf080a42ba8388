"""What a MIDI message says of the controls that are heard in it. Pure but for what was said before.

Encoders that send steps do so in one of three ways: 1, 2, .. up and 127, 126, .. down (two's complement), 1, 2, .. up
and 65, 66, .. down (a sign bit, as Mackie's), or 65, 66, .. up and 63, 62, .. down (an offset). The first two are told
apart by the number itself. The third looks like the second turned down until it is turned the other way: what then
comes mends the kind. Whoever calls holds the hub's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from frontend.inputs.bindings import FINE_OFFSET, MidiControl
from frontend.inputs.channels import Reading
from frontend.inputs.midi.high_resolution import Halves
from frontend.inputs.midi.ports import BEND_TOP, MidiMessage

ENCODER_STEP = 1 / 127  # part of the range for one step of an encoder
WIDE_KINDS = frozenset(("bend", "nrpn", "rpn"))  # kinds of messages whose values have 14 bits
MOST_STEPS = 31  # of an encoder in one message

Pair = tuple[str, int, int]  # device, channel, and number of the coarse half


class Decoder:
    """Remembers of each pair of controllers what it said, for those that send their values in two halves."""

    def __init__(self) -> None:
        self._pairs: dict[Pair, Halves] = {}
        self._said: int | None = None  # what the last message completed

    def forget(self, port: str) -> None:
        """A device that comes back may stand anywhere."""
        self._pairs = {pair: halves for pair, halves in self._pairs.items() if pair[0] != port}

    def note(self, heard: MidiMessage, now: float) -> None:
        """Remember a message; before ``reading`` is asked about it."""
        self._said = None
        if heard.kind == "cc" and heard.number < 2 * FINE_OFFSET:
            halves = self._pairs.setdefault((heard.port, heard.channel, heard.number % FINE_OFFSET), Halves())
            self._said = halves.hear("coarse" if heard.number < FINE_OFFSET else "fine", heard.value, now)

    def reading(self, control: MidiControl, heard: MidiMessage) -> Reading | None:
        """What ``heard`` says of ``control``; None at the half of a pair that waits for the other."""
        if control.kind in ("relative", "offset"):
            return Reading(control, ENCODER_STEP * steps(mended(control, heard.value).kind, heard.value))
        if control.kind == "cc14":
            return None if self._said is None else Reading(control, self._said / BEND_TOP)
        return Reading(control, level_of(heard))

    def overdue(self, now: float) -> Iterator[tuple[Pair, float]]:
        """Pairs of which one half is all that came, and their level."""
        for pair, halves in self._pairs.items():
            value = halves.overdue(now)
            if value is not None:
                yield pair, value / BEND_TOP


def level_of(heard: MidiMessage) -> float:
    """The part of its range at which a message stands."""
    return heard.value / (BEND_TOP if heard.kind in WIDE_KINDS else 127)


def mended(control: MidiControl, value: int) -> MidiControl:
    """The encoder as it must be, since it sends ``value``."""
    if control.kind == "offset" and not 64 - MOST_STEPS <= value <= 64 + MOST_STEPS:
        return replace(control, kind="relative")
    if control.kind == "relative" and 64 - MOST_STEPS <= value < 64:
        return replace(control, kind="offset")
    return control


def steps(kind: str, value: int) -> int:
    """How many steps an encoder of this ``kind`` was turned, up or (negative) down."""
    if kind == "offset":
        return value - 64
    if value <= 64:
        return value % 64
    return 64 - value if value <= 64 + MOST_STEPS else value - 128


def channel_reading(device: str, heard: MidiMessage) -> Reading:
    """The message as a channel of the input, for whoever wants to know where every control stands."""
    kind = "note" if heard.kind == "off" else heard.kind
    name = f"midi/{device}/{kind}{'' if kind == 'bend' else f' {heard.number}'}"
    return Reading(name, level_of(heard), heard=heard)
