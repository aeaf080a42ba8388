"""What every control of every connected device drives now: bindings, ready maps, voices and bank, put together. Pure.

A wiring is made anew when any of them changes, and never changed: the thread that hears MIDI reads it without asking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from frontend.client.link import AnyLink
from frontend.inputs.bindings import FINE, Bindings, Source, steps
from frontend.inputs.channels import OneEuro, Shaping
from frontend.inputs.midi.controller_maps import Bank, ControllerMap, bank
from frontend.inputs.midi.ports import BEND_TOP, Heard
from frontend.inputs.routes_file import Route
from frontend.inputs.takeover import MOVED, Hold, Pickup, take
from frontend.inputs.targets import SCENES, Aim, Deed, Presence, Target, aim, target
from protocol.errors import ParameterError
from protocol.puck import clamp
from protocol.tree import ParameterTree, Value

# ---- routing ---------------------------------------------------------------------------------------------------------
# What channels do to parameters: each takes hold without a jump, leads while nothing else does, and returns to rest.
# All that one look at the inputs changes is gathered, so that a pair such as the puck's moves once. The hands'
# thread, under the hub's lock.

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

    def __init__(self, link: AnyLink) -> None:
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
        session = self._link.session
        claims: dict[tuple[str, int | None], _Claim] = {}
        switched: dict[str, tuple[Value, str]] = {}
        for who, channel, level, seen, routes in live:
            for route in routes:
                try:
                    aim = target(session.tree, route.address)
                except ParameterError:
                    continue  # nothing, or a voice that is not in this choir
                key, to = (channel, route.address), route.low + level * (route.high - route.low)
                if aim.is_switch:
                    if seen and self._turns(key, to):
                        switched[aim.parameter.address] = (to >= ON, who)
                    continue
                before = self._pickups.get(key, Pickup())
                after, goes = before.follow(to, aim.level(session.values[aim.parameter.address]), now, seen)
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
        if taken is not None and session.values[LIFTED]:
            wanted[LIFTED] = (False, taken)
        for address, (value, _) in wanted.items():
            self._link.set(address, value)
        for claim in claims.values():
            stands = claim.aim.level(session.values[claim.aim.parameter.address])
            self._pickups[claim.key] = self._pickups[claim.key].settled(stands)
        self.under_way = bool(wanted)
        return [(address, who) for address, (_, who) in wanted.items()]

    def _values(self, claims: Iterable[_Claim]) -> dict[str, tuple[Value, str]]:
        """The values that differ from those that stand, both halves of a pair together, and who moves each."""
        wanted: dict[str, tuple[Value, str]] = {}
        for claim in claims:
            address = claim.aim.parameter.address
            value = wanted[address][0] if address in wanted else self._link.session.values[address]
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


PRESENCE, WEIGHT = "/presence", "/weight"  # how addresses end that show as one on the screen
MessageKey = tuple[str, str, int, int]  # device, what was heard, channel, number


def key_of(heard: Heard) -> MessageKey:
    return heard.port, heard.kind, heard.channel, heard.number


@dataclass(frozen=True)
class Wiring:
    """``driven`` has an address for each control, ``aims`` what is there; what a choir lacks has no aim.

    ``idle`` are controls of strips that have no voice now, ``touching`` the strip's fader for each touch message,
    ``known`` the map of each device that has one.
    """

    driven: Mapping[Source, str] = field(default_factory=dict)
    by_address: Mapping[str, Sequence[Source]] = field(default_factory=dict)
    aims: Mapping[Source, Aim] = field(default_factory=dict)
    by_message: Mapping[MessageKey, Sequence[Source]] = field(default_factory=dict)
    idle: Sequence[Source] = ()
    touching: Mapping[MessageKey, Source] = field(default_factory=dict)
    known: Mapping[str, ControllerMap] = field(default_factory=dict)
    bank: Bank = field(default_factory=Bank)
    programs: bool = False  # whether a programme recalls a scene where nothing else is said

    def sources(self, address: str) -> Sequence[Source]:
        """The controls that drive ``address``, a voice's weight by its presence too."""
        return self.by_address.get(address, ())

    def addresses(self, heard: Heard) -> list[str]:
        """What the control that was heard drives."""
        driven = [self.driven[source] for source in self.by_message.get(key_of(heard), ())]
        if not driven and heard.kind == "program" and self.programs and heard.number < SCENES:
            return [f"/scene/{heard.number + 1}"]
        return driven


def known_map(maps: Sequence[ControllerMap], port: str) -> ControllerMap | None:
    """The map for the device on ``port``, a user's before ours."""
    return next((known for known in maps if known.fits(port)), None)


