"""Files written whole or not at all: a temporary file in the same folder, then a rename.

A reader never meets half a file, and a failed write leaves what was there before and nothing beside it. A new file is
as readable for others as the user's umask lets it be, one that was there stays as readable as it was; one with a secret
is its owner's alone from its first byte on. What is large leaves room on the disk for everybody else. A process that
was killed in the middle leaves its temporary file; ``sweep`` takes those away. Every room may import this module; it
imports nothing of ours. Any thread.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

EVERYBODY = 0o666  # less what the umask takes away
OWNER_ALONE = 0o600
SPARED_DISK_BYTES = 200_000_000  # bytes of a disk that are left to everybody else
SMALL_BYTES = 1_000_000  # bytes of what may be written even so, such as a scene or a setting
ABANDONED_AFTER_S = 3_600.0  # seconds after which nobody writes on a temporary file, whoever began it
TEMPORARY = re.compile(r"\..+\.(?:(?P<process>\d+)-)?[0-9a-f]{8}")


def write_atomically(path: Path, content: bytes | str, *, lasting: bool = True, secret: bool = False) -> None:
    """Put ``content`` (text as UTF-8) at ``path``; its folders are made. Raises ``OSError``. See ``replacing``."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    with replacing(path, len(data), lasting=lasting, secret=secret) as file:
        file.write(data)


@contextmanager
def replacing(path: Path, size: int = 0, *, lasting: bool = True, secret: bool = False) -> Iterator[BinaryIO]:
    """A file to write into; it takes the place of ``path`` when the block ends without an error. Raises ``OSError``.

    ``size`` is about how many bytes it will have, for which the disk is to have room. ``lasting``: it outlives a power
    cut, for which this waits for the disk; else it outlives this process. ``secret``: nobody but its owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if size > SMALL_BYTES:
        leave_room(path.parent, size)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=OWNER_ALONE if secret else EVERYBODY)) as file:
            if not secret and os.name == "posix":
                with suppress(FileNotFoundError):
                    os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            yield file
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def leave_room(folder: Path, size: int = 0, spared: int = SPARED_DISK_BYTES) -> None:
    """Raises ``OSError`` where ``size`` more bytes in ``folder`` would leave less than ``spared`` on its disk."""
    if shutil.disk_usage(folder).free - size < spared:
        raise OSError(errno.ENOSPC, f"less than {spared // 1_000_000} MB are left on its disk")


def sweep(folder: Path) -> int:
    """Remove what processes that are gone left half written in ``folder`` and the folders in it; how many files.

    What cannot be removed stays. To be called at the start.
    """
    swept = 0
    for place, _, names in os.walk(folder):
        for name in names:
            found = TEMPORARY.fullmatch(name)
            if found is None:
                continue
            with suppress(OSError):
                path = Path(place, name)
                if _is_gone(found["process"]) or time.time() - path.stat().st_mtime > ABANDONED_AFTER_S:
                    path.unlink()
                    swept += 1
    return swept


def _is_gone(process: str | None) -> bool:
    """Whether the process with this number has ended, as far as that can be told."""
    if process is None or sys.platform == "win32":
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        pass  # somebody else's
    return False
