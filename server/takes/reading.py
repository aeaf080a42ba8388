"""A take read: its header at once, its events one after another, however long it is.

Whatever stands in the files, what comes out is well-formed, or a ``TakeError`` that names file and line. A last line
that is torn, because the machine went down as it was written, is passed over. Belongs to the caller's thread.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO, cast

from protocol.errors import TakeError
from server.takes.events import Event, Header, Lost
from server.takes.lines import LONGEST_LINE, event_of, header_of
from server.takes.parts import SUFFIX, part_found
from server.takes.room import PACKED

LOST = b'{"lost"'  # what the line of events that were lost begins with: it stands for more than one


class Take:
    """The take whose first file is at ``path``. Raises ``TakeError`` where that is no take."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name.removesuffix(SUFFIX)
        with _opened(path) as file:
            self.header = _header(path, file)
        if self.header.part != 1:
            raise TakeError(f"{path} is part {self.header.part} of a take: name its first file")

    @property
    def paths(self) -> list[Path]:
        """Its files, in their order."""
        paths = [self.path]
        while following := part_found(self.path.parent, self.name, len(paths) + 1):
            paths.append(following)
        return paths

    def events(self) -> Iterator[Event]:
        """Its events from the first on. Raises ``TakeError`` at a line that is none."""
        for _, event in self.numbered():
            yield event

    def numbered(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """The events behind the first ``after``, each with its number, counted from 1, those that were lost as well.

        Files that end before are not read.
        """
        paths = self.paths
        first = [self.header.first, *(_first_event(path, part) for part, path in enumerate(paths[1:], 2))]
        begin = max((part for part, number in enumerate(first) if number <= after), default=0)
        number = first[begin]
        for path, expected in zip(paths[begin:], first[begin:], strict=True):
            if number != expected:
                raise TakeError(f"{path} begins behind event {expected}, not {number}: lines are missing before it")
            for line_number, line in _lines(path, path == paths[-1]):
                lost = line.startswith(LOST)
                event = _event(path, line_number, line) if lost or number >= after else None
                number += event.events if isinstance(event, Lost) else 1
                if event is not None and number > after:
                    yield number, event

    def tail(self, after: int) -> tuple[list[Event], int]:
        """The events behind the first ``after``, and how many there are in all."""
        told = 0
        events = []
        for told, event in self.numbered(max(0, after - 1)):
            if told > after:
                events.append(event)
        return events, told or sum(1 for _ in self.numbered())


def _lines(path: Path, last: bool) -> Iterator[tuple[int, bytes]]:
    """The lines of one file behind its header; the ``last`` one may end in the middle of a line."""
    with _opened(path) as file:
        _line(path, file)
        for line_number in count(2):
            line = _line(path, file)
            if not line or (last and not line.endswith(b"\n") and len(line) <= LONGEST_LINE):
                return
            yield line_number, line


def _event(path: Path, line_number: int, line: bytes) -> Event:
    try:
        return event_of(line)
    except TakeError as error:
        raise TakeError(f"{path}, line {line_number}: {error}") from None


def _first_event(path: Path, part: int) -> int:
    """The number of the event before the first one of a take's further file."""
    with _opened(path) as file:
        header = _header(path, file)
    if header.part != part:
        raise TakeError(f"{path} says that it is part {header.part} of its take")
    return header.first


def _line(path: Path, file: BinaryIO) -> bytes:
    """The next line, or as much of it as a line may have; nothing at the end."""
    try:
        return file.readline(LONGEST_LINE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TakeError(f"the take {path} cannot be read: {error}") from None


def _opened(path: Path) -> BinaryIO:
    try:
        return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == PACKED else path.open("rb")
    except OSError as error:
        raise TakeError(f"the take {path} cannot be read: {error.strerror or error}") from None


def _header(path: Path, file: BinaryIO) -> Header:
    try:
        return header_of(_line(path, file))
    except TakeError as error:
        raise TakeError(f"{path} is no take that can be read: {error}") from None
