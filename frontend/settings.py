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


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write ``content`` (text as UTF-8) to a temporary file beside ``path`` and rename it. Raises ``OSError``.

    Folders are made. The file is as readable for others as any that the user makes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
