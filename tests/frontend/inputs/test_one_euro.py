"""The one-euro filter: calm at rest, quick in motion."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.channels import OneEuro, cutoff_at_rest

FRAME = 1 / 60


def run(levels: list[float], smoothing: float) -> list[float]:
    euro, given = OneEuro(), []
    for place, level in enumerate(levels):
        euro = euro.step(level, place * FRAME, smoothing)
        assert euro.level is not None
        given.append(euro.level)
    return given


def test_without_smoothing_everything_comes_through_as_it_is() -> None:
    assert run([0.2, 0.9, 0.1], 0.0) == [0.2, 0.9, 0.1]


def test_the_tremor_of_a_resting_hand_is_taken_out() -> None:
    tremor = random.Random(1)
    levels = [0.5 + tremor.uniform(-0.01, 0.01) for _ in range(600)]
    given = run(levels, 0.8)[60:]
    assert max(given) - min(given) < 0.4 * (max(levels) - min(levels))


def test_a_moving_hand_is_followed_more_closely_than_a_resting_one_would_be() -> None:
    ramp = [min(1.0, place * FRAME / 0.25) for place in range(60)]  # the whole range in a quarter of a second
    lag = max(raw - level for raw, level in zip(ramp, run(ramp, 0.8), strict=True))
    assert lag < 0.25
    calm = cutoff_at_rest(0.8)
    assert 1.0 / 0.25 / (6.283 * calm) > 2 * lag  # what a filter of that cut-off alone would lag behind


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 1))
def test_it_never_leaves_the_range_of_what_it_was_given(levels: list[float], smoothing: float) -> None:
    given = run(levels, smoothing)
    assert min(levels) - 1e-9 <= min(given) and max(given) <= max(levels) + 1e-9


def test_after_a_long_pause_it_begins_anew() -> None:
    euro = OneEuro().step(0.0, 0.0, 1.0).step(1.0, 5.0, 1.0)
    assert euro.level == 1.0


def test_two_readings_of_one_moment_divide_by_nothing() -> None:
    assert OneEuro().step(0.4, 1.0, 1.0).step(0.6, 1.0, 1.0).level == pytest.approx(0.4)
