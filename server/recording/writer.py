"""Writes a take to disk on a thread of its own, so that no character waits for a disk.

Events go through a bounded queue. A line reaches the operating system some milliseconds after it was recorded, and so
outlives this process; it is on the disk itself within ``SYNC_INTERVAL_S`` seconds. While the disk takes nothing, the
events wait, the status line says so, and the writer tries again each second. If too many wait, the newest are left out
and counted.

A take is ``NAME.jsonl``, then ``NAME.2.jsonl`` and so on; when a file is full the next begins, and the full ones are
packed. When all takes together are too large, the oldest are removed: never one that is being recorded, nor one of the
last hour, which a server may be about to continue. All of it runs on the writer's thread.
"""

from __future__ import annotations

import contextlib
import gzip
import math
import os
import re
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import FileIO
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Signal
from threading import Thread
from typing import Protocol

from protocol.atomic_file import SPARED_DISK_BYTES, leave_room, replacing
from protocol.errors import ParameterError
from server.recording.events import Event, EventsLost, Header, VoicesReplaced, line_of

# ---- packing and removing old takes ----------------------------------------------------------------------------------

VARIABLE = "ANTIPHON_TAKES_GB"
MOST_GB = 5.0  # of all takes, unless the environment says otherwise: a month of days and nights
FINISHED_AFTER_S = 3600.0  # seconds without a word, after which a take that nobody records is a finished one
PACKED = ".gz"  # what a packed file's name ends with
FILE = re.compile(r"(?P<take>[^.].*?)(\.\d+)?\.jsonl(\.gz)?")


def most(environment: Mapping[str, str]) -> int:
    """How many bytes all takes may have together. Raises ``ParameterError`` where the environment says nonsense."""
    wanted = environment.get(VARIABLE, "") or MOST_GB
    try:
        size = float(wanted)
    except ValueError:
        size = -1.0
    if not 0.0 <= size < float("inf"):
        raise ParameterError(f"{VARIABLE} is how many GB takes may have together, such as 20, not {str(wanted)[:20]!r}")
    return round(size * 1e9)


def pack(path: Path) -> None:
    """Put the file at ``path`` into a quarter of its room, beside it, and take it away. Raises ``OSError``."""
    packed = path.with_name(f"{path.name}{PACKED}")
    size = path.stat().st_size  # at the most
    with path.open("rb") as whole, replacing(packed, size) as file, gzip.GzipFile("", "wb", 6, file, 0) as smaller:
        shutil.copyfileobj(whole, smaller, 1 << 20)
    path.unlink()


def make_room(folder: Path, size: int, now: float | None = None) -> None:
    """Remove the oldest takes of ``folder`` until they have ``size`` bytes at most, or none is left that may go.

    ``now`` is the time of day (seconds since 1970). Raises ``OSError``.
    """
    files: defaultdict[str, list[Path]] = defaultdict(list)
    for path in folder.iterdir():
        if found := FILE.fullmatch(path.name):
            files[found["take"]].append(path)
    sizes = {take: sum(path.stat().st_size for path in paths) for take, paths in files.items()}
    over = sum(sizes.values()) - size
    before = (time.time() if now is None else now) - FINISHED_AFTER_S
    for take in sorted(files):
        first = folder / f"{take}.jsonl"
        if over <= 0:
            return
        if max(path.stat().st_mtime for path in files[take]) >= before or (first.exists() and not free(first)):
            continue
        for path in sorted(files[take], key=lambda path: path == first):  # the first file last: it is what is found
            path.unlink()
        over -= sizes[take]


class TakeLock:
    """Says, from now until ``close`` or the end of this process, that the take with this first file is being recorded.

    On Windows the open file says so itself. Raises ``OSError``.
    """

    def __init__(self, first: Path) -> None:
        self._file = FileIO(first, "r")
        with contextlib.suppress(OSError):  # a disk without locks; the hour stands
            _lock(self._file)

    def close(self) -> None:
        self._file.close()


def free(first: Path) -> bool:
    """Whether nobody claims the take with this first file."""
    with FileIO(first, "r") as file:
        try:
            _lock(file)
        except OSError:
            return False
    return True


