"""The surprise fader: what it leaves out, how it heats, and that a text comes to have the bits that are wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.messages import MAX_THRESHOLD_BITS
from protocol.mixing import Vector, draw, temper
from protocol.surprise_control import heated, limited, moved, threshold
from protocol.tree import SURPRISE, TEMPERATURE, ParameterTree, Value, number_of

P: Vector = np.array([0.5, 0.25, 0.125, 0.125])
distributions = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=128).filter(any).map(lambda p: np.array(p) / sum(p))


def held_at(bits: float) -> dict[str, Value]:
    return ParameterTree([]).defaults() | {SURPRISE: bits}


def written(bits: float, p: Vector, chars: int = 4_000) -> float:
    """The bits a character of a text, behind a while, whose every character is drawn from ``p`` at temperature 0.7."""
    values, kept, random, had = held_at(bits), 0.0, np.random.default_rng(1), []
    for _ in range(chars):
        limit = threshold(values, kept)
        q = limited(temper(p, number_of(heated(values, limit), TEMPERATURE)), limit)
        code = draw(q, random.random())
        kept = moved(values, limit, q[code])
        had.append(-np.log2(q[code]))
    return float(np.mean(had[chars // 4 :]))


@pytest.mark.parametrize("bits", [0.5, 1.0, 2.0, 3.0])
def test_a_text_has_the_bits_that_are_wanted(bits: float) -> None:
    steep = 0.8 ** np.arange(100.0)
    assert written(bits, steep / steep.sum()) == pytest.approx(bits, abs=0.1)


def test_the_threshold_begins_at_twice_what_is_wanted_and_goes_with_the_fader() -> None:
    assert threshold(held_at(1.5), 0.0) == 3.0
    assert threshold(held_at(1.5), 5.0) == 5.0
    assert threshold(held_at(0.0), 5.0) == 0.0


def test_what_is_more_surprising_than_the_threshold_is_left_out() -> None:
    assert limited(P, 2.0).tolist() == pytest.approx([2 / 3, 1 / 3, 0.0, 0.0])
    assert limited(P, 3.0) == pytest.approx(P)
    assert limited(P, 0.1).tolist() == [1.0, 0.0, 0.0, 0.0]


def test_the_threshold_falls_with_every_bit_too_many_and_rises_with_every_bit_too_few() -> None:
    assert moved(held_at(1.0), 4.0, 0.125) == pytest.approx(3.8)
    assert moved(held_at(1.0), 4.0, 1.0) == pytest.approx(4.1)


def test_a_letter_that_nobody_expected_moves_nothing() -> None:
    assert moved(held_at(1.0), 4.0, 0.0) == 4.0


def test_a_threshold_that_leaves_nothing_out_heats_and_no_further_than_the_fader_goes() -> None:
    values = held_at(3.0)
    assert heated(values, 8.0) is values
    assert number_of(heated(values, 10.0), TEMPERATURE) == pytest.approx(0.7 * 1.5)
    assert number_of(heated(values, 16.0), TEMPERATURE) == 2.0


@given(distributions, st.floats(0.0, MAX_THRESHOLD_BITS))
def test_whatever_the_threshold_a_distribution_stays_one_and_keeps_its_likeliest(p: Vector, bits: float) -> None:
    left = limited(p, bits)
    assert left.sum() == pytest.approx(1.0)
    assert left[p.argmax()] > 0.0


@given(st.floats(0.1, 4.0), st.lists(st.floats(0.0, 1.0), max_size=200))
def test_the_threshold_stays_where_it_may_be(bits: float, probabilities: list[float]) -> None:
    kept = 0.0
    for probability in probabilities:
        kept = moved(held_at(bits), threshold(held_at(bits), kept), probability)
        assert 0.0 < kept <= MAX_THRESHOLD_BITS
