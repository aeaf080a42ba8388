"""A trail takes voices back to what they knew, and holds no more than it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.char_lstm.network import Shape
from models.fake_voices import FakeVoices
from tests.models.char_lstm.test_choir import TEXT, choir_of, voices


def test_a_restored_choir_goes_on_as_it_did_the_first_time() -> None:
    choir = choir_of(voices(3))
    trail = choir.trail(1_000)
    expected = []
    for place, code in enumerate(TEXT.encode(), 1):
        choir.step(code, [0, 2])
        trail.push(place, [0, 2])
        expected.append(choir.distributions.copy())
    assert trail.restore(10) == (0, 2)
    assert np.array_equal(choir.distributions, expected[9])
    for place, code in enumerate(TEXT[10:].encode(), 11):
        choir.step(code, [0, 2])
        assert 0.5 * np.abs(choir.distributions - expected[place - 1]).sum(axis=1).max() < 0.01


def test_voices_that_join_at_a_place_are_kept_beside_those_that_were_there() -> None:
    choir = choir_of(voices(3, Shape(1, 8)))
    trail = choir.trail(4)
    trail.push(7, [1])
    trail.push(7, [0])
    assert trail.restore(7) == (0, 1)


def test_another_way_on_replaces_what_was_kept_of_the_first() -> None:
    choir = choir_of(voices(2, Shape(1, 8)))
    trail = choir.trail(8)
    for place in range(1, 6):
        trail.push(place, [0, 1])
    trail.restore(2)
    trail.push(3, [1])
    assert (trail.restore(5), trail.restore(3)) == ((), (1,))


def test_a_trail_of_no_place_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one place"):
        choir_of(voices(1, Shape(1, 8))).trail(0)


@given(st.lists(st.one_of(st.just("write"), st.just("clear"), st.integers(0, 12)), max_size=40))
def test_the_choirs_trail_holds_the_same_places_as_the_fake_ones(moves: list[str | int]) -> None:
    ours, theirs = choir_of(voices(1, Shape(1, 8))).trail(5), FakeVoices({"ada": "abc"}).trail(5)
    place = 0
    for move in moves:
        if move == "write":
            place += 1
            ours.push(place, [0])
            theirs.push(place, [0])
        elif move == "clear":
            ours.clear()
            theirs.clear()
        elif isinstance(move, int):
            place = max(0, place - move)
            assert ours.restore(place) == theirs.restore(place)
