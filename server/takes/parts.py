"""A take's files: lines are put at their end, and when one is full the next begins.

``NAME.jsonl``, then ``NAME.2.jsonl`` and so on; those between the first and the newest are packed. What was written
stands in the system's hands at once and outlives this process, however it ends; ``sync`` sees it onto the disk itself.
Belongs to the scribe's thread. ``Parts`` is the seam to the disk; ``FullDisk`` the fake that ships: it fails until it
is told to work.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from io import FileIO
from pathlib import Path
from typing import Protocol

from server.takes.room import PACKED, Claim, make_room, pack

SUFFIX = ".jsonl"
PART = 16_000_000  # bytes of one file: some three hours of text
SPARED = 200_000_000  # bytes of a disk that a take leaves to everybody else


class Parts(Protocol):
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


class Files:
    """The files of take ``name`` in ``folder``, which is made with the first write; none may be there yet."""

    def __init__(
        self, folder: Path, name: str, part: int = PART, spared: int = SPARED, together: int | None = None
    ) -> None:
        """``part`` is the size that files grow to; on the disk ``spared`` bytes are left; all takes of the folder have
        ``together`` bytes at most when a file is begun, as far as old ones can go."""
        self._folder, self.name, self._most, self._spared, self._together = folder, name, part, spared, together
        self._claim: Claim | None = None
        self._number = 0  # of the open file
        self._size = 0
        self._file: FileIO | None = None
        self._whole = True  # whether the last line that was taken is whole

    @classmethod
    def again(
        cls, folder: Path, name: str, part: int = PART, spared: int = SPARED, together: int | None = None
    ) -> Files:
        """Go on with the take that is there, behind its last whole line. Raises ``OSError``."""
        files = cls(folder, name, part, spared, together)
        files._number = 1
        while part_found(folder, name, files._number + 1):
            files._number += 1
        files._claim = Claim(files._path(1))
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
        if shutil.disk_usage(self._folder).free < self._spared:
            raise OSError(errno.ENOSPC, f"less than {self._spared // 1_000_000} MB are left on its disk")
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
            self._claim = self._claim or Claim(self._path(1))
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


class FullDisk:
    """A disk that takes nothing, or only so many bytes at a time, until ``room`` says otherwise; for tests."""

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
