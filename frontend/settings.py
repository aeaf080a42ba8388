"""Where the user's own files live, as each system wants it (platformdirs), and how they are written: never half.

Any thread.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

NAME = "antiphon"


def config_folder() -> Path:
    """What the user set up: bindings, layouts. Not made until something is written."""
    return Path(platformdirs.user_config_dir(NAME, appauthor=False))


def write_atomically(path: Path, text: str) -> None:
    """Write UTF-8 ``text`` to a temporary file beside ``path`` and rename it; folders are made. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
