"""Real processes, killed at random moments: the text goes on, and nothing of it is lost, doubled or changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.endure import kills


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_server_and_front_end_are_killed_and_nothing_is_lost(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "KILL_PAUSES_S", (0.3, 2.0))
    figures = kills.measure(count=3, seed=2)
    assert {figures[fault] for fault in ("lost", "changed", "differs_from_take", "weights_changed")} == {0}
    assert [row["times"] for row in figures["rows"]] == [2, 1]
