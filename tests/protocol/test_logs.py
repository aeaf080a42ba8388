"""The log of a process: where it goes, that it is bounded, and what an exception that nobody expected leaves there."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.logs import LOG, RateLimit, RotatedFile, log_folder, start_logging


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ANTIPHON_HOME", str(tmp_path))
    yield tmp_path / "logs"


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("antiphon", logging.INFO, "", 0, message, None, None)


def test_the_folder_is_the_system_s_unless_one_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert log_folder() == home
    monkeypatch.delenv("ANTIPHON_HOME")
    assert "antiphon" in log_folder().parts


def test_what_is_logged_stands_in_the_file_of_its_process(home: Path) -> None:
    end = start_logging("server")
    LOG.warning("the disk is full")
    end()
    LOG.warning("too late")
    lines = (home / "server.log").read_text().splitlines()
    assert [line.split(" antiphon: ")[1] for line in lines] == ["the disk is full"]


def test_a_verbose_process_shows_it_on_standard_error_as_well(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = start_logging("server", verbose=True)
    LOG.info("it begins")
    end()
    assert capsys.readouterr().err.endswith("INFO antiphon: it begins\n")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exception_on_a_thread_leaves_its_traceback_and_a_line_that_says_where(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    lines: list[str] = []
    end = start_logging("server", unexpected=lines.append)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    thread = threading.Thread(target=lambda: [][1])
    thread.start()
    thread.join()
    end()
    assert lines == [f"something is wrong in Antiphon itself (IndexError): {home / 'server.log'} says where"]
    assert "IndexError: list index out of range" in (home / "server.log").read_text()


def test_an_exception_that_ends_a_process_is_in_its_log(home: Path) -> None:
    program = "from protocol.logs import start_logging; start_logging('front'); {}['no']"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 1
    assert "KeyError: 'no'" in (home / "front.log").read_text()


def test_a_full_file_is_moved_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = RotatedFile(tmp_path / "server.log", largest=5, kept=2)
    for message in ("first", "second", "third", "fourth"):
        log.emit(record(message))
    log.close()
    texts = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert texts == {"server.log": "fourth\n", "server.log.1": "third\n", "server.log.2": "second\n"}


def test_a_flood_is_cut_off() -> None:
    limit = RateLimit(most=3, within=60.0)
    assert [bool(limit.filter(record("again"))) for _ in range(5)] == [True, True, True, False, False]


def test_a_disk_that_takes_no_log_costs_the_log_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ANTIPHON_HOME", str(tmp_path / "file"))
    lines: list[str] = []
    start_logging("server", unexpected=lines.append)()
    assert len(lines) == 1 and "cannot be written" in lines[0]
