"""The clock benchmark hears a real server."""

from pathlib import Path

import pytest

from benchmarks.clock import measure


@pytest.fixture(autouse=True)
def _small_voices(spelling_voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(spelling_voices))


def test_characters_come_as_often_as_asked_for_even_under_a_flood_whose_last_value_wins() -> None:
    figures = measure(seconds=2.0, rate=20.0, flooding=2_000, front_end="terminal")
    assert figures["voices"] == 4
    assert 30 <= figures["characters"] <= 41
    assert figures["p50_ms"] <= figures["p99_ms"] <= figures["worst_ms"]
    assert figures["server_p99_ms"] > 0.0
    assert figures["last_value_wins"]
    assert len(figures["jitter_ms"]) == figures["characters"] - 1