def wire(
    bindings: Bindings,
    maps: Sequence[ControllerMap],
    ports: Sequence[str],
    tree: ParameterTree,
    playing: Sequence[str],
    first: int,
) -> Wiring:
    """The wiring of the devices on ``ports``; the voices ``playing`` from place ``first`` on are under their strips.

    Where several devices have strips the second goes on where the first ends.
    """
    fitting = {port: known for port in ports if (known := known_map(maps, port)) is not None}
    ready = fitting if bindings.ready_maps else {}
    now = bank(first, sum(known.width for known in ready.values()), len(playing))
    learnt = bindings.by_source
    taken = {(source.port, *message) for source in learnt for message in source.messages}
    driven, idle, touching = dict(learnt), list[Source](), dict[MessageKey, Source]()
    left = list(playing[now.first :])
    for port, known in ready.items():
        under, left = left[: known.width], left[known.width :]
        own = known.bindings(port, under, tree.slugs)
        driven |= {s: a for s, a in own.items() if taken.isdisjoint((s.port, *m) for m in s.messages)}
        idle += [control.on(port) for row in known.strips.values() for control in row[len(under) :]]
        faders = known.strips.get("weight", ())
        for touch, fader in zip(known.feedback.touch, faders, strict=False):
            touching |= {(port, heard, touch.channel, touch.number): fader.on(port) for heard in ("note", "off")}
    by_message: dict[MessageKey, list[Source]] = defaultdict(list)
    for source in driven:
        for message in source.messages:
            by_message[(source.port, *message)].append(source)
    by_address: dict[str, list[Source]] = defaultdict(list)
    for source, address in driven.items():
        by_address[address.replace(PRESENCE, WEIGHT)].append(source)
    aims = {source: found for source, address in driven.items() if (found := _aim(tree, address)) is not None}
    idle = [source for source in idle if source not in driven]
    return Wiring(driven, dict(by_address), aims, dict(by_message), idle, touching, fitting, now, bindings.ready_maps)


def _aim(tree: ParameterTree, address: str) -> Aim | None:
    try:
        return aim(tree, address)
    except ParameterError:
        return None  # bound to a voice that is not in this choir


# ---- routing ---------------------------------------------------------------------------------------------------------
# What follows from a message of a control: values at once, and deeds that wait for the window. Where MIDI is
# smoothed, a fader's value comes near at once and goes the rest of the way in ``settle``. Takeover looks at the
# smoothed value, which is what would be set: so nothing jumps. What another hand moves meanwhile stays there. Owns
# what is known of the hardware: where each control stands, and how soft takeover holds it. Runs on the thread that
# hears MIDI, and on the UI thread while that one waits: whoever calls holds ``frontend.inputs.midi.input.Midi``'s
# lock.

PRESSED = 64  # a controller's value from which a button counts as pressed
STEP = 1 / 127  # part of the range for one step of an encoder
REST = 0.3  # seconds without a word from a control, after which no hand is at it
SETTLED = 1 / 512  # of a fader's way; nearer than this to where it stands, a smoothed value has arrived
DEEDS_KEPT = 64  # of those that wait; a hand presses no more in a frame


