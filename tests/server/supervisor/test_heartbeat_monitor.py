"""Who counts as hung, who is excused, and when it is better to want less."""

from __future__ import annotations

from server.supervisor.supervisor import HUNG, LONGEST_BREATH, SETTLES, STARTS, HeartbeatMonitor, RestartPolicy


def test_a_process_has_time_to_start_and_then_has_to_beat() -> None:
    vigil = HeartbeatMonitor(100.0)
    assert vigil.verdict(100.0 + STARTS) == "starting"
    assert vigil.verdict(100.1 + STARTS) == "hung"
    vigil.heard("well", 110.0)
    assert vigil.verdict(110.0 + SETTLES) == "well"
    assert vigil.verdict(110.1 + SETTLES) == "hung"
    vigil.heard("well", 120.0)
    assert vigil.verdict(120.0 + HUNG) == "well"
    assert vigil.verdict(120.1 + HUNG) == "hung"


def test_one_that_clears_up_or_begins_has_time_for_it() -> None:
    vigil = HeartbeatMonitor(0.0)
    vigil.heard("ready", 5.0)
    vigil.called(5.0)
    assert vigil.verdict(5.0 + STARTS) == "starting"
    vigil.heard("well", 6.0)
    vigil.heard("ending", 7.0)
    assert vigil.verdict(7.0 + 2 * HUNG) == "ending"


def test_a_watcher_that_slept_itself_accuses_nobody() -> None:
    vigil = HeartbeatMonitor(0.0)
    vigil.heard("well", 1.0)
    vigil.heard("well", 20.0)
    vigil.excuse(3600.0)
    assert vigil.verdict(3620.0) == "well"


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
    while not restarts.hopeless:
        now += 0.1 + restarts.note(now)
        waits.append(now)
    assert restarts.note(now) == LONGEST_BREATH
    assert restarts.count == 11
