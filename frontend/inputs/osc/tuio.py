"""The way in for touch tables: TUIO 1.1 by UDP, each finger a puck. Hands' thread, but for what ``Input`` says.

Off until it is switched on, and heard from this machine alone until it is told otherwise. A flood is read and thrown
away: no more is decoded than eight tables would send.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from frontend.client.link import AnyLink
from frontend.config.setting_fields import SettingsTable, choice, number, whole
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import SHAPING_FIELDS, OneEuro, Reading, Shaping
from frontend.inputs.hub import Hub
from frontend.inputs.interface import Wake
from frontend.inputs.osc.osc_input import Listening
from protocol import guard
from protocol.errors import MessageError
from protocol.guard import shown
from protocol.puck import MORE, MOST_MORE, Puck, clamp

# ---- datagrams -------------------------------------------------------------------------------------------------------
# TUIO 1.1 (Kaltenbrunner et al. 2005). A table says in each frame which fingers are alive, where those are that moved,
# and the frame's number; a finger that is not alive was lifted. Late frames are dropped; one numbered -1 says again
# what is known. Several tables are told apart by their ``source``. Only `/tuio/2Dcur` is read. Places are parts of the
# table, 0 to 1, x to the right and y down. What is broken becomes a complaint, and the rest of the datagram counts.
# Pure.

PROFILE = "/tuio/2Dcur"
MAX_CURSORS = 120  # fingers of one table that are read; what is played are fewer
MAX_TABLES = 8
RESTART_FRAMES = 1_000  # frames; a number farther back than this is not late but a table that began again
RESTART_SILENCE_S = 1.0  # seconds of silence after which any number is new


@dataclass(frozen=True)
class Touch:
    """A finger that is down: whose table's, under which number, and where."""

    source: str
    session: int
    x: float
    y: float


@dataclass
class _Table:
    """What one table said: its fingers by session, oldest first, and the frame that is being told."""

    fingers: dict[int, tuple[float, float]] = field(default_factory=dict)
    frame: int = -1
    heard_at: float = -math.inf
    alive: frozenset[int] | None = None
    moved: dict[int, tuple[float, float]] = field(default_factory=dict)


class Tuio:
    """All tables. ``take`` each datagram, ask for ``touches``. ``complaint`` is about the last thing not understood."""

    def __init__(self) -> None:
        self.complaint = ""
        self.frames = 0  # that counted
        self.late = 0  # that were dropped
        self._tables: dict[str, _Table] = {}

    def take(self, datagram: bytes, sender: str, now: float) -> None:
        """``sender`` names the table where the datagram names none."""
        elements, complaints = guard.elements(datagram)
        source = sender
        for element in elements:
            try:
                address, arguments = guard.read(element, MAX_CURSORS + 1)
                if address == PROFILE:
                    source = self._read(source, arguments, now)
                elif not address.startswith("/tuio/"):
                    raise MessageError(f"{shown(address)} is not TUIO")
            except MessageError as error:
                complaints.append(str(error))
        if complaints:
            self.complaint = complaints[-1]
        elif elements:
            self.complaint = ""

    def touches(self, now: float, patience: float) -> list[Touch]:
        """The fingers that are down; those of a table that said nothing for ``patience`` seconds are not."""
        self._tables = {name: table for name, table in self._tables.items() if now - table.heard_at < patience}
        return [
            Touch(name, session, x, y)
            for name, table in self._tables.items()
            for session, (x, y) in table.fingers.items()
        ]

    @property
    def tables(self) -> int:
        """How many speak."""
        return len(self._tables)

    def _read(self, source: str, arguments: Sequence[object], now: float) -> str:
        """One message of the profile; gives whose the following ones are. Raises ``MessageError``."""
        match arguments:
            case ["source", str(name)]:
                return shown(name)
            case ["alive", *sessions]:
                self._table(source).alive = frozenset(_whole(session) for session in sessions)
            case ["set", session, x, y, *_]:
                table = self._table(source)
                if len(table.moved) < MAX_CURSORS:
                    table.moved[_whole(session)] = (_part(x), _part(y))
            case ["fseq", number]:
                self._frame(self._table(source), _whole(number), now)
            case _:
                raise MessageError(f"{PROFILE} has a message that is not understood")
        return source

    def _table(self, source: str) -> _Table:
        if source not in self._tables:
            if len(self._tables) >= MAX_TABLES:
                raise MessageError(f"{MAX_TABLES} tables speak already: one more is not heard")
            self._tables[source] = _Table()
        return self._tables[source]

    def _frame(self, table: _Table, number: int, now: float) -> None:
        """The frame is complete: it counts, unless it is late."""
        alive, moved = table.alive, table.moved
        table.alive, table.moved = None, {}
        is_late = (
            number != -1
            and table.frame - RESTART_FRAMES < number < table.frame
            and now - table.heard_at < RESTART_SILENCE_S
        )
        if is_late:
            self.late += 1
            return
        self.frames += 1
        table.frame = number if number != -1 else table.frame
        table.heard_at = now
        known = table.fingers | moved
        if alive is not None:
            known = {session: place for session, place in known.items() if session in alive}
        table.fingers = dict(list(known.items())[:MAX_CURSORS])


