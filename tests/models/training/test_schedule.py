"""The rate of a run without an end, and what its average remembers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.schedule import average_decay, decayed_rate, held_rate


@given(st.integers(0, 10**7), st.integers(1, 10_000))
def test_a_held_rate_rises_in_a_straight_line_and_then_stays_whenever_the_run_ends(update: int, warmup: int) -> None:
    assert held_rate(4.0, update, warmup) == pytest.approx(4.0 * min(1.0, (update + 1) / warmup))


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_decaying_rate_falls_from_the_peak_to_nothing_and_never_rises(one: float, other: float) -> None:
    early, late = sorted((one, other))
    assert decayed_rate(3.0, 0.0) == 3.0 and decayed_rate(3.0, 1.0) == 0.0
    assert decayed_rate(3.0, early) >= decayed_rate(3.0, late)


def test_an_average_forgets_half_in_its_half_life_and_a_young_one_sooner() -> None:
    assert average_decay(100_000, 10, 1_000) ** 100 == pytest.approx(0.5)
    assert average_decay(400, 10, 1_000) ** 10 == pytest.approx(0.5)  # a quarter of 400 updates
