"""What a gallery's technician sets: one readable file, ``gallery.toml``. Pure but for reading it; no thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from frontend.gallery.screen_power import AUTO, switch_of
from frontend.gallery.timetable import DAYS, Hours, hours_of, time_of
from protocol.documents import toml
from protocol.errors import ParameterError

LONGEST = 100_000  # bytes of the file
STAGE = re.compile(r"[a-z_]{1,40}")

TEMPLATE = """\
# How Antiphon behaves in a gallery. Lines that begin with # are as they would be without this file.

# idle = 60           # seconds without a hand after which the puck wanders by itself
# round = 90          # seconds that it takes for a round
# swap = 45           # seconds after which another voice takes the place of the one least heard
# fresh = "04:00"     # when everything is started afresh, every night; "" for never
# health = 7480       # port of the page that tells how it does, on this machine alone; 0 for none
# record = true       # keep a take of all that is written, some 140 million bytes a day; false: none

[hours]               # from when to when; several are parted by commas; a day that is not named is open all day
# monday = ""
# tuesday = "10:00-18:00"
# friday = "10:00-13:00, 14:00-22:00"

[screen]              # the commands that switch the screen outside these hours; "" for off: it is only black
# off = "auto"        # what the desktop has: xset, swaymsg or wlopm; or such as "xrandr --output HDMI-1 --off"
# on = ""             # such as "xrandr --output HDMI-1 --auto"

[stage]               # the stage's settings, as in docs/stage.md
# theme = "paper"
"""


@dataclass(frozen=True)
class GallerySettings:
    """Times in seconds; ``hours`` by weekday, Monday 0, where they are not all day."""

    idle: float = 60.0
    round: float = 90.0
    swap: float = 45.0
    fresh: time | None = time(4, 0)
    health: int = 7480
    record: bool = True
    hours: Mapping[int, Hours] = field(default_factory=dict)
    stage: tuple[str, ...] = ()  # NAME=VALUE
    screen_off: str = AUTO  # command lines, as ``screen_power.switch_of`` takes them
    screen_on: str = ""


def read_settings(path: Path | None) -> GallerySettings:
    """The settings at ``path``; those that there are without a file where it is missing.

    Raises ``ParameterError`` with one line for whatever is wrong in it.
    """
    if path is None or not path.exists():
        return GallerySettings()
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
        if len(data) > LONGEST:
            raise ParameterError("it is too long")
        return settings_of(toml(data.decode("utf-8")))
    except (OSError, ValueError) as error:  # TOML's and Unicode's errors are ValueErrors
        raise ParameterError(f"{path}: {error}") from None
    except ParameterError as error:
        raise ParameterError(f"{path}: {error}") from None


def settings_of(told: Mapping[str, Any]) -> GallerySettings:
    """The settings of a file's content. Raises ``ParameterError``."""
    unknown = set(told) - {"idle", "round", "swap", "fresh", "health", "record", "hours", "stage", "screen"}
    if unknown:
        raise ParameterError(f"there is no setting {min(unknown)[:40]!r}")
    defaults = GallerySettings()
    fresh = told.get("fresh", "04:00")
    return GallerySettings(
        _number(told, "idle", defaults.idle, 1.0, 86_400.0),
        _number(told, "round", defaults.round, 5.0, 86_400.0),
        _number(told, "swap", defaults.swap, 5.0, 86_400.0),
        None if fresh == "" else time_of(fresh),
        int(_number(told, "health", defaults.health, 0, 65_535)),
        _flag(told, "record", defaults.record),
        {DAYS.index(day): hours_of(hours) for day, hours in _table(told, "hours", DAYS).items()},
        tuple(f"{name}={_word(name, value)}" for name, value in _table(told, "stage", ()).items()),
        *_screen(_table(told, "screen", ("off", "on"))),
    )


def _screen(table: Mapping[str, Any]) -> tuple[str, str]:
    """The two command lines."""
    off, on = table.get("off", AUTO), table.get("on", "")
    for command in (off, on):
        if not isinstance(command, str) or len(command) > 500:
            raise ParameterError("[screen] off and on are to be command lines")
    switch_of(off, on)
    return off, on


def _number(told: Mapping[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = told.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ParameterError(f"{name} is to be a number from {low:g} to {high:g}")
    return float(value)


def _flag(told: Mapping[str, Any], name: str, default: bool) -> bool:
    value = told.get(name, default)
    if not isinstance(value, bool):
        raise ParameterError(f"{name} is to be true or false")
    return value


def _table(told: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    table = told.get(name, {})
    if not isinstance(table, dict) or len(table) > 100:
        raise ParameterError(f"[{name}] is to be a table")
    unknown = set(table) - set(allowed) if allowed else set()
    if unknown:
        raise ParameterError(f"[{name}] knows {', '.join(allowed)}, not {min(unknown)[:40]!r}")
    return table


def _word(name: str, value: object) -> str:
    if not STAGE.fullmatch(name) or not isinstance(value, str | int | float) or len(str(value)) > 100:
        raise ParameterError(f"[stage] {name[:40]} is to be a word or a number")
    return str(value).lower() if isinstance(value, bool) else str(value)
