"""The audience's pucks: one a phone, each at its place, gone when left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frontend.remote.crowd import IDLE, MOST, Crowd


def test_a_puck_counts_from_the_first_touch_on() -> None:
    crowd = Crowd()
    slot = crowd.enter()
    assert slot == 0
    assert crowd.pucks(0.0) == []
    crowd.move(slot, (0.5, 0.5), 1.0)
    assert crowd.pucks(1.0) == [(0.5, 0.5)]
    assert crowd.holds(slot, 1.0)


def test_a_puck_left_alone_goes_and_comes_back_with_the_next_touch() -> None:
    crowd = Crowd()
    slot = crowd.enter()
    assert slot is not None
    crowd.move(slot, (0.0, 1.0), 0.0)
    assert crowd.pucks(IDLE - 0.1) == [(0.0, 1.0)]
    assert crowd.pucks(IDLE) == []
    crowd.move(slot, (1.0, 0.0), IDLE + 5)
    assert crowd.pucks(IDLE + 5) == [(1.0, 0.0)]


def test_others_keep_their_places_when_a_phone_vanishes() -> None:
    crowd = Crowd()
    for place in range(3):
        assert crowd.enter() == place
        crowd.move(place, (place / 10, 0.0), 0.0)
    crowd.leave(1)
    assert crowd.pucks(0.0) == [(0.0, 0.0), None, (0.2, 0.0)]
    assert crowd.enter() == 1
    crowd.move(2, None, 0.0)
    assert crowd.pucks(0.0) == [(0.0, 0.0)]


def test_there_is_an_end_to_it() -> None:
    crowd = Crowd()
    assert [crowd.enter() for _ in range(MOST)] == list(range(MOST))
    assert crowd.enter() is None


@given(st.lists(st.tuples(st.sampled_from("eml"), st.integers(0, 5), st.floats(0, 50)), max_size=40))
def test_nobody_ever_has_two_pucks_or_another_ones(deeds: list[tuple[str, int, float]]) -> None:
    crowd, here = Crowd(), dict[int, tuple[float, float]]()
    for deed, number, now in deeds:
        if deed == "e":
            slot = crowd.enter()
            assert slot is not None
            assert slot not in here
            here[slot] = (slot / 100, now / 100)
            crowd.move(slot, here[slot], 0.0)
        elif number in here and deed == "l":
            crowd.leave(number)
            del here[number]
    assert {slot: puck for slot, puck in enumerate(crowd.pucks(0.0)) if puck is not None} == here
