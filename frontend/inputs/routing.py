"""What sources do to parameters: which binding holds, how each takes hold without a jump, who wins. One way for all.

``wire`` puts together what the user bound and what inputs bring along, for the voices of this choir. The ``Router``
remembers the hold that each source has on each parameter. Some sources speak all the time (a hand in the air): they are
routed in every look of the hub. Others speak only when a hand moves them (a MIDI control): they are routed at once, on
the thread that hears them. Whoever calls the router holds the hub's lock.

All that one call changes is gathered, so that a pair such as the puck's moves once. What is done once at a press waits
for the window. A fader that stays where it is while another hand moves its parameter has to meet that parameter again,
also when its own smoothed value is still on its way.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from frontend.client.link import AnyLink
from frontend.inputs.bindings import Binding, Bindings, MessageKey, MidiControl, Source, kind_of, messages_of
from frontend.inputs.takeover import MOVED_DISTANCE, Hold, Pickup, ghost, update_hold
from frontend.inputs.targets import Action, Aim, Presence, Target, aim
from protocol.errors import ParameterError
from protocol.puck import clamp
from protocol.tree import ParameterTree, Value

SAME_LEVEL = 1e-6  # of a range: nearer than this, a parameter stands where it is to go
PRESSED_LEVEL = 64 / 127  # the level from which a button counts as pressed
SWITCH_ON_LEVEL, SWITCH_OFF_LEVEL = 0.6, 0.4  # levels at which a channel turns a switch
AT_HAND_S = 0.3  # seconds since the last word of a control, for which a hand is at it
ACTIONS_KEPT = 64  # of those that wait; a hand presses no more in a frame
PUCK, PUCK_HALVES, LIFTED = "/puck", ("/puck.x", "/puck.y"), "/puck/lifted"
PRESENCE, WEIGHT = "/presence", "/weight"  # how addresses end that show as one on the screen

Held = tuple[Source, str]  # a source and an address that it drives


# ---- wiring ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wiring:
    """What every source drives now. Made anew when something of it changes, and never changed.

    ``aims`` has what is there for each address; what this choir lacks has none. ``by_address`` shows a voice's presence
    as its weight. ``by_message`` has the MIDI controls that are heard in each message.
    """

    by_source: Mapping[Source, Sequence[Binding]] = field(default_factory=dict)
    by_address: Mapping[str, Sequence[Source]] = field(default_factory=dict)
    by_message: Mapping[MessageKey, Sequence[MidiControl]] = field(default_factory=dict)
    aims: Mapping[str, Aim] = field(default_factory=dict)

    def driven(self, source: Source) -> list[str]:
        """The addresses that a source drives."""
        return [binding.address for binding in self.by_source.get(source, ()) if binding.address]

    def aim_of(self, source: Source) -> Aim | None:
        """The first thing of this choir that a source drives."""
        return next((self.aims[address] for address in self.driven(source) if address in self.aims), None)


def wire(bindings: Bindings, ready: Iterable[Binding], tree: ParameterTree) -> Wiring:
    """What the user bound, and of what inputs bring along (``ready``) all that he did not bind otherwise."""
    taken = {message for each in bindings.learnt for message in messages_of(each.source)}
    by_source: dict[Source, list[Binding]] = defaultdict(list)
    by_address: dict[str, list[Source]] = defaultdict(list)
    by_message: dict[MessageKey, list[MidiControl]] = defaultdict(list)
    for each in (*bindings.learnt, *(each for each in ready if taken.isdisjoint(messages_of(each.source)))):
        source = each.source
        if isinstance(source, MidiControl) and source not in by_source:
            for message in source.messages:
                by_message[message].append(source)
        by_source[source].append(each)
        if each.address:
            by_address[shown_as(each.address)].append(source)
    addresses = {each.address for row in by_source.values() for each in row if each.address}
    aims = {address: found for address in addresses if (found := _aim(tree, address)) is not None}
    return Wiring(dict(by_source), dict(by_address), dict(by_message), aims)


def shown_as(address: str) -> str:
    """The address under which the screen shows what drives ``address``."""
    return address.removesuffix(PRESENCE) + WEIGHT if address.endswith(PRESENCE) else address


def _aim(tree: ParameterTree, address: str) -> Aim | None:
    try:
        return aim(tree, address)
    except ParameterError:
        return None  # bound to a voice that is not in this choir


# ---- routing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What a source says: its shaped ``level``, and by ``who``.

    ``seen`` False: nobody moves it, it only returns to its rest. ``spoke``: it was heard in this moment, or has moved
    since the last look; a button counts those. ``on_its_way``: its smoothed level is not yet where the hand is. ``raw``
    is the level before it was shaped.
    """

    who: str
    source: Source
    level: float
    seen: bool = True
    spoke: bool = False
    on_its_way: bool = False
    raw: float = 0.0


