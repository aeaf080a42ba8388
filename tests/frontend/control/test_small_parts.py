"""Travel, easing, falling bars, the puck's path, the fader strips: the pure parts behind the panels."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.control.drawing.layout import Rect, plan_panels
from frontend.control.panels.faders import StripGeometry
from frontend.control.panels.histogram import FallingBars, PlotGeometry, likeliest
from frontend.control.panels.prime import writable
from frontend.control.panels.puck import PuckCircle, circle
from frontend.control.state.autopilot import LOOP_CLOSING_S, PathRecorder, RecordedPath
from frontend.control.state.edits import ControlRange, begun_apart, two_places
from frontend.look.easing import AnimatedValues, half_life, in_out, out_cubic
from frontend.look.theme import FULL_ANIMATION, REDUCED_ANIMATION

shares = st.floats(0.0, 1.0)


@given(shares, st.sampled_from([0.5, 1.0, 2.0]))
def test_a_share_of_the_way_and_back_is_the_same_share(share: float, curve: float) -> None:
    travel = ControlRange(1.0, 60.0, curve)
    assert travel.share(travel.value(share)) == pytest.approx(share, abs=1e-6)


@given(st.floats(-100, 200))
def test_a_value_outside_stands_at_the_nearer_end(value: float) -> None:
    assert 0.0 <= ControlRange(1.0, 60.0, 0.5).share(value) <= 1.0


def test_the_ends_of_the_way_are_the_ends_of_the_range_exactly() -> None:
    travel = ControlRange(0.05, 2.0)
    assert (travel.value(0.0), travel.value(1.0), travel.value(1.7)) == (0.05, 2.0, 2.0)


def test_a_narrow_strip_leaves_out_the_leading_zero() -> None:
    assert (two_places(0.5), two_places(0.5, tight=True), two_places(1.0, tight=True)) == ("0.50", ".50", "1.00")


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_easing_never_goes_back_and_never_leaves_its_way(a: float, b: float) -> None:
    low, high = sorted((a, b))
    for ease in (out_cubic, in_out):
        assert 0.0 <= ease(low) <= ease(high) <= 1.0


def test_a_value_eases_from_wherever_it_is_when_its_target_changes() -> None:
    animated = AnimatedValues()
    assert animated.toward("x", 0.0, 1.0) == 0.0
    assert animated.toward("x", 1.0, 1.0) == 0.0
    animated.now = 0.5
    there = animated.toward("x", 1.0, 1.0)
    assert there == out_cubic(0.5)
    assert animated.toward("x", 0.0, 1.0) == there
    animated.now = 1.5
    assert animated.toward("x", 0.0, 1.0) == 0.0


def test_reduced_motion_is_there_at_once() -> None:
    animated = AnimatedValues()
    animated.toward("x", 0.0, REDUCED_ANIMATION.hover)
    assert animated.toward("x", 1.0, REDUCED_ANIMATION.hover) == 1.0
    assert half_life(REDUCED_ANIMATION.fall, 0.016) == 0.0


def test_half_is_gone_after_a_half_life() -> None:
    assert half_life(0.06, 0.06) == 0.5 and half_life(0.06, 0.0) == 1.0


def test_bars_rise_at_once_and_fall_by_half_in_a_half_life() -> None:
    falling = FallingBars()
    high, low = np.array([[1.0]]), np.array([[0.0]])
    assert falling.follow(1, (0,), low, 0.0, FULL_ANIMATION) == 0.0
    assert falling.follow(2, (0,), high, 0.016, FULL_ANIMATION) == 1.0
    assert falling.follow(3, (0,), low, FULL_ANIMATION.fall, FULL_ANIMATION) == 0.5
    assert falling.follow(3, (0,), low, FULL_ANIMATION.fall, FULL_ANIMATION) == 0.25


def test_bars_follow_a_hand_at_once_downwards_too() -> None:
    falling = FallingBars()
    falling.follow(1, (0,), np.array([[1.0]]), 0.0, FULL_ANIMATION)
    assert falling.follow(1, (0,), np.array([[0.2]]), 0.016, FULL_ANIMATION) == 0.2


def test_bars_go_on_falling_when_another_voice_comes_before_them_and_its_own_stand_at_once() -> None:
    falling = FallingBars()
    falling.follow(1, (7,), np.array([[1.0]]), 0.0, FULL_ANIMATION)
    falling.follow(2, (7,), np.array([[0.0]]), FULL_ANIMATION.fall, FULL_ANIMATION)
    both = falling.follow(2, (3, 7), np.array([[0.4], [0.0]]), FULL_ANIMATION.fall, FULL_ANIMATION)
    assert both.tolist() == [[0.4], [0.25]]


@given(st.lists(shares, min_size=12, max_size=98).map(np.array), st.integers(1, 12))
def test_the_likeliest_letters_come_in_the_order_of_the_mix(joint: np.ndarray, count: int) -> None:
    order = likeliest(joint, count)
    assert len(order) == len(set(order)) == count
    assert sorted(joint[list(order)], reverse=True) == joint[list(order)].tolist() == sorted(joint)[::-1][:count]


def test_the_letter_that_was_drawn_has_a_column_however_unlikely_it_was() -> None:
    joint = np.arange(98.0)[::-1]
    assert likeliest(joint, 12, 50) == (*range(11), 50)
    assert likeliest(joint, 12, 3) == tuple(range(12))


@given(st.integers(700, 3_000), st.integers(0, 24))
def test_the_column_under_a_point_is_found_again(width: int, rows: int) -> None:
    plot = PlotGeometry(Rect(296, 420, width, 300), rows)
    assert plot.columns >= 12
    assert [plot.at(float(x)) for x in plot.middles] == list(range(plot.columns))
    assert plot.at(plot.left - 1) is None and plot.at(plot.right + 1) is None


@given(shares, st.integers(1, 24))
def test_the_value_under_a_faders_handle_is_the_faders_value(value: float, count: int) -> None:
    strips = StripGeometry(Rect(296, 92, 880, 360), count, False)
    assert strips.value(strips.y(value)) == pytest.approx(value, abs=1e-9)


@given(st.integers(1, 24), st.booleans())
def test_strips_stand_side_by_side_inside_the_panel(count: int, compact: bool) -> None:
    panel = Rect(0, 0, 804, 300)
    strips = StripGeometry(panel, count, compact)
    places = [strips.grasp(place) for place in range(count)]
    assert all(a.right <= b.x + 1e-6 for a, b in pairwise(places))
    assert places[0].x >= panel.x and places[-1].right <= panel.right
    assert strips.handle <= strips.pitch


def test_the_design_places_seven_strips_as_drawn() -> None:
    strips = StripGeometry(plan_panels(1920, 1080).faders, 7, False)
    assert (strips.way, strips.handle) == (128, 48)
    assert strips.pitch == pytest.approx(808 / 7)
    assert strips.y(1.0) == 172.5 and strips.y(0.0) == 300.5


@given(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_a_puck_dragged_anywhere_stays_in_the_circle(x: float, y: float) -> None:
    ring = PuckCircle(1438, 288, 132)
    assert math.hypot(*ring.inward(ring.x + 132 * x, ring.y - 132 * y)) <= 1.0 + 1e-9


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)])
def test_a_place_on_the_circle_and_back_is_the_same_place(size: tuple[int, int]) -> None:
    ring = circle(plan_panels(*size))
    assert ring.inward(*ring.outward((0.3, -0.6))) == pytest.approx((0.3, -0.6))


def test_a_recorded_path_passes_its_places_in_time_and_closes() -> None:
    path = RecordedPath()
    for time, place in ((0.0, (0.0, 0.0)), (1.0, (1.0, 0.0)), (2.0, (1.0, 1.0))):
        path.add(place, time)
    assert path.lasts == 2.0 + LOOP_CLOSING_S
    assert path.at(0.5) == (0.5, 0.0) and path.at(1.5) == (1.0, 0.5)
    assert path.at(2.0 + LOOP_CLOSING_S / 2) == (0.5, 0.5)
    assert path.at(path.lasts + 0.5) == path.at(0.5)


@given(st.lists(st.tuples(shares, shares), min_size=2, max_size=20), st.floats(0, 100))
def test_a_path_never_leaves_the_span_of_its_places(places: list[tuple[float, float]], time: float) -> None:
    path = RecordedPath()
    for step, place in enumerate(places):
        path.add(place, 0.1 * step)
    x, y = path.at(time)
    assert min(p[0] for p in places) - 1e-9 <= x <= max(p[0] for p in places) + 1e-9
    assert min(p[1] for p in places) - 1e-9 <= y <= max(p[1] for p in places) + 1e-9


def test_recording_goes_from_armed_over_the_drag_to_the_loop() -> None:
    recorder = PathRecorder()
    recorder.button()
    assert recorder.armed and recorder.advance(0.0) is None
    recorder.held((0.0, 0.0), 5.0)
    assert recorder.recording
    recorder.held((1.0, 0.0), 6.0)
    recorder.released(6.0)
    assert recorder.looping


@pytest.mark.parametrize(
    ("before", "primed", "joined"),
    [
        ("command o", "It is", "\nIt is"),
        ("command o", "it is", " it is"),
        ("command ", "It is", "It is"),
        ("command o", " It", " It"),
        ("the year", "1984", "\n1984"),
        ("the end", ", she said", ", she said"),
        ("", "It is", "It is"),
        ("the end.", "It is", "\nIt is"),
    ],
)
def test_a_primed_text_does_not_grow_together_with_the_word_before_it(before: str, primed: str, joined: str) -> None:
    assert begun_apart(before, primed) == joined


def test_the_well_takes_writing_of_any_script_and_no_character_without_a_picture() -> None:
    assert all(writable(ord(character)) for character in "aZ \n\t\u00e9\u05d0\u4e2d")
    assert not any(writable(code) for code in (0x00, 0x08, 0x1B, 0x7F, 0xFFFD, 0xE000))


def test_a_click_is_no_path() -> None:
    recorder = PathRecorder()
    recorder.button()
    recorder.held((0.0, 0.0), 1.0)
    recorder.released(1.05)
    assert recorder.armed and not recorder.looping
