"""Leap Motion: a hand in the air is the puck, and how high it is or how closed turns something else.

Channels, 0 to 1: ``leap/hand/x`` to the right, ``leap/hand/height`` up, ``leap/hand/depth`` away from the player,
``leap/hand/grip`` from flat to fist, ``leap/hand/pinch``. The hand is the one that has been there longest; the left
and the right one have the same five, such as ``leap/left/x``. The hands' thread; the websocket has a thread of its own
(``frontend.inputs.leap_client``).
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
from frontend.inputs.leap_client import ADDRESS, LeapClient
from frontend.inputs.leap_frames import MIDDLES, Box

CALLED = ("hand", "left", "right")


@dataclass(frozen=True)
class LeapSettings(Shaping):
    """The box in the air that counts, in mm: how wide and deep it is about the device, where it begins above it."""

    width: float = 235.0
    bottom: float = 82.5
    tall: float = 235.0
    deep: float = 147.5
    address: str = ADDRESS

    @property
    def box(self) -> Box:
        return Box(self.width, self.bottom, self.tall, self.deep)


TABLE = Table(
    "Leap Motion",
    LeapSettings(),
    "[leap]",
    (
        *COMMON,
        Field("width", "box: wide", "box", "number", "millimetres of air from its left to its right", 40.0, 800.0, 5.0),
        Field(
            "bottom", "from", "box", "number", "millimetres over the device at which its bottom is", 20.0, 400.0, 5.0
        ),
        Field("tall", "tall", "box", "number", "millimetres from its bottom to its top", 40.0, 600.0, 5.0),
        Field("deep", "deep", "box", "number", "millimetres from its front to its back", 40.0, 600.0, 5.0),
        Field("address", "", "", "choice", ""),
    ),
)
ROUTES = (
    Route("leap/hand/x", "/puck.x"),
    Route("leap/hand/depth", "/puck.y"),
    Route("leap/hand/height", "/mix/temperature", 0.1, 0.6),
)


class Leap:
    """The way in for Leap Motion."""

    key, name, table = "leap", "Leap Motion", TABLE
    routes: Sequence[Route] = ROUTES

    def __init__(self) -> None:
        self._client: LeapClient | None = None
        self._box = Box()
        self._seen: set[str] = set()

    @property
    def status(self) -> str:
        client = self._client
        if client is None:
            return ""
        if not client.connected:
            return f"waiting for its service at {client.address}"
        hands = len({hand.id for hand in client.hands(time.monotonic()).values()})
        return ("no hand", "one hand", "two hands")[min(2, hands)]

    @property
    def complaint(self) -> str:
        return "" if self._client is None else self._client.complaint(time.monotonic())

    def start(self, settings: LeapSettings, wake: Wake) -> None:
        self._box = settings.box
        self._client = LeapClient(settings.address, wake)
        self._client.start()

    def poll(self, now: float) -> Iterator[Reading]:
        if self._client is None:
            return
        hands = self._client.hands(now)
        for called in CALLED:
            hand = hands.get(called)
            if hand is None and called not in self._seen:
                continue
            levels = {} if hand is None else hand.levels(self._box)
            (self._seen.discard if hand is None else self._seen.add)(called)
            for axis, middle in MIDDLES.items():
                yield Reading(f"leap/{called}/{axis}", levels.get(axis), middle)

    def sockets(self) -> Sequence[socket.socket]:
        return ()

    def stop(self) -> None:
        client, self._client = self._client, None
        self._seen.clear()
        if client is not None:
            client.close()
