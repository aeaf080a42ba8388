"""The puck on its own: thrown, on a drawn path, on a figure; wherever it goes it stays in the circle."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.control.state.autopilot import (
    BOUNCE_LOSS,
    FIGURES,
    JOIN_S,
    LOOP_CLOSING_S,
    MIN_ORBIT_RADIUS,
    MIN_THROW_SPEED,
    ROUND_S,
    SPEED_HALF_LIFE_S,
    Autopilot,
    AutopilotMode,
    ThrownMotion,
    ThrowTracker,
    place_at,
)

angles = st.floats(0.0, math.tau)
places = st.builds(lambda r, a: (r * math.sin(a), r * math.cos(a)), st.floats(0.0, 1.0), angles)
velocities = st.tuples(st.floats(-8.0, 8.0), st.floats(-8.0, 8.0))
inside = 1.0 + 1e-9


# ---- thrown ------------------------------------------------------------------------------------------------------


@given(places, velocities, st.floats(0.0, 20.0))
def test_a_thrown_puck_never_leaves_the_circle(
    place: tuple[float, float], velocity: tuple[float, float], t: float
) -> None:
    assert math.hypot(*ThrownMotion(place, velocity).after(t).place) <= inside


@given(places, velocities, st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_where_it_is_does_not_depend_on_how_often_somebody_looks(
    place: tuple[float, float], velocity: tuple[float, float], a: float, b: float
) -> None:
    whole, twice = ThrownMotion(place, velocity).after(a + b), ThrownMotion(place, velocity).after(a).after(b)
    if not twice.resting:
        assert twice.place == pytest.approx(whole.place, abs=1e-6)


@given(places, velocities)
def test_a_throw_comes_to_rest(place: tuple[float, float], velocity: tuple[float, float]) -> None:
    assert ThrownMotion(place, velocity).after(30.0).resting


def test_half_the_speed_is_gone_after_a_half_life() -> None:
    assert ThrownMotion((0.0, 0.0), (0.2, 0.0)).after(SPEED_HALF_LIFE_S).velocity == pytest.approx((0.1, 0.0))


def test_it_bounces_off_the_edge_as_light_off_a_mirror_and_loses_speed() -> None:
    before = ThrownMotion((0.9, 0.0), (4.0, 0.0))
    after = before.after(0.05)
    assert after.velocity[0] < 0.0 and after.velocity[1] == 0.0
    assert after.speed == pytest.approx(4.0 * (1.0 - BOUNCE_LOSS) * 0.5 ** (0.05 / SPEED_HALF_LIFE_S), rel=1e-6)


def test_a_hand_that_stops_before_it_lets_go_throws_nothing() -> None:
    throw = ThrowTracker()
    for frame in range(10):
        throw.held((0.02 * min(frame, 4), 0.0), frame / 60)
    assert throw.released(10 / 60) is None


def test_a_hand_that_lets_go_while_moving_throws_as_fast_as_it_moved() -> None:
    throw = ThrowTracker()
    for frame in range(10):
        throw.held((0.03 * frame, 0.0), frame / 60)
    flight = throw.released(9 / 60)
    assert flight is not None and flight.velocity == pytest.approx((1.8, 0.0)) and flight.speed > MIN_THROW_SPEED


# ---- by itself ---------------------------------------------------------------------------------------------------


@given(st.sampled_from(FIGURES), st.floats(0.0, 1_000.0))
def test_no_figure_leaves_the_circle(way: AutopilotMode, phase: float) -> None:
    assert math.hypot(*place_at(way, phase)) <= inside


@given(st.sampled_from(FIGURES), places, st.floats(0.125, 8.0))
def test_a_figure_sets_out_from_where_the_puck_lies_and_nothing_jumps(
    way: AutopilotMode, start: tuple[float, float], tempo: float
) -> None:
    pilot = Autopilot(tempo)
    pilot.choose(way, start)
    before = pilot.place(0.0)
    assert before == pytest.approx(start, abs=1e-9)
    for frame in range(1, 90):
        after = pilot.place(frame / 60)
        assert before is not None and after is not None
        assert math.hypot(*after) <= inside
        assert math.dist(before, after) < 0.05 + 0.25 * tempo
        before = after


def test_an_orbit_goes_round_at_the_distance_that_the_puck_has() -> None:
    pilot = Autopilot()
    pilot.choose(AutopilotMode.ORBIT, (0.0, 0.5))
    assert pilot.place(0.0) == pytest.approx((0.0, 0.5))
    pilot.place(JOIN_S)
    assert pilot.place(ROUND_S[AutopilotMode.ORBIT] / 4) == pytest.approx((0.5, 0.0))
    assert pilot.place(ROUND_S[AutopilotMode.ORBIT]) == pytest.approx((0.0, 0.5))


def test_a_puck_in_the_middle_goes_out_to_a_small_orbit() -> None:
    pilot = Autopilot()
    pilot.choose(AutopilotMode.ORBIT, (0.0, 0.0))
    pilot.place(0.0)
    assert math.hypot(*(pilot.place(3.0) or (0.0, 0.0))) == pytest.approx(MIN_ORBIT_RADIUS)


def test_twice_the_tempo_is_half_the_round_and_a_change_of_tempo_bends_nothing() -> None:
    pilot = Autopilot(2.0)
    pilot.choose(AutopilotMode.ORBIT, (0.0, 0.5))
    assert pilot.round == ROUND_S[AutopilotMode.ORBIT] / 2
    pilot.place(0.0)
    before = pilot.place(2.0)
    pilot.tempo = 0.5
    assert pilot.place(2.0) == before


def test_a_hand_on_the_puck_ends_what_moves_it_and_choosing_it_again_too() -> None:
    pilot = Autopilot()
    for way in FIGURES:
        pilot.choose(way, (0.1, 0.1))
        pilot.held((0.2, 0.2), 1.0)
        assert pilot.way is AutopilotMode.HAND and pilot.place(1.0) is None
        pilot.choose(way, (0.1, 0.1))
        pilot.choose(way, (0.1, 0.1))
        assert pilot.way is AutopilotMode.HAND


def test_one_key_goes_through_all_figures_and_back_to_the_hand() -> None:
    pilot = Autopilot()
    went = []
    for _ in range(4):
        pilot.next_figure((0.0, 0.0))
        went.append(pilot.way)
    assert went == [AutopilotMode.DRIFT, AutopilotMode.ORBIT, AutopilotMode.FIGURE, AutopilotMode.HAND]


def drawn(tempo: float = 1.0) -> Autopilot:
    """A path of a second from the middle to the right, looping from second 1 on."""
    pilot = Autopilot(tempo)
    pilot.choose(AutopilotMode.PATH, (0.0, 0.0))
    for step in range(11):
        pilot.held((step / 10, 0.0), step / 10)
    pilot.released(1.0)
    pilot.place(1.0)
    return pilot


def test_a_drawn_path_is_repeated() -> None:
    pilot = drawn()
    assert pilot.moving and pilot.place(1.0 + LOOP_CLOSING_S + 0.5) == pytest.approx((0.5, 0.0))


def test_a_drawn_path_follows_the_tempo() -> None:
    assert drawn(2.0).place(1.0 + (LOOP_CLOSING_S + 0.5) / 2) == pytest.approx((0.5, 0.0))


def test_a_hand_on_a_drawn_path_ends_it() -> None:
    pilot = drawn()
    pilot.held((0.0, 0.0), 2.0)
    assert pilot.way is AutopilotMode.HAND and pilot.recorder.path.places == []
