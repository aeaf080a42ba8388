"""Takes that run for months: full files are packed, the oldest takes go, and none that is in use."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest

from models.fake_voices import FakeVoices
from protocol.errors import ParameterError, TakeError
from server.engine.clock import FakeClock
from server.recording.events import Event
from server.recording.reader import Take, names
from server.recording.recorder import Recorder
from server.recording.writer import FINISHED_AFTER_S, TakeFiles, TakeLock, make_room, most, part_path
from tests.server.recording.test_writer import Desk, char, events, wait_until

OLD = time.time() - 2 * FINISHED_AFTER_S


def told(folder: Path, count: int = 60) -> list[Event]:
    """A take of several files, ``one``, recorded in ``folder``."""
    desk = Desk(TakeFiles(folder, "one", part=500, spared=0))
    for number in range(1, count + 1):
        desk.record(char(number))
        wait_until(desk.writer._queue.empty)
    desk.writer.close()
    return [char(number) for number in range(1, count + 1)]


def old(folder: Path, name: str, size: int = 1_000) -> Path:
    path = folder / name
    path.write_bytes(bytes(size))
    os.utime(path, (OLD, OLD))
    return path


def test_files_between_the_first_and_the_newest_are_packed_and_read_like_the_others(tmp_path: Path) -> None:
    written = told(tmp_path)
    take = Take(part_path(tmp_path, "one", 1))
    assert len(take.paths) > 4
    assert [path.suffix for path in take.paths] == [".jsonl", *[".gz"] * (len(take.paths) - 2), ".jsonl"]
    assert sorted(tmp_path.iterdir()) == sorted(take.paths)
    assert list(take.events()) == written
    assert take.tail(50) == (written[50:], 60)


def test_a_take_with_packed_files_is_gone_on_with(tmp_path: Path) -> None:
    written = told(tmp_path)
    desk = Desk(TakeFiles.again(tmp_path, "one", part=500, spared=0), told=60)
    desk.record(char(61))
    desk.writer.close()
    assert events(part_path(tmp_path, "one", 1)) == [*written, char(61)]


@pytest.mark.parametrize("damage", ["cut", "rubbish"])
def test_a_damaged_packed_file_is_said(tmp_path: Path, damage: str) -> None:
    told(tmp_path)
    packed = tmp_path / "one.2.jsonl.gz"
    data = packed.read_bytes()
    packed.write_bytes(data[:-20] if damage == "cut" else data[:12] + b"\xff" * 40 + data[52:])
    with pytest.raises(TakeError, match=r"one\.2\.jsonl\.gz"):
        events(part_path(tmp_path, "one", 1))


def test_a_packed_line_without_end_is_refused_and_not_read_whole(tmp_path: Path) -> None:
    told(tmp_path)
    (tmp_path / "one.2.jsonl.gz").write_bytes(gzip.compress(b"x" * 50_000_000))
    with pytest.raises(TakeError, match="is no take that can be read: a line is longer"):
        events(part_path(tmp_path, "one", 1))


def test_the_oldest_takes_go_with_all_their_files_until_there_is_room(tmp_path: Path) -> None:
    gone = [old(tmp_path, name) for name in ("a.jsonl", "a.2.jsonl.gz", "a.3.jsonl", "b.jsonl")]
    kept = [old(tmp_path, name) for name in ("b-2.jsonl", "c.jsonl", "notes.txt", ".a.4.jsonl.gz")]
    make_room(tmp_path, 2_500)
    assert not any(path.exists() for path in gone) and all(path.exists() for path in kept)
    make_room(tmp_path, 2_500)
    assert all(path.exists() for path in kept)


def test_a_take_in_use_and_one_of_the_last_hour_stay(tmp_path: Path) -> None:
    used, recent, last = old(tmp_path, "a.jsonl"), old(tmp_path, "b.jsonl"), old(tmp_path, "c.jsonl")
    os.utime(recent)
    claim = TakeLock(used)
    make_room(tmp_path, 0)
    assert used.exists() and recent.exists() and not last.exists()
    claim.close()
    make_room(tmp_path, 0)
    assert not used.exists() and recent.exists()


def test_while_it_is_recorded_a_take_makes_room_and_stays(tmp_path: Path) -> None:
    earlier = old(tmp_path, "earlier.jsonl", 5_000)
    desk = Desk(TakeFiles(tmp_path, "one", part=500, spared=0, together=4_000))
    desk.record(char(1))
    wait_until(lambda: not earlier.exists())
    path = part_path(tmp_path, "one", 1)
    os.utime(path, (OLD, OLD))
    make_room(tmp_path, 0)
    assert path.exists()
    desk.writer.close()
    make_room(tmp_path, 0, now=time.time() + 2 * FINISHED_AFTER_S)
    assert not path.exists()


def test_a_take_that_never_ended_is_not_gone_on_with_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(tmp_path)
    monkeypatch.setattr("server.recording.recorder.MOST_CONTINUED_FILES", 3)
    voices, recorder = FakeVoices({"ada": "ab"}), Recorder(tmp_path, FakeClock(), lambda cause, line: None, list)
    with pytest.raises(TakeError, match=r"its take has \d+ files, and another begins"):
        recorder.again("main", voices, 1, "one", 10, 1.0, None)
    recorder.begin("main", voices, 1, None)
    recorder.close()
    assert len(names(tmp_path)) == 2


def test_how_much_all_may_have_is_said_in_gigabytes() -> None:
    assert most({}) == 5_000_000_000
    assert most({"ANTIPHON_TAKES_GB": "0.5"}) == 500_000_000


@pytest.mark.parametrize("nonsense", ["much", "-1", "nan", "inf"])
def test_nonsense_about_it_is_refused(nonsense: str) -> None:
    with pytest.raises(ParameterError, match="ANTIPHON_TAKES_GB is how many GB"):
        most({"ANTIPHON_TAKES_GB": nonsense})
