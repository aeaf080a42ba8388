"""Entropy, agreement and surprise mean what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from protocol.measures import GREATEST_LEVEL, NO_SURPRISE, agreement, bits_of_level, entropy, surprise, surprise_level
from protocol.mixing import Vector
from tests.protocol.test_mixing import V, distributions, weights


def test_entropy_is_the_number_of_yes_or_no_questions_that_a_choice_is_worth() -> None:
    assert entropy(np.eye(V)[3]) == 0.0
    assert entropy(np.full(V, 1 / V)) == pytest.approx(7.0)
    assert entropy([0.5, 0.25, 0.25]) == pytest.approx(1.5)
    assert entropy(np.zeros(V)) == 0.0


@given(hnp.arrays(np.float64, V))
def test_entropy_of_any_numbers_lies_between_none_and_seven_bits(p: Vector) -> None:
    assert 0.0 <= entropy(p) <= 7.0 + 1e-9


def test_voices_that_want_the_same_agree_and_voices_that_share_nothing_do_not() -> None:
    apart = np.eye(V)[[1, 2, 3]]
    assert agreement(apart[[1, 1, 1]], [0.2, 0.3, 0.5]) == pytest.approx(1.0)
    assert agreement(apart, [0.2, 0.3, 0.5]) == pytest.approx(0.0)
    assert agreement(apart, [0.0, 1.0, 0.0]) == agreement(apart, [0.0, 0.0, 0.0]) == 1.0


def test_agreement_by_hand() -> None:
    p = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    assert agreement(p, [0.5, 0.5]) == pytest.approx(0.5)  # half of what is written tells who wrote it


@given(distributions(4), weights(4), st.permutations(range(4)))
def test_agreement_is_a_share_and_does_not_depend_on_the_voices_order(p: Vector, w: Vector, order: list[int]) -> None:
    found = agreement(p, w)
    assert 0.0 <= found <= 1.0
    assert agreement(p[order], w[order]) == pytest.approx(found, abs=1e-9)


@given(distributions(3), weights(2), st.floats(-1, 0))
def test_who_is_silent_or_kept_away_from_is_not_asked(p: Vector, w: Vector, kept_away: float) -> None:
    assert agreement(p, [*w, kept_away]) == pytest.approx(agreement(p[:2], w), abs=1e-12)


@given(hnp.arrays(np.float64, (3, V), elements=st.floats(), fill=st.floats()), hnp.arrays(np.float64, 3))
def test_no_nonsense_makes_agreement_anything_but_a_share(p: Vector, w: Vector) -> None:
    assert 0.0 <= agreement(p / 128, w) <= 1.0


@pytest.mark.parametrize(
    ("probability", "level", "bits"),
    [
        (1.0, 0, 0.0),
        (0.5, 16, 1.0),
        (0.25, 32, 2.0),
        (2**-15.9, 254, 15.875),
        (1e-9, GREATEST_LEVEL, 15.875),
        (0.0, GREATEST_LEVEL, 15.875),
        (1.0 + 1e-12, 0, 0.0),
    ],
)
def test_a_surprise_is_a_byte_of_sixteen_steps_a_bit(probability: float, level: int, bits: float) -> None:
    assert surprise_level(probability) == level
    assert bits_of_level(level) == bits


@given(st.floats(2**-15, 1.0))
def test_a_surprise_is_told_to_a_thirty_second_of_a_bit(probability: float) -> None:
    told = bits_of_level(surprise_level(probability))
    assert told == pytest.approx(surprise(probability), abs=1 / 32 + 1e-12)


def test_what_nobody_wrote_surprises_nobody_and_what_could_not_be_surprises_without_end() -> None:
    assert bits_of_level(NO_SURPRISE) is None
    assert surprise(0.0) == math.inf
