"""Which control a hand is moving, guessed from the first few messages that it sends. Pure.

A fader never says the same thing twice; an encoder does, and only a few steps up or down: thus 1 1 or 127 127 is a
relative encoder, 65 65 or 63 63 one that counts from 64. A controller below 32 that is followed by the one 32 above it
is the coarse half of a 14-bit pair. Everything else is a plain controller.
"""

from __future__ import annotations

from frontend.inputs.bindings import FINE, Source
from frontend.inputs.midi_ports import Heard

FOR_RANGES = {"cc": "cc", "bend": "bend", "note": "velocity"}  # what was heard -> what sends it, at first sight
FOR_SWITCHES = {"cc": "cc", "note": "note", "program": "program"}
STEPS = {"relative": {1, 2, 3, 125, 126, 127}, "offset": {61, 62, 63, 65, 66, 67}}


class Learner:
    """Reads one control, the first that moves. ``for_switch``: what can be pressed counts, else what has a range."""

    def __init__(self, for_switch: bool) -> None:
        self._for_switch = for_switch
        self._first: Heard | None = None
        self._last: Heard | None = None
        self._source: Source | None = None

    def hear(self, heard: Heard) -> Source | None:
        """The control as it is read now, None before any moved. Later messages may correct its kind."""
        if self._first is None:
            kind = (FOR_SWITCHES if self._for_switch else FOR_RANGES).get(heard.kind)
            if kind is None:
                return None
            self._first = self._last = heard
            self._source = Source(heard.port, kind, heard.channel, heard.number)
            return self._source
        if (heard.port, heard.channel) == (
            self._first.port,
            self._first.channel,
        ) and self._first.kind == heard.kind == "cc":
            self._correct(heard)
        return self._source

    def _correct(self, heard: Heard) -> None:
        assert self._first is not None and self._last is not None
        if self._for_switch:
            return
        if heard.number == self._first.number + FINE <= 2 * FINE - 1:
            self._source = Source(heard.port, "cc14", heard.channel, self._first.number)
        elif heard.number == self._first.number:
            if heard.value == self._last.value:
                kinds = [kind for kind, steps in STEPS.items() if heard.value in steps]
                if kinds:
                    self._source = Source(heard.port, kinds[0], heard.channel, heard.number)
            self._last = heard


def steps(kind: str, value: int) -> int:
    """How many steps an encoder of this ``kind`` was turned, up or (negative) down."""
    if kind == "offset":
        return value - 64
    return value if value < 64 else value - 128
