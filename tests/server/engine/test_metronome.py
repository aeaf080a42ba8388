"""The clock: an absolute schedule, no drift, no sprint, no bunching."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.engine.clock import FakeClock, Metronome, MonotonicClock

rates = st.floats(1.0, 60.0)


@given(rates, st.lists(st.floats(0.0, 0.49), min_size=1, max_size=200))
def test_lateness_below_half_a_period_never_adds_up(rate: float, latenesses: list[float]) -> None:
    metronome = Metronome(rate, now=5.0)
    for late in latenesses:
        metronome.tick(metronome.due + late / rate)
    assert metronome.due == pytest.approx(5.0 + len(latenesses) / rate, rel=1e-12)


@given(rates, st.lists(st.floats(0.0, 30.0), min_size=1, max_size=50))
def test_after_a_stall_characters_never_stand_closer_than_half_a_period(rate: float, latenesses: list[float]) -> None:
    metronome = Metronome(rate, now=0.0)
    for late in latenesses:
        written_at = metronome.due + late
        metronome.tick(written_at)
        assert metronome.due - written_at >= 0.5 / rate - 1e-9


@given(rates, st.floats(0.0, 10.0))
def test_the_same_rate_again_changes_nothing_however_late_it_is(rate: float, late: float) -> None:
    metronome = Metronome(rate, now=0.0)
    metronome.set_rate(rate, now=late)
    assert (metronome.due, metronome.rate) == (0.0, rate)


def test_five_seconds_of_standstill_are_not_made_up_for() -> None:
    metronome = Metronome(rate=10.0, now=0.0)
    metronome.tick(5.0)
    ticks = []
    while metronome.due < 6.0:
        ticks.append(round(metronome.due, 3))
        metronome.tick(metronome.due)
    assert ticks == [5.05, 5.15, 5.25, 5.35, 5.45, 5.55, 5.65, 5.75, 5.85, 5.95]


@given(st.lists(st.tuples(rates, st.floats(0.0, 1.0)), min_size=1, max_size=100))
def test_a_rate_swept_by_hand_bunches_no_characters(sweep: list[tuple[float, float]]) -> None:
    """Each turn: a new rate, then some time passes, and the character is written if it is due."""
    metronome, now, written = Metronome(10.0, now=0.0), 0.0, []
    for rate, passing in sweep:
        metronome.set_rate(rate, now)
        assert metronome.due >= now
        now += passing
        if now >= metronome.due:
            metronome.tick(now)
            written.append(now)
    assert all(after - before >= 0.5 / 60.0 - 1e-9 for before, after in pairwise(written))


def test_a_faster_rate_counts_from_the_last_character() -> None:
    metronome = Metronome(rate=1.0, now=0.0)
    metronome.tick(0.0)
    metronome.set_rate(10.0, now=0.05)
    assert metronome.due == pytest.approx(0.1)


def test_a_faster_rate_is_felt_at_once_if_the_new_time_is_past() -> None:
    metronome = Metronome(rate=1.0, now=0.0)
    metronome.tick(0.0)
    metronome.set_rate(60.0, now=0.5)
    assert metronome.due == 0.5


def test_a_slower_rate_holds_back_the_character_that_was_near() -> None:
    metronome = Metronome(rate=10.0, now=0.0)
    metronome.tick(0.0)
    metronome.set_rate(1.0, now=0.099)
    assert metronome.due == pytest.approx(1.0)


def test_the_schedule_begins_anew_at_a_single_step_and_after_a_pause() -> None:
    metronome = Metronome(rate=10.0, now=0.0)
    metronome.restart_at(0.03)
    assert metronome.due == pytest.approx(0.13)
    metronome.resume(7.0)
    assert metronome.due == 7.0


def test_the_real_clock_never_wakes_early() -> None:
    clock = MonotonicClock()
    for milliseconds in (0.0, 0.1, 0.7, 3.0):
        when = clock.now() + milliseconds / 1000
        clock.sleep_until(when)
        assert clock.now() >= when


def test_the_real_clock_does_not_wait_for_the_past() -> None:
    clock = MonotonicClock()
    clock.sleep_until(clock.now() - 100.0)
    clock.nap_until(clock.now() - 100.0)


def test_what_was_planned_happens_in_its_order_and_at_its_time() -> None:
    clock, seen = FakeClock(), []
    for when in (2.0, 1.0, 5.0):
        clock.at(when, lambda: seen.append(clock.now()))
    clock.advance(1.5)
    clock.sleep_until(3.0)
    assert (seen, clock.now()) == ([1.0, 2.0], 3.0)
