"""Channels: range, gain, and what becomes of one that is lost."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.channels import Channel, Reading, Shaping

PLAIN = Shaping(smoothing=0.0, hold=1.0, fade=2.0)


def read(level: float | None, shaping: Shaping = PLAIN, rest: float = 0.5) -> Channel:
    return Channel().read(Reading("hand/x", level, rest), 0.0, shaping)


@pytest.mark.parametrize(
    ("shaping", "raw", "shaped"),
    [
        (Shaping(), 0.3, 0.3),
        (Shaping(low=0.2, high=0.6), 0.4, 0.5),
        (Shaping(low=1.0, high=0.0), 0.2, 0.8),
        (Shaping(gain=2.0), 0.6, 0.7),
        (Shaping(gain=4.0), 0.9, 1.0),
        (Shaping(low=0.5, high=0.5), 0.7, 0.5),
    ],
)
def test_range_and_gain_place_what_is_read(shaping: Shaping, raw: float, shaped: float) -> None:
    assert shaping.shaped(raw) == pytest.approx(shaped)


def test_a_lost_channel_is_held_then_fades_to_rest_then_says_nothing() -> None:
    lost = read(0.9).read(Reading("hand/x", None, 0.5), 0.1, PLAIN)
    assert lost.level(0.9, PLAIN) == 0.9
    assert lost.level(2.1, PLAIN) == pytest.approx(0.7)
    assert lost.level(3.1, PLAIN) == pytest.approx(0.5)
    assert lost.level(4.1, PLAIN) is None


def test_one_that_is_to_stay_says_nothing_once_it_is_lost() -> None:
    stays = Shaping(lost="stay")
    assert read(0.9, stays).read(Reading("hand/x", None), 0.1, stays).level(0.2, stays) is None


@given(st.floats(), st.floats(0.1, 4.0), st.floats(0, 1), st.floats(0, 1))
def test_whatever_is_read_the_level_is_from_0_to_1(raw: float, gain: float, low: float, high: float) -> None:
    shaping = Shaping(gain=gain, low=low, high=high)
    level = read(raw, shaping).level(0.0, shaping)
    if math.isfinite(raw):
        assert level is not None and 0.0 <= level <= 1.0
    else:
        assert level is None
