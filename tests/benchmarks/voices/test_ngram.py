"""The n-gram is Witten and Bell's, to the last digit."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.voices.ngram import Ngram, bits_per_char
from models.interface import Codes
from protocol.alphabet import VOCABULARY

TEXTS = st.text(st.sampled_from("ab c"), max_size=40)


def codes(text: str) -> Codes:
    return np.frombuffer(text.encode("ascii"), np.uint8)


def by_hand(pieces: list[str], context: str, character: str) -> float:
    """P(character | context) straight from the definition, one context after another."""
    followed = Counter(
        piece[i + len(context)]
        for piece in pieces
        for i in range(len(piece) - len(context))
        if piece[i : i + len(context)] == context
    )
    shorter = by_hand(pieces, context[1:], character) if context else 1 / VOCABULARY
    total, kinds = followed.total(), len(followed)
    return (followed[character] + kinds * shorter) / (total + kinds) if total else shorter


def test_a_worked_example() -> None:
    model = Ngram([codes("abab")], order=1)
    a = (2 + 2 / 128) / (4 + 2)  # unigram: two of four, two kinds
    b = (2 + 1 * a) / (2 + 1)  # after a, twice, always b
    assert model.probabilities(codes("ab")).tolist() == [a, b]
    assert bits_per_char(model, [codes("ab"), codes("a")]) == pytest.approx(-math.log2(a * b * a) / 3)


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS, st.integers(0, 4))
def test_every_probability_is_what_the_definition_says(pieces: list[str], text: str, order: int) -> None:
    found = Ngram([codes(piece) for piece in pieces], order).probabilities(codes(text))
    expected = [by_hand(pieces, text[max(0, i - order) : i], text[i]) for i in range(len(text))]
    assert found.tolist() == pytest.approx(expected, rel=1e-12)


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_the_probabilities_of_all_characters_sum_to_one(pieces: list[str], context: str) -> None:
    model = Ngram([codes(piece) for piece in pieces], 3)
    after = [model.probabilities(codes(context + chr(code)))[-1] for code in range(VOCABULARY)]
    assert sum(after) == pytest.approx(1.0)


@pytest.mark.parametrize("order", [-1, 9])
def test_an_order_that_does_not_fit_a_number_is_refused(order: int) -> None:
    with pytest.raises(ValueError, match="looks back 0-8"):
        Ngram([codes("a")], order)
