"""The scribe and the files: what was told stands there whatever the disk does meanwhile, and is read again."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.errors import TakeError
from server.recording.events import (
    CatchUpSlices,
    CharacterWritten,
    Event,
    EventsLost,
    Header,
    ServerResumed,
    VoicesReplaced,
    line_of,
)
from server.recording.reader import Take
from server.recording.writer import TakeFiles, TakeStorage, TakeWriter, part_path

HEADER = Header("main", "2026-11-25T20:30:00+00:00", 1, (), "0", {})
PATIENCE = 30.0  # seconds; never needed but on a busy machine


class FullDisk:
    """A disk that takes nothing, or only so many bytes at a time, until ``room`` says otherwise."""

    def __init__(self, name: str = "full", room: int = 0) -> None:
        self.name, self.room = name, room
        self.written = b""
        self.closed = False

    @property
    def fresh(self) -> int:
        return 0 if self.written else 1

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = data[: self.room]
        self.written += taken
        return len(taken)

    def sync(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def char(number: int) -> CharacterWritten:
    return CharacterWritten(number, number / 10, "a", ((0, 255),), 16)


def complete(joined: VoicesReplaced) -> VoicesReplaced:
    return joined


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.002)


class Desk:
    """A scribe that writes to ``parts``, and what it says of the disk."""

    def __init__(self, parts: TakeStorage, told: int = 0, most: int = 1_000) -> None:
        self.said: list[str] = []
        self.writer = TakeWriter(parts, lambda: HEADER, complete, self.said.append, told, most, again=0.002)

    def record(self, *events: Event) -> None:
        for event in events:
            self.writer.record(event)


def lines(*events: Event | Header) -> str:
    return "".join(map(line_of, events))


def events(path: Path) -> list[Event]:
    return list(Take(path).events())


def test_a_line_stands_in_the_file_a_moment_after_it_was_told(tmp_path: Path) -> None:
    desk = Desk(TakeFiles(tmp_path / "takes", "one", spared=0))
    path = part_path(tmp_path / "takes", "one", 1)
    for number in range(1, 4):
        desk.record(char(number))
        wait_until(lambda: path.exists() and line_of(char(number)) in path.read_text())  # noqa: B023
    desk.writer.close()
    assert events(path) == [char(1), char(2), char(3)]


def test_a_full_file_is_continued_in_the_next(tmp_path: Path) -> None:
    desk = Desk(TakeFiles(tmp_path, "one", part=500, spared=0))
    for number in range(1, 41):
        desk.record(char(number))
        wait_until(desk.writer._queue.empty)
    desk.writer.close()
    take = Take(part_path(tmp_path, "one", 1))
    assert len(take.paths) > 3
    assert [path.stat().st_size < 700 for path in take.paths] == [True] * len(take.paths)
    assert list(take.events()) == [char(number) for number in range(1, 41)]
    assert list(take.numbered(after=33)) == [(number, char(number)) for number in range(34, 41)]


def test_a_missing_file_in_the_middle_is_said(tmp_path: Path) -> None:
    desk = Desk(TakeFiles(tmp_path, "one", part=200, spared=0))
    for number in range(1, 41):
        desk.record(char(number))
        wait_until(desk.writer._queue.empty)
    desk.writer.close()
    (tmp_path / "one.3.jsonl.gz").rename(tmp_path / "one.2.jsonl.gz")
    with pytest.raises(TakeError, match="part 3"):
        events(part_path(tmp_path, "one", 1))


def test_while_the_disk_takes_nothing_all_waits_and_the_status_says_so() -> None:
    disk = FullDisk()
    desk = Desk(disk)
    desk.record(char(1), char(2))
    wait_until(lambda: len(desk.said) > 3)
    assert set(desk.said) == {"the take cannot be written: No space left on device; it is kept in memory meanwhile"}
    disk.room = 7  # bytes at a time: lines are torn between writes and whole in the end
    wait_until(lambda: desk.said[-1] == "")
    desk.writer.close()
    assert disk.written.decode() == lines(HEADER, char(1), char(2))
    assert disk.closed


def test_what_finds_no_room_in_memory_is_counted() -> None:
    disk = FullDisk()
    desk = Desk(disk, most=3)
    desk.record(char(1))
    wait_until(lambda: bool(desk.said))  # the first has left the queue
    desk.record(*map(char, range(2, 10)))
    disk.room = 1_000
    wait_until(lambda: disk.written.endswith(line_of(char(4)).encode()))
    desk.record(char(10))
    desk.writer.close()
    assert disk.written.decode() == lines(HEADER, *map(char, range(1, 5)), EventsLost(5), char(10))
    assert desk.writer.told == 10


def test_a_disk_that_takes_nothing_at_the_end_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.recording.writer.CLOSE_TIMEOUT_S", 0.05)
    desk = Desk(FullDisk())
    desk.record(char(1))
    desk.writer.close()
    assert threading.active_count() == 1 or not desk.writer._thread.is_alive()


def test_a_nearly_full_disk_is_left_to_the_others(tmp_path: Path) -> None:
    desk = Desk(TakeFiles(tmp_path, "one", spared=10**18))
    desk.record(char(1))
    wait_until(lambda: bool(desk.said))
    assert "are left on its disk" in desk.said[0]


def test_a_folder_that_comes_later_has_the_whole_take(tmp_path: Path) -> None:
    (tmp_path / "takes").write_text("a file where the folder is to be")
    desk = Desk(TakeFiles(tmp_path / "takes", "one", spared=0))
    desk.record(char(1))
    wait_until(lambda: bool(desk.said))
    (tmp_path / "takes").unlink()
    wait_until(lambda: desk.said[-1] == "")
    desk.record(char(2))
    desk.writer.close()
    assert events(part_path(tmp_path / "takes", "one", 1)) == [char(1), char(2)]


def test_a_torn_last_line_is_passed_over_and_a_torn_one_before_is_said(tmp_path: Path) -> None:
    path = tmp_path / "torn.jsonl"
    whole = lines(HEADER, char(1))
    path.write_text(whole + line_of(char(2))[:-9])
    assert events(path) == [char(1)]
    path.write_text(whole + line_of(char(2))[:-9] + "\n" + line_of(char(3)))
    with pytest.raises(TakeError, match=r"torn\.jsonl, line 3: it is no line of JSON"):
        events(path)


def test_a_take_is_gone_on_with_behind_its_last_whole_line(tmp_path: Path) -> None:
    path = part_path(tmp_path, "one", 1)
    path.write_text(line_of(HEADER) + line_of(char(1)) + line_of(char(2))[:-9])
    desk = Desk(TakeFiles.again(tmp_path, "one", spared=0), told=1)
    desk.record(ServerResumed(2, 1), char(2))
    desk.writer.close()
    assert list(Take(path).numbered()) == [(1, char(1)), (2, ServerResumed(2, 1)), (3, char(2))]
    assert desk.writer.told == 3


def test_events_that_were_lost_are_counted_in_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "gap.jsonl"
    path.write_text(lines(HEADER, char(1), EventsLost(5), CatchUpSlices(2)))
    assert list(Take(path).numbered(after=1)) == [(6, EventsLost(5)), (7, CatchUpSlices(2))]


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"hello\n", b'{"antiphon take":1}\n'])
def test_what_is_no_take_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "no.jsonl").write_bytes(data)
    with pytest.raises(TakeError, match=r"no\.jsonl is no take that can be read"):
        Take(tmp_path / "no.jsonl")
