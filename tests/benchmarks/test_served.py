"""The benchmarks that hear a real server: what they find fits together, on whatever machine."""

from pathlib import Path

import pytest

from benchmarks import clock, latency, start, wake


@pytest.fixture(autouse=True)
def _small_voices(spelling_voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(spelling_voices))


def test_characters_come_as_often_as_asked_for_even_under_a_flood_whose_last_value_wins() -> None:
    figures = clock.measure(seconds=2.0, rate=20.0, flooding=2_000, front_end="terminal", settle=1.0)
    assert figures["voices"] == 4
    assert 30 <= figures["characters"] <= 41
    assert figures["p50_ms"] <= figures["p99_ms"] <= figures["worst_ms"]
    assert figures["server_p99_ms"] > 0.0
    assert figures["last_value_wins"]
    assert len(figures["jitter_ms"]) == figures["characters"] - 1


def test_a_weight_decides_the_next_character_or_the_one_after() -> None:
    (row,) = latency.measure(seconds=3.0, rates=(20.0,))["rows"]
    assert row["heard"] >= 0.8 * row["moves"] >= 16
    assert row["server_p50_ms"] < row["outside_p50_ms"] < 2 * row["period_ms"]


def test_voices_that_slept_join_while_the_text_goes_on() -> None:
    (row,) = wake.measure(waking=(10,), times=1, rate=60.0)["rows"]
    assert (row["waking"], row["playing"]) == (3, 1)
    assert row["characters"] >= 30
    assert row["joined_ms"] > 0.0


def test_a_server_listens_before_it_speaks() -> None:
    figures = start.measure(times=1, window=False)
    assert (figures["voices"], figures["starts"]) == (4, 1)
    assert 0.0 < figures["listening_ms"] < figures["first_char_ms"]
