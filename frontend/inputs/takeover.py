"""How a source takes hold of a parameter so that nothing jumps. Pure.

A fader has to meet its parameter, as Mixxx does it (``update_hold``): the first value is ignored; a value is taken when
it, or the one before, is near the parameter, when the two lie on either side of it, or when it follows the last taken
one so soon that the hand is simply moving fast. When anything else moves the parameter, the fader has to meet it again.

A hand in the air cannot be asked to do that (``Pickup``). It takes hold from where the parameter stands as soon as it
distinctly moves, and the distance between the two fades away while it leads. When anything else moves the parameter,
that leads until the hand distinctly moves again.

Levels are parts of a parameter's range, 0 to 1; times are monotonic seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# ---- hands in the air ------------------------------------------------------------------------------------------------

DISTINCT_MOVE = 0.03  # of the range; less is a hand that rests
PICKUP_MOVED = 1e-5  # a parameter farther than this from where it was left was moved by something else
CATCH_UP_HALF_LIFE_S = 0.25  # seconds in which the distance halves


@dataclass(frozen=True)
class Pickup:
    """What is known between one channel and one parameter; ``Pickup()`` knows nothing."""

    left: float | None = None  # the parameter's level as the channel left it; None: another hand leads
    anchor: float | None = None  # where the channel stood when it last did not lead
    distance: float = 0.0  # from the channel to the parameter
    at: float = 0.0

    def leads(self, parameter: float) -> bool:
        return self.left is not None and abs(parameter - self.left) <= PICKUP_MOVED

    def follow(self, level: float, parameter: float, now: float, seen: bool = True) -> tuple[Pickup, float | None]:
        """The state with the channel at ``level`` and the parameter at ``parameter``, and where the latter is to go.

        None: nowhere. ``seen`` False: nobody moves the channel, it only returns to its rest, and takes hold of nothing.
        """
        if self.leads(parameter):
            distance = self.distance * 0.5 ** (max(0.0, now - self.at) / CATCH_UP_HALF_LIFE_S)
            to = min(1.0, max(0.0, level + distance))
            return Pickup(to, None, distance, now), to
        anchor = level if self.anchor is None or not seen else self.anchor
        if not seen or abs(level - anchor) < DISTINCT_MOVE:
            return Pickup(None, anchor), None
        return Pickup(parameter, None, parameter - level, now), parameter

    def settled(self, parameter: float) -> Pickup:
        """The parameter took its value as ``parameter``, rounded maybe."""
        return Pickup(parameter, self.anchor, self.distance, self.at)


# ---- faders ----------------------------------------------------------------------------------------------------------

MEET_DISTANCE = 3 / 128
FAST_MOVE_S = 0.050
MOVED_DISTANCE = 1e-6  # a parameter farther than this from what was last taken was moved by something else


@dataclass(frozen=True)
class Hold:
    """What is known of one fader's hold on one parameter; ``Hold()`` knows nothing."""

    hardware: float | None = None  # where the fader stood when last heard of
    taken: float | None = None  # the last level that was taken
    taken_at: float = -math.inf


def update_hold(hold: Hold, hardware: float, parameter: float, now: float) -> tuple[Hold, bool]:
    """The hold after the fader moved to ``hardware`` with the parameter at ``parameter``, and whether to follow."""
    if not _follows(hold, hardware, parameter, now):
        return Hold(hardware, hold.taken, hold.taken_at), False
    return Hold(hardware, hardware, now), True


def ghost(hold: Hold, parameter: float) -> float | None:
    """The fader's level where it stands away from its parameter, for a mark on the screen."""
    if hold.hardware is None or abs(hold.hardware - parameter) <= MEET_DISTANCE:
        return None
    return hold.hardware


def _follows(hold: Hold, hardware: float, parameter: float, now: float) -> bool:
    if hold.hardware is None:
        return False
    if min(abs(hold.hardware - parameter), abs(hardware - parameter)) <= MEET_DISTANCE:
        return True
    if min(hold.hardware, hardware) <= parameter <= max(hold.hardware, hardware):
        return True
    untouched = hold.taken is not None and abs(parameter - hold.taken) <= MOVED_DISTANCE
    return untouched and now - hold.taken_at <= FAST_MOVE_S
