"""Values of 14 bits that come as two messages: pairs of controllers, NRPN and RPN. Pure but for memory.

A value's coarse half and its fine half come together, the coarse one first, as the specification says, or the fine one
first, as some controllers send it. Between them the other half is an old one: a value made of both would jump by as
much as a coarse step. So a half waits for the other. Which comes first is told from pairs that come alone; a half that
stays alone counts when nothing is to be expected any more. Times are monotonic seconds. Whoever calls holds the hub's
lock.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from frontend.inputs.midi.ports import BEND_TOP, MidiMessage

Half = Literal["coarse", "fine"]

PAIR_S = 0.03  # seconds for which a half waits for the other
NEAR_S = 0.002  # seconds between the halves of one value, as devices send them
APART_S = 0.005  # seconds before a pair from which on it stands alone, and its first half is surely the first
MOST_VOTES = 3  # pairs by which it is known which half comes first

DATA_COARSE, DATA_FINE = 6, 38  # controllers: data entry
SELECTS = {99: ("nrpn", 1), 98: ("nrpn", 0), 101: ("rpn", 1), 100: ("rpn", 0)}  # controller: what, and which half of it
NOTHING_SELECTED = 127  # both halves


class Halves:
    """What is known of one value. A new one knows nothing."""

    def __init__(self) -> None:
        self.coarse: int | None = None
        self.fine: int | None = None
        self._waiting: Half | None = None  # for the other half
        self._last: tuple[Half | None, float, float] = (None, -math.inf, math.inf)  # half, when, seconds since before
        self._votes = 0  # above 0: the coarse half comes first

    def hear(self, half: Half, number: int, now: float) -> int | None:
        """The value, 0 to BEND_TOP, where this half completes one; None while the other one is waited for."""
        other: Half = "fine" if half == "coarse" else "coarse"
        last, at, pause = self._last
        gap = now - at
        if last == other and gap <= NEAR_S and pause >= APART_S:
            self._votes = max(-MOST_VOTES, min(MOST_VOTES, self._votes + (1 if other == "coarse" else -1)))
        self._last = (half, now, gap)
        if half == "coarse":
            self.coarse = number
        else:
            self.fine = number
        if self._waiting == other and gap <= (NEAR_S if self._opens(half) else PAIR_S):
            self._waiting = None
            return self.value
        if half == "coarse" and self.fine is None and last == half:
            return self.value  # it has none
        self._waiting = half
        return None

    def _opens(self, half: Half) -> bool:
        """Whether this half is known to come first: then what waits is another value's, unless it came right before."""
        return abs(self._votes) == MOST_VOTES and (self._votes > 0) == (half == "coarse")

    def overdue(self, now: float) -> int | None:
        """The value, once, where a half has waited for nothing, and says something without the other."""
        if self._waiting is None or now - self._last[1] <= PAIR_S:
            return None
        half, self._waiting = self._waiting, None
        is_pair = self.coarse is not None and self.fine is not None
        if half == "coarse" and is_pair and self._votes >= 0:
            return None  # its fine half was lost, or comes later
        return self.value

    @property
    def value(self) -> int | None:
        """From both halves as they are; without a fine one over the whole range all the same."""
        if self.coarse is None:
            return None
        return round(self.coarse * BEND_TOP / 127) if self.fine is None else 128 * self.coarse + self.fine


class ParameterNumbers:
    """Puts NRPN and RPN together: a number that is selected once, then its value, all sent as controllers."""

    def __init__(self) -> None:
        self._selected: dict[tuple[str, int], tuple[str, list[int | None]]] = {}  # by device and channel
        self._values: dict[tuple[str, str, int, int], Halves] = {}  # by the key of the message that is made

    def forget(self, port: str) -> None:
        """A device that comes back has selected nothing."""
        self._selected = {key: what for key, what in self._selected.items() if key[0] != port}
        self._values = {key: halves for key, halves in self._values.items() if key[0] != port}

    def hear(self, heard: MidiMessage, now: float) -> MidiMessage | None:
        """The message that ``heard`` completes, or itself where it is none of these; None while one is incomplete."""
        if heard.kind != "cc":
            return heard
        place = (heard.port, heard.channel)
        if heard.number in SELECTS:
            kind, half = SELECTS[heard.number]
            known, halves = self._selected.get(place, (kind, [None, None]))
            halves = list(halves) if known == kind else [None, None]
            halves[half] = heard.value
            self._selected[place] = (kind, halves)
            return heard
        kind, (low, high) = self._selected.get(place, ("", [None, None]))
        if heard.number not in (DATA_COARSE, DATA_FINE) or low is None or high is None:
            return heard
        if low == high == NOTHING_SELECTED:
            return heard
        made = MidiMessage(heard.port, kind, heard.channel, 128 * high + low)
        halves_of = self._values.setdefault(made.key, Halves())
        value = halves_of.hear("coarse" if heard.number == DATA_COARSE else "fine", heard.value, now)
        return None if value is None else replace(made, value=value)

    def overdue(self, now: float) -> Iterator[MidiMessage]:
        """Messages of which one half is all that came."""
        for (port, kind, channel, number), halves in self._values.items():
            value = halves.overdue(now)
            if value is not None:
                yield MidiMessage(port, kind, channel, number, value)
