"""The fake voices keep the promises of the voices' interface, so that what is tested with them holds for the choir."""

import numpy as np
import pytest

from models.fake_voices import FakeVoices, FusibleFakeVoices
from models.interface import Fusible

LINES = {"ada": "abc", "bob": "0123456789", "carol": "xyz"}


def likeliest(fakes: FakeVoices, voice: int) -> str:
    return chr(int(fakes.distributions[voice].argmax()))


def test_fake_voices_of_one_family_are_fusible_and_others_are_not() -> None:
    assert isinstance(FusibleFakeVoices(LINES), Fusible)
    assert not isinstance(FakeVoices(LINES), Fusible)


def test_the_fused_fake_voice_expects_everything_alike_until_it_is_whole() -> None:
    fakes = FusibleFakeVoices(LINES, slices=3)
    assert fakes.distributions.shape == (4, 128)
    fakes.request_fusion(np.array([0.2, 0.0, 0.8]))
    assert not fakes.continue_fusion(lambda: False)
    left = iter([True, True, False])
    assert not fakes.continue_fusion(lambda: next(left))
    fakes.step(ord("a"), [3])
    assert np.ptp(fakes.distributions[3]) == 0.0
    assert fakes.continue_fusion(lambda: True)
    fakes.reset([3])
    assert likeliest(fakes, 3) == "X"


def test_strangers_and_negative_weights_have_no_part_in_the_fusion() -> None:
    fakes = FusibleFakeVoices(LINES, strangers=["carol"])
    fakes.request_fusion(np.array([0.1, -0.9, 5.0]))
    assert fakes.continue_fusion(lambda: True)
    fakes.reset([3])
    assert likeliest(fakes, 3) == "A"


@pytest.mark.parametrize("fakes", [FakeVoices(LINES), FusibleFakeVoices(LINES)])
def test_a_trail_brings_back_those_who_were_pushed_and_nobody_else(fakes: FakeVoices) -> None:
    trail = fakes.trail(10)
    for place in range(1, 5):
        fakes.step(ord("."), [0, 1])
        trail.push(place, [0, 1] if place != 3 else [1])
    assert trail.restore(3) == (1,)
    assert (likeliest(fakes, 0), likeliest(fakes, 1)) == ("b", "3")
    assert trail.restore(4) == ()
