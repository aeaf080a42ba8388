"""The voices stand round the circle and the puck's nearness decides between them."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.puck import SNAP_RADII, clamp, influence, position

reals = st.floats(-1e9, 1e9)
pucks = st.tuples(st.floats(-1, 1), st.floats(-1, 1))
falloffs = st.floats(0.5, 6)


@pytest.mark.parametrize(("i", "where"), [(0, (0, 1)), (1, (1, 0)), (2, (0, -1)), (3, (-1, 0))])
def test_four_voices_stand_at_twelve_three_six_and_nine(i: int, where: tuple[float, float]) -> None:
    assert position(i, 4) == pytest.approx(where, abs=1e-15)


@given(st.integers(1, 240))
def test_all_stand_on_the_circle_equally_far_from_their_neighbours(n: int) -> None:
    places = [position(i, n) for i in range(n)]
    gaps = [math.dist(a, b) for a, b in zip(places, [*places[1:], places[0]], strict=True)]
    assert [math.hypot(*place) for place in places] == pytest.approx([1] * n)
    assert gaps == pytest.approx([2 * math.sin(math.pi / n)] * n, abs=1e-12)


@given(reals, reals)
def test_a_clamped_puck_is_the_nearest_point_of_the_disc(x: float, y: float) -> None:
    inside = clamp(x, y)
    assert math.hypot(*inside) <= 1 + 1e-15
    assert math.dist(inside, (x, y)) == pytest.approx(max(0.0, math.hypot(x, y) - 1), abs=1e-6)


def test_a_puck_in_the_circle_stays_where_it_is() -> None:
    assert clamp(0.3, -0.4) == (0.3, -0.4)


@given(pucks, st.integers(1, 60), falloffs)
def test_influences_are_shares_of_one(puck: tuple[float, float], n: int, falloff: float) -> None:
    shares = influence(puck, n, falloff)
    assert len(shares) == n
    assert min(shares) >= 0
    assert math.fsum(shares) == pytest.approx(1, abs=1e-12)


@given(pucks, st.integers(2, 24), falloffs)
def test_shares_are_in_proportion_to_the_distance_from_the_discs_to_the_minus_falloff(
    puck: tuple[float, float], n: int, falloff: float
) -> None:
    distances = [math.dist(clamp(*puck), position(i, n)) - SNAP_RADII for i in range(n)]
    assume(min(distances) > 1e-6)
    shares = influence(puck, n, falloff)
    powers = [distance**-falloff for distance in distances]
    assert shares == pytest.approx([power / sum(powers) for power in powers])


@given(st.integers(2, 24), falloffs)
def test_at_the_centre_all_have_the_same_say(n: int, falloff: float) -> None:
    assert influence((0.0, 0.0), n, falloff) == pytest.approx([1 / n] * n)


@given(pucks, st.integers(2, 24), falloffs, st.integers(1, 23))
def test_turning_the_puck_by_a_place_turns_the_shares(
    puck: tuple[float, float], n: int, falloff: float, turn: int
) -> None:
    (x, y), angle = clamp(*puck), math.tau * turn / n
    turned = (x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle))
    shares, rotated = influence((x, y), n, falloff), influence(turned, n, falloff)
    assert rotated == pytest.approx([shares[(i - turn) % n] for i in range(n)], rel=1e-6, abs=1e-9)


@given(st.integers(1, 60), st.data(), st.floats(0, SNAP_RADII - 1e-9), st.floats(0, math.tau), falloffs)
def test_a_puck_that_lies_on_a_voice_leaves_the_others_nothing(
    n: int, data: st.DataObject, off: float, angle: float, falloff: float
) -> None:
    voice = data.draw(st.integers(0, n - 1))
    x, y = position(voice, n)
    shares = influence(clamp(x + off * math.sin(angle), y + off * math.cos(angle)), n, falloff)
    assert shares == tuple(float(i == voice) for i in range(n))


@given(st.integers(2, 24), falloffs)
def test_no_edge_is_felt_on_the_way_onto_a_voice(n: int, falloff: float) -> None:
    assert influence((0.0, 1.0 - SNAP_RADII - 1e-12), n, falloff)[0] == pytest.approx(1.0, abs=1e-4)


def test_voices_that_stand_on_one_another_share_the_puck() -> None:
    assert influence((0.0, 1.0), 720, 2.0)[:5] == (1 / 7, 1 / 7, 1 / 7, 1 / 7, 0.0)


def test_a_puck_outside_counts_as_lying_on_the_edge() -> None:
    assert influence((7.0, 7.0), 5, 2.0) == pytest.approx(influence((math.sqrt(0.5), math.sqrt(0.5)), 5, 2.0))


@given(pucks, falloffs)
def test_one_voice_has_all_and_none_have_nothing(puck: tuple[float, float], falloff: float) -> None:
    assert influence(puck, 1, falloff) == (1.0,)
    assert influence(puck, 0, falloff) == ()


def test_no_falloff_is_too_steep() -> None:
    assert influence((0.0, 0.9), 3, 1e6) == (1.0, 0.0, 0.0)
