"""The audience's pucks: each phone has one, at a place of its own in the list, and loses it when it is left alone.

A puck counts from the first touch on. Untouched for ``IDLE_AFTER_S`` seconds it goes, and it comes back with the next
touch; one whose phone vanished goes at once, in the middle of a move or not. None comes or goes but by its weight, so
that nothing jumps. Places in the list are given out lowest first and never change while a phone is there, so that
whoever shows the swarm can let every point glide. Pure: time is what it is told, in monotonic seconds; one thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from protocol.puck import Puck
from protocol.pucks import MOST_CROWD

IDLE_AFTER_S = 20.0  # seconds
COMES, GOES = 0.4, 1.5  # seconds in which a puck's weight rises, and falls

Place = tuple[float, float]
NOBODY: Puck = (0.0, 0.0, 0.0)


@dataclass
class _Puck:
    place: Place = (0.0, 0.0)
    rises_from: float = math.inf  # when its weight was, or would have been, 0
    falls_from: float = -math.inf  # when its weight is last full

    def weight(self, now: float) -> float:
        rising, falling = (now - self.rises_from) / COMES, 1.0 - (now - self.falls_from) / GOES
        return max(0.0, min(1.0, rising, falling))


class Crowd:
    """Who holds a puck, and where."""

    def __init__(self) -> None:
        self._pucks: dict[int, _Puck] = {}
        self._leaving: set[int] = set()

    def enter(self) -> int | None:
        """A phone has come; gives its place in the list, None where all are taken."""
        slot = next((slot for slot in range(MOST_CROWD) if slot not in self._pucks), None)
        if slot is not None:
            self._pucks[slot] = _Puck()
        return slot

    def leave(self, slot: int, now: float) -> None:
        """The phone has gone; nobody gets its place before its puck has faded."""
        self.move(slot, None, now)
        self._leaving.add(slot)

    def move(self, slot: int, place: Place | None, now: float) -> None:
        """The phone's finger is at ``place``, in radii; None: it put its puck away."""
        puck = self._pucks[slot]
        weight = puck.weight(now)
        if place is None:
            puck.falls_from = min(puck.falls_from, now - GOES * (1.0 - weight))
        else:
            puck.place, puck.falls_from = place, now + IDLE_AFTER_S
            puck.rises_from = min(puck.rises_from, now) if weight == 1.0 else now - COMES * weight

    def holds(self, slot: int, now: float) -> bool:
        """Whether the phone's puck counts now, and is not about to go."""
        puck = self._pucks.get(slot)
        return puck is not None and now < puck.falls_from

    def pucks(self, now: float) -> tuple[Puck, ...]:
        """All pucks by their place in the list, weight 0 where nobody is; no longer than it has to be."""
        weights = {slot: puck.weight(now) for slot, puck in self._pucks.items()}
        for slot in [slot for slot in self._leaving if weights[slot] == 0.0]:
            self._leaving.discard(slot)
            del self._pucks[slot]
        last = max((slot for slot, weight in weights.items() if weight > 0.0), default=-1)
        return tuple(
            (*self._pucks[slot].place, weights[slot]) if weights.get(slot) else NOBODY for slot in range(last + 1)
        )
