"""Landmarks and anything else from other programs, by OSC: numbers under any address become channels.

FaceOSC, bridges from MediaPipe, ZIG SIM, sensors: see ``frontend.inputs.osc_numbers`` for what becomes of a number. Off
until it is switched on, and then this machine alone is heard unless the settings say otherwise. The hands' thread.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from frontend.fields import Field, Table
from frontend.inputs.channels import COMMON, Reading, Shaping
from frontend.inputs.hub import Wake
from frontend.inputs.hub_file import Route
from frontend.inputs.osc_numbers import Numbers
from frontend.inputs.udp import Listening

PORT = 8338  # FaceOSC's


@dataclass(frozen=True)
class OscSettings(Shaping):
    port: int = PORT
    wide: bool = False


TABLE = Table(
    "OSC",
    OscSettings(),
    "[osc]",
    (
        *COMMON,
        Field("port", "UDP port", "network", "whole", "where programs send to", 1, 65_535, 1.0),
        Field("wide", "from outside", "network", "flag", "other machines are heard too"),
    ),
)


class OscIn:
    """The way in for numbers by OSC."""

    key, name, table = "osc", "OSC", TABLE
    routes: Sequence[Route] = ()

    def __init__(self) -> None:
        self._listening = Listening()
        self._numbers = Numbers()

    @property
    def status(self) -> str:
        heard, port = self._numbers.heard, self._listening.port
        return "" if not port else f"{heard} numbers at port {port}" if heard else f"nothing yet at port {port}"

    @property
    def complaint(self) -> str:
        return self._numbers.complaint(time.monotonic())

    def start(self, settings: OscSettings, wake: Wake) -> None:
        self._numbers = Numbers()
        self._listening.open(settings.port, settings.wide)

    def poll(self, now: float) -> Iterator[Reading]:
        for datagram, _ in self._listening.waiting():
            yield from self._numbers.hear(datagram, now)
        yield from self._numbers.gone(now)

    def sockets(self) -> Sequence[socket.socket]:
        return self._listening.sockets()

    def stop(self) -> None:
        self._listening.close()
