"""A tempo told from pulses that come a little early or late."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.midi.clock import MidiClock, slope


def beating(clock: MidiClock, bpm: float, pulses: int, start: float = 0.0, jitter: float = 0.0) -> float:
    """Send pulses; gives the time of the last."""
    chance, period = random.Random(1), 60 / bpm / 24
    for pulse in range(pulses):
        clock.hear("pulse", "box", start + pulse * period + chance.uniform(-jitter, jitter))
    return start + (pulses - 1) * period


@pytest.mark.parametrize("bpm", [40.0, 120.0, 174.0, 300.0])
def test_a_tempo_is_told_to_half_a_percent_though_pulses_come_two_milliseconds_off(bpm: float) -> None:
    clock = MidiClock()
    now = beating(clock, bpm, 49, jitter=0.002)
    assert clock.bpm(now + 0.003) == pytest.approx(bpm, rel=0.005)


def test_half_a_beat_is_enough_to_begin_and_to_hear_a_new_tempo() -> None:
    clock = MidiClock()
    now = beating(clock, 120.0, 12)
    assert clock.bpm(now) is None
    now = beating(clock, 120.0, 48, start=now + 60 / 120 / 24)
    assert clock.bpm(now) == pytest.approx(120.0)
    now = beating(clock, 90.0, 13, start=now + 60 / 90 / 24)
    assert clock.bpm(now) == pytest.approx(90.0, rel=0.01)


def test_a_clock_that_stops_is_no_tempo_and_another_may_lead() -> None:
    clock = MidiClock()
    now = beating(clock, 120.0, 30)
    clock.hear("pulse", "other", now)
    assert clock.bpm(now) == pytest.approx(120.0)
    assert clock.bpm(now + 1.0) is None
    for pulse in range(20):
        clock.hear("pulse", "other", now + 1.0 + pulse / 24)
    assert clock.bpm(now + 1.0 + 19 / 24) == pytest.approx(60.0)


def test_starts_and_stops_are_told_once() -> None:
    clock = MidiClock()
    for kind in ("start", "stop", "continue"):
        clock.hear(kind, "box", 0.0)
    assert (clock.turns(), clock.turns()) == ([True, False, True], [])


@given(st.lists(st.tuples(st.sampled_from(["pulse", "start", "stop"]), st.floats(0, 1)), max_size=80))
def test_any_clock_gives_a_tempo_that_is_one_or_none(heard: list[tuple[str, float]]) -> None:
    clock, now = MidiClock(), 0.0
    for kind, wait in heard:
        now += wait
        clock.hear(kind, "box", now)
        bpm = clock.bpm(now)
        assert bpm is None or 20.0 <= bpm <= 400.0


@given(st.floats(0.001, 10.0), st.integers(2, 60))
def test_the_slope_of_even_times_is_their_distance(period: float, count: int) -> None:
    assert slope([5.0 + period * place for place in range(count)]) == pytest.approx(period)
