"""Where the user's own files live, as each system wants it (platformdirs).

Any thread.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import platformdirs

NAME = "antiphon"
HOME_VARIABLE = "ANTIPHON_HOME"  # one folder for all that is the user's


def config_folder() -> Path:
    """What the user set up: bindings, layouts. Not made until something is written."""
    return _home() or Path(platformdirs.user_config_dir(NAME, appauthor=False))


def data_folder() -> Path:
    """What the user made: scenes, themes. Not made until something is written."""
    return _home() or Path(platformdirs.user_data_dir(NAME, appauthor=False))


def _home() -> Path | None:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) if home else None


def copied_aside(path: Path) -> str:
    """Keep a copy of a file of which a part makes no sense, since writing it would end that part. Never raises."""
    aside = path.with_suffix(".unreadable")
    try:
        shutil.copy(path, aside)  # as readable for others as it is
    except OSError as error:
        return f"it is lost when the file is written: {error.strerror or error}"
    return f"a copy was kept as {aside.name}"


def kept_aside(path: Path) -> str:
    """Move a file that makes no sense out of the way, but keep it; what to say of that. Never raises."""
    aside = path.with_suffix(".unreadable")
    try:
        path.replace(aside)
    except OSError as error:
        return f"it stays where it is: {error.strerror or error}"
    return f"it was kept as {aside.name}"
