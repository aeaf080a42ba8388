"""Leap Motion's frames: JSON as its service sends it, into hands in a box. Pure.

The protocol is version 6 of the Leap Motion WebSocket JSON, one frame a text message:

    {"id": 17, "hands": [{"id": 4, "type": "right", "palmPosition": [x, y, z], "grabStrength": 0..1,
                          "pinchStrength": 0..1, "confidence": 0..1}],
     "interactionBox": {"center": [0, 200, 0], "size": [235, 235, 148]}}

Millimetres from the middle of the device: x to the right, y up, z towards the player. Frames come from another program,
so nothing in them is believed: what is no frame raises ``MessageError``, what lies outside the box is its edge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocol.documents import json_of
from protocol.errors import MessageError

LONGEST_FRAME = 262_144  # characters; two hands with all their fingers are about 10,000
MOST_HANDS = 8
DOUBTED = 0.1  # a hand that the device believes in less is none
MIDDLES = {"x": 0.5, "height": 0.0, "depth": 0.5, "grip": 0.0, "pinch": 0.0}  # where each rests


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


def read_frame(message: str | bytes) -> tuple[HandInAir, ...] | None:
    """The hands in a frame; None for a message of another kind, such as the service's greeting.

    Raises ``MessageError`` for what is neither.
    """
    if not isinstance(message, str) or len(message) > LONGEST_FRAME:
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
    found = [_hand(entry) for entry in hands[:MOST_HANDS]]
    return tuple(hand for hand in found if hand is not None)


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
    if _number(entry.get("confidence", 1.0), "a confidence") < DOUBTED:
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