@dataclass(frozen=True)
class _Claim:
    """One source's claim on one parameter; ``fresh`` where it takes hold in this moment."""

    held: Held
    aim: Target | Presence
    goes: float
    said: Said
    takes_over: str
    fresh: bool = False


class Router:
    """Remembers the hold that each source has on each address. ``wiring`` is replaced by whoever has it made anew."""

    def __init__(self, link: AnyLink) -> None:
        self.wiring = Wiring()
        self.moved: dict[str, Value] = {}  # what hands have moved since somebody asked
        self.kept: dict[str, Value] = {}  # faders of silenced voices, which the server does not hear of
        self.actions: list[str] = []  # what is to be done, oldest first
        self.touched: set[Source] = set()  # faders that say themselves that a hand is on them
        self._link = link
        self._pickups: dict[Held, Pickup] = {}
        self._holds: dict[Held, Hold] = {}
        self._levels: dict[Source, float] = {}  # where each fader stands
        self._pressed: dict[Source, float] = {}  # where each button stood when last heard
        self._turned: dict[Held, bool] = {}  # how each channel last turned a switch
        self._left: dict[Held, float] = {}  # of what is smoothed and on its way: where its parameter was left
        self._heard_at: dict[Source, float] = {}

    @property
    def values(self) -> dict[str, Value]:
        """The values in force, a silenced fader where it stands on the desk."""
        values = self._link.session.values
        return {**values, **self.kept} if self.kept else values

    # ---- what is known of the sources ------------------------------------------------------------------------------

    def arrived(self, channel: str) -> None:
        """The channel was not there and is again: it takes hold anew."""
        for held in [held for held in self._pickups if held[0] == channel]:
            del self._pickups[held]

    def leads(self, source: Source) -> bool:
        """Whether something that it drives stands where it left it."""
        values = self.values
        for binding in self.wiring.by_source.get(source, ()):
            held, aimed = (source, binding.address), self.wiring.aims.get(binding.address)
            if self._pickups.get(held, Pickup()).left is not None:
                return True
            taken = self._holds.get(held, Hold()).taken
            if taken is not None and isinstance(aimed, Target | Presence):
                return abs(aimed.stands(values) - taken) <= MOVED_DISTANCE
        return False

    def at_hand(self, source: Source, now: float) -> bool:
        """Whether a hand is at this control, or its value still on the way: then it is not answered."""
        is_on_its_way = any(held[0] == source for held in self._left)
        return is_on_its_way or source in self.touched or now - self._heard_at.get(source, -AT_HAND_S) < AT_HAND_S

    def level(self, source: Source) -> float | None:
        """Where a fader stands, None where it has not said."""
        return self._levels.get(source)

    def stands(self, source: Source, level: float) -> None:
        """The fader stands there now: it was told to, or what was on its way has been left."""
        self._levels[source] = level
        for held in [held for held in self._left if held[0] == source]:
            del self._left[held]

    def pressed(self, source: Source, level: float) -> None:
        """The button was heard and is not to turn anything: it was learnt in this moment."""
        self._pressed[source] = level

    def forget(self, port: str) -> None:
        """A MIDI device that comes back may stand anywhere."""
        for known in (self._levels, self._pressed):
            for source in [source for source in known if isinstance(source, MidiControl) and source.port == port]:
                del known[source]
        self.touched = {each for each in self.touched if isinstance(each, str) or each.port != port}
        for held in [held for held in self._left if isinstance(held[0], MidiControl) and held[0].port == port]:
            del self._left[held]

    def lost(self, source: Source) -> bool:
        """Whether another hand has moved what this source had on its way: then it has to meet it again."""
        values = self.values
        for (left_by, address), left in self._left.items():
            aimed = self.wiring.aims.get(address)
            if left_by != source or not isinstance(aimed, Target | Presence):
                continue
            if abs(aimed.stands(values) - left) > MOVED_DISTANCE:
                return True
        return False

    def ghost(self, address: str) -> float | None:
        """Where a fader stands, in the parameter's unit, while it has not met the parameter at ``address``."""
        values = self.values
        for source in self.wiring.by_address.get(address, ()):
            for binding in self.wiring.by_source[source]:
                aimed, level = self.wiring.aims.get(binding.address), self._levels.get(source)
                is_fader = binding.takes_over == "meet" and shown_as(binding.address) == address
                if level is None or not is_fader or not isinstance(aimed, Target | Presence) or aimed.is_switch:
                    continue
                stands = ghost(Hold(binding.goal(level)), aimed.stands(values))
                if stands is not None:
                    return aimed.number(stands)
        return None

    # ---- routing ---------------------------------------------------------------------------------------------------

    def route(self, said: Iterable[Said], now: float) -> list[tuple[str, str]]:
        """Move the parameters; gives (address, who moved it) for each that was.

        Where several sources drive one, who takes hold in this moment goes before who had it.
        """
        values, claims = self.values, dict[str, _Claim]()
        wanted: dict[str, tuple[Value, Said]] = {}
        for each in said:
            if each.spoke:
                self._heard_at[each.source] = now
            is_fader = False
            for binding in self.wiring.by_source.get(each.source, ()):
                aimed = self.wiring.aims.get(binding.address)
                if aimed is None:
                    continue  # nothing, or a voice that is not in this choir
                if isinstance(aimed, Action) or aimed.is_switch:
                    self._turn(each, binding, aimed, values, wanted)
                    continue
                claim = self._claim(each, binding, aimed, values, now)
                is_fader = is_fader or binding.takes_over == "meet"
                if claim is not None:
                    claims[binding.address] = self._winner(claims.get(binding.address), claim)
            if is_fader:
                self._levels[each.source] = each.level
            if each.spoke:
                self._pressed[each.source] = each.raw
        self._move(list(claims.values()), values, wanted)
        for address, (value, by) in wanted.items():
            if address in self.kept:
                self.kept[address] = value
            else:
                self._link.set(address, value)
            if by.seen:
                self.moved[address] = value
        self._settle(claims.values())
        return [(address, by.who) for address, (_, by) in wanted.items()]

    def _claim(
        self, said: Said, binding: Binding, aimed: Target | Presence, values: Mapping[str, Value], now: float
    ) -> _Claim | None:
        held, takes_over, stands = (said.source, binding.address), binding.takes_over, aimed.stands(values)
        if kind_of(said.source).steps:
            return _Claim(held, aimed, stands + said.level, said, takes_over)
        goal = binding.goal(said.level)
        if takes_over == "pickup":
            before = self._pickups.get(held, Pickup())
            self._pickups[held], goes = before.follow(goal, stands, now, said.seen)
            return None if goes is None else _Claim(held, aimed, goes, said, takes_over, before.left is None)
        if takes_over == "jump":
            return _Claim(held, aimed, goal, said, takes_over) if said.spoke else None
        level = self._levels.get(said.source)
        if not said.spoke and held not in self._left:
            return None
        known = replace(self._holds.get(held, Hold()), hardware=None if level is None else binding.goal(level))
        self._holds[held], is_taken = update_hold(known, goal, stands, now)
        self._left.pop(held, None)
        if said.on_its_way:
            self._left[held] = stands
        return _Claim(held, aimed, goal, said, takes_over) if is_taken else None

    def _winner(self, other: _Claim | None, claim: _Claim) -> _Claim:
        """Which of two claims on one parameter counts; the other source has to take hold anew."""
        if other is None:
            return claim
        claim, loser = (claim, other) if claim.fresh or not other.fresh else (other, claim)
        self._pickups[loser.held] = Pickup(None, loser.goes)
        return claim

    @staticmethod
    def _move(claims: Sequence[_Claim], values: dict[str, Value], wanted: dict[str, tuple[Value, Said]]) -> None:
        """Add what the claims move to ``wanted``, both halves of a pair together."""
        new: dict[str, Value] = {}
        for claim in claims:
            overlaid = ChainMap(new, values)
            if claim.takes_over == "pickup" and abs(claim.goes - claim.aim.stands(overlaid)) <= SAME_LEVEL:
                continue
            for address, value in claim.aim.moves(overlaid, claim.goes):
                new[address] = value
                wanted[address] = (value, claim.said)
        in_the_air = [claim for claim in claims if claim.takes_over == "pickup" and claim.held[1] in PUCK_HALVES]
        puck, by = wanted.get(PUCK, (None, None))
        if in_the_air and isinstance(puck, tuple) and by is not None:
            wanted[PUCK] = (clamp(*puck), by)
        taken = next((claim for claim in in_the_air if claim.fresh), None)
        if taken is not None and values[LIFTED]:
            wanted[LIFTED] = (False, taken.said)

    def _settle(self, claims: Iterable[_Claim]) -> None:
        """Remember where each parameter stands now, rounded maybe: farther away, another hand has moved it."""
        values = self.values
        for claim in claims:
            stands = claim.aim.stands(values)
            if claim.takes_over == "pickup":
                self._pickups[claim.held] = self._pickups[claim.held].settled(stands)
            if claim.held in self._left:
                self._left[claim.held] = stands

    # ---- switches and actions --------------------------------------------------------------------------------------

    def do(self, *addresses: str) -> None:
        """Let these be done by whoever asks for ``actions`` next."""
        self.actions += addresses
        del self.actions[:-ACTIONS_KEPT]

    def _turn(
        self,
        said: Said,
        binding: Binding,
        aimed: Aim,
        values: Mapping[str, Value],
        wanted: dict[str, tuple[Value, Said]],
    ) -> None:
        on = self._turned_to(said, binding)
        if on is None:
            return
        if isinstance(aimed, Action):
            if on or kind_of(said.source).turns == "state":
                self.do(aimed.address)
        elif isinstance(aimed, Target):
            address, how = aimed.parameter.address, kind_of(said.source).turns
            wanted[address] = (on if how in ("state", "level") else not values[address], said)

    def _turned_to(self, said: Said, binding: Binding) -> bool | None:
        """Whether a switch is turned on (True) or off by what was said; None where it stays as it is."""
        match kind_of(said.source).turns:
            case "level":
                return self._through_the_middle(said, binding) if said.seen else None
            case "state":
                return said.raw >= PRESSED_LEVEL if said.spoke else None
            case "each":
                return True if said.spoke else None
        is_press = said.spoke and said.raw >= PRESSED_LEVEL > self._pressed.get(said.source, 0.0)
        return True if is_press else None

    def _through_the_middle(self, said: Said, binding: Binding) -> bool | None:
        """How a channel turns a switch; between the two levels, and at the first look, it stays as it is."""
        level, held = binding.goal(said.level), (said.source, binding.address)
        if SWITCH_OFF_LEVEL < level < SWITCH_ON_LEVEL:
            return None
        on = level >= SWITCH_ON_LEVEL
        before = self._turned.get(held)
        self._turned[held] = on
        return on if before is not None and before != on else None
