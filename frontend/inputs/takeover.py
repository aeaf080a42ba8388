"""Soft takeover: a hardware fader moves a parameter only after it has met it, so that nothing ever jumps.

As Mixxx does it: the first value is ignored; a value is taken when it, or the one before, is near the parameter, when
the two lie on either side of it, or when it follows the last taken one so soon that the hand is simply moving fast.
When anything else moves the parameter, the fader has to meet it again. Levels are parts of a parameter's range, 0 to 1;
times are monotonic seconds. Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

NEAR = 3 / 128
FAST = 0.050  # seconds
MOVED = 1e-6  # a parameter farther than this from what was last taken was moved by something else


@dataclass(frozen=True)
class Hold:
    """What is known of one fader's hold on one parameter; ``Hold()`` knows nothing."""

    hardware: float | None = None  # where the fader stood when last heard of
    taken: float | None = None  # the last level that was taken
    taken_at: float = -math.inf


def take(hold: Hold, hardware: float, parameter: float, now: float) -> tuple[Hold, bool]:
    """The hold after the fader moved to ``hardware`` with the parameter at ``parameter``, and whether to follow."""
    if not _follows(hold, hardware, parameter, now):
        return Hold(hardware, hold.taken, hold.taken_at), False
    return Hold(hardware, hardware, now), True


def ghost(hold: Hold, parameter: float) -> float | None:
    """The fader's level where it stands away from its parameter, for a mark on the screen."""
    if hold.hardware is None or abs(hold.hardware - parameter) <= NEAR:
        return None
    return hold.hardware


def _follows(hold: Hold, hardware: float, parameter: float, now: float) -> bool:
    if hold.hardware is None:
        return False
    if min(abs(hold.hardware - parameter), abs(hardware - parameter)) <= NEAR:
        return True
    if min(hold.hardware, hardware) <= parameter <= max(hold.hardware, hardware):
        return True
    untouched = hold.taken is not None and abs(parameter - hold.taken) <= MOVED
    return untouched and now - hold.taken_at <= FAST
