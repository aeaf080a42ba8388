"""Room for takes, so that a piece can run for months: full files are packed, and when all takes together are too large
the oldest go. Never one that is being recorded, nor one of the last hour, which a server may be about to go on with.

Belongs to the scribe's thread, which has the time.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from io import FileIO
from pathlib import Path

from protocol.errors import ParameterError

VARIABLE = "ANTIPHON_TAKES_GB"
MOST_GB = 5.0  # of all takes, unless the environment says otherwise: a month of days and nights
RECENT = 3600.0  # seconds without a word, after which a take that nobody records is a finished one
PACKED = ".gz"  # what a packed file's name ends with
FILE = re.compile(r"(?P<take>[^.].*?)(\.\d+)?\.jsonl(\.gz)?")


def most(environment: Mapping[str, str]) -> int:
    """How many bytes all takes may have together. Raises ``ParameterError`` where the environment says nonsense."""
    told = environment.get(VARIABLE, "") or MOST_GB
    try:
        size = float(told)
    except ValueError:
        size = -1.0
    if not 0.0 <= size < float("inf"):
        raise ParameterError(f"{VARIABLE} is how many GB takes may have together, such as 20, not {str(told)[:20]!r}")
    return round(size * 1e9)


def pack(path: Path) -> None:
    """Put the file at ``path`` into a quarter of its room, beside it, and take it away. Raises ``OSError``."""
    packed = path.with_name(f"{path.name}{PACKED}")
    temporary = path.with_name(f".{packed.name}")
    with path.open("rb") as whole, temporary.open("wb") as file:
        with gzip.GzipFile("", "wb", 6, file, 0) as smaller:
            shutil.copyfileobj(whole, smaller, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(packed)
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
    before = (time.time() if now is None else now) - RECENT
    for take in sorted(files):
        first = folder / f"{take}.jsonl"
        if over <= 0:
            return
        if max(path.stat().st_mtime for path in files[take]) >= before or (first.exists() and not free(first)):
            continue
        for path in sorted(files[take], key=lambda path: path == first):  # the first file last: it is what is found
            path.unlink()
        over -= sizes[take]


class Claim:
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
