"""Which source a hand is moving, told from what the inputs say: one learner for all of them. Pure.

A MIDI control speaks only when a hand moves it, so the first that is heard is taken; the messages of the next half
second may correct its kind. A fader never says the same thing twice; an encoder does, and only a few steps up or down:
thus 1 1 or 127 127 is a relative encoder, 65 65 or 63 63 one that counts from 64. A controller below 32 that is
followed by the one 32 above it is the coarse half of a 14-bit pair. A channel of another input, such as how high a hand
is, speaks all the time: it is taken when it has moved by a fifth of its range.
"""

from __future__ import annotations

import math

from frontend.inputs.bindings import FINE_OFFSET, MidiControl, Source
from frontend.inputs.channels import Reading
from frontend.inputs.midi.ports import MidiMessage

FOR_RANGES = {"cc": "cc", "bend": "bend", "note": "velocity"}  # what was heard -> what sends it, at first sight
FOR_SWITCHES = {"cc": "cc", "note": "note", "program": "program"}
STEPS = {"relative": {1, 2, 3, 125, 126, 127}, "offset": {61, 62, 63, 65, 66, 67}}
CORRECTED = {"cc14", *STEPS}  # kinds that more than one message is needed to tell
LEARNT_RANGE = 0.2  # of a channel's range that it has to move to be learnt
CORRECTION_S = 0.5  # seconds for which a control that was just learnt may still turn out to be of another kind


def control_in(heard: MidiMessage, for_switch: bool) -> MidiControl | None:
    """The control that sent ``heard``, at first sight; None where it cannot drive a switch, or a range."""
    kind = (FOR_SWITCHES if for_switch else FOR_RANGES).get(heard.kind)
    return None if kind is None else MidiControl(heard.port, kind, heard.channel, heard.number)


class Learner:
    """Finds one source for ``address``. ``for_switch``: what can be pressed counts, else what has a range."""

    def __init__(self, address: str, for_switch: bool) -> None:
        self.address = address
        self.found: Source | None = None
        self._for_switch = for_switch
        self._first: MidiMessage | None = None
        self._last: MidiMessage | None = None
        self._ends_at = math.inf
        self._stood: dict[str, float] = {}  # where each channel stood when it was first seen

    def is_over(self, now: float) -> bool:
        """Whether it has found its source and corrects it no more."""
        return now >= self._ends_at

    def hear(self, reading: Reading, now: float) -> Source | None:
        """The source, where this reading finds it or corrects what it is taken for; else None."""
        if isinstance(reading.source, str) and reading.heard is None:
            found = self._channel(reading.source, reading.level)
        elif reading.heard is not None:
            found = self._control(reading.heard)
        else:
            found = None
        if found is None or found == self.found:
            return None
        if self.found is None:
            self._ends_at = now if isinstance(found, str) else now + CORRECTION_S
        self.found = found
        return found

    def _channel(self, name: str, level: float | None) -> Source | None:
        if level is None or not math.isfinite(level) or self.found is not None:
            return None
        return name if abs(level - self._stood.setdefault(name, level)) >= LEARNT_RANGE else None

    def _control(self, heard: MidiMessage) -> Source | None:
        first = self._first
        if first is None:
            if self.found is not None or (control := control_in(heard, self._for_switch)) is None:
                return None
            self._first = self._last = heard
            return control
        is_same = (heard.port, heard.channel) == (first.port, first.channel) and first.kind == heard.kind == "cc"
        return self._corrected(first, heard) if is_same and not self._for_switch else None

    def _corrected(self, first: MidiMessage, heard: MidiMessage) -> Source | None:
        if heard.number == first.number + FINE_OFFSET <= 2 * FINE_OFFSET - 1:
            return MidiControl(heard.port, "cc14", heard.channel, first.number)
        if heard.number != first.number:
            return None
        last, self._last = self._last, heard
        if last is not None and heard.value == last.value:
            for kind, steps in STEPS.items():
                if heard.value in steps:
                    return MidiControl(heard.port, kind, heard.channel, heard.number)
        return None
