"""Leap Motion: a hand in the air is the puck, and how high it is or how closed turns something else.

Channels, 0 to 1: ``leap/hand/x`` to the right, ``leap/hand/height`` up, ``leap/hand/depth`` away from the player,
``leap/hand/grip`` from flat to fist, ``leap/hand/pinch``. The hand is the one that has been there longest; the left
and the right one have the same five, such as ``leap/left/x``. The hands' thread; the websocket has a thread of its own.
"""

from __future__ import annotations

import contextlib
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from frontend.config.setting_fields import SettingsTable, choice, number
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.interface import Wake
from protocol.documents import json_of
from protocol.errors import MessageError

ADDRESS = "ws://127.0.0.1:6437/v6.json"

# ---- frames ----------------------------------------------------------------------------------------------------------
# Leap Motion's service sends JSON by websocket, version 6 of its protocol, a frame a message: {"id": 17, "hands":
# [{"id": 4, "type": "right", "palmPosition": [x, y, z], "grabStrength": 0..1, "pinchStrength": 0..1, "confidence":
# 0..1}], "interactionBox": {"center": [0, 200, 0], "size": [235, 235, 148]}}. Millimetres from the middle of the
# device: x to the right, y up, z towards the player. What is no frame raises ``MessageError``; what lies outside the
# box is its edge. Pure.

MAX_FRAME_CHARS = 262_144  # characters; two hands with all their fingers are about 10,000
MAX_HANDS = 8
MIN_CONFIDENCE = 0.1  # a hand that the device believes in less is none
REST_LEVELS = {"x": 0.5, "height": 0.0, "depth": 0.5, "grip": 0.0, "pinch": 0.0}  # where each rests


@dataclass(frozen=True)
class Box:
    """The part of the air that counts, in mm: from the left, the bottom and the back of it, and how large it is."""

    width: float = 235.0
    low: float = 82.5  # the bottom of the box over the device
    tall: float = 235.0
    deep: float = 147.5

    def place(self, palm: Sequence[float]) -> tuple[float, float, float]:
        """Across, up, and away from the player, each 0 to 1 inside the box."""
        x, y, z = palm
        return _unit(x / self.width + 0.5), _unit((y - self.low) / self.tall), _unit(0.5 - z / self.deep)


@dataclass(frozen=True)
class HandInAir:
    """One hand. ``palm`` in mm; ``grip`` 0 is flat and 1 a fist; ``pinch`` 1 is thumb on finger."""

    id: int
    side: str  # "left" or "right"
    palm: tuple[float, float, float]
    grip: float
    pinch: float

    def levels(self, box: Box) -> dict[str, float]:
        """What each axis says of it, 0 to 1."""
        x, height, depth = box.place(self.palm)
        return {"x": x, "height": height, "depth": depth, "grip": self.grip, "pinch": self.pinch}


def read_frame(message: str | bytes) -> tuple[tuple[HandInAir, ...], str] | None:
    """The hands in a frame, and a line about those that make no sense and are left out, empty where all do.

    None for a message of another kind, such as the service's greeting. Raises ``MessageError`` for what is neither.
    """
    if not isinstance(message, str) or len(message) > MAX_FRAME_CHARS:
        raise MessageError(f"Leap Motion: a message of {len(message)} bytes is no frame")
    try:
        frame = json_of(message)
    except ValueError:
        raise MessageError("Leap Motion: a frame was no JSON") from None
    if not isinstance(frame, dict):
        raise MessageError("Leap Motion: a frame was no object")
    if "hands" not in frame:
        if "version" in frame or "event" in frame or "serviceVersion" in frame:
            return None
        raise MessageError("Leap Motion: a frame had no hands")
    hands = frame["hands"]
    if not isinstance(hands, list):
        raise MessageError("Leap Motion: a frame's hands were no list")
    found: list[HandInAir] = []
    complaint = ""
    for entry in hands[:MAX_HANDS]:
        try:
            hand = _hand(entry)
        except MessageError as error:
            complaint = complaint or str(error)
        else:
            found += [] if hand is None else [hand]
    return tuple(found), complaint


def _hand(entry: object) -> HandInAir | None:
    if not isinstance(entry, dict):
        raise MessageError("Leap Motion: a hand was no object")
    palm = entry.get("palmPosition")
    if not isinstance(palm, list) or len(palm) != 3:
        raise MessageError("Leap Motion: a hand had no palm")
    x, y, z = (_number(part, "a palm") for part in palm)
    number, side = entry.get("id"), entry.get("type")
    if isinstance(number, bool) or not isinstance(number, int) or side not in ("left", "right"):
        raise MessageError("Leap Motion: a hand was neither left nor right")
    if _number(entry.get("confidence", 1.0), "a confidence") < MIN_CONFIDENCE:
        return None
    grip, pinch = _strength(entry, "grabStrength"), _strength(entry, "pinchStrength")
    return HandInAir(number, str(side), (x, y, z), grip, pinch)


def _strength(entry: Mapping[str, object], key: str) -> float:
    return _unit(_number(entry.get(key, 0.0), key))


