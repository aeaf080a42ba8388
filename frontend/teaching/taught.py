"""What was taught, at work: whatever the other inputs say is turned into the parameters that the poses mean.

It is an input like the others (``frontend.inputs.hub``): on or off, polled on the hands' thread. Its channels,
``taught/bible``, ``taught/scene 3``, say how much each pose is meant, so that they can drive anything else besides.

A parameter that another hand moves is let go (``ValueOwnership``) until ``take`` is called or it is switched
off and on. Where nothing of what it looks at is there, all stays as it is; a feature that went away keeps its level.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from frontend.client.link import AnyLink
from frontend.config.setting_fields import SettingsTable
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import SWITCH_FIELDS, Reading, Shaping
from frontend.inputs.interface import Wake
from frontend.inputs.targets import target
from frontend.teaching.lesson import Lesson, is_weight_address
from frontend.teaching.mapping import PoseMapping
from protocol.errors import ParameterError
from protocol.tree import Value, on_address

APPROACH_HALF_LIFE_S = 0.15  # seconds in which the way from where a parameter stood to where the poses want it halves
SAME_VALUE = 1e-4  # of the range; OSC's floats are rounder than Python's
REMEMBERED_S = 5.0  # seconds in which a busy server may still repeat what was sent before
MIN_STEP = 1e-4  # of the range; a smaller step is not worth a message


class ValueOwnership:
    """Who leads one parameter, the poses or another hand: the last touch does, and nothing jumps.

    It goes from ``low`` to ``high``. When the poses take it over it glides from where it stands to where they want it.
    When anything else moves it they let it go, until they are told to take it again. Times are monotonic seconds.
    """

    def __init__(self, low: float, high: float) -> None:
        self.free = False  # another hand has it
        self._low, self._high, self._span = low, high, high - low
        self._said: deque[tuple[float, float]] = deque()  # when, and what it was given
        self._distance = 0.0
        self._at = 0.0

    def follow(self, wanted: float, standing: float, now: float) -> float | None:
        """Where to move the parameter, which stands at ``standing`` while the poses want ``wanted``; None: nowhere."""
        if self.free:
            return None
        if not self._said:
            self._distance, self._at = standing - wanted, now
        elif not self._ours(standing, now):
            self.free = True
            return None
        self._distance *= 0.5 ** ((now - self._at) / APPROACH_HALF_LIFE_S)
        self._at = now
        number = min(self._high, max(self._low, wanted + self._distance))
        if self._said and abs(number - self._said[-1][1]) < MIN_STEP * self._span and self._near(standing, number):
            return None
        self._said.append((now, number))
        return number

    def take(self) -> None:
        """Lead it again, from where it stands."""
        self.free = False
        self._said.clear()

    def _near(self, one: float, other: float) -> bool:
        return abs(one - other) <= 2 * SAME_VALUE * self._span

    def _ours(self, standing: float, now: float) -> bool:
        """Whether the parameter stands where it was put, now or a moment ago: a message may have been lost."""
        while len(self._said) > 1 and self._said[1][0] < now - REMEMBERED_S:
            self._said.popleft()
        return any(self._near(standing, number) for _, number in self._said)


WHO = "poses"  # as a holder of parameters is called
TABLE = SettingsTable("the poses", Shaping(smoothing=0.0), "[taught]", SWITCH_FIELDS)
PUCK, LIFTED = "/puck", "/puck/lifted"


@dataclass(frozen=True)
class TrainedLesson:
    """A lesson and what was learnt from it. ``table`` is (aims, led)."""

    lesson: Lesson
    meaning: PoseMapping

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.lesson.aims)


class PoseInput:
    """The way in. ``features``: what all inputs say now; ``put``: give a parameter a value in somebody's name."""

    key, name, table = "taught", "Poses", TABLE
    ready: Sequence[Binding] = ()
    complaint = ""

    def __init__(
        self, link: AnyLink, features: Callable[[], Mapping[str, float]], put: Callable[[str, Value, str], None]
    ) -> None:
        self._link, self._features, self._put = link, features, put
        self._lock = threading.Lock()  # guards what other threads ask for: the next three
        self._taught: TrainedLesson | None = None
        self._asked: set[str] | None = None  # addresses to take again; empty: all
        self._orders: list[str] = []
        self._at_work: TrainedLesson | None = None  # what was taught when it last took hold
        self._table: list[list[float]] = []
        self._led: tuple[str, ...] = ()
        self._leads: dict[str, ValueOwnership] = {}
        self._known: dict[str, float] = {}  # the last level of every feature
        self._parts: tuple[float, ...] = ()
        self.on = False
        self.freed: tuple[str, ...] = ()  # what other hands have. Any thread may look

    # ---- any thread ------------------------------------------------------------------------------------------------

    def teach(self, taught: TrainedLesson | None) -> None:
        """Mean this from now on."""
        with self._lock:
            self._taught = taught

    def take(self, address: str | None = None) -> None:
        """Lead a parameter, or all of them, again."""
        with self._lock:
            self._asked = (self._asked or set()) | ({address} if address is not None else set(self._led))

    def parts(self) -> Sequence[float]:
        """How much each aim is meant now, in the lesson's order; empty while nothing is."""
        return self._parts

    def follow_server(self, order: str) -> None:
        """Keep an order until ``orders`` is asked; only the last few."""
        with self._lock:
            self._orders = [*self._orders[-7:], order]

    def orders(self) -> list[str]:
        """What other programs ordered since the last call."""
        with self._lock:
            orders, self._orders = self._orders, []
        return orders

    @property
    def status(self) -> str:
        if self._taught is None:
            return "nothing is taught yet"
        if not self._parts:
            return "what they look at is not there"
        keys = self._taught.keys
        most = max(range(len(self._parts)), key=self._parts.__getitem__)
        return self._taught.lesson.aims[keys[most]].name if most < len(keys) else ""

    # ---- the hands' thread -----------------------------------------------------------------------------------------

    def start(self, settings: Shaping, wake: Wake) -> None:
        self.on = True

    def poll(self, now: float) -> Iterator[Reading]:
        with self._lock:
            taught, asked, self._asked = self._taught, self._asked, None
        if taught is not self._at_work:
            yield from self._begin(taught)
        if taught is None:
            return
        for address in asked or ():
            self._take(address)
        features = {name: level for name, level in self._features().items() if not name.startswith(f"{self.key}/")}
        scaling = taught.meaning.scaling
        if not scaling.present(features):
            yield from self._gone(taught)
            return
        self._known |= {name: features[name] for name in scaling.names if name in features}
        parts = taught.meaning.meant(scaling.row(self._known)).tolist()
        self._parts = tuple(parts)
        wanted = {
            address: sum(part * row[place] for part, row in zip(parts, self._table, strict=True))
            for place, address in enumerate(self._led)
        }
        self._move(wanted, now)
        for key, part in zip(taught.keys, parts, strict=True):
            yield Reading(f"{self.key}/{key}", part)

    def sockets(self) -> Sequence[socket.socket]:
        return ()

    def stop(self) -> None:
        self.on = False
        self._at_work, self._parts, self.freed = None, (), ()

    def _begin(self, taught: TrainedLesson | None) -> Iterator[Reading]:
        """Take hold of everything that the poses lead."""
        if self._at_work is not None:
            yield from self._gone(self._at_work)
        self._at_work, self._leads, self._known, self._parts, self.freed = taught, {}, {}, (), ()
        self._led = () if taught is None else taught.lesson.led
        self._table = [] if taught is None else taught.lesson.table()

    def _gone(self, taught: TrainedLesson) -> Iterator[Reading]:
        if self._parts:
            self._parts = ()
            yield from (Reading(f"{self.key}/{key}", None) for key in taught.keys)

    def _take(self, address: str) -> None:
        if address in self._leads:
            del self._leads[address]

    def _move(self, wanted: Mapping[str, float], now: float) -> None:
        session = self._link.session
        pairs: dict[str, tuple[float, float]] = {}
        for address, number in wanted.items():
            try:
                aim = target(session.tree, address)
            except ParameterError:
                continue  # a voice that is not in this choir
            parameter = aim.parameter
            lead = self._leads.get(address)
            if lead is None:
                lead = self._leads[address] = ValueOwnership(parameter.low, parameter.high)
                self._bring_in(address)
            if self._is_away(address):
                lead.free = True
            value = session.values[parameter.address]
            standing = value[aim.half or 0] if isinstance(value, tuple) else float(value)
            to = lead.follow(min(parameter.high, max(parameter.low, number)), standing, now)
            if to is None:
                continue
            if isinstance(value, tuple):
                x, y = pairs.get(parameter.address, value)
                pairs[parameter.address] = (to, y) if aim.half == 0 else (x, to)
            else:
                self._put(address, to, WHO)
        for address, pair in pairs.items():
            self._put(address, pair, WHO)
        self.freed = tuple(address for address, lead in self._leads.items() if lead.free)

    def _bring_in(self, address: str) -> None:
        """A voice that poses mean comes into play, from nothing; a puck that they move is laid down."""
        values = self._link.session.values
        if is_weight_address(address):
            on = on_address(_slug(address))
            if not values[on]:
                self._put(address, 0.0, WHO)
                self._put(on, True, WHO)
        elif address.startswith(PUCK + ".") and values[LIFTED]:
            self._put(LIFTED, False, WHO)

    def _is_away(self, address: str) -> bool:
        """Whether a hand has taken the voice out of play, or lifted the puck."""
        values = self._link.session.values
        if is_weight_address(address):
            return not values[on_address(_slug(address))]
        return address.startswith(PUCK + ".") and bool(values[LIFTED])


def _slug(address: str) -> str:
    return address.split("/")[2]
