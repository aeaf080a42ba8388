"""What a gallery's technician sets: one readable file, ``gallery.toml``; and when it is open by that.

Pure but for reading the file; the time of day is passed in; no thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from annotated_types import Interval, Len, Predicate, doc

from frontend.gallery.screen_power import AUTO, switch_of
from frontend.stage.settings import TABLE as STAGE
from protocol.documents import read, toml, without_broken_lines
from protocol.errors import ParameterError
from protocol.validation import Shape

# ---- opening hours, past midnight too --------------------------------------------------------------------------------

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)
SPAN = re.compile(r"\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*")

Hours = tuple[tuple[time, time], ...]  # from and to; what ends no later than it begins ends on the next day


def time_of(word: str) -> time:
    """A time of day such as 18:00; 24:00 is midnight. Raises ``ParameterError``."""
    if re.fullmatch(r"\d{1,2}:\d{2}", word):
        hour, minute = (int(number) for number in word.split(":"))
        if (hour < 24 and minute < 60) or (hour, minute) == (24, 0):
            return time(hour % 24, minute)
    raise ParameterError(f"a time of day is said as 18:00, not {word[:40]!r}")


def hours_of(words: str) -> Hours:
    """Such as "10:00-13:00, 14:00-22:00"; nothing is closed all day. Raises ``ParameterError``."""
    spans = []
    for part in words.split(",") if words.strip() else []:
        found = SPAN.fullmatch(part)
        if found is None:
            raise ParameterError(f'opening hours are said as "10:00-18:00", not {part.strip()[:40]!r}')
        spans.append((time_of(found[1]), time_of(found[2])))
    return tuple(spans)


def is_time(word: str) -> bool:
    return _makes_sense(time_of, word)


def is_hours(words: str) -> bool:
    return _makes_sense(hours_of, words)


def _makes_sense(read: Callable[[str], object], words: str) -> bool:
    try:
        read(words)
    except ParameterError:
        return False
    return True


def is_open(hours: Mapping[int, Hours], now: datetime) -> bool:
    """Whether it is open ``now``. A day that is not named is open from midnight to midnight."""
    yesterday, clock = now - timedelta(days=1), now.time()
    today = hours.get(now.weekday())
    if today is None or any(begin <= clock and (clock < end or end <= begin) for begin, end in today):
        return True
    return any(end <= begin and clock < end for begin, end in hours.get(yesterday.weekday(), ()))


# ---- the file --------------------------------------------------------------------------------------------------------

MAX_FILE_BYTES = 100_000  # bytes of the file

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


Command = Annotated[str, Len(0, 500), doc("a command line")]
Daily = Mapping[Day, Annotated[str, Predicate(is_hours), doc('hours such as "10:00-13:00, 14:00-22:00"')]]
Fresh = Annotated[str, Predicate(lambda word: not word or is_time(word)), doc('a time of day such as 18:00, or ""')]
StageValues = Mapping[str, Annotated[Annotated[str, Len(1, 100)] | bool | float, doc("a word or a number")]]


@dataclass(frozen=True)
class Screen:
    """The command lines that switch the screen, as ``screen_power.switch_of`` takes them."""

    off: Command = AUTO
    on: Command = ""

    def __post_init__(self) -> None:
        try:
            switch_of(self.off, self.on)
        except ParameterError as error:
            raise ValueError(error) from None


@dataclass(frozen=True)
class GallerySettings:
    """The file. Times in seconds; days that ``hours`` does not name are open all day."""

    idle: Annotated[float, Interval(ge=1.0, le=86_400.0)] = 60.0
    round: Annotated[float, Interval(ge=5.0, le=86_400.0)] = 90.0
    swap: Annotated[float, Interval(ge=5.0, le=86_400.0)] = 45.0
    fresh: Fresh = "04:00"
    health: Annotated[int, Interval(ge=0, le=65_535)] = 7480
    record: bool = True
    hours: Daily = field(default_factory=dict)
    stage: StageValues = field(default_factory=dict)
    screen: Screen = field(default_factory=Screen)

    @cached_property
    def opening(self) -> Mapping[int, Hours]:
        """``hours`` by weekday, Monday 0."""
        return {DAYS.index(day): hours_of(words) for day, words in self.hours.items()}

    @cached_property
    def starts_afresh(self) -> time | None:
        return time_of(self.fresh) if self.fresh else None


SHAPE = Shape(GallerySettings)


def read_settings(path: Path | None) -> tuple[GallerySettings, list[str]]:
    """The settings at ``path``, as ``settings_of`` gives them; those that hold without a file where it is missing.

    Raises ``ParameterError``, one line, where it cannot be read at all.
    """
    if path is None or not path.exists():
        return GallerySettings(), []
    try:
        text, broken = without_broken_lines(read(path, MAX_FILE_BYTES))
    except (OSError, ValueError) as error:  # TOML's and Unicode's errors are ValueErrors
        raise ParameterError(f"{path}: {error}") from None
    settings, complaints = settings_of(toml(text), str(path))
    return settings, [*(f"{path}: {line}" for line in broken), *complaints]


def settings_of(content: Mapping[str, Any], where: str = "") -> tuple[GallerySettings, list[str]]:
    """The settings of a file's content without what makes no sense, and one line for each of that."""
    settings, complaints = SHAPE.read_what_fits(content, where)
    stage: dict[str, Any] = {}
    for name, value in settings.stage.items():
        try:
            setting = STAGE.named(name)
            stage[name] = setting.read(value) if isinstance(value, str) else setting.accept(value)
        except ParameterError as error:
            complaints.append(f"{where}: {error}" if where else str(error))
    return replace(settings, stage=stage), complaints
