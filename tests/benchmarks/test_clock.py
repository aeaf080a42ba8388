"""The clock benchmark hears a real server."""

from pathlib import Path

import pytest

from benchmarks.clock import measure


def test_characters_come_as_often_as_asked_for_even_under_a_flood(
    spelling_voices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(spelling_voices))
    figures = measure(seconds=3.0, rate=20.0, flood=1_000)
    assert figures["voices"] == 4
    assert 40 <= figures["characters"] <= 61
    assert figures["p50_ms"] <= figures["p99_ms"] <= figures["worst_ms"]
