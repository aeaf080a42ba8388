"""How a hand in the air, a face or a phone takes hold of a parameter, and lets another have it: nothing jumps. Pure.

A fader has to meet its parameter (``frontend.inputs.takeover``); what moves in the air cannot be asked to. It takes
hold from where the parameter stands, as soon as it distinctly moves, and the distance between the two fades away while
it is held. When anything else moves the parameter, that leads until the hand distinctly moves again: the last touch
leads. Levels are parts of a parameter's range, 0 to 1; times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

DISTINCT = 0.03  # of the range; less is a hand that rests
MOVED = 1e-5  # a parameter farther than this from where it was left was moved by something else
CATCHES_UP = 0.25  # seconds in which the distance halves


@dataclass(frozen=True)
class Pickup:
    """What is known between one channel and one parameter; ``Pickup()`` knows nothing."""

    left: float | None = None  # the parameter's level as the channel left it; None: another hand leads
    anchor: float | None = None  # where the channel stood when it last did not lead
    distance: float = 0.0  # from the channel to the parameter
    at: float = 0.0

    def leads(self, parameter: float) -> bool:
        return self.left is not None and abs(parameter - self.left) <= MOVED

    def follow(self, level: float, parameter: float, now: float, seen: bool = True) -> tuple[Pickup, float | None]:
        """The state with the channel at ``level`` and the parameter at ``parameter``, and where the latter is to go.

        None: nowhere. ``seen`` False: nobody moves the channel, it only returns to its rest, and takes hold of nothing.
        """
        if self.leads(parameter):
            distance = self.distance * 0.5 ** (max(0.0, now - self.at) / CATCHES_UP)
            to = min(1.0, max(0.0, level + distance))
            return Pickup(to, None, distance, now), to
        anchor = level if self.anchor is None or not seen else self.anchor
        if not seen or abs(level - anchor) < DISTINCT:
            return Pickup(None, anchor), None
        return Pickup(parameter, None, parameter - level, now), parameter

    def settled(self, parameter: float) -> Pickup:
        """The parameter took its value as ``parameter``, rounded maybe."""
        return Pickup(parameter, self.anchor, self.distance, self.at)