def _whole(value: object) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value == int(value):
        return int(value)
    raise MessageError(f"{PROFILE} needs whole numbers, not {shown(repr(value))}")


def _part(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return min(1.0, max(0.0, float(value)))
    raise MessageError(f"{PROFILE} needs places from 0 to 1, not {shown(repr(value))}")


# ---- fingers as pucks ------------------------------------------------------------------------------------------------
# The first finger is the puck, the others are pucks besides it, and none makes anything jump. A finger that comes grows
# in weight, one that goes leaves a fading trace. The puck always weighs 1; so a finger that becomes the puck changes
# places with it: the puck is put where the finger is, and a trace stands where the puck was, with all its weight at
# first. Where the last finger lifts, the puck stays. When another hand moves the puck, that leads until the finger
# distinctly moves. Puck coordinates are radii. Pure.

RISE, FALL = 0.08, 0.25  # seconds in which a weight comes and goes
DISTINCT_MOVE = 0.04  # radii; less is a finger that rests
MOVED_DISTANCE = 1e-4  # radii; a puck farther than this from where it was left was moved by another hand


@dataclass(frozen=True)
class Finger:
    """One finger that is down, ``key`` as long as it is."""

    key: Hashable
    x: float
    y: float

    @property
    def place(self) -> tuple[float, float]:
        return self.x, self.y


@dataclass(frozen=True)
class Played:
    """What a step asks for: the puck's place (None: as it is), whether it is to be laid down, and all pucks besides."""

    puck: tuple[float, float] | None
    lay: bool
    more: tuple[Puck, ...]
    leads: bool  # whether a finger is the puck


@dataclass(frozen=True)
class _Guest:
    """A puck besides the one: a finger's, or the trace of one that left."""

    x: float
    y: float
    weight: float
    is_down: bool


class Fingers:
    """Remembers who is the puck and how far the others have come. One method."""

    def __init__(self) -> None:
        self._leader: Hashable | None = None
        self._left: tuple[float, float] = (0.0, 0.0)  # where the leader left the puck
        self._resting: dict[Hashable, tuple[float, float]] = {}  # who led when another hand came, and where it stood
        self._guests: dict[Hashable, _Guest] = {}
        self._traces = 0
        self._at = -math.inf

    def step(self, down: Sequence[Finger], puck: tuple[float, float], lifted: bool, now: float) -> Played:
        """``down`` are the fingers in the order in which they came; ``puck`` and ``lifted`` as they stand."""
        passed, self._at = min(0.1, max(0.0, now - self._at)), now
        by_key = {finger.key: finger for finger in down}
        self._yield(by_key, puck)
        self._grow(by_key, passed)
        goes: tuple[float, float] | None = None
        lay = False
        if self._leader is not None:
            goes = by_key[self._leader].place
        elif (key := self._heir(down, lifted)) is not None:
            if not lifted:
                self._traces += 1
                self._guests["trace", self._traces] = _Guest(*puck, 1.0, False)
            self._guests.pop(key, None)
            self._leader, goes, lay = key, by_key[key].place, lifted
        if goes is not None:
            self._left = goes
        more = tuple((guest.x, guest.y, guest.weight) for guest in self._guests.values() if guest.weight > 0.0)
        return Played(None if goes == puck else goes, lay, more[:MOST_MORE], self._leader is not None)

    def _yield(self, by_key: dict[Hashable, Finger], puck: tuple[float, float]) -> None:
        """Whoever led and was lifted leads no more; nor does one whose puck another hand has moved, until it moves."""
        if self._leader is not None and self._leader in by_key and math.dist(puck, self._left) > MOVED_DISTANCE:
            self._resting[self._leader] = by_key[self._leader].place
            self._leader = None
        elif self._leader not in by_key:
            self._leader = None
        self._resting = {
            key: place
            for key, place in self._resting.items()
            if key in by_key and math.dist(by_key[key].place, place) < DISTINCT_MOVE
        }

    def _grow(self, by_key: dict[Hashable, Finger], passed: float) -> None:
        """Weights come and go by the time that has passed."""
        for key, finger in by_key.items():
            if key != self._leader and key not in self._resting:
                weight = self._guests[key].weight if key in self._guests else 0.0
                self._guests[key] = _Guest(finger.x, finger.y, min(1.0, weight + passed / RISE), True)
        for key, guest in list(self._guests.items()):
            if key not in by_key:
                weight = guest.weight - passed / FALL
                if weight > 0.0:
                    self._guests[key] = replace(guest, weight=weight, is_down=False)
                else:
                    del self._guests[key]

    def _heir(self, down: Sequence[Finger], lifted: bool) -> Hashable | None:
        """Who becomes the puck: the oldest finger that has come with all its weight; any, where no puck lies."""
        for finger in down:
            guest = self._guests.get(finger.key)
            if guest is not None and (lifted or guest.weight >= 1.0):
                return finger.key
        return None


PORT = 3_333  # TUIO's own
RATE, BURST = 1_000.0, 250.0  # datagrams a second that are decoded, and how many at most in a row
MARGIN = 1.15  # radii around the circle on the screen in which a finger may come down
CHANNELS = 4  # fingers that are channels besides
ANYWHERE = "the network"


@dataclass(frozen=True)
class TuioSettings(Shaping):
    """What can be told about a touch table."""

    RESTARTS: ClassVar[tuple[str, ...] | None] = ("port", "listen")

    smoothing: float = 0.0  # tables smooth by themselves
    port: int = PORT
    listen: Literal["this machine", "the network"] = "this machine"
    area: Literal["table", "circle"] = "table"
    left: float = 0.0
    right: float = 1.0
    top: float = 0.0
    bottom: float = 1.0
    patience: float = 10.0


OWN = (
    whole("port", "port", "", "the UDP port that the table sends to", 1, 65_535, 1),
    choice(
        "listen",
        "heard from",
        "",
        "who may send: a program on this machine, or any in the network",
        "this machine",
        ANYWHERE,
    ),
    choice(
        "area",
        "area",
        "",
        "what the puck's circle fills: a part of the table; or, where the table shows "
        "this window over all of it, the circle that is seen",
        "table",
        "circle",
    ),
    number("left", "left", "", "where the circle begins on the table"),
    number("right", "right", "", "where it ends"),
    number("top", "top", "", "where it begins, from above"),
    number("bottom", "bottom", "", "where it ends, from above"),
    number("patience", "patience", "", "seconds without a word after which a table's fingers are gone", 1.0, 60.0, 0.5),
)


class TuioInput:
    """TUIO as an input of ``hub``."""

    key, name = "tuio", "TUIO"
    table = SettingsTable("TUIO", TuioSettings(), "[tuio]", (*SHAPING_FIELDS, *OWN))
    ready: Sequence[Binding] = ()

    def __init__(self, hub: Hub, link: AnyLink) -> None:
        self._hub, self._link = hub, link
        self._listening = Listening()
        self._settings = TuioSettings()
        self._tuio, self._fingers = Tuio(), Fingers()
        self._tokens, self._paid_at = BURST, 0.0
        self._flooded_at = -1.0
        self._calm: dict[tuple[str, int], tuple[OneEuro, OneEuro]] = {}
        self._strayed: set[tuple[str, int]] = set()  # fingers that came down beside the circle
        self._shown = 0  # channels that were present
        self._status = ""
        self._complaint = ""

    @property
    def status(self) -> str:
        return self._status

    @property
    def complaint(self) -> str:
        return self._complaint

    def start(self, settings: TuioSettings, wake: Wake) -> None:
        self._settings = settings
        self._tuio, self._fingers, self._complaint = Tuio(), Fingers(), ""
        self._listening.open(settings.port, settings.listen == ANYWHERE)
        self._status = f"waits on port {self.port}"

    @property
    def port(self) -> int:
        """The port that is listened to, 0 for none."""
        return self._listening.port

    def sockets(self) -> Sequence[socket.socket]:
        return self._listening.sockets()

    def stop(self) -> None:
        self._listening.close()
        self._hub.gather(MORE, self.key, ())
        self._status = ""

    def poll(self, now: float) -> Iterable[Reading]:
        self._settings = self._hub.settings(self.key)
        self._receive(now)
        touches = self._tuio.touches(now, self._settings.patience)
        self._play(touches, now)
        self._tell(touches, now)
        return self._readings(touches)

    def _receive(self, now: float) -> None:
        """Take in what has come; what is too much is thrown away unread."""
        self._tokens = min(BURST, self._tokens + RATE * max(0.0, now - self._paid_at))
        self._paid_at = now
        for datagram, host in self._listening.waiting():
            if self._tokens < 1.0:
                self._flooded_at = now
                continue
            self._tokens -= 1.0
            self._tuio.take(datagram, host, now)

    def _tell(self, touches: Sequence[Touch], now: float) -> None:
        tables = self._tuio.tables
        fingers = f"{len(touches)} finger{'s' if len(touches) != 1 else ''}"
        self._status = {0: f"waits on port {self.port}", 1: fingers}.get(tables, f"{tables} tables, {fingers}")
        flooded = 0.0 <= now - self._flooded_at < 2.0
        self._complaint = "more is sent than can be read: most of it is dropped" if flooded else self._tuio.complaint

    # ---- fingers as pucks ------------------------------------------------------------------------------------------

    def _play(self, touches: Sequence[Touch], now: float) -> None:
        down = {(touch.source, touch.session) for touch in touches}
        self._calm = {key: calm for key, calm in self._calm.items() if key in down}
        self._strayed &= down
        fingers = [finger for touch in touches if (finger := self._finger(touch, now)) is not None]
        values = self._link.session.values
        puck, lifted = values["/puck"], bool(values["/puck/lifted"])
        assert isinstance(puck, tuple)
        played = self._fingers.step(fingers, (puck[0], puck[1]), lifted, now)
        if played.puck is not None:
            self._hub.set("/puck", played.puck, self.name)
        if played.leads:
            self._hub.holders.note("/puck", self.name, now)
        if played.lay:
            self._hub.set("/puck/lifted", False, self.name)
        self._hub.gather(MORE, self.key, played.more)

    def _finger(self, touch: Touch, now: float) -> Finger | None:
        """The finger in the puck's circle; None for one that came down beside it."""
        key, settings = (touch.source, touch.session), self._settings
        is_new = key not in self._calm
        euros = self._calm.get(key, (OneEuro(), OneEuro()))
        euros = (euros[0].step(touch.x, now, settings.smoothing), euros[1].step(touch.y, now, settings.smoothing))
        self._calm[key] = euros
        x, y = self._placed(euros[0].level or 0.0, euros[1].level or 0.0)
        if is_new and settings.area == "circle" and (x * x + y * y) ** 0.5 > MARGIN:
            self._strayed.add(key)
        if key in self._strayed:
            return None
        return Finger(key, *clamp(settings.gain * x, settings.gain * y))

    def _placed(self, across: float, down: float) -> tuple[float, float]:
        """A place on the table in puck coordinates, maybe outside the circle."""
        settings, circle = self._settings, self._hub.circle
        if settings.area == "circle" and circle is not None and circle.across > 0.0 and circle.down > 0.0:
            return (across - circle.x) / circle.across, (circle.y - down) / circle.down
        width, height = settings.right - settings.left, settings.bottom - settings.top
        x = 2.0 * (across - settings.left) / width - 1.0 if abs(width) > 1e-3 else 0.0
        y = 1.0 - 2.0 * (down - settings.top) / height if abs(height) > 1e-3 else 0.0
        return x, y

    def _readings(self, touches: Sequence[Touch]) -> Iterable[Reading]:
        """The first fingers as channels, for whoever wants to route them elsewhere or to teach by them."""
        shown = touches[:CHANNELS]
        readings = []
        for place, touch in enumerate(shown, start=1):
            readings.append(Reading(f"tuio/{place}/x", touch.x, 0.5))
            readings.append(Reading(f"tuio/{place}/y", 1.0 - touch.y, 0.5))
        for place in range(len(shown) + 1, self._shown + 1):
            readings += [Reading(f"tuio/{place}/x", None, 0.5), Reading(f"tuio/{place}/y", None, 0.5)]
        self._shown = len(shown)
        return readings
