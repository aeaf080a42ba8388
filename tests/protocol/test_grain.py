"""Who foresaw a word keeps the say in it: where it begins, what is known of each voice, what weights become."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.grain import (
    LEAST_CHANCE,
    UNIT_CHARS,
    Boundary,
    begun,
    dequantise_evidence,
    evidence,
    grained,
    quantise_evidence,
)

weights = st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=25)
chances = st.lists(st.floats(0.0, 1.0) | st.just(math.nan), min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("text", "word", "phrase", "line", "sentence"),
    [
        ("", 0, 0, 0, 0),
        ("the whale", 5, 9, 9, 9),
        ("the whale ", 0, 10, 10, 10),
        ("Come. The whale, \nI don't", 5, 7, 7, 19),
        ("It ended.\n\n\tint dev_id", 6, 11, 11, 12),
        ("Mr. Darcy (and his", 3, 7, 18, 18),
        ("over\n\nand", 3, 3, 3, 3),
    ],
)
def test_what_is_being_written_began_at_its_boundary(
    text: str, word: int, phrase: int, line: int, sentence: int
) -> None:
    assert [begun(text, boundary) for boundary in Boundary] == [word, phrase, line, sentence]


@given(st.text("ab .,\n", max_size=900), st.sampled_from(Boundary))
def test_no_unit_is_longer_than_what_is_looked_at(text: str, boundary: Boundary) -> None:
    assert 0 <= begun(text, boundary) <= min(len(text), UNIT_CHARS)
    assert begun(text, boundary) == begun(text[-UNIT_CHARS:], boundary)


def test_the_evidence_is_the_likelihood_of_the_letters_beside_the_best() -> None:
    told = evidence([[0.5, 0.25], [0.5, 0.5]])
    assert np.exp(told).tolist() == pytest.approx([1.0, 0.5])


def test_where_nothing_was_written_nobody_is_better() -> None:
    assert evidence(np.zeros((0, 3))).tolist() == [0.0, 0.0, 0.0]


def test_a_voice_that_did_not_read_a_letter_counts_there_as_the_others_do() -> None:
    told = evidence([[0.5, 0.25, math.nan], [0.5, 0.5, 0.5]])
    assert told.tolist() == pytest.approx([0.0, math.log(0.5), math.log(0.75)])
    assert evidence([[math.nan, math.nan]]).tolist() == [0.0, 0.0]


def test_a_letter_that_a_voice_thought_impossible_silences_it_not_for_good() -> None:
    assert evidence([[1.0, 0.0]])[1] == pytest.approx(math.log(LEAST_CHANCE))


@given(weights)
def test_without_grain_weights_are_the_same_bit_for_bit(w: list[float]) -> None:
    assert grained(w, np.linspace(-9.0, 0.0, len(w)), 0.0).tolist() == w


@given(weights, st.floats(0.0, 1.0), st.integers(0, 2**32 - 1))
def test_weights_below_zero_stay_and_the_others_keep_their_sum(w: list[float], grain: float, seed: int) -> None:
    told = -np.random.default_rng(seed).exponential(20.0, len(w))
    before, after = np.array(w), grained(w, told, grain)
    assert after[before <= 0.0].tolist() == before[before <= 0.0].tolist()
    assert after[before > 0.0].sum() == pytest.approx(before[before > 0.0].sum(), rel=1e-9, abs=1e-300)
    assert (after[before > 0.0] >= 0.0).all()


def test_a_full_grain_is_bayes_rule_and_half_of_it_the_root() -> None:
    told = evidence([[0.9, 0.1]])
    assert grained([0.5, 0.5], told, 1.0).tolist() == pytest.approx([0.9, 0.1])
    assert grained([0.5, 0.5], told, 0.5).tolist() == pytest.approx([0.75, 0.25])


def test_a_moved_fader_counts_in_the_very_next_letter() -> None:
    told = evidence([[0.9, 0.1]])
    before, after = grained([0.5, 0.5], told, 0.5), grained([0.1, 0.9], told, 0.5)
    assert before.tolist() == pytest.approx([0.75, 0.25]) and after.tolist() == pytest.approx([0.25, 0.75])
    assert grained([0.0, 1.0], told, 0.5).tolist() == [0.0, 1.0]


@given(st.lists(chances, max_size=30), st.floats(0.0, 1.0))
def test_whatever_was_foreseen_the_weights_are_numbers(rows: list[list[float]], grain: float) -> None:
    after = grained([0.2, 0.5, -0.3], evidence(np.array(rows).reshape(-1, 3)), grain)
    assert np.isfinite(after).all() and after[:2].sum() == pytest.approx(0.7)


@given(st.lists(st.floats(-255.0, 0.0), max_size=25))
def test_evidence_crosses_the_wire_to_a_256th_of_a_nat(told: list[float]) -> None:
    steps = quantise_evidence(told)
    assert steps.dtype == np.uint16
    assert np.abs(dequantise_evidence(steps) - np.array(told)).max(initial=0.0) <= 0.5 / 256 + 1e-9
