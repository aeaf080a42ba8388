"""What followed what, against counting by hand; and the arithmetic of Kneser and Ney, against its definition."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.ngram.contexts import Contexts
from models.ngram.kneser_ney import distribution

TEXTS = st.text(alphabet="ab \x00\x7f", min_size=1, max_size=60).map(
    lambda text: np.frombuffer(text.encode(), np.uint8)
)
ORDERS = st.sampled_from([1, 2, 3, 9, 10, 16])


def followers(text: bytes, order: int) -> dict[bytes, Counter[int]]:
    """By context of every length what followed it, and how often."""
    padded, found = b"\n" * order + text, defaultdict[bytes, Counter[int]](Counter)
    for place in range(order, len(padded)):
        for length in range(order + 1):
            found[padded[place - length : place]][padded[place]] += 1
    return found


def continued(text: bytes, order: int, context: bytes) -> Counter[int]:
    """Behind how many different characters and then this context each character stood."""
    longer = {(before, code) for before, counts in followers(text, order).items() for code in counts}
    return Counter(code for before, code in longer if len(before) == len(context) + 1 and before[1:] == context)


def rows(counts: list[Counter[int]]) -> NDArray[np.float64]:
    return np.array([[count[code] for code in range(128)] for count in counts], float)


@given(TEXTS, ORDERS, st.text(alphabet="ab ", min_size=16, max_size=16))
@settings(max_examples=80, deadline=None)
def test_contexts_count_what_followed_them(text: NDArray[np.uint8], order: int, written: str) -> None:
    asked = written[-order:].encode()
    found = followers(text.tobytes(), order)
    there = [asked[len(asked) - length :] for length in range(order + 1)]
    there = [context for context in there if context in found]
    by_hand = [continued(text.tobytes(), order, context) for context in there[:-1]] + [found[there[-1]]]
    counts = Contexts(text, order).counts(np.frombuffer(asked[::-1], np.uint8))
    assert np.array_equal(counts, rows(by_hand))


@given(TEXTS, ORDERS)
@settings(max_examples=60, deadline=None)
def test_what_is_taken_is_what_chen_and_goodman_say(text: NDArray[np.uint8], order: int) -> None:
    found = followers(text.tobytes(), order)
    contexts = Contexts(text, order)
    for length in range(order + 1):
        every = [
            count
            for context in found
            if len(context) == length
            for count in (found[context] if length == order else continued(text.tobytes(), order, context)).values()
        ]
        n = [0, *(max(1, every.count(wanted)) for wanted in (1, 2, 3, 4))]
        y = n[1] / (n[1] + 2 * n[2])
        taken = [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
        assert contexts.discounts[length, 1:] == pytest.approx(np.clip(taken, 0.05, [0.95, 1.9, 2.85]))


@given(TEXTS, ORDERS, st.binary(min_size=16, max_size=16).map(lambda data: bytes(code & 127 for code in data)))
@settings(max_examples=60, deadline=None)
def test_what_is_expected_sums_to_one_and_leaves_everything_possible(
    text: NDArray[np.uint8], order: int, written: bytes
) -> None:
    expected = distribution(Contexts(text, order), np.frombuffer(written[:order], np.uint8))
    assert expected.sum() == pytest.approx(1.0) and expected.min() > 0.0


def test_what_followed_before_follows_again() -> None:
    text = np.frombuffer(b"the cat sat. the cat ran. the dog sat. " * 5, np.uint8)
    expected = distribution(Contexts(text, 8), np.frombuffer(b"the dog "[::-1], np.uint8))
    assert chr(int(expected.argmax())) == "s"


def test_only_the_places_that_are_named_are_learnt() -> None:
    text = np.frombuffer(b"xaxbxa", np.uint8)
    counts = Contexts(text, 1, np.array([1, 5])).counts(np.frombuffer(b"x", np.uint8))
    assert np.array_equal(counts[-1], 2.0 * np.eye(128)[ord("a")])


@pytest.mark.parametrize("order", [0, 17])
def test_an_order_that_does_not_fit_is_refused(order: int) -> None:
    with pytest.raises(ValueError, match="1-16"):
        Contexts(np.zeros(3, np.uint8), order)
