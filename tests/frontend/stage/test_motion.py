"""The stage's motion: what rises, fades and breathes, by the clock alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.stage.motion import FADE_S, LEAVE_S, SCROLL_S, LineScroll, SmoothNumber, age_alphas, cursor_alpha, eased

EIGHT = age_alphas(8)


def risen(last: int = 10) -> LineScroll:
    rise = LineScroll(EIGHT)
    rise.begin(last)
    return rise


def alphas(rise: LineScroll, numbers: range, now: float) -> list[float]:
    return [rise.alpha(number, now) for number in numbers]


def test_eight_lines_fade_as_look_md_says() -> None:
    assert EIGHT == (1, 1, 1, 1, 0.74, 0.48, 0.26, 0.10)


@given(st.integers(1, 30))
def test_any_number_of_lines_begins_full_and_ends_faint(lines: int) -> None:
    ages = age_alphas(lines)
    assert len(ages) == lines
    assert ages[0] == 1.0
    assert list(ages) == sorted(ages, reverse=True)
    assert lines == 1 or ages[-1] == pytest.approx(0.10)


def test_easing_is_slow_at_both_ends_and_half_way_in_the_middle() -> None:
    assert [eased(share) for share in (-1.0, 0.0, 0.5, 1.0, 2.0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert eased(0.1) < 0.01


def test_the_cursor_is_steady_and_breathes_while_paused() -> None:
    assert [cursor_alpha(seconds) for seconds in (0.0, 2.0, 4.0)] == pytest.approx([1.0, 1.0, 1.0])
    assert cursor_alpha(1.0) == pytest.approx(0.4)


# ---- gliding ---------------------------------------------------------------------------------------------------------


def test_a_glide_arrives_on_time_and_stays() -> None:
    glide = SmoothNumber(1.0)
    glide.send(3.0, 10.0, 0.5)
    assert [glide.value(now) for now in (9.0, 10.0, 10.25, 10.5, 99.0)] == pytest.approx([1.0, 1.0, 2.0, 3.0, 3.0])
    assert glide.moving(10.49) and not glide.moving(10.5)


def test_without_time_a_glide_is_there_at_once() -> None:
    glide = SmoothNumber(1.0)
    glide.send(3.0, 10.0, 0.0)
    assert glide.value(10.0) == 3.0 and not glide.moving(10.0)


@given(st.lists(st.tuples(st.floats(0.0, 0.6), st.floats(-5.0, 5.0)), min_size=1, max_size=6))
def test_a_glide_that_is_sent_elsewhere_neither_jumps_nor_jolts(sends: list[tuple[float, float]]) -> None:
    glide, now, tiny = SmoothNumber(), 0.0, 1e-5
    for pause, target in sends:
        now += pause
        before, slope = glide.value(now), (glide.value(now) - glide.value(now - tiny)) / tiny
        glide.send(target, now, 0.3)
        assert glide.value(now) == pytest.approx(before, abs=1e-9)
        if pause > 2 * tiny:
            assert (glide.value(now + tiny) - glide.value(now)) / tiny == pytest.approx(slope, abs=0.2)


# ---- rising ----------------------------------------------------------------------------------------------------------


def test_a_page_at_rest_stands_still() -> None:
    rise = risen(10)
    assert [rise.offset(number, 5.0) for number in (10, 9, 3)] == [0, -1, -7]
    assert alphas(rise, range(10, 2, -1), 5.0) == list(EIGHT)
    assert rise.alpha(2, 5.0) == 0.0
    assert not rise.moving(5.0)


def test_the_text_rises_by_a_line_in_its_time_and_lines_never_turn_back() -> None:
    rise = risen(10)
    rise.turn(11, 5.0)
    way = [rise.offset(11, 5.0 + SCROLL_S * step / 8) for step in range(9)]
    assert way[0] == 1.0 and way[8] == 0.0
    assert way == sorted(way, reverse=True)
    assert rise.offset(11, 5.0 + SCROLL_S / 2) == pytest.approx(0.5)


def test_old_lines_fade_a_step_and_the_oldest_is_gone_sooner() -> None:
    rise = risen(10)
    rise.turn(11, 5.0)
    assert alphas(rise, range(10, 2, -1), 5.0) == list(EIGHT)
    assert rise.alpha(3, 5.0 + LEAVE_S) == 0.0
    assert 0.74 < rise.alpha(7, 5.0 + FADE_S / 2) < 1.0
    assert alphas(rise, range(11, 3, -1), 5.0 + FADE_S) == list(EIGHT)
    assert not rise.moving(5.0 + FADE_S)


def test_a_line_that_is_begun_is_seen_at_once() -> None:
    rise = risen(10)
    rise.turn(11, 5.0)
    assert rise.alpha(11, 5.0) == 1.0


def test_a_rewind_lets_the_text_come_down_again() -> None:
    rise = risen(10)
    rise.turn(8, 5.0)
    assert rise.offset(8, 5.0) == -2.0 and rise.offset(8, 5.0 + SCROLL_S) == 0.0
    assert rise.alpha(1, 5.0) == 0.0
    assert rise.alpha(1, 5.0 + FADE_S) == pytest.approx(0.10)


def test_a_jump_farther_than_the_page_is_no_ride() -> None:
    rise = risen(10)
    rise.turn(40, 5.0)
    assert rise.offset(40, 5.0) == 0.0 and not rise.moving(5.0)


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(-2, 2)), max_size=20))
def test_lines_settle_at_the_opacity_of_their_age_whatever_happened(turns: list[tuple[float, int]]) -> None:
    rise, now, last = risen(50), 0.0, 50
    for pause, lines in turns:
        now, last = now + pause, last + lines
        rise.turn(last, now)
        assert all(0.0 <= rise.alpha(number, now) <= 1.0 for number in range(last - 12, last + 3))
    now += 1.0
    assert alphas(rise, range(last, last - 8, -1), now) == pytest.approx(list(EIGHT))
    assert rise.alpha(last - 8, now) == 0.0
    assert rise.offset(last, now) == 0.0
    assert set(rise.visible(now)) >= set(range(last - 7, last + 1))


def test_a_hundred_thousand_lines_leave_no_trace() -> None:
    rise = risen(0)
    for last in range(1, 3_000):
        rise.turn(last, last * 0.1)
    assert len(rise.visible(301.0)) <= 12
