"""Files and texts from strangers: read with a limit, parsed with no exception but the parser's own.

tomllib and json give up on a deep enough nesting, or a long enough number, with errors that nobody expects of them.
Here whatever is wrong is an ``OSError`` of reading or a ``ValueError`` of parsing. Any thread.
"""

from __future__ import annotations

import errno
import json
import os
import tomllib
from pathlib import Path
from typing import Any

LONGEST = 8_000_000  # bytes of a file; a set list of a thousand scenes has less than half of it
LONGEST_TOML = 1_000_000  # characters; ours have a few thousand, and long ones can be made slow to parse


def read(path: Path) -> str:
    """The file's text. Raises ``OSError``, also for one that is too long, and ``UnicodeDecodeError``."""
    with path.open("rb") as file:
        content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content.decode("utf-8").replace("\r\n", "\n")


def toml(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises ``tomllib.TOMLDecodeError`` and nothing else."""
    if len(text) > LONGEST_TOML:
        raise tomllib.TOMLDecodeError(f"it is longer than {LONGEST_TOML} characters")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deep") from None
    except ValueError as error:
        raise tomllib.TOMLDecodeError(str(error)) from None


def json_of(text: str | bytes) -> Any:
    """What a JSON text says. Raises ``ValueError`` and nothing else."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
