"""Where takes stand, what they are called, and how one is found by a part of its name.

A take is called by its day, its time and its performance: ``2026-11-25-203000-main``. Only paths; no thread.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from protocol.errors import TakeError
from protocol.guard import shown
from server.takes.parts import SUFFIX, part_path
from styles.library import data_folder

HOME_VARIABLE = "ANTIPHON_HOME"  # one folder for all that is the user's


def takes_folder() -> Path:
    """Where takes are kept: in the user's data folder. Not made until something is written."""
    home = os.environ.get(HOME_VARIABLE)
    return (Path(home) if home else data_folder()) / "takes"


def kept_folder(folder: Path) -> Path:
    """Where the voices and lists of the takes in ``folder`` are kept, by their checksums."""
    return folder / "kept"


def unused_name(folder: Path, performance: str, now: datetime) -> str:
    """What a take of ``performance`` that begins ``now`` is called: a name that no other has."""
    name = f"{now:%Y-%m-%d-%H%M%S}-{performance}"
    number = 1
    while part_path(folder, name if number == 1 else f"{name}-{number}", 1).exists():
        number += 1
    return name if number == 1 else f"{name}-{number}"


def names(folder: Path) -> list[str]:
    """All takes in ``folder``, the oldest first."""
    stems = [path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")]
    return sorted(stem for stem in stems if not (stem.startswith(".") or _is_part(stem)))


def find(wanted: str, folder: Path) -> Path:
    """The first file of a take: a path as it is, else the one take in ``folder`` with ``wanted`` in its name.

    ``last`` is the newest. Raises ``TakeError`` where there is none, or more than one.
    """
    if wanted.endswith(SUFFIX) or os.sep in wanted:
        if not Path(wanted).is_file():
            raise TakeError(f"there is no take {shown(wanted)}")
        return Path(wanted)
    there = names(folder)
    if not there:
        raise TakeError(f"there are no takes in {folder} yet: every performance makes one")
    if wanted in there:
        return part_path(folder, wanted, 1)
    fitting = there[-1:] if wanted == "last" else [name for name in there if wanted in name]
    if len(fitting) == 1:
        return part_path(folder, fitting[0], 1)
    if fitting:
        more = ", ..." if len(fitting) > 3 else ""
        raise TakeError(f"{len(fitting)} takes have {shown(wanted)} in their names: {', '.join(fitting[:3])}{more}")
    raise TakeError(f"no take has {shown(wanted)} in its name: `antiphon take list` shows them all")


def _is_part(stem: str) -> bool:
    """Whether this is a further file of a take."""
    _, dot, number = stem.rpartition(".")
    return bool(dot) and number.isdecimal()
