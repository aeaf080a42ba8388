"""Circles: what goes round is noticed, what merely repeats itself as texts do is not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.filters.repetition import LOOKED_AT_CHARS, MOST_WARMTH, repeated, warmth

PROSE = (
    "It is a truth universally acknowledged, that a single man in possession of a good fortune must be in want of a "
    "wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this "
    "truth is so well fixed in the minds of the surrounding families, that he is considered as the rightful property "
    "of some one or other of their daughters."
)


@pytest.mark.parametrize("turn", ["and the ", "I said, and he said, ", "ha ", "MASK\t\tOCT\n"])
def test_a_text_that_goes_round_is_warmed(turn: str) -> None:
    assert warmth(turn * 100) > 1.7


@pytest.mark.parametrize("text", [PROSE, "-" * 300, " " * 300, "|   |   |\n" * 40, "", "and the "])
def test_prose_rules_and_blanks_are_left_alone(text: str) -> None:
    assert warmth(text) == 1.0


def test_it_cools_as_new_words_come() -> None:
    steps = [warmth("and the " * 50 + PROSE[:length]) for length in range(0, LOOKED_AT_CHARS, 40)]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] > 1.5
    assert steps[-1] == 1.0


@given(st.text("ab \n", max_size=300))
def test_the_factor_stays_in_its_range(text: str) -> None:
    assert 0.0 <= repeated(text) <= 1.0
    assert 1.0 <= warmth(text) <= MOST_WARMTH


def test_only_the_end_of_the_text_counts() -> None:
    noise = "".join(random.Random(1).choices("abcdefgh ", k=LOOKED_AT_CHARS))
    assert warmth("and the " * 100 + noise) == 1.0
