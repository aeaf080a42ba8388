"""The mix is what float64 arithmetic says, whatever the voices and the controls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from protocol.alphabet import VOCABULARY
from protocol.mixing import (
    WRITABLE,
    Vector,
    alloy_exponent,
    dequantise,
    draw,
    effective_weights,
    fusion_parts,
    joint,
    min_p,
    mix,
    normalised,
    power_mean,
    quantise,
    responsibilities,
    temper,
    tint,
    top_p,
)
from protocol.puck import influence
from protocol.tree import ParameterTree, Value

SLUGS = ("austen", "bible", "linux")
V = VOCABULARY

exponents = st.one_of(st.floats(-50, 50), st.sampled_from([0.0, 1.0, -1.0, 1e-12, 1e300, -1e300, math.inf, -math.inf]))
temperatures = st.floats(0.05, 2)
shares = st.floats(0.05, 1)


def distributions(voices: int) -> st.SearchStrategy[Vector]:
    """(voices, V) rows that sum to 1, with zeros and very small entries among them."""
    entries = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1e-300, 1e-30, 1e-8]))
    fill = st.sampled_from([0.0, 1e-9, 0.3])
    return hnp.arrays(np.float64, (voices, V), elements=entries, fill=fill).map(_rows_of_one)


def _rows_of_one(raw: Vector) -> Vector:
    raw[:, ord("e")] += raw.sum(1) == 0
    return np.asarray(raw / raw.sum(1, keepdims=True))


def weights(voices: int) -> st.SearchStrategy[Vector]:
    """(voices,) not all zero."""
    return hnp.arrays(np.float64, voices, elements=st.floats(0, 1)).filter(lambda w: w.max() > 1e-6)


def values_with(**changes: Value) -> dict[str, Value]:
    """All controls at rest and every voice on; ``austen=0.5`` moves a fader, ``mix_alloy=1`` a control."""
    values = ParameterTree(SLUGS).defaults() | {f"/style/{slug}/on": True for slug in SLUGS}
    places = {slug: f"/style/{slug}/weight" for slug in SLUGS}
    return values | {places.get(name, "/" + name.replace("_", "/", 1)): value for name, value in changes.items()}


# ---- weights


def test_with_the_puck_lifted_weights_are_the_faders_in_proportion() -> None:
    assert effective_weights(values_with(austen=0.2, linux=0.6), SLUGS).tolist() == pytest.approx([0.25, 0.0, 0.75])


def test_a_voice_that_is_off_has_no_weight_and_no_place_on_the_circle() -> None:
    values = values_with(austen=1.0, bible=1.0, linux=1.0, puck_lifted=False, puck=(0.3, 0.4))
    values["/style/bible/on"] = False
    first, second = influence((0.3, 0.4), 2, 2.0)
    assert effective_weights(values, SLUGS).tolist() == pytest.approx([first, 0.0, second])


@given(*[st.floats(0, 1)] * 3, st.floats(-1, 1), st.floats(-1, 1), st.floats(0.5, 6))
def test_weights_are_fader_times_puck_influence(
    a: float, b: float, c: float, x: float, y: float, falloff: float
) -> None:
    values = values_with(austen=a, bible=b, linux=c, puck_lifted=False, puck=(x, y), puck_falloff=falloff)
    found = effective_weights(values, SLUGS)
    products = np.array([a, b, c]) * influence((x, y), 3, falloff)
    assert found == pytest.approx(normalised(products), abs=1e-12)
    assert found.sum() == pytest.approx(float(products.any()))


def test_when_all_faders_are_down_nobody_has_weight() -> None:
    assert effective_weights(values_with(puck_lifted=False), SLUGS).tolist() == [0.0, 0.0, 0.0]


@given(hnp.arrays(np.float64, 5))
def test_any_numbers_at_all_become_weights(raw: Vector) -> None:
    found = normalised(raw)
    positive = np.isfinite(raw) & (raw > 0)
    assert found[~positive].tolist() == [0.0] * int((~positive).sum())
    assert found.sum() == pytest.approx(float(positive.any()))


@pytest.mark.parametrize("scale", [1e308, 1.0, 5e-324])
def test_neither_huge_nor_tiny_faders_overflow_their_sum(scale: float) -> None:
    assert normalised([scale, scale]).tolist() == [0.5, 0.5]


# ---- the power mean


@pytest.mark.parametrize(("alloy", "exponent"), [(-1, math.inf), (0, 1), (0.5, 0), (1, -math.inf), (-0.5, 8 / 3)])
def test_the_alloy_knob_goes_from_union_to_intersection(alloy: float, exponent: float) -> None:
    assert alloy_exponent(alloy) == exponent


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_turning_the_alloy_up_never_raises_the_exponent(one: float, other: float) -> None:
    assert alloy_exponent(max(one, other)) <= alloy_exponent(min(one, other))


@given(distributions(3), st.integers(0, 2), st.floats(1e-9, 1), exponents)
def test_a_single_voice_is_heard_bit_for_bit(p: Vector, voice: int, weight: float, exponent: float) -> None:
    heard = p.astype(np.float32)
    assert power_mean(heard, weight * np.eye(3)[voice], exponent).tobytes() == heard[voice].astype(np.float64).tobytes()


@given(distributions(2), weights(2))
def test_the_mix_of_two_is_the_weighted_sum(p: Vector, w: Vector) -> None:
    naive = [(w[0] * p[0, c] + w[1] * p[1, c]) / (w[0] + w[1]) for c in range(V)]
    assert power_mean(p, w, 1.0) == pytest.approx(naive, abs=1e-12)


@given(distributions(4), weights(4), exponents)
def test_a_power_mean_is_a_distribution(p: Vector, w: Vector, exponent: float) -> None:
    mean = power_mean(p, w, exponent)
    assert mean.min() >= 0
    assert mean.sum() == pytest.approx(1)


@given(distributions(3), weights(3), st.floats(-6, 6).filter(lambda a: abs(a) > 0.01))
def test_a_power_mean_is_what_its_formula_says(p: Vector, w: Vector, exponent: float) -> None:
    p = _rows_of_one(p + 1e-4)  # so that the naive powers stay in range
    naive = (normalised(w) @ p**exponent) ** (1 / exponent)
    assert power_mean(p, w, exponent) == pytest.approx(naive / naive.sum(), rel=1e-6)


@pytest.mark.parametrize(
    ("exponent", "kept"),
    [(math.inf, [0.8, 0.5]), (-math.inf, [0.2, 0.5]), (0.0, [math.sqrt(0.16), 0.5]), (-1.0, [0.32, 0.5])],
)
def test_maximum_minimum_geometric_and_harmonic_mean_by_hand(exponent: float, kept: list[float]) -> None:
    p = np.array([[0.8, 0.5], [0.2, 0.5]])  # power_mean does not mind rows that are no distributions
    assert power_mean(p, [0.5, 0.5], exponent) == pytest.approx(np.array(kept) / sum(kept))


@given(distributions(3), exponents, st.sampled_from([math.nan, math.inf, -1.0]))
def test_a_voice_without_weight_may_hold_anything(p: Vector, exponent: float, nonsense: float) -> None:
    without = power_mean(p[:2], [0.3, 0.7], exponent)
    p[2] = nonsense
    assert power_mean(p, [0.3, 0.7, 0.0], exponent).tolist() == without.tolist()


@given(distributions(3), exponents)
def test_the_order_of_the_voices_does_not_matter(p: Vector, exponent: float) -> None:
    w = np.array([0.5, 0.3, 0.2])
    assert power_mean(p[::-1], w[::-1], exponent) == pytest.approx(power_mean(p, w, exponent), abs=1e-9)


def test_voices_that_agree_on_nothing_fall_back_on_their_sum() -> None:
    apart = np.eye(V)[[ord("a"), ord("b")]]
    for exponent in (0.0, -2.0, -math.inf):
        assert power_mean(apart, [0.25, 0.75], exponent).tolist() == (0.25 * apart[0] + 0.75 * apart[1]).tolist()


# ---- temperature and top-p


@given(distributions(1), st.floats(0.3, 2))
def test_temperature_is_the_power_of_its_inverse(p: Vector, temperature: float) -> None:
    naive = p[0] ** (1 / temperature)
    assert temper(p[0], temperature) == pytest.approx(naive / naive.sum(), rel=1e-9)


@given(distributions(1), st.floats(1e-9, 1e9))
def test_at_any_temperature_it_stays_a_distribution_of_the_same_order(p: Vector, temperature: float) -> None:
    tempered = temper(p[0], temperature)
    assert tempered.sum() == pytest.approx(1)
    assert not tempered[p[0] == 0].any()
    assert (np.diff(tempered[np.argsort(p[0])]) >= -1e-15).all()


def test_very_cold_leaves_the_likeliest_alone() -> None:
    assert temper(np.array([0.5, 0.4, 0.1]), 1e-4).tolist() == [1.0, 0.0, 0.0]


@given(distributions(1), shares)
def test_the_nucleus_is_the_fewest_that_reach_the_share(p: Vector, share: float) -> None:
    kept = top_p(p[0], share) > 0
    assert p[0][kept].sum() >= share - 1e-12
    assert p[0][kept].sum() - p[0][kept].min() < share + 1e-12
    assert p[0][kept].min() >= p[0][~kept].max(initial=0)


@given(distributions(1), shares)
def test_the_nucleus_keeps_proportions(p: Vector, share: float) -> None:
    nucleus = top_p(p[0], share)
    assert nucleus == pytest.approx(np.where(nucleus > 0, p[0], 0) / p[0][nucleus > 0].sum())


def test_however_small_the_share_the_likeliest_stays() -> None:
    assert top_p(np.array([0.2, 0.5, 0.3]), 0.0).tolist() == [0.0, 1.0, 0.0]


# ---- the whole mix


@given(distributions(3), weights(3), st.floats(-1, 1), temperatures, shares)
def test_the_mix_is_a_distribution_over_what_can_be_written(
    p: Vector, w: Vector, alloy: float, temperature: float, share: float
) -> None:
    mixed = mix(p, w, values_with(mix_alloy=alloy, mix_temperature=temperature, mix_top_p=share))
    assert mixed.sum() == pytest.approx(1)
    assert mixed.min() >= 0
    assert not mixed[~WRITABLE].any()


def test_what_can_be_written_is_ascii_that_shows_line_ends_and_tabs() -> None:
    assert bytes(np.flatnonzero(WRITABLE).tolist()) == b"\t\n" + bytes(range(32, 127))


def test_the_joint_goes_through_mean_mask_temperature_and_nucleus_in_this_order() -> None:
    p = np.zeros((3, V))
    p[0, [0, ord("a"), ord("b"), ord("c")]] = [0.5, 0.3, 0.15, 0.05]  # half of it cannot be written
    p[1, ord("c")] = 1.0
    values = values_with(austen=0.9, bible=0.1, mix_temperature=0.5, mix_top_p=0.8)
    a, b, c = 0.27, 0.135, 0.145
    found = joint(p, values, SLUGS)
    assert {chr(code): found[code] for code in np.flatnonzero(found)} == pytest.approx(
        {"a": a**2 / (a**2 + c**2), "c": c**2 / (a**2 + c**2)}
    )
    assert b**2 / (a**2 + b**2 + c**2) < 0.2  # this is why b fell out


def test_nobody_speaking_is_no_distribution() -> None:
    assert not joint(np.full((3, V), 1 / V), values_with(), SLUGS).any()


def test_voices_that_want_nothing_writable_leave_all_that_is_open() -> None:
    assert mix(np.eye(V)[[7]], [1.0], {}) == pytest.approx(WRITABLE / WRITABLE.sum())


@given(hnp.arrays(np.float64, (3, V), elements=st.floats(), fill=st.floats()), st.floats(-1, 1))
def test_broken_voices_never_make_nan(p: Vector, alloy: float) -> None:
    mixed = mix(p / 128, [0.2, 0.3, 0.5], values_with(mix_alloy=alloy))
    assert mixed.sum() == pytest.approx(1)


# ---- drawing


@given(distributions(1), st.floats(0, 1, exclude_max=True))
def test_what_is_drawn_was_possible(p: Vector, u: float) -> None:
    assert p[0, draw(p[0], u)] > 0


@given(distributions(1))
def test_draws_spread_over_the_unit_interval_come_as_often_as_they_should(p: Vector) -> None:
    drawn = np.bincount([draw(p[0], (n + 0.5) / 1000) for n in range(1000)], minlength=V)
    assert drawn / 1000 == pytest.approx(p[0], abs=1.01e-3)


def test_the_first_and_the_last_number_draw_the_first_and_the_last_possible_code() -> None:
    p = np.array([0.0, 0.1, 0.0, 0.9, 0.0])
    assert draw(p, 0.0) == 1
    assert draw(p, math.nextafter(1.0, 0.0)) == 3
    assert draw(np.array([0.0, 5e-324, 0.0]), 0.9) == 1  # here 0.9 of the sum is rounded to the sum


def test_nothing_can_be_drawn_from_nothing() -> None:
    with pytest.raises(ValueError, match="no character"):
        draw(np.zeros(V), 0.5)


# ---- responsibilities


@given(hnp.arrays(np.float64, 4, elements=st.floats(0, 1)), weights(4), exponents)
def test_responsibilities_are_shares_of_those_who_speak(column: Vector, w: Vector, exponent: float) -> None:
    r = responsibilities(column, w, exponent)
    assert r.sum() == pytest.approx(1)
    assert not r[w == 0].any()


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (1.0, [0.5, 0.5, 0.0]),
        (2.0, [0.2, 0.8, 0.0]),
        (0.0, [0.8, 0.2, 0.0]),
        (-1.0, [0.8 / 0.2 / (0.8 / 0.2 + 0.2 / 0.8), 0.2 / 0.8 / (0.8 / 0.2 + 0.2 / 0.8), 0.0]),
        (math.inf, [0.0, 1.0, 0.0]),
        (-math.inf, [1.0, 0.0, 0.0]),
    ],
)
def test_responsibility_is_weight_times_probability_to_the_exponent(exponent: float, expected: list[float]) -> None:
    assert responsibilities([0.2, 0.8, 0.9], [0.8, 0.2, 0.0], exponent) == pytest.approx(expected)


@pytest.mark.parametrize("exponent", [1.0, math.inf, -1.0, -math.inf])
def test_a_character_that_no_voice_wanted_is_everyones_by_weight(exponent: float) -> None:
    assert responsibilities([0.0, 0.0], [0.25, 0.75], exponent).tolist() == [0.25, 0.75]


def test_equal_extremes_share_by_weight() -> None:
    assert responsibilities([0.5, 0.5, 0.1], [0.1, 0.3, 0.6], math.inf) == pytest.approx([0.25, 0.75, 0.0])


def test_a_tint_names_the_three_strongest_first() -> None:
    assert tint([0.1, 0.4, 0.0, 0.2, 0.3]) == ((1, 102), (4, 76), (3, 51))
    assert tint([0.0, 1.0]) == ((1, 255),)
    assert tint([0.0, 0.0]) == ()


# ---- levels


@given(distributions(1))
def test_levels_keep_the_root_of_a_probability_to_half_a_step(p: Vector) -> None:
    assert np.sqrt(dequantise(quantise(p))) == pytest.approx(np.sqrt(p), abs=0.5 / 255 + 1e-12)


@given(hnp.arrays(np.uint8, 16))
def test_levels_that_go_round_come_back(levels: np.typing.NDArray[np.uint8]) -> None:
    assert quantise(dequantise(levels)).tolist() == levels.tolist()


def test_min_p_keeps_what_has_its_share_of_the_likeliest() -> None:
    p = np.array([0.6, 0.3, 0.06, 0.04])
    assert min_p(p, 0.1).tolist() == pytest.approx([0.625, 0.3125, 0.0625, 0.0])
    assert min_p(p, 1.0).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert min_p(p, 0.0).tolist() == pytest.approx(p.tolist())


def test_a_mix_without_min_p_is_what_it_was() -> None:
    p = np.full((1, 128), 1 / 128)
    assert mix(p, [1.0], {}).tolist() == mix(p, [1.0], {"/mix/min_p": 0.0}).tolist()


# ---- concepts ----------------------------------------------------------------------------------------------------


def test_a_fused_network_without_a_concept_is_the_mean_of_the_voices_above_zero() -> None:
    parts = fusion_parts([0.6, 0.2, -0.5, 0.4], [True, True, True, False], 0.0)
    assert parts.tolist() == pytest.approx([0.75, 0.25, 0.0, 0.0])


def test_a_concept_leads_away_from_the_voices_below_zero_and_the_parts_still_sum_to_one() -> None:
    parts = fusion_parts([1.0, -0.5], True, 1.0)
    assert parts.tolist() == pytest.approx([1.5, -0.5])


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=6), st.floats(0, 1))
def test_whatever_the_weights_a_fused_network_is_whole_or_none(weights: list[float], concept: float) -> None:
    parts = fusion_parts(weights, True, concept)
    assert parts.sum() == pytest.approx(1.0 if max(weights) > 0.0 else 0.0)
    assert parts.min() >= -1.0 - 1e-9
