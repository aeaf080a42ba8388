"""The engine's own figures: percentiles of the newest measurements, and the rate as it is."""

import pytest

from server.engine.timing_stats import RateMeter, RollingSamples, TimingStats


def test_a_gauge_keeps_the_newest_measurements_only() -> None:
    gauge = RollingSamples(kept=100)
    assert gauge.percentile(99) == 0.0
    for measurement in range(1000):
        gauge.add(measurement)
    assert (gauge.percentile(0), gauge.percentile(50), gauge.percentile(100), gauge.count) == (900, 949.5, 999, 1000)


@pytest.mark.parametrize("count", [0, 1, 5, 6, 13])
def test_the_newest_measurements_come_oldest_first(count: int) -> None:
    gauge = RollingSamples(kept=5)
    for measurement in range(count):
        gauge.add(measurement)
    assert gauge.newest().tolist() == list(range(count))[-5:]


def test_figures_are_told_in_milliseconds() -> None:
    timing = TimingStats()
    timing.commits.add(0.0005)
    timing.sends.add(0.002)
    assert timing.as_json() == {"characters": 1, "sequence": 0, "commit_ms": [0.5], "late_ms": [], "sent_ms": [2.0]}


@pytest.mark.parametrize("rate", [1.0, 7.3, 15.0, 60.0])
def test_a_steady_pace_is_measured_as_it_is(rate: float) -> None:
    pace = RateMeter()
    for beat in range(200):
        pace.beat(beat / rate)
    assert pace.rate(199 / rate) == pytest.approx(rate)
    assert pace.rate(199 / rate + 0.99 / rate) == pytest.approx(rate)


def test_a_second_after_the_rate_has_changed_the_old_one_is_forgotten() -> None:
    pace = RateMeter()
    for beat in range(20):
        pace.beat(beat / 10)
    for beat in range(60):
        pace.beat(2.0 + beat / 50)
    assert pace.rate(2.0 + 59 / 50) == pytest.approx(50.0)


def test_nothing_is_written_before_two_characters_or_long_after_the_last() -> None:
    pace = RateMeter()
    assert pace.rate(0.0) == 0.0
    pace.beat(1.0)
    assert pace.rate(1.0) == 0.0
    pace.beat(1.1)
    assert pace.rate(1.2) == pytest.approx(10.0)
    assert pace.rate(9.0) == 0.0


def test_a_pause_is_not_taken_for_slowness() -> None:
    pace = RateMeter()
    pace.beat(0.0)
    pace.rest()
    pace.beat(1.9)
    pace.beat(2.0)
    assert pace.rate(2.0) == pytest.approx(10.0)
