"""A transformer heard letter by letter gives each letter what all ways of cutting the text give it together."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.transformer.beam import Beam, Closeness
from models.transformer.key_values import KeyValues, Path
from models.transformer.network import Transformer, TransformerShape
from models.transformer.stepping import Stepper
from models.transformer.weights_file import TransformerWeights
from tests.models.transformer.tiny import GPT2, LLAMA, TOKENS, drained, network, subwords, weights

EVERY_WAY = Closeness(hypotheses=10_000, read_from=0.0, kept_from=0.0, doubt=0.0)

letters = st.text("abct he\n7", min_size=1, max_size=6).map(str.encode)


def beam(of: TransformerWeights, closeness: Closeness = EVERY_WAY, window: int = 100) -> Beam:
    found = Beam(Stepper(of), KeyValues(of.shape, window, ring=4_096), closeness)
    drained(found.begin())
    return found


def read(found: Beam, text: bytes) -> NDArray[np.float64]:
    for code in text:
        drained(found.read(code))
    return found.expected()


class EveryCut:
    """The probability that a text begins so: a sum over all tokens' ways of writing, or beginning, it."""

    def __init__(self, by: Transformer) -> None:
        self._network = by.eval()
        self._next = lru_cache(maxsize=None)(self._of)

    def beginning(self, text: bytes, path: tuple[int, ...] = ()) -> float:
        if not text:
            return 1.0
        shares = self._next(path)
        found = 0.0
        for number, token in enumerate(TOKENS):
            if token.startswith(text):
                found += shares[number]
            elif text.startswith(token):
                found += shares[number] * self.beginning(text[len(token) :], (*path, number))
        return found

    def _of(self, path: tuple[int, ...]) -> list[float]:
        with torch.inference_mode():
            known = self._network(torch.tensor([[len(TOKENS), *path]]))
            logits = self._network.logits(known[0, -1])
        return logits.double().softmax(0).tolist()


@pytest.mark.parametrize(("tied", "shape"), [(True, LLAMA), (False, LLAMA), (True, GPT2)])
@settings(deadline=None, max_examples=15)
@given(text=letters, seed=st.integers(1, 3))
def test_each_letter_has_what_all_ways_of_cutting_the_text_give_it(
    tied: bool, shape: TransformerShape, text: bytes, seed: int
) -> None:
    exact, found = EveryCut(network(seed, tied, shape=shape)), read(beam(weights(seed, tied, shape=shape)), text)
    whole = exact.beginning(text)
    for code in b"abct h\n7":
        assert found[code] == pytest.approx(exact.beginning(text + bytes([code])) / whole, abs=1e-6)


@settings(deadline=None, max_examples=15)
@given(text=letters)
def test_what_is_expected_is_a_distribution_over_what_may_be_written(text: bytes) -> None:
    found = read(beam(weights(), Closeness()), text)
    assert found.sum() == pytest.approx(1.0) and (found[32:127] > 0.0).all() and found[:9].sum() == 0.0


@settings(deadline=None, max_examples=15)
@given(text=letters)
def test_few_hypotheses_come_near_to_all(text: bytes) -> None:
    every, few = read(beam(weights()), text), read(beam(weights(), Closeness(8, 0.001)), text)
    assert 0.5 * np.abs(every - few).sum() < 0.05


def test_a_letter_that_no_followed_hypothesis_has_heals_the_begun_token() -> None:
    alone = beam(weights(), Closeness(hypotheses=1))
    for code in b"the abcxaaab":  # others drew them: with one hypothesis some lead nowhere
        drained(alone.read(code))
        assert 1 <= len(alone.hypotheses) <= 2 and alone.expected().sum() == pytest.approx(1.0)


def test_a_character_that_may_not_be_written_is_read_as_a_blank() -> None:
    assert np.array_equal(read(beam(weights()), b"a\rb"), read(beam(weights()), b"a b"))


def test_behind_a_long_text_its_first_tokens_and_the_window_are_heard() -> None:
    one, other = b"abc the " * 3, b"the 7 ab" * 3
    end = b"the abc the ab"
    short = [read(beam(weights(), Closeness(1), window=6), text + end) for text in (one, other)]
    whole = [read(beam(weights(), Closeness(1), window=100), text + end) for text in (one, other)]
    assert 0.5 * np.abs(short[0] - whole[0]).sum() > 1e-6
    assert np.isfinite(short).all() and np.isfinite(whole).all()


def test_the_first_tokens_are_heard_as_if_they_stood_right_before_the_window() -> None:
    """Of a network without depth what is heard are tokens at places: the window's, and the first ones before it."""
    tokens = subwords().encode(b"t h e 7 a c t h e 7 c")
    shape = replace(weights().shape, layers=1)
    shallow = replace(weights(), shape=shape, layers=weights().layers[:1])
    stepper, window = Stepper(shallow), 5
    held = KeyValues(shape, window, ring=64)
    known = drained(stepper.read(held, [None], [Path()]))
    for token in tokens:
        known = drained(stepper.read(held, [token], known.paths))
    assert len(known.paths[0].serials) == window and known.paths[0].sinks is not None
    net = shallow.network().eval()
    with torch.inference_mode():
        heard = [len(TOKENS), *tokens[:3], *tokens[-window - 1 :]]
        expected = net(torch.tensor([heard]))[0, -1]
    assert torch.allclose(known.hidden[0], expected, atol=1e-5)


def test_what_the_ring_does_not_hold_any_more_is_not_heard() -> None:
    stepper = Stepper(weights())
    small = KeyValues(stepper.shape, window=100, ring=32)
    found = Beam(stepper, small, Closeness())
    drained(found.begin())
    expected = read(found, b"abc the 7 abca he\n\nabc " * 3)
    assert expected.sum() == pytest.approx(1.0) and all(small.holds(each.path) for each in found.hypotheses)
    assert max(len(each.path.serials) for each in found.hypotheses) <= 28
