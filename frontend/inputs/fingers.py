"""Fingers on a table as pucks: the first is the puck, the others are pucks besides it, and none makes anything jump.

A finger that comes grows in weight, one that goes leaves a fading trace where it was. The puck itself always weighs 1;
so whoever is to be the puck changes places with it: the puck is put where the finger is, and where the puck was a trace
stands, with all its weight at first. Where the last finger lifts, the puck stays, as it does under the mouse. When
another hand moves the puck, that leads until the finger distinctly moves. Puck coordinates are radii; times monotonic
seconds. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from protocol.puck import Puck
from protocol.pucks import MOST_MORE

RISE, FALL = 0.08, 0.25  # seconds in which a weight comes and goes
DISTINCT = 0.04  # radii; less is a finger that rests
MOVED = 1e-4  # radii; a puck farther than this from where it was left was moved by another hand


@dataclass(frozen=True)
class Finger:
    """One finger that is down, ``key`` as long as it is."""

    key: Hashable
    x: float
    y: float

    @property
    def place(self) -> tuple[float, float]:
        return self.x, self.y


@dataclass(frozen=True)
class Played:
    """What a step asks for: the puck's place (None: as it is), whether it is to be laid down, and all pucks besides."""

    puck: tuple[float, float] | None
    lay: bool
    more: tuple[Puck, ...]
    leads: bool  # whether a finger is the puck


@dataclass(frozen=True)
class _Guest:
    """A puck besides the one: a finger's, or the trace of one that left."""

    x: float
    y: float
    weight: float
    is_down: bool


class Fingers:
    """Remembers who is the puck and how far the others have come. One method."""

    def __init__(self) -> None:
        self._leader: Hashable | None = None
        self._left: tuple[float, float] = (0.0, 0.0)  # where the leader left the puck
        self._resting: dict[Hashable, tuple[float, float]] = {}  # who led when another hand came, and where it stood
        self._guests: dict[Hashable, _Guest] = {}
        self._traces = 0
        self._at = -math.inf

    def step(self, down: Sequence[Finger], puck: tuple[float, float], lifted: bool, now: float) -> Played:
        """``down`` are the fingers in the order in which they came; ``puck`` and ``lifted`` as they stand."""
        passed, self._at = min(0.1, max(0.0, now - self._at)), now
        by_key = {finger.key: finger for finger in down}
        self._yield(by_key, puck)
        self._grow(by_key, passed)
        goes: tuple[float, float] | None = None
        lay = False
        if self._leader is not None:
            goes = by_key[self._leader].place
        elif (key := self._heir(down, lifted)) is not None:
            if not lifted:
                self._traces += 1
                self._guests["trace", self._traces] = _Guest(*puck, 1.0, False)
            self._guests.pop(key, None)
            self._leader, goes, lay = key, by_key[key].place, lifted
        if goes is not None:
            self._left = goes
        more = tuple((guest.x, guest.y, guest.weight) for guest in self._guests.values() if guest.weight > 0.0)
        return Played(None if goes == puck else goes, lay, more[:MOST_MORE], self._leader is not None)

    def _yield(self, by_key: dict[Hashable, Finger], puck: tuple[float, float]) -> None:
        """Whoever led and was lifted leads no more; nor does one whose puck another hand has moved, until it moves."""
        if self._leader is not None and self._leader in by_key and math.dist(puck, self._left) > MOVED:
            self._resting[self._leader] = by_key[self._leader].place
            self._leader = None
        elif self._leader not in by_key:
            self._leader = None
        self._resting = {
            key: place
            for key, place in self._resting.items()
            if key in by_key and math.dist(by_key[key].place, place) < DISTINCT
        }

    def _grow(self, by_key: dict[Hashable, Finger], passed: float) -> None:
        """Weights come and go by the time that has passed."""
        for key, finger in by_key.items():
            if key != self._leader and key not in self._resting:
                weight = self._guests[key].weight if key in self._guests else 0.0
                self._guests[key] = _Guest(finger.x, finger.y, min(1.0, weight + passed / RISE), True)
        for key, guest in list(self._guests.items()):
            if key not in by_key:
                weight = guest.weight - passed / FALL
                if weight > 0.0:
                    self._guests[key] = replace(guest, weight=weight, is_down=False)
                else:
                    del self._guests[key]

    def _heir(self, down: Sequence[Finger], lifted: bool) -> Hashable | None:
        """Who becomes the puck: the oldest finger that has come with all its weight; any, where no puck lies."""
        for finger in down:
            guest = self._guests.get(finger.key)
            if guest is not None and (lifted or guest.weight >= 1.0):
                return finger.key
        return None
