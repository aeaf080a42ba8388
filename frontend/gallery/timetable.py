"""When a gallery is open: hours by weekday, past midnight too. Pure; the time of day is passed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Literal, get_args

from protocol.errors import ParameterError

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
