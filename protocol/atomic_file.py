"""Files written whole or not at all: a temporary file in the same folder, then a rename.

A reader never meets half a file, and a failed write leaves what was there before and nothing beside it. A new file is
as readable for others as the user's umask lets it be; one with a secret is its owner's alone from its first byte on.
Every room may import this module; it imports nothing of ours. Any thread.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

EVERYBODY = 0o666  # less what the umask takes away
OWNER_ALONE = 0o600


def write_atomically(path: Path, content: bytes | str, *, lasting: bool = True, secret: bool = False) -> None:
    """Put ``content`` (text as UTF-8) at ``path``; its folders are made. Raises ``OSError``. See ``replacing``."""
    with replacing(path, lasting=lasting, secret=secret) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def replacing(path: Path, *, lasting: bool = True, secret: bool = False) -> Iterator[BinaryIO]:
    """A file to write into; it takes the place of ``path`` when the block ends without an error. Raises ``OSError``.

    ``lasting``: it outlives a power cut, for which this waits for the disk; else it outlives this process.
    ``secret``: nobody but its owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=OWNER_ALONE if secret else EVERYBODY)) as file:
            yield file
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
