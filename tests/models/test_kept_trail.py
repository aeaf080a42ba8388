"""A trail of what voices hand out leads back to it, and forgets the oldest first."""

from __future__ import annotations

import pytest

from models.kept_trail import KeptTrail


class Knowing:
    """Two voices that know a number each."""

    def __init__(self) -> None:
        self.known = [0, 0]

    def trail(self, places: int) -> KeptTrail[int]:
        return KeptTrail(places, lambda voice: self.known[voice], self.know)

    def know(self, voice: int, number: int) -> None:
        self.known[voice] = number


def test_who_was_kept_at_a_place_knows_again_what_it_knew_there() -> None:
    voices = Knowing()
    trail = voices.trail(3)
    for place in range(3):
        voices.known = [place, 10 * place]
        trail.push(place, [0, 1] if place == 1 else [0])
    assert trail.restore(1) == (0, 1) and voices.known == [1, 10]
    assert trail.restore(2) == () and trail.restore(0) == (0,)


def test_the_oldest_place_makes_room_even_if_another_came_late() -> None:
    voices = Knowing()
    trail = voices.trail(2)
    for place in (5, 7, 6):
        trail.push(place, [0])
    assert [place for place in (7, 6, 5) if trail.restore(place)] == [7, 6]


def test_a_trail_of_no_places_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one place"):
        Knowing().trail(0)
