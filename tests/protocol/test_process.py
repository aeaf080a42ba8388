"""Going before all others, where the system permits it."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from protocol.process import ENGINE_PRIORITY, HANDS_PRIORITY, RECEIVER_PRIORITY, raise_priority


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows how")
@pytest.mark.parametrize("level", [HANDS_PRIORITY, RECEIVER_PRIORITY, ENGINE_PRIORITY])
def test_a_thread_takes_precedence_for_itself_alone_or_says_that_it_may_not(level: int) -> None:
    found: list[tuple[bool, int, int]] = []

    def run() -> None:
        took = raise_priority(level)
        found.append((took, os.sched_getscheduler(0), os.sched_getparam(0).sched_priority))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found in ([(True, os.SCHED_RR, level)], [(False, os.SCHED_OTHER, 0)])
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_where_it_is_not_permitted_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse, raising=False)
    assert not raise_priority(ENGINE_PRIORITY)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert not raise_priority(ENGINE_PRIORITY)


def test_the_engine_goes_before_the_receiver_and_both_before_the_hands() -> None:
    assert ENGINE_PRIORITY > RECEIVER_PRIORITY > HANDS_PRIORITY
