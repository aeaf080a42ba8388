"""The fused network is one more voice: what the others give to it, and whose letters its letters are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from protocol.mixing import Vector, balanced, effective_weights, joint, mix, with_fusion, without_fusion
from tests.protocol.test_mixing import SLUGS, distributions, values_with

signed = hnp.arrays(np.float64, 4, elements=st.floats(-1, 1))
families = hnp.arrays(np.bool_, 4)
knob = st.floats(0, 1)


@given(signed, knob, families)
def test_what_the_fused_network_has_the_children_gave_and_the_sizes_still_sum_to_one(
    w: Vector, fusion: float, children: np.typing.NDArray[np.bool_]
) -> None:
    shares, mixed = balanced(w), with_fusion(w, fusion, children)
    giving = children & (shares > 0)
    assert mixed[:-1][giving] == pytest.approx((1 - fusion) * shares[giving], abs=1e-12)
    assert mixed[:-1][~giving].tolist() == shares[~giving].tolist()
    assert mixed[-1] == pytest.approx(fusion * shares[giving].sum())
    assert np.abs(mixed).sum() == pytest.approx(float(shares.any()))


@given(distributions(4), signed)
def test_with_the_knob_at_zero_the_fused_row_is_not_heard_bit_for_bit(p: Vector, w: Vector) -> None:
    rows = np.vstack([p, np.full((1, p.shape[1]), np.nan)])
    assert mix(rows, with_fusion(w, 0.0), values_with()).tobytes() == mix(p, balanced(w), values_with()).tobytes()


@given(distributions(4), st.floats(-1, 1))
def test_with_the_knob_at_one_only_the_fused_row_is_heard_bit_for_bit(p: Vector, alloy: float) -> None:
    values = values_with(austen=0.3, bible=0.2, linux=0.9, mix_fusion=1.0, mix_alloy=alloy)
    assert joint(p, values, SLUGS).tobytes() == mix(p[3:], [1.0], values).tobytes()


def test_voices_from_elsewhere_are_mixed_beside_the_fused_network() -> None:
    values = values_with(austen=0.5, bible=0.25, linux=0.25, mix_fusion=1.0)
    weights = with_fusion(effective_weights(values, SLUGS), 1.0, [True, True, False])
    assert weights.tolist() == pytest.approx([0.0, 0.0, 0.25, 0.75])


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), -1.0])
def test_a_knob_that_says_nothing_fuses_nothing(nonsense: float) -> None:
    assert with_fusion([0.5, 0.5], nonsense).tolist() == [0.5, 0.5, 0.0]


@given(hnp.arrays(np.float64, 5, elements=st.floats(0, 1)).filter(lambda r: r.max() > 1e-6), signed, families)
@example(np.ones(5), np.full(4, 5e-324), np.ones(4, np.bool_))  # the least weights that there are
def test_the_fused_networks_part_is_given_back_to_those_it_was_fused_from(
    r: Vector, w: Vector, children: np.typing.NDArray[np.bool_]
) -> None:
    parts = without_fusion(r, w, children)
    giving = children & (w > 0)
    if giving.any() or r[:-1].any():
        assert parts.sum() == pytest.approx(1)
    if giving.any():
        given_back = parts - r[:-1] / r.sum()
        assert given_back == pytest.approx(r[-1] / r.sum() * (np.where(giving, w, 0) / w[giving].sum()), abs=1e-9)
