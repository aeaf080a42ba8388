"""What an examination finds, and what it comes to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Level(Enum):
    """How a finding matters to tonight: as it should be, to be known, to be mended if one can, nothing will play."""

    GOOD = "good"
    NOTE = "note"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``advice`` is what to do, empty where there is nothing to do."""

    topic: str
    level: Level
    words: str
    advice: str = ""

    @property
    def plain(self) -> dict[str, str]:
        return {**asdict(self), "level": self.level.value}


def verdict(findings: Sequence[Finding]) -> str:
    """All of it in one sentence."""
    bad = _topics(findings, Level.BAD)
    if bad:
        return f"It will not play tonight: see {_listed(bad)}."
    warned = _topics(findings, Level.WARN)
    if warned:
        return f"It will play tonight; look at {_listed(warned)} first."
    return "It will play tonight."


def report(findings: Sequence[Finding]) -> dict[str, Any]:
    """The same as plain JSON values."""
    return {
        "verdict": verdict(findings),
        "plays": not _topics(findings, Level.BAD),
        "findings": [finding.plain for finding in findings],
    }


def _topics(findings: Sequence[Finding], level: Level) -> list[str]:
    return list(dict.fromkeys(finding.topic for finding in findings if finding.level is level))


def _listed(topics: Sequence[str]) -> str:
    return topics[0] if len(topics) == 1 else f"{', '.join(topics[:-1])} and {topics[-1]}"