class Follower:
    """``values`` gives the values in force, ``put`` sets one for the device on a port."""

    def __init__(self, values: Callable[[], Mapping[str, Value]], put: Callable[[str, Value, str], None]) -> None:
        self._values, self._put = values, put
        self.shaping = Shaping(smoothing=0.0)  # of what faders and knobs say
        self.hardware: dict[Source, float] = {}  # where each fader stands, as a level
        self.heard_at: dict[Source, float] = {}
        self.moved: dict[str, Value] = {}  # what hands have moved since somebody asked
        self.kept: dict[str, Value] = {}  # faders of silenced voices, which the server does not hear of
        self.deeds: list[str] = []  # what is to be done, oldest first
        self._said: dict[MessageKey, int] = {}  # each control's last value
        self._holds: dict[tuple[Source, str], Hold] = {}
        self._touched: set[Source] = set()
        self._euros: dict[Source, OneEuro] = {}  # what each fader says, smoothed
        self._calming: dict[Source, tuple[str, float]] = {}  # on their way: to which address, where it was left

    @property
    def values(self) -> Mapping[str, Value]:
        """The values in force, a silenced fader where it stands on the desk."""
        values = self._values()
        return {**values, **self.kept} if self.kept else values

    def busy(self, source: Source, now: float) -> bool:
        """Whether a hand is at this control, or its value still on the way: then it is not answered."""
        return source in self._touched or source in self._calming or now - self.heard_at.get(source, -REST) < REST

    def forget(self, port: str) -> None:
        """A device that comes back may stand anywhere."""
        self._said = {key: value for key, value in self._said.items() if key[0] != port}
        self.hardware = {source: level for source, level in self.hardware.items() if source.port != port}
        self._touched = {source for source in self._touched if source.port != port}
        self._euros = {source: euro for source, euro in self._euros.items() if source.port != port}
        self._calming = {source: way for source, way in self._calming.items() if source.port != port}

    def answered(self, source: Source, level: float) -> None:
        """The device was told to stand at ``level``, and has a motor or a ring to do so."""
        self.hardware[source] = level
        self._euros.pop(source, None)

    def note(self, heard: Heard) -> int | None:
        """Remember a message; gives what the control said before."""
        key = key_of(heard)
        before = self._said.get(key)
        self._said[key] = heard.value
        return before

    def follow(self, heard: Heard, wiring: Wiring, now: float) -> None:
        """Do what a control said, for everything that it drives."""
        before = self.note(heard)
        fader = wiring.touching.get(key_of(heard))
        if fader is not None:
            (self._touched.add if heard.kind == "note" else self._touched.discard)(fader)
        for source in wiring.by_message.get(key_of(heard), ()):
            self.heard_at[source] = now
            aim = wiring.aims.get(source)
            if aim is None:
                continue
            if aim.is_switch:
                self._press(source, aim, heard, before)
            else:
                self._move(source, wiring.driven[source], aim, heard, now)
        if heard.kind == "program" and not wiring.by_message.get(key_of(heard)):
            self._do(*wiring.addresses(heard))

    def settle(self, wiring: Wiring, now: float) -> None:
        """Once a frame: let smoothed values go on to where their faders stand."""
        for source, (address, _) in list(self._calming.items()):
            aim, euro = wiring.aims.get(source), self._euros.get(source)
            if aim is None or isinstance(aim, Deed) or euro is None or wiring.driven[source] != address:
                del self._calming[source]  # another bank or voice is under it
                continue
            if self._lost(source, aim):
                continue
            euro = euro.step(euro.raw, now, self.shaping.smoothing)
            if euro.level is None or abs(euro.level - euro.raw) < SETTLED:
                euro = OneEuro(euro.raw, euro.raw, 0.0, now)
            self._go(source, address, aim, euro, now)

    def _lost(self, source: Source, aim: Target | Presence) -> bool:
        """Whether another hand has moved what was on its way: then the fader, where it stands, has to meet it again."""
        way = self._calming.get(source)
        if way is None or abs(aim.stands(self.values) - way[1]) <= MOVED:
            return False
        raw = self._euros.pop(source).raw
        self.hardware[source] = self._shaped(raw)
        del self._calming[source]
        return True

    def _do(self, *addresses: str) -> None:
        self.deeds += addresses
        del self.deeds[:-DEEDS_KEPT]

    def _press(self, source: Source, aim: Aim, heard: Heard, before: int | None) -> None:
        latch = source.kind == "latch"
        edge = heard.value >= PRESSED > (before or 0)
        if not (latch or edge or source.kind in ("note", "program")):
            return
        if isinstance(aim, Deed):
            self._do(aim.address)
        elif isinstance(aim, Target):
            address = aim.parameter.address
            self._set(source, [(address, heard.value >= PRESSED if latch else not self.values[address])])

    def _move(self, source: Source, address: str, aim: Aim, heard: Heard, now: float) -> None:
        assert not isinstance(aim, Deed)
        values = self.values
        stands = aim.stands(values)
        if source.kind in ("relative", "offset"):
            self._set(source, aim.moves(values, stands + STEP * steps(source.kind, heard.value)))
        elif source.kind in ("velocity", "held"):
            self._set(source, aim.moves(values, heard.value / 127))
        elif (raw := self._level(source, heard)) is not None:
            self._lost(source, aim)
            euro = self._euros.get(source, OneEuro()).step(raw, now, self.shaping.smoothing)
            self._go(source, address, aim, euro, now)

    def _go(self, source: Source, address: str, aim: Target | Presence, euro: OneEuro, now: float) -> None:
        """Take a fader's value where it may be taken, and remember whether it is on its way still."""
        assert euro.level is not None
        self._euros[source] = euro
        level = self._shaped(euro.level)
        known = replace(self._holds.get((source, address), Hold()), hardware=self.hardware.get(source))
        self._holds[source, address], is_taken = take(known, level, aim.stands(self.values), now)
        self.hardware[source] = level
        if is_taken:
            self._set(source, aim.moves(self.values, level))
        if euro.level == euro.raw:
            self._calming.pop(source, None)
        else:
            self._calming[source] = address, aim.stands(self.values)

    def _set(self, source: Source, moves: list[tuple[str, Value]]) -> None:
        for address, value in moves:
            if address in self.kept:
                self.kept[address] = value
            else:
                self._put(address, value, source.port)
            self.moved[address] = value

    def _level(self, source: Source, heard: Heard) -> float | None:
        """Where the fader stands; None at the coarse half of a 14-bit pair, which the fine half is to follow."""
        if source.kind == "bend":
            return heard.value / BEND_TOP
        if source.kind != "cc14":
            return heard.value / 127
        coarse = self._said.get((source.port, "cc", source.channel, source.number))
        if heard.number != source.number + FINE or coarse is None:
            return None
        return (128 * coarse + heard.value) / BEND_TOP

    def _shaped(self, level: float) -> float:
        """With gain and range; where there are none it stays as it is, to the last bit."""
        is_plain = (self.shaping.gain, self.shaping.low, self.shaping.high) == (1.0, 0.0, 1.0)
        return level if is_plain else self.shaping.shaped(level)
