"""The frames' benchmark draws the real windows, on a screen made of software."""

import pytest

from benchmarks.frames import measure


def test_frames_of_both_windows_are_built_and_hours_of_text_pass(screen: str) -> None:
    """Its voices now and then want what has no column of its own, which comes and goes."""
    figures = measure(seconds=1.0, hours=0.05)
    assert (figures["voices"], figures["characters"], figures["frames"]) == (24, 10_000, 60)
    assert 0.0 < figures["control_p50_ms"] <= figures["control_p99_ms"]
    assert 0.0 < figures["stage_p50_ms"] < figures["control_p50_ms"]
    ratio = figures["control_p50_ms"] / figures["toolkit_p50_ms"]
    assert figures["control_p50_ratio"] == pytest.approx(ratio, abs=0.02)
    assert figures["rss_mb"] == pytest.approx(figures["rss_before_mb"], rel=0.2)
