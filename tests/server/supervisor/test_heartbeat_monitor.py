"""Who counts as hung, who is excused, and when it is better to want less."""

from __future__ import annotations

from server.supervisor.supervisor import (
    HUNG_AFTER_S,
    LONGEST_RESTART_DELAY_S,
    SETTLING_S,
    START_TIMEOUT_S,
    HeartbeatMonitor,
    RestartPolicy,
)


def test_a_process_has_time_to_start_and_then_has_to_beat() -> None:
    monitor = HeartbeatMonitor(100.0)
    assert monitor.verdict(100.0 + START_TIMEOUT_S) == "starting"
    assert monitor.verdict(100.1 + START_TIMEOUT_S) == "hung"
    monitor.on_beat("well", 110.0)
    assert monitor.verdict(110.0 + SETTLING_S) == "well"
    assert monitor.verdict(110.1 + SETTLING_S) == "hung"
    monitor.on_beat("well", 120.0)
    assert monitor.verdict(120.0 + HUNG_AFTER_S) == "well"
    assert monitor.verdict(120.1 + HUNG_AFTER_S) == "hung"


def test_one_that_clears_up_or_begins_has_time_for_it() -> None:
    monitor = HeartbeatMonitor(0.0)
    monitor.on_beat("ready", 5.0)
    monitor.called(5.0)
    assert monitor.verdict(5.0 + START_TIMEOUT_S) == "starting"
    monitor.on_beat("well", 6.0)
    monitor.on_beat("ending", 7.0)
    assert monitor.verdict(7.0 + 2 * HUNG_AFTER_S) == "ending"


def test_a_watcher_that_slept_itself_accuses_nobody() -> None:
    monitor = HeartbeatMonitor(0.0)
    monitor.on_beat("well", 1.0)
    monitor.on_beat("well", 20.0)
    monitor.allow_gap(3600.0)
    assert monitor.verdict(3620.0) == "well"


def test_five_restarts_in_a_minute_lead_to_the_safe_mode_and_it_stays() -> None:
    restarts = RestartPolicy()
    assert [restarts.note(15.1 * n) for n in range(8)] == [0.0] * 8
    assert not restarts.safe
    assert [restarts.note(200.0 + n) for n in range(5)] == [0.0] * 5
    assert restarts.safe
    assert restarts.note(10_000.0) == 0.0
    assert restarts.safe


def test_where_the_safe_mode_fails_there_is_ever_more_time_between_two_starts() -> None:
    restarts = RestartPolicy()
    now, waits = 0.0, []
    while not restarts.given_up:
        now += 0.1 + restarts.note(now)
        waits.append(now)
    assert restarts.note(now) == LONGEST_RESTART_DELAY_S
    assert restarts.count == 11
