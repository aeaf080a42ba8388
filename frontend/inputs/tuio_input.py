"""The way in for touch tables: TUIO 1.1 by UDP, each finger a puck. Hands' thread, but for what ``Input`` says.

Off until it is switched on, and heard from this machine alone until it is told otherwise. A flood is read and thrown
away: no more is decoded than eight tables would send.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from frontend.fields import Field, Table
from frontend.inputs.channels import COMMON, Reading, Shaping
from frontend.inputs.fingers import Finger, Fingers
from frontend.inputs.hub import Hub, Wake
from frontend.inputs.hub_file import Route
from frontend.inputs.one_euro import OneEuro
from frontend.inputs.tuio import Touch, Tuio
from frontend.inputs.udp import Listening
from frontend.link import LinkLike
from protocol.puck import clamp
from protocol.pucks import MORE

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
    Field("port", "port", "", "whole", "the UDP port that the table sends to", 1, 65_535, 1),
    Field(
        "listen",
        "heard from",
        "",
        "choice",
        "who may send: a program on this machine, or any in the network",
        choices=("this machine", ANYWHERE),
    ),
    Field(
        "area",
        "area",
        "",
        "choice",
        "what the puck's circle fills: a part of the table; or, where the table shows "
        "this window over all of it, the circle that is seen",
        choices=("table", "circle"),
    ),
    Field("left", "left", "", "number", "where the circle begins on the table"),
    Field("right", "right", "", "number", "where it ends"),
    Field("top", "top", "", "number", "where it begins, from above"),
    Field("bottom", "bottom", "", "number", "where it ends, from above"),
    Field(
        "patience",
        "patience",
        "",
        "number",
        "seconds without a word after which a table's fingers are gone",
        1.0,
        60.0,
        0.5,
    ),
)


class TuioInput:
    """TUIO as an input of ``hub``."""

    key, name = "tuio", "TUIO"
    table = Table("TUIO", TuioSettings(), "[tuio]", (*COMMON, *OWN))
    routes: Sequence[Route] = ()

    def __init__(self, hub: Hub, link: LinkLike) -> None:
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
        values = self._link.mirror.values
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
