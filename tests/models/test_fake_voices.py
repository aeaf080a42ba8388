"""The parrots keep the promises of the voices' interface, so that what is tested with them holds for the choir."""

import numpy as np
import pytest

from models.fake_voices import FusibleParrots, Parrots
from models.interface import Fusible

LINES = {"ada": "abc", "bob": "0123456789", "carol": "xyz"}


def likeliest(parrots: Parrots, voice: int) -> str:
    return chr(int(parrots.distributions[voice].argmax()))


def test_parrots_of_one_family_are_fusible_and_others_are_not() -> None:
    assert isinstance(FusibleParrots(LINES), Fusible)
    assert not isinstance(Parrots(LINES), Fusible)


def test_the_fused_parrot_expects_everything_alike_until_it_is_whole() -> None:
    parrots = FusibleParrots(LINES, slices=3)
    assert parrots.distributions.shape == (4, 128)
    parrots.fuse(np.array([0.2, 0.0, 0.8]))
    assert not parrots.fuse_some(lambda: False)
    left = iter([True, True, False])
    assert not parrots.fuse_some(lambda: next(left))
    parrots.step(ord("a"), [3])
    assert np.ptp(parrots.distributions[3]) == 0.0
    assert parrots.fuse_some(lambda: True)
    parrots.reset([3])
    assert likeliest(parrots, 3) == "X"


def test_strangers_and_negative_weights_have_no_part_in_the_fusion() -> None:
    parrots = FusibleParrots(LINES, strangers=["carol"])
    parrots.fuse(np.array([0.1, -0.9, 5.0]))
    assert parrots.fuse_some(lambda: True)
    parrots.reset([3])
    assert likeliest(parrots, 3) == "A"


@pytest.mark.parametrize("parrots", [Parrots(LINES), FusibleParrots(LINES)])
def test_a_trail_brings_back_those_who_were_pushed_and_nobody_else(parrots: Parrots) -> None:
    trail = parrots.trail(10)
    for place in range(1, 5):
        parrots.step(ord("."), [0, 1])
        trail.push(place, [0, 1] if place != 3 else [1])
    assert trail.restore(3) == (1,)
    assert (likeliest(parrots, 0), likeliest(parrots, 1)) == ("b", "3")
    assert trail.restore(4) == ()
