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
from frontend.inputs.udp import listen, waiting

PORT = 8338  # FaceOSC's


@dataclass(frozen=True)
class OscSettings(Shaping):
    port: int = PORT
    wide: bool = False


TABLE = Table("OSC", OscSettings(), "[osc]", (
    *COMMON,
    Field("port", "UDP port", "network", "whole", "where programs send to", 1, 65_535, 1.0),
    Field("wide", "from outside", "network", "flag", "other machines are heard too"),
))  # fmt: skip


class OscIn:
    """The way in for numbers by OSC."""

    key, name, table = "osc", "OSC", TABLE
    routes: Sequence[Route] = ()

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._numbers = Numbers()
        self._port = 0

    @property
    def status(self) -> str:
        if self._socket is None:
            return ""
        heard = self._numbers.heard
        return f"{heard} numbers at port {self._port}" if heard else f"nothing yet at port {self._port}"

    @property
    def complaint(self) -> str:
        return self._numbers.complaint(time.monotonic())

    def start(self, settings: OscSettings, wake: Wake) -> None:
        self._numbers = Numbers()
        self._socket = listen(settings.port, settings.wide)
        self._port = self._socket.getsockname()[1]

    def poll(self, now: float) -> Iterator[Reading]:
        if self._socket is not None:
            for datagram in waiting(self._socket):
                yield from self._numbers.hear(datagram, now)
            yield from self._numbers.gone(now)

    def sockets(self) -> Sequence[socket.socket]:
        return () if self._socket is None else (self._socket,)

    def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