def _number(value: object, what: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise MessageError(f"Leap Motion: {what} was no finite number")


def _unit(number: float) -> float:
    return min(1.0, max(0.0, number))


class Following:
    """Which hand is *the* hand while several come and go: the one that has been there longest."""

    def __init__(self) -> None:
        self._since: dict[int, int] = {}
        self._frames = 0

    def see(self, hands: Sequence[HandInAir]) -> dict[str, HandInAir]:
        """The hands by what they are called: "hand", and "left" and "right", of each the one longest there."""
        self._frames += 1
        self._since = {hand.id: self._since.get(hand.id, self._frames) for hand in hands}
        called: dict[str, HandInAir] = {}
        for hand in sorted(hands, key=lambda hand: (self._since[hand.id], hand.id)):
            called.setdefault("hand", hand)
            called.setdefault(hand.side, hand)
        return called


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


TABLE = SettingsTable(
    "Leap Motion",
    LeapSettings(),
    "[leap]",
    (
        *SHAPING_FIELDS,
        number("width", "box: wide", "box", "millimetres of air from its left to its right", 40.0, 800.0, 5.0),
        number("bottom", "from", "box", "millimetres over the device at which its bottom is", 20.0, 400.0, 5.0),
        number("tall", "tall", "box", "millimetres from its bottom to its top", 40.0, 600.0, 5.0),
        number("deep", "deep", "box", "millimetres from its front to its back", 40.0, 600.0, 5.0),
        choice("address", "", "", ""),
    ),
)
READY = (
    Binding("leap/hand/x", "/puck.x"),
    Binding("leap/hand/depth", "/puck.y"),
    Binding("leap/hand/height", "/mix/temperature", 0.1, 0.6),
)


class Leap:
    """The way in for Leap Motion."""

    key, name, table = "leap", "Leap Motion", TABLE
    ready: Sequence[Binding] = READY

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
            for axis, middle in REST_LEVELS.items():
                yield Reading(f"leap/{called}/{axis}", levels.get(axis), middle)

    def sockets(self) -> Sequence[socket.socket]:
        return ()

    def stop(self) -> None:
        client, self._client = self._client, None
        self._seen.clear()
        if client is not None:
            client.close()


# ---- the websocket ---------------------------------------------------------------------------------------------------
# A thread of its own connects, and connects again while nobody answers; it keeps only what came last, so that a flood
# of frames grows nothing. ``hands`` and ``complaint`` may be read from any thread.

RECONNECT_S = 0.5  # seconds between two attempts to connect
LISTEN_TIMEOUT_S = 0.1  # seconds that the thread listens before it looks whether it is to end
NO_FRAME_S = 0.25  # seconds without a frame after which nobody's hand is known; the slowest service sends 30 a second
COMPLAINT_SHOWN_S = 5.0  # seconds that a broken frame is spoken of
BACKGROUND = json.dumps({"background": True})  # send frames although another window has the focus


class LeapClient:
    """Listens to ``address`` from ``start`` to ``close``; ``wake`` is called, on its thread, for every frame."""

    def __init__(self, address: str = ADDRESS, wake: Callable[[], None] = lambda: None) -> None:
        self.address, self._wake = address, wake
        self.connected = False
        self.frames = 0  # received so far
        self._latest: tuple[float, dict[str, HandInAir]] = (-math.inf, {})
        self._complaint = ("", -math.inf)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="antiphon leap", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop listening; a second time does nothing."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=2.5)

    def hands(self, now: float) -> dict[str, HandInAir]:
        """The hands that are there, as "hand", "left" and "right". ``now`` in monotonic seconds."""
        at, hands = self._latest
        return hands if now - at < NO_FRAME_S else {}

    def complaint(self, now: float) -> str:
        """One line about the last broken frame, for a few seconds; empty when all is well."""
        words, at = self._complaint
        return words if now - at < COMPLAINT_SHOWN_S else ""

    def _run(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(OSError, WebSocketException, ValueError), self._connected() as socket:
                self._listen(socket)
            self.connected = False
            self._ending.wait(RECONNECT_S)

    def _connected(self) -> ClientConnection:
        return connect(
            self.address,
            open_timeout=2.0,
            close_timeout=0.2,
            max_size=4 * MAX_FRAME_CHARS,
            max_queue=4,
            compression=None,
            proxy=None,
        )

    def _listen(self, socket: ClientConnection) -> None:
        """Until the service goes. Raises what the socket raises then."""
        socket.send(BACKGROUND)
        following = Following()
        self.connected = True
        while not self._ending.is_set():
            try:
                message = socket.recv(timeout=LISTEN_TIMEOUT_S)
            except TimeoutError:
                continue
            now = time.monotonic()
            try:
                frame = read_frame(message)
            except MessageError as error:
                self._complaint = (str(error), now)
                continue
            if frame is not None:
                hands, complaint = frame
                if complaint:
                    self._complaint = (complaint, now)
                self._latest = (now, following.see(hands))
                self.frames += 1
                self._wake()
