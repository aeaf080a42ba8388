"""A trail of whatever voices can hand out and take back: for voices whose state is small and never written into.

Implements ``models.interface.Trail``; belongs to the thread of its voices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class KeptTrail(Generic[Kept]):
    """The last ``places`` places: ``keep(voice)`` gives what a voice knows, ``put_back(voice, kept)`` takes it.

    ``lasts(voice, kept)`` says whether what was kept can still be taken.
    """

    def __init__(
        self,
        places: int,
        keep: Callable[[int], Kept],
        put_back: Callable[[int, Kept], None],
        lasts: Callable[[int, Kept], bool] = lambda voice, kept: True,
    ) -> None:
        if places < 1:
            raise ValueError(f"a trail holds at least one place, not {places}")
        self._places, self._keep, self._put_back, self._lasts = places, keep, put_back, lasts
        self._kept: dict[int, dict[int, Kept]] = {}  # by place, the oldest first, by voice

    def push(self, place: int, voices: Sequence[int]) -> None:
        kept = self._kept.get(place)
        if kept is None:
            late = bool(self._kept) and place < next(reversed(self._kept))
            kept = self._kept[place] = {}
            if late:
                self._kept = dict(sorted(self._kept.items()))
        for voice in voices:
            kept[voice] = self._keep(voice)
        while len(self._kept) > self._places:
            del self._kept[next(iter(self._kept))]

    def restore(self, place: int) -> tuple[int, ...]:
        self._kept = {at: kept for at, kept in self._kept.items() if at <= place}
        held = {voice: kept for voice, kept in self._kept.get(place, {}).items() if self._lasts(voice, kept)}
        for voice, kept in held.items():
            self._put_back(voice, kept)
        return tuple(sorted(held))

    def clear(self) -> None:
        self._kept.clear()