def _lock(file: FileIO) -> None:
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


# ---- the queue and its thread ----------------------------------------------------------------------------------------

MOST_QUEUED_EVENTS = 50_000  # events that wait for the disk at most: some twenty minutes of text
EVENTS_A_WRITE = 1_000  # events in one write at most
SYNC_INTERVAL_S = 5.0  # seconds between two times that all is seen onto the disk
RETRY_INTERVAL_S = 1.0  # seconds after which a disk that took nothing is tried again
LAST_RETRY_INTERVAL_S = 0.1  # seconds, the same at the end
CLOSE_TIMEOUT_S = 2.0  # seconds that a disk has to take the rest, at the end

Complete = Callable[[VoicesReplaced], VoicesReplaced]  # a change of voices with all that their files say of them


class TakeWriter:
    """Writes to ``parts`` from now until ``close``.

    ``header`` gives the take's first line, ``complete`` looks up voices that joined; both are called on the writer's
    thread and may take their time. ``stand`` gets what is wrong, and an empty line when it is over (any thread).
    """

    def __init__(
        self,
        parts: TakeStorage,
        header: Callable[[], Header],
        complete: Complete,
        stand: Callable[[str], None],
        told: int = 0,
        most: int = MOST_QUEUED_EVENTS,
        again: float = RETRY_INTERVAL_S,
    ) -> None:
        """``told`` events stand in the take already, where it is continued."""
        self.name = parts.name
        self.told = told  # events ever recorded, those left out among them; the recording thread's
        self._parts, self._header, self._complete, self._stand = parts, header, complete, stand
        self._most, self._again = most, again
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._left_out = 0
        self._begin: Header | None = None
        self.written = told  # events in the system's hands, but for the last write; any thread may look
        self._closing = Signal()
        self._ended = False  # whether the thread met the end of the queue
        self._give_up = math.inf
        self._thread = Thread(target=self._run, name=f"antiphon take {parts.name}", daemon=True)
        self._thread.start()

    def record(self, event: Event) -> None:
        """Let ``event`` be written down. Never waits."""
        self.told += 1
        if self._queue.qsize() >= self._most:
            self._left_out += 1
            return
        if self._left_out:
            self._queue.put(EventsLost(self._left_out))
            self._left_out = 0
        self._queue.put(event)

    def close(self) -> None:
        """Write all events that wait, as far as the disk takes them, and end."""
        self._give_up = time.monotonic() + CLOSE_TIMEOUT_S
        if self._left_out:
            self._queue.put(EventsLost(self._left_out))
        self._queue.put(None)
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        waiting, dirty, troubled = b"", False, False
        sync_at = time.monotonic() + SYNC_INTERVAL_S
        while waiting or not self._ended:
            try:
                waiting = waiting or self._next(max(0.0, sync_at - time.monotonic()) if dirty else None)
                if waiting:
                    waiting = waiting[self._parts.write(waiting) :]
                    dirty = True
                if dirty and (self._ended or time.monotonic() >= sync_at):
                    self._parts.sync()
                    dirty, sync_at = False, time.monotonic() + SYNC_INTERVAL_S
                if troubled and not waiting:
                    self._stand("")
                    troubled = False
            except OSError as error:
                self._stand(f"the take cannot be written: {error.strerror or error}; it is kept in memory meanwhile")
                troubled = True
                if time.monotonic() >= self._give_up:
                    break
                if self._closing.wait(self._again):
                    time.sleep(LAST_RETRY_INTERVAL_S)
        self._parts.close()

    def _next(self, seconds: float | None) -> bytes:
        """The lines of what waits, at least one event if any comes within ``seconds``."""
        self._begin = self._begin or self._header()
        events: list[Event | None] = []
        try:
            events.append(self._queue.get(timeout=seconds))
            while len(events) < EVENTS_A_WRITE:
                events.append(self._queue.get_nowait())
        except Empty:
            pass
        self._ended = None in events
        recorded = [event for event in events if event is not None]
        if not recorded:
            return b""
        lines = [line_of(self._complete(event) if isinstance(event, VoicesReplaced) else event) for event in recorded]
        if part := self._parts.fresh:
            lines.insert(0, line_of(replace(self._begin, part=part, first=self.written)))
        self.written += sum(event.events if isinstance(event, EventsLost) else 1 for event in recorded)
        return "".join(lines).encode("ascii")


