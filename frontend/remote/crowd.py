"""The audience's pucks: each phone has one, at a place of its own in the list, and loses it when it is left alone.

A puck counts from the first touch on. Untouched for ``IDLE`` seconds it goes, and it comes back with the next touch;
one whose phone vanished, in the middle of a move or not, goes at once. Places in the list are given out lowest first
and never change while a phone is there, so that whoever shows the swarm can let every point glide. Pure: time is what
it is told, in monotonic seconds; one thread.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 256  # pucks, as many as the protocol carries
IDLE = 20.0  # seconds

Place = tuple[float, float]


@dataclass
class _Puck:
    place: Place | None = None
    touched_at: float = 0.0


class Crowd:
    """Who holds a puck, and where. ``pucks`` has a gap (None) for each place in the list that nobody fills now."""

    def __init__(self) -> None:
        self._pucks: dict[int, _Puck] = {}

    def enter(self) -> int | None:
        """A phone has come; gives its place in the list, None where all are taken."""
        slot = next((slot for slot in range(MOST) if slot not in self._pucks), None)
        if slot is not None:
            self._pucks[slot] = _Puck()
        return slot

    def leave(self, slot: int) -> None:
        self._pucks.pop(slot, None)

    def move(self, slot: int, place: Place | None, now: float) -> None:
        """The phone's finger is at ``place``, in radii; None: it put its puck away."""
        self._pucks[slot] = _Puck(place, now)

    def holds(self, slot: int, now: float) -> bool:
        """Whether the phone's puck counts now."""
        puck = self._pucks.get(slot)
        return puck is not None and puck.place is not None and now - puck.touched_at < IDLE

    def pucks(self, now: float) -> list[Place | None]:
        """All places, by their place in the list, no longer than it has to be."""
        held = {slot: puck.place for slot, puck in self._pucks.items() if self.holds(slot, now)}
        return [held.get(slot) for slot in range(max(held, default=-1) + 1)]
