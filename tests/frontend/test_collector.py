"""Garbage is collected seldom and at a frame's end, never in between; and the window rests where nothing moves."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from frontend import app
from frontend.app import COLLECTION_PERIOD_S, COLLECTION_STARTS_AFTER_S, FrameEndCollector, RestingPace


class Cycle:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def collecting() -> Iterator[FrameEndCollector]:
    with FrameEndCollector() as one:
        yield one
    assert gc.isenabled() and gc.get_freeze_count() == 0


def test_it_begins_when_the_first_frames_are_over_and_comes_back_seldom(collecting: FrameEndCollector) -> None:
    collected = [now for now in range(100, 170) if collecting.collect_if_due(float(now))]
    assert collected == [
        100 + COLLECTION_STARTS_AFTER_S,
        100 + COLLECTION_STARTS_AFTER_S + COLLECTION_PERIOD_S,
        100 + COLLECTION_STARTS_AFTER_S + 2 * COLLECTION_PERIOD_S,
    ]
    assert gc.get_freeze_count() > 0


def test_nothing_is_collected_in_between_and_all_at_the_next_time(collecting: FrameEndCollector) -> None:
    collecting.collect_if_due(0.0)
    collecting.collect_if_due(COLLECTION_STARTS_AFTER_S)
    lost = weakref.ref(Cycle())
    kept = [[place] for place in range(5_000)]  # by itself Python collects after 700
    assert lost() is not None and len(kept) == 5_000
    assert not collecting.collect_if_due(COLLECTION_STARTS_AFTER_S + COLLECTION_PERIOD_S - 0.1) and lost() is not None
    assert collecting.collect_if_due(COLLECTION_STARTS_AFTER_S + COLLECTION_PERIOD_S) and lost() is None


def test_much_that_is_new_does_not_wait(collecting: FrameEndCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_NEW_OBJECTS", 20_000)
    collecting.collect_if_due(0.0)
    collecting.collect_if_due(COLLECTION_STARTS_AFTER_S)
    assert not collecting.collect_if_due(COLLECTION_STARTS_AFTER_S + 0.1)
    kept = [[place] for place in range(30_000)]
    assert collecting.collect_if_due(COLLECTION_STARTS_AFTER_S + 0.2) and kept
    assert not collecting.collect_if_due(COLLECTION_STARTS_AFTER_S + 0.3)


def test_the_control_window_rests_every_other_turn_but_when_something_calls() -> None:
    pace = RestingPace()
    calls = [False, False, False, False, True, True, False, False, False]
    assert [pace.turn(called) for called in calls] == [True, False, True, False, True, True, False, True, False]
