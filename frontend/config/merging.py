"""Two front ends of one user, each with its own copy of a file: what either changed is kept, entry by entry.

``base`` is what this front end last read or wrote, ``ours`` what it has now, ``theirs`` what stands in the file: an
entry that is not ours to change is taken from there. Pure but for ``sole_writer``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Entry = TypeVar("Entry")
Key = TypeVar("Key")
Settings = TypeVar("Settings", bound="DataclassInstance")


def merged_rows(base: Sequence[Entry], theirs: Sequence[Entry], ours: Sequence[Entry]) -> list[Entry]:
    """Of rows with fixed places, such as scenes on keys: ours where we changed them. All three are of one length."""
    rows = list(ours)
    for place, row in enumerate(theirs):
        if ours[place] == base[place]:
            rows[place] = row
    return rows


def merged_list(base: Sequence[Entry], theirs: Sequence[Entry], ours: Sequence[Entry]) -> list[Entry]:
    """Of a list that grows and shrinks: ours, without what they took away, and with what they added at its end."""
    if list(theirs) == list(base):
        return list(ours)
    kept = [entry for entry in ours if entry in theirs or entry not in base]
    return kept + [entry for entry in theirs if entry not in base and entry not in ours]


def merged_settings(base: Settings, theirs: Settings, ours: Settings) -> Settings:
    """Of settings: those that we changed as they are here, the others as they stand there."""
    changed = [each.name for each in fields(ours) if getattr(ours, each.name) != getattr(base, each.name)]
    return replace(theirs, **{name: getattr(ours, name) for name in changed})


def merged_table(
    base: Mapping[Key, Settings], theirs: Mapping[Key, Settings], ours: Mapping[Key, Settings]
) -> dict[Key, Settings]:
    """Of a table of settings, each by itself."""
    return {
        key: merged_settings(base.get(key, mine), theirs[key], mine) if key in theirs else mine
        for key, mine in ours.items()
    }


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Between reading and writing ``path`` nobody else does, where the system can hold them off. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # a disk without locks
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