# ---- files -----------------------------------------------------------------------------------------------------------
# ``TakeStorage`` is the seam to the disk.

SUFFIX = ".jsonl"
FILE_BYTES = 16_000_000  # bytes of one file: some three hours of text


class TakeStorage(Protocol):
    """Where lines are put."""

    name: str  # of the take

    @property
    def fresh(self) -> int:
        """The number of the file that begins with what is written next, which is to be a header; else 0."""

    def write(self, data: bytes) -> int:
        """Put ``data``, whole lines, at the end; how many bytes of it were taken. Raises ``OSError``."""

    def sync(self) -> None:
        """Return when all is on the disk itself. Raises ``OSError``."""

    def close(self) -> None:
        """Nothing more comes."""


class TakeFiles:
    """The files of take ``name`` in ``folder``, which is made with the first write; none may be there yet."""

    def __init__(
        self,
        folder: Path,
        name: str,
        part: int = FILE_BYTES,
        spared: int = SPARED_DISK_BYTES,
        together: int | None = None,
    ) -> None:
        """``part`` is the size that files grow to; on the disk ``spared`` bytes are left; all takes of the folder have
        ``together`` bytes at most when a file is begun, as far as old ones can go."""
        self._folder, self.name, self._most, self._spared, self._together = folder, name, part, spared, together
        self._claim: TakeLock | None = None
        self._number = 0  # of the open file
        self._size = 0
        self._file: FileIO | None = None
        self._whole = True  # whether the last line that was taken is whole

    @classmethod
    def again(
        cls,
        folder: Path,
        name: str,
        part: int = FILE_BYTES,
        spared: int = SPARED_DISK_BYTES,
        together: int | None = None,
    ) -> TakeFiles:
        """Continue the take that is there, behind its last whole line. Raises ``OSError``."""
        files = cls(folder, name, part, spared, together)
        files._number = 1
        while part_found(folder, name, files._number + 1):
            files._number += 1
        files._claim = TakeLock(files._path(1))
        files._file = FileIO(files._path(files._number), "r+")
        files._size = _end_of_lines(files._file)
        files._file.truncate(files._size)
        files._file.seek(files._size)
        return files

    @property
    def fresh(self) -> int:
        return self._number + 1 if self._whole and (self._file is None or self._size >= self._most) else 0

    def write(self, data: bytes) -> int:
        if self.fresh or self._file is None:
            self._open()
        assert self._file is not None
        leave_room(self._folder, spared=self._spared)
        taken = self._file.write(data)
        self._size += taken
        self._whole = taken == len(data)
        return taken

    def sync(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        self._end_file()
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def _end_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        opened = FileIO(self._path(self._number + 1), "x")
        self._end_file()
        self._file, self._number, self._size = opened, self._number + 1, 0
        with contextlib.suppress(OSError):  # then it takes more room
            self._claim = self._claim or TakeLock(self._path(1))
            if self._number > 2:
                pack(self._path(self._number - 1))
            if self._together is not None:
                make_room(self._folder, self._together)

    def _path(self, number: int) -> Path:
        return part_path(self._folder, self.name, number)


def part_path(folder: Path, name: str, number: int) -> Path:
    """The file of a take's part, counted from 1."""
    return folder / (f"{name}{SUFFIX}" if number == 1 else f"{name}.{number}{SUFFIX}")


def part_found(folder: Path, name: str, number: int) -> Path | None:
    """The same as it is there, packed or not; None where it is not."""
    path = part_path(folder, name, number)
    candidates = (path, path.with_name(f"{path.name}{PACKED}"))
    return next((each for each in candidates if each.exists()), None)


def _end_of_lines(file: FileIO, block: int = 65_536) -> int:
    """How long a file is up to the end of its last whole line."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - block)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
