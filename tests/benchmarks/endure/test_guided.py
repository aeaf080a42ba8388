"""Hunts that are guided by coverage: each in a process of its own, its finding told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.endure.guided import FuzzRun, fuzz, is_installed

STAND_IN = """
from contextlib import nullcontext
import pathlib, sys

def instrument_imports(include, enable_loader_override):
    return nullcontext()

def Setup(words, one):
    global read, folder
    read, folder = one, pathlib.Path(words[-1])
    assert [word for word in words if word.startswith("-max_total_time=")] == ["-max_total_time=1"]

def Fuzz():
    for number, example in enumerate(sorted(folder.iterdir()), 1):
        read(example.read_bytes())
    print(f"Done {number} runs in 1 second(s)", file=sys.stderr)
    sys.exit(EXIT)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An atheris that only reads the examples, on the path of processes to come."""
    (tmp_path / "atheris.py").write_text(STAND_IN.replace("EXIT", "0"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "folder").mkdir()
    return tmp_path


def test_what_ends_as_it_promises_is_counted(stand_in: Path, spelling_voices: Path) -> None:
    found = fuzz("scenes", 1, stand_in / "folder", spelling_voices / "bible.safetensors")
    assert found == FuzzRun(10, "")


def test_what_ends_otherwise_is_one_line_with_what_was_read(stand_in: Path, spelling_voices: Path) -> None:
    (stand_in / "atheris.py").write_text(STAND_IN.replace("sys.exit(EXIT)", "raise KeyError(7)"))
    (stand_in / "folder" / "found-1").write_bytes(b"bad")
    found = fuzz("scenes", 1, stand_in / "folder", spelling_voices / "bible.safetensors")
    assert found == FuzzRun(0, "KeyError: 7 from b'bad'")


@pytest.mark.skipif(not is_installed(), reason="atheris is an extra: pip install '.[fuzz]'")
def test_the_real_one_reads_a_thousand_times_a_second(tmp_path: Path, spelling_voices: Path) -> None:
    found = fuzz("TUIO", 3, tmp_path, spelling_voices / "bible.safetensors")
    assert found.finding == "" and found.runs > 1_000
