"""The page of figures tells what was measured, and says of each promise whether it was kept."""

import copy
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")

from benchmarks import report
from protocol.errors import AntiphonError

CLOCK = {
    "p50_ms": 0.1,
    "p99_ms": 1.25,
    "worst_ms": 2.0,
    "server_p99_ms": 0.5,
    "drift_ms": 0.0,
    "precedence": True,
    "characters": 4,
    "rss_before_mb": 400.0,
    "rss_mb": None,
    "jitter_ms": [-0.5, 0.1, 2.0],
}
FIGURES: dict[str, Any] = {
    "quick": ["step"],
    "machine": {
        "processor": "A processor",
        "cores": 2,
        "memory": "8000000 kB",
        "system": "Linux",
        "python": "3.12.3",
        "torch": "2.9.1",
        "load": 0.5,
    },
    "step": {
        "shape": "2 x 512",
        "rounds": 10,
        "rows": [
            {"voices": voices, "step_ms": 0.2 * voices, "floor_ms": 0.15 * voices, "loop_ms": 3.0 * voices}
            for voices in (1, 24)
        ],
    },
    "together": {
        "whole": {
            "rows": [
                {"process": "server", "core_percent": 25.0, "memory_mb": 540.2},
                {"process": "server, in reserve", "core_percent": 0.5, "memory_mb": 500.0},
            ],
            "seconds": 30.0,
            "machine_percent": 12.8,
            "memory_mb": 1500.4,
        },
        "lean": {"memory_mb": 790.1},
    },
    "start": {"listening_ms": 900.0, "first_char_ms": 1500.0, "rss_mb": 720.0, "starts": 2, "voices": 24},
    "latency": {
        "rows": [
            {
                "rate": rate,
                "heard": 30,
                "arrival_p99_ms": 0.4,
                "commit_p99_ms": 0.5,
                "server_p99_ms": 0.9,
                "period_ms": 1e3 / rate,
                "outside_p99_ms": 1e3 / rate + 1.0,
                "beyond_a_period_ms": 1.0,
                "core_percent": rate,
            }
            for rate in (10.0, 60.0)
        ]
    },
    "clock": {name: CLOCK for name in ("nobody else", "the front end", "a flood", "no precedence")},
    "wake": {
        "reads": 80,
        "rows": [{"waking": 10, "playing": 14, "joined_ms": 900.0, "p50_ms": 0.1, "p99_ms": 1.0, "worst_ms": 1.5}],
    },
    "frames": {
        "width": 1280,
        "height": 720,
        "voices": 24,
        "characters": 10_000,
        "frames": 60,
        "hours": 1.0,
        "control_p50_ms": 3.0,
        "control_p99_ms": 6.0,
        "stage_p50_ms": 0.5,
        "stage_p99_ms": 1.0,
        "rss_before_mb": 200.0,
        "rss_mb": 201.0,
    },
    "rooms": {
        "voices": 24,
        "rows": [
            {"texts": 1, "one_core": 200.0, "all_cores": 250.0, "processes": 220.0},
            {"texts": 64, "one_core": 900.0, "all_cores": 1500.0},
        ],
    },
}


def promised(text: str) -> dict[str, str]:
    """The last cell of each line of the first table by its first cell."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.endswith("reached |")]
    return {line[0]: line[-1] for line in lines}


def test_each_promise_is_said_to_be_reached_or_not() -> None:
    kept = promised(report.page_text(FIGURES))
    assert kept.pop("resident memory of the server") == "not reached"
    assert kept and set(kept.values()) == {"reached"}
    worse = copy.deepcopy(FIGURES)
    worse["latency"]["rows"][1]["server_p99_ms"] = 2.1
    assert promised(report.page_text(worse))["weight to draw, in the server, p99, any rate"] == "not reached"


def test_the_page_shows_every_picture_that_it_writes_and_no_other(tmp_path: Path) -> None:
    text = report.write(FIGURES, tmp_path).read_text(encoding="utf-8")
    pictures = {path.name for path in (tmp_path / "performance").iterdir()}
    assert {part.partition(")")[0] for part in text.split("](performance/")[1:]} == pictures | {report.FIGURES_FILE}
    assert len(pictures) == 4


def test_texts_that_were_not_measured_in_processes_have_an_empty_cell() -> None:
    assert "| 64 | 900 | 1,500 |  |" in report.page_text(FIGURES)


def test_a_part_is_measured_anew_while_the_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {name: ("?", partial(FIGURES.get, name)) for name in report.PARTS}
    monkeypatch.setattr(report, "PARTS", parts)
    told: list[str] = []
    written = report.report(False, tmp_path, (), told.append).read_text(encoding="utf-8")
    assert len(told) == len(parts) and "--quick" not in written
    monkeypatch.setitem(FIGURES, "start", FIGURES["start"] | {"rss_mb": 123.0})
    written = report.report(True, tmp_path, ["start"], told.append).read_text(encoding="utf-8")
    assert told[len(parts) :] == ["start: ?"]
    assert promised(written)["resident memory of the server"] == "reached"
    assert "(with `--quick`: start)" in written


def test_a_part_alone_makes_no_page_and_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(report.PARTS, "wake", ("?", lambda _: FIGURES["wake"]))
    with pytest.raises(AntiphonError, match="--only step"):
        report.report(True, tmp_path, ["wake"], lambda _: None)
    with pytest.raises(AntiphonError, match="no part 'wakes': step"):
        report.report(True, tmp_path, ["wakes"], lambda _: None)
