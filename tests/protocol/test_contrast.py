"""Less of a voice: the mix is led away from it, without a jump and without nonsense."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from protocol.mixing import (
    CONTRAST_FLOOR,
    PLAUSIBLE_SHARE,
    STRONGEST_CONTRAST,
    WRITABLE,
    Vector,
    alloy_exponent,
    balanced,
    contrast,
    contrast_strength,
    effective_weights,
    mix,
    power_mean,
    responsibilities,
    temper,
    top_p,
)
from tests.protocol.test_mixing import SLUGS, V, distributions, values_with, weights

signed = hnp.arrays(np.float64, 4, elements=st.floats(-1, 1)).filter(lambda w: w.max() > 1e-6)
strengths = st.floats(0, STRONGEST_CONTRAST)


def test_a_fader_below_zero_is_a_negative_share() -> None:
    found = effective_weights(values_with(austen=0.6, linux=-0.2), SLUGS)
    assert found.tolist() == pytest.approx([0.75, 0.0, -0.25])


@given(hnp.arrays(np.float64, 5))
def test_any_numbers_at_all_become_shares_whose_sizes_sum_to_one(raw: Vector) -> None:
    found, sound = balanced(raw), np.isfinite(raw)
    assert np.abs(found).sum() == pytest.approx(float((raw[sound] != 0).any()))
    assert not found[~sound].any() and (found[sound] * np.sign(raw[sound]) >= 0).all()


@given(distributions(4), weights(4), st.floats(-1, 1))
def test_without_a_negative_weight_nothing_is_different_bit_for_bit(p: Vector, w: Vector, alloy: float) -> None:
    values = values_with(mix_alloy=alloy, mix_temperature=0.8, mix_top_p=0.9)
    w[0] *= -0.0
    mean = np.where(WRITABLE, power_mean(p, w, alloy_exponent(alloy)), 0.0)
    if mean.any():
        assert mix(p, w, values).tobytes() == top_p(temper(mean, 0.8), 0.9).tobytes()


@given(distributions(1), distributions(1), strengths)
def test_contrast_is_a_distribution_over_what_was_plausible(p: Vector, q: Vector, strength: float) -> None:
    led = contrast(p[0], q[0], strength)
    assert led.sum() == pytest.approx(1)
    assert led.min() >= 0
    if strength > 1e-9:
        assert not led[p[0] < PLAUSIBLE_SHARE * min(1.0, strength) * p[0].max() * (1 - 1e-9)].any()


@given(distributions(1), strengths)
def test_where_both_agree_nothing_changes_but_that_the_implausible_goes(p: Vector, strength: float) -> None:
    led, clear = contrast(p[0], p[0], strength), p[0] >= 2 * PLAUSIBLE_SHARE * p[0].max()
    assert led[clear] / led[clear].sum() == pytest.approx(p[0][clear] / p[0][clear].sum())


def test_contrast_by_hand() -> None:
    p, q = np.array([0.5, 0.4, 0.09, 0.01]), np.array([0.1, 0.9, 0.0, 0.0])
    ratio = p / ((1 - CONTRAST_FLOOR) * q + CONTRAST_FLOOR * p)
    expected = p * ratio * [1, 1, 0.8, 0]  # 0.09 is 18 % of the likeliest, 0.01 is 2 %
    assert contrast(p, q, 1.0) == pytest.approx(expected / expected.sum())


@given(distributions(1), distributions(1))
def test_the_more_contrast_the_less_of_the_most_unwanted_of_what_is_clearly_plausible(p: Vector, q: Vector) -> None:
    clear = np.flatnonzero(p[0] >= 2 * PLAUSIBLE_SHARE * p[0].max())
    worst = clear[np.argmax(q[0][clear] / p[0][clear])]
    led = [contrast(p[0], q[0], strength) for strength in (0.0, 0.5, 1.0, 2.0)]
    parts = [each[worst] / each[clear].sum() for each in led]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(parts))


@given(distributions(3), st.floats(0.01, 1), st.floats(-1, 1))
def test_no_jump_is_heard_as_a_weight_goes_through_zero(p: Vector, weight: float, alloy: float) -> None:
    values = values_with(mix_alloy=alloy, mix_temperature=1.0)
    p = (p + 1e-6) / (1 + V * 1e-6)
    above, below = (mix(p, [0.6, 0.4, sign * 1e-7 * weight], values) for sign in (0.0, -1.0))
    assert above == pytest.approx(below, abs=1e-4)


@given(distributions(2), st.floats(-1, -0.01), st.floats(1e-6, 1e-4))
def test_no_jump_is_heard_anywhere_below_zero(p: Vector, weight: float, further: float) -> None:
    values = values_with(mix_temperature=1.0)
    here, there = (mix(p, [0.6, w], values) for w in (weight, weight + further))
    assert np.abs(here - there).sum() < 40 * further / min(0.6, -weight)


def test_a_voice_pulled_all_the_way_down_leaves_the_other_its_own_letters() -> None:
    austen, linux = np.zeros(V), np.zeros(V)
    austen[[ord(" "), ord("e"), ord("{")]] = [0.6, 0.39, 0.01]
    linux[[ord(" "), ord("{"), ord(";")]] = [0.1, 0.5, 0.4]
    mixed = mix(np.stack([austen, linux]), [1.0, -1.0], values_with(mix_temperature=2.0))
    assert np.flatnonzero(mixed).tolist() == [ord(" "), ord("e")]
    assert mixed[ord("e")] > mix(austen[None], [1.0], values_with(mix_temperature=2.0))[ord("e")]


@given(distributions(4), signed, st.floats(-1, 1), st.floats(0.05, 2), st.floats(0.05, 1))
def test_whatever_the_weights_the_mix_is_a_distribution_over_what_can_be_written(
    p: Vector, w: Vector, alloy: float, temperature: float, share: float
) -> None:
    mixed = mix(p, w, values_with(mix_alloy=alloy, mix_temperature=temperature, mix_top_p=share))
    assert mixed.sum() == pytest.approx(1)
    assert mixed.min() >= 0
    assert not mixed[~WRITABLE].any()


@given(distributions(4), signed, st.permutations(range(4)))
def test_the_order_of_the_voices_does_not_matter_to_contrast_either(p: Vector, w: Vector, order: list[int]) -> None:
    assert mix(p[order], w[order], values_with()) == pytest.approx(mix(p, w, values_with()), abs=1e-9)


@given(
    hnp.arrays(np.float64, (4, V), elements=st.floats(), fill=st.floats()),
    hnp.arrays(np.float64, 4, elements=st.floats()),
    st.floats(-1, 1),
)
def test_no_nonsense_makes_nan(p: Vector, w: Vector, alloy: float) -> None:
    mixed = mix(p / 128, w, values_with(mix_alloy=alloy))
    speaks = (np.isfinite(w) & (w > 0)).any()
    assert mixed.sum() == pytest.approx(float(speaks))


@given(distributions(3), st.floats(-1, 0))
def test_below_zero_alone_nobody_speaks(p: Vector, weight: float) -> None:
    assert not mix(p, [weight, weight, -1.0], values_with()).any()


@pytest.mark.parametrize(
    ("w", "strength"),
    [
        ([1.0, -1.0], 1.0),
        ([1.0, 0.5, -0.3], 0.2),
        ([0.1, -1.0], STRONGEST_CONTRAST),
        ([5e-324, -1.0], STRONGEST_CONTRAST),
        ([-1.0], 0.0),
        ([1.0], 0.0),
        ([1e308, 1e308, -1e308], 0.5),
        ([math.nan, math.inf, 1.0, -1.0], 1.0),
    ],
)
def test_contrast_is_as_strong_as_the_unwanted_weights_against_the_wanted_ones(w: list[float], strength: float) -> None:
    assert contrast_strength(w) == pytest.approx(strength)


@given(distributions(1), weights(3))
def test_several_that_are_unwanted_are_unwanted_in_proportion(p: Vector, w: Vector) -> None:
    rows = np.vstack([p, np.eye(V)[[65, 66, 67]]])
    mean = power_mean(rows[1:], w, 1.0)
    strength = contrast_strength([1.0, *-w])
    where = np.where(WRITABLE, p[0], 0.0)
    expected = contrast(where, mean, strength) if where.any() else contrast(WRITABLE.astype(float), mean, strength)
    assert mix(rows, [1.0, *-w], values_with(mix_temperature=1.0)) == pytest.approx(expected, abs=1e-12)


def test_who_is_below_zero_is_responsible_for_nothing() -> None:
    for exponent in (1.0, 0.0, -1.0, math.inf, -math.inf):
        r = responsibilities([0.2, 0.2, 0.9], [0.6, 0.2, -0.2], exponent)
        assert r.tolist() == pytest.approx([0.75, 0.25, 0.0])
