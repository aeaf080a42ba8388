"""Which voices a server plays, and in which order: those of a performance that goes on, and few in the safe mode.

Pure but for reading the snapshot; on the main thread, before anything plays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from protocol.messages import MAIN
from protocol.tree import Value, weight_address
from server.keeper import newest
from server.serving import OPENING

FEW = 4  # voices of the safe mode


def wanted(folder: Path | None, safe: bool) -> tuple[Sequence[str], int | None]:
    """The voices that come first for the main performance kept in ``folder``, and how many at most (None: all).

    In the ``safe`` mode they are the few that it needs most.
    """
    snapshot = newest(folder, MAIN, lambda line: None) if folder is not None else None
    if safe:
        values = snapshot.engine.controls if snapshot is not None else {}
        return fewest(values, OPENING), FEW
    return (snapshot.slugs if snapshot is not None else ()), None


def fewest(values: Mapping[str, Value], opening: Mapping[str, float]) -> list[str]:
    """The voices that are heaviest in the mix of ``values``, then those that a performance would open with."""

    def weight(slug: str) -> float:
        value = values.get(weight_address(slug), 0.0)
        return 0.0 if isinstance(value, tuple) else abs(float(value))

    playing = [address.split("/")[2] for address in values if address.endswith("/on") and values[address]]
    return [*sorted(playing, key=lambda slug: -weight(slug)), *opening]


def in_order(order: Sequence[str], slugs: Sequence[str]) -> tuple[str, ...]:
    """``slugs`` with those of ``order`` first."""
    return (*(slug for slug in order if slug in slugs), *sorted(slug for slug in slugs if slug not in order))
