"""Copies of a text, of a choir's or of the fakes', say what the voices would say there, and leave the voices alone."""

from __future__ import annotations

import numpy as np
import pytest

from models.char_lstm.choir import Choir
from models.char_lstm.network import Shape
from models.char_lstm.packed_weights import PackedWeights
from models.fake_voices import FakeVoices
from models.interface import RollsOut
from tests.models.char_lstm.test_choir import voices


def choir() -> RollsOut:
    return Choir(PackedWeights(voices(3, Shape(2, 16))))


def fakes() -> RollsOut:
    return FakeVoices({"ada": "abcdef", "bob": "0123456", "carol": "uvwxyz"})


@pytest.fixture(params=[choir, fakes], ids=["choir", "fake voices"])
def text(request: pytest.FixtureRequest) -> RollsOut:
    """Voices that have read a little."""
    made: RollsOut = request.param()
    for code in b"say":
        made.step(code, [0, 1, 2])
    return made


def test_copies_begin_where_the_text_stands_and_do_not_move_it(text: RollsOut) -> None:
    before = text.distributions.copy()
    rollout = text.rollout([0, 2], 4)
    assert rollout.distributions.shape == (4, 2, 128)
    np.testing.assert_allclose(rollout.distributions, np.broadcast_to(before[[0, 2]], (4, 2, 128)), atol=2e-6)
    rollout.step([97, 98, 99, 100])
    assert np.array_equal(text.distributions, before)


def test_a_copy_expects_what_the_voices_would_after_the_same_letters(text: RollsOut) -> None:
    rollout = text.rollout([0, 2], 3)
    for codes in ([97, 98, -1], [99, 98, 97]):
        rollout.step(codes)
    for copy, letters in enumerate(((97, 99), (98, 98), (97,))):
        other = text.for_new_text()
        other.copy_state(text, [0, 1, 2])
        for code in letters:
            other.step(code, [0, 2])
        np.testing.assert_allclose(rollout.distributions[copy], other.distributions[[0, 2]], atol=1e-5)


def test_a_copy_becomes_another_and_all_return_to_the_mark(text: RollsOut) -> None:
    rollout = text.rollout([1], 3)
    rollout.step([97, 98, 99])
    apart = rollout.distributions.copy()
    rollout.mark()
    rollout.select([2, 2, 0])
    assert np.array_equal(rollout.distributions, apart[[2, 2, 0]])
    rollout.step([97, 97, 97])
    rollout.back()
    assert np.array_equal(rollout.distributions, apart)


def test_voices_that_read_apart_each_expect_what_they_would_after_their_own_letters(text: RollsOut) -> None:
    before = text.distributions.copy()
    readings = text.read_apart([0, 2])
    np.testing.assert_allclose(readings.distributions, before[[0, 2]], atol=2e-6)
    for codes in ([97, 98], [99, -1]):
        readings.step(codes)
    for place, (voice, letters) in enumerate(((0, (97, 99)), (2, (98,)))):
        other = text.for_new_text()
        other.copy_state(text, [0, 1, 2])
        for code in letters:
            other.step(code, [voice])
        np.testing.assert_allclose(readings.distributions[place], other.distributions[voice], atol=1e-5)
    assert np.array_equal(text.distributions, before)


def test_a_voice_that_read_apart_stands_again_where_the_text_has_come_to(text: RollsOut) -> None:
    readings = text.read_apart([0, 2])
    readings.step([97, 98])
    apart = readings.distributions.copy()
    text.step(100, [0, 1, 2])
    readings.restart([1])
    np.testing.assert_allclose(readings.distributions, [apart[0], text.distributions[2]], atol=2e-6)
