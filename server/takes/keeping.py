"""A rendering kept as a take of its own. Caller's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from server.takes.events import Event, Identity
from server.takes.folder import unused_name
from server.takes.lines import line_of
from server.takes.parts import part_path
from server.takes.reading import Take
from styles.files import write_bytes


def keep_rendering(take: Take, voices: Sequence[Identity], events: Sequence[Event], out: Path | None) -> Path:
    """Write what became of ``take``, spoken by ``voices``, to ``out``, by default beside it; where that is."""
    now = datetime.now().astimezone()
    header = replace(take.header, began=now.isoformat(timespec="seconds"), voices=tuple(voices), part=1, first=0)
    folder = take.path.parent
    path = out or part_path(folder, unused_name(folder, f"{take.header.name}-rendered", now), 1)
    write_bytes(path, "".join(map(line_of, (header, *events))).encode("ascii"))
    return path
