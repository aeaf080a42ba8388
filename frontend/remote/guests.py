"""Everybody who has the page open: what they may do, what they did, and what the performer sees of them.

The one place where phones and performance meet; it knows no socket. A performer's values go into the link one by one,
the last touch leads; the audience's pucks go out together as the crowd. One thread, the server's; time is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from frontend.client.link import AnyLink
from frontend.remote.links import Role
from frontend.remote.phone_messages import PhoneMessage, RateLimit, parse_message
from protocol.errors import AntiphonError, MessageError
from protocol.puck import MOST_CROWD, Puck

IDLE_AFTER_S = 20.0
PUCK_RISE_S, PUCK_FALL_S = 0.4, 1.5  # seconds in which a puck's weight rises, and falls

Place = tuple[float, float]
NOBODY: Puck = (0.0, 0.0, 0.0)


@dataclass
class _Puck:
    place: Place = (0.0, 0.0)
    rises_from: float = math.inf  # when its weight was, or would have been, 0
    falls_from: float = -math.inf  # when its weight is last full

    def weight(self, now: float) -> float:
        rising, falling = (now - self.rises_from) / PUCK_RISE_S, 1.0 - (now - self.falls_from) / PUCK_FALL_S
        return max(0.0, min(1.0, rising, falling))


class Crowd:
    """The audience's pucks: each phone has one, at a place of its own in the list.

    A puck counts from the first touch on. Untouched for ``IDLE_AFTER_S`` seconds it goes, and it comes back with the
    next touch; one whose phone vanished goes at once. It comes and goes by its weight, so that nothing jumps. Places
    are given out lowest first and never change while a phone is there, so that the stage can let each point glide.
    """

    def __init__(self) -> None:
        self._pucks: dict[int, _Puck] = {}
        self._leaving: set[int] = set()

    def enter(self) -> int | None:
        """A phone has come; gives its place in the list, None where all are taken."""
        slot = next((slot for slot in range(MOST_CROWD) if slot not in self._pucks), None)
        if slot is not None:
            self._pucks[slot] = _Puck()
        return slot

    def leave(self, slot: int, now: float) -> None:
        """The phone has gone; nobody gets its place before its puck has faded."""
        self.move(slot, None, now)
        self._leaving.add(slot)

    def move(self, slot: int, place: Place | None, now: float) -> None:
        """The phone's finger is at ``place``, in radii; None: it put its puck away."""
        puck = self._pucks[slot]
        weight = puck.weight(now)
        if place is None:
            puck.falls_from = min(puck.falls_from, now - PUCK_FALL_S * (1.0 - weight))
        else:
            puck.place, puck.falls_from = place, now + IDLE_AFTER_S
            puck.rises_from = min(puck.rises_from, now) if weight == 1.0 else now - PUCK_RISE_S * weight

    def holds(self, slot: int, now: float) -> bool:
        """Whether the phone's puck counts now, and is not about to go."""
        puck = self._pucks.get(slot)
        return puck is not None and now < puck.falls_from

    def pucks(self, now: float) -> tuple[Puck, ...]:
        """All pucks by their place in the list, weight 0 where nobody is; no longer than it has to be."""
        weights = {slot: puck.weight(now) for slot, puck in self._pucks.items()}
        for slot in [slot for slot in self._leaving if weights[slot] == 0.0]:
            self._leaving.discard(slot)
            del self._pucks[slot]
        last = max((slot for slot, weight in weights.items() if weight > 0.0), default=-1)
        return tuple(
            (*self._pucks[slot].place, weights[slot]) if weights.get(slot) else NOBODY for slot in range(last + 1)
        )


MAX_PHONES = 300  # phones
MAX_PERFORMERS = 8  # of them
MAX_BAD_MESSAGES = 20  # messages that made no sense, after which a phone is sent away
# seconds between two words about the crowd: at least, and while nothing changes
MIN_CROWD_PERIOD_S, CROWD_REPEAT_S = (1 / 80, 0.4)
TROUBLE_SHOWN_S = 5.0  # seconds for which the performer sees what is wrong


@dataclass(eq=False)
class Phone:
    """One phone. ``slot`` is its place among the crowd's pucks."""

    role: Role
    budget: RateLimit
    slot: int | None = None
    nonsense: int = 0


class PhoneClients:
    """``show`` is given the crowd's pucks, whenever they are others than before, and now and then again."""

    def __init__(self, link: AnyLink, show: Callable[[tuple[Puck, ...]], None]) -> None:
        self._link, self._show = link, show
        self._crowd = Crowd()
        self._guests: set[Phone] = set()
        self._shown: tuple[Puck, ...] = ()
        self._shown_at = -CROWD_REPEAT_S
        self._trouble, self._trouble_at = "", 0.0

    def count(self, role: Role) -> int:
        return sum(guest.role is role for guest in self._guests)

    def holding(self, now: float) -> int:
        """How many of the audience hold a puck."""
        return sum(guest.slot is not None and self._crowd.holds(guest.slot, now) for guest in self._guests)

    def trouble(self, now: float) -> str:
        """One line for the performer; empty where all is well."""
        return self._trouble if now - self._trouble_at < TROUBLE_SHOWN_S else ""

    def complain(self, trouble: str, now: float) -> None:
        self._trouble, self._trouble_at = trouble, now

    def enter(self, role: Role, now: float) -> Phone | None:
        """One more; None where there is no room."""
        if len(self._guests) >= MAX_PHONES or (role is Role.PERFORMER and self.count(role) >= MAX_PERFORMERS):
            self.complain(f"{len(self._guests)} phones are here: one more found no room", now)
            return None
        guest = Phone(role, RateLimit(now), self._crowd.enter() if role is Role.AUDIENCE else None)
        self._guests.add(guest)
        return guest

    def leave(self, guest: Phone, now: float) -> None:
        self._guests.discard(guest)
        if guest.slot is not None:
            self._crowd.leave(guest.slot, now)

    def hear(self, guest: Phone, text: str, now: float) -> bool:
        """Do what a phone says. False: it is to be sent away."""
        if not guest.budget.allows(now):
            if guest.budget.flooded:
                self.complain("a phone sent thousands of messages and was sent away", now)
                return False
            return True
        try:
            self._do(guest, parse_message(text, guest.role), now)
        except AntiphonError as error:
            self.complain(str(error), now)
            guest.nonsense += 1
        return guest.nonsense < MAX_BAD_MESSAGES

    def _do(self, guest: Phone, said: PhoneMessage, now: float) -> None:
        if said.moved and guest.slot is not None:
            self._crowd.move(guest.slot, said.puck, now)
        wrong = None
        for address, value in said.values.items():
            try:
                self._link.set(address, value)
            except AntiphonError as error:  # the others are meant all the same
                wrong = error
        for act in said.acts:
            self._link.send(act)
        if wrong is not None:
            raise MessageError(f"a phone: {wrong}")

    def tick(self, now: float) -> None:
        """Look who has moved, fallen idle or gone, and show the crowd if it is another one."""
        since = now - self._shown_at
        if since < MIN_CROWD_PERIOD_S:
            return
        pucks = self._crowd.pucks(now)
        if pucks != self._shown or (pucks and since >= CROWD_REPEAT_S):
            self._shown, self._shown_at = pucks, now
            self._show(pucks)
