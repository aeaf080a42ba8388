"""What channels do to parameters: each takes hold without a jump, leads while nothing else does, and returns to rest.

All that one look at the inputs changes is gathered, so that a pair such as the puck's moves once. The hands' thread,
under the hub's lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from frontend.inputs.hub_file import Route
from frontend.inputs.pickup import Pickup
from frontend.inputs.targets import Target, target
from frontend.link import LinkLike
from protocol.errors import ParameterError
from protocol.puck import clamp
from protocol.tree import Value

SAME = 1e-6  # of a range
ON, OFF = 0.6, 0.4  # levels at which a channel turns a switch
PUCK, LIFTED = "/puck", "/puck/lifted"

Live = tuple[str, str, float, bool, tuple[Route, ...]]  # who, channel, level, seen, routes


@dataclass(frozen=True)
class _Claim:
    """One channel's wish for one parameter; ``fresh`` where it takes hold in this moment."""

    key: tuple[str, str]
    aim: Target
    goes: float
    who: str
    fresh: bool


class Driving:
    """Remembers the hold that each channel has on each address."""

    def __init__(self, link: LinkLike) -> None:
        self._link = link
        self._pickups: dict[tuple[str, str], Pickup] = {}
        self._turned: dict[tuple[str, str], bool] = {}  # how each channel last turned a switch
        self.under_way = False  # whether something was set by the last look

    def arrived(self, channel: str) -> None:
        """It was not there and is again: it takes hold anew."""
        for key in [key for key in self._pickups if key[0] == channel]:
            del self._pickups[key]

    def leads(self, channel: str) -> bool:
        """Whether what it drives stands where it left it."""
        return any(pickup.left is not None for key, pickup in self._pickups.items() if key[0] == channel)

    def drive(self, live: Iterable[Live], now: float) -> list[tuple[str, str]]:
        """Move the parameters; gives (address, who moved it) for each that was.

        Where several channels drive one, who takes hold in this moment goes before who had it.
        """
        mirror = self._link.mirror
        claims: dict[tuple[str, int | None], _Claim] = {}
        switched: dict[str, tuple[Value, str]] = {}
        for who, channel, level, seen, routes in live:
            for route in routes:
                try:
                    aim = target(mirror.tree, route.address)
                except ParameterError:
                    continue  # nothing, or a voice that is not in this choir
                key, to = (channel, route.address), route.low + level * (route.high - route.low)
                if aim.is_switch:
                    if seen and self._turns(key, to):
                        switched[aim.parameter.address] = (to >= ON, who)
                    continue
                before = self._pickups.get(key, Pickup())
                after, goes = before.follow(to, aim.level(mirror.values[aim.parameter.address]), now, seen)
                self._pickups[key] = after
                if goes is None:
                    continue
                claim = _Claim(key, aim, goes, who, before.left is None)
                other = claims.get((aim.parameter.address, aim.half))
                if other is not None:
                    claim, loser = (claim, other) if claim.fresh or not other.fresh else (other, claim)
                    self._pickups[loser.key] = Pickup(None, loser.goes)
                claims[aim.parameter.address, aim.half] = claim
        wanted = self._values(claims.values()) | switched
        taken = next((claim.who for (address, _), claim in claims.items() if claim.fresh and address == PUCK), None)
        if taken is not None and mirror.values[LIFTED]:
            wanted[LIFTED] = (False, taken)
        for address, (value, _) in wanted.items():
            self._link.set(address, value)
        for claim in claims.values():
            stands = claim.aim.level(mirror.values[claim.aim.parameter.address])
            self._pickups[claim.key] = self._pickups[claim.key].settled(stands)
        self.under_way = bool(wanted)
        return [(address, who) for address, (_, who) in wanted.items()]

    def _values(self, claims: Iterable[_Claim]) -> dict[str, tuple[Value, str]]:
        """The values that differ from those that stand, both halves of a pair together, and who moves each."""
        wanted: dict[str, tuple[Value, str]] = {}
        for claim in claims:
            address = claim.aim.parameter.address
            value = wanted[address][0] if address in wanted else self._link.mirror.values[address]
            if abs(claim.goes - claim.aim.level(value)) > SAME:
                wanted[address] = (claim.aim.moved(value, claim.goes), claim.who)
        puck, who = wanted.get(PUCK, (None, ""))
        if isinstance(puck, tuple):
            wanted[PUCK] = (clamp(*puck), who)
        return wanted

    def _turns(self, key: tuple[str, str], level: float) -> bool:
        """Whether a switch is turned now; between the two levels, and at the first look, it stays as it is."""
        if OFF < level < ON:
            return False
        on = level >= ON
        before = self._turned.get(key)
        self._turned[key] = on
        return before is not None and before != on
