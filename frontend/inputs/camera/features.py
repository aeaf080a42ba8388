"""What a hand and a face before the camera say: landmarks in, levels from 0 to 1 out. Pure.

Landmarks are numbered as MediaPipe numbers them: 21 of a hand, 468 or 478 of a face, each x, y, z with x and y in parts
of the picture from its top left, z on the scale of x. Measures are ratios of lengths, so that nearness does not count;
their ends were chosen so that a face at rest lies near the lower and what most people can do near the upper one.

Only the standard library: the camera's own process reads this file too.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

# ---- the pipe --------------------------------------------------------------------------------------------------------
# The camera's process writes one glimpse after another: two big-endian 32-bit lengths, so many bytes of JSON and so
# many of picture (RGB, row by row): {"trouble": "", "levels": {"hand/x": 0.4}, "width": 320, "height": 240, "ms":
# 12.5}. Lengths and levels are checked before they are used.

MAX_JSON_BYTES = 65_536  # bytes of JSON
MAX_PICTURE_SIDE = 640  # pixels a side of the picture
MAX_LEVELS = 64
HEAD = struct.Struct(">II")


@dataclass(frozen=True)
class Glimpse:
    """``levels`` by channel without the input's key; ``picture`` is width x height x 3 bytes, or empty."""

    levels: Mapping[str, float] = field(default_factory=dict)
    width: int = 0
    height: int = 0
    picture: bytes = b""
    trouble: str = ""
    ms: float = 0.0  # that looking took


def put(pipe: BinaryIO, glimpse: Glimpse) -> None:
    """Raises ``OSError`` when nobody reads any more."""
    words = {
        "trouble": glimpse.trouble,
        "levels": dict(glimpse.levels),
        "width": glimpse.width,
        "height": glimpse.height,
        "ms": round(glimpse.ms, 3),
    }
    text = json.dumps(words).encode("ascii")
    pipe.write(HEAD.pack(len(text), len(glimpse.picture)) + text + glimpse.picture)
    pipe.flush()


def get(pipe: BinaryIO) -> Glimpse | None:
    """The next glimpse; None at the end. Raises ``ValueError`` for what is none: nothing after it can be read."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    words_long, picture_long = HEAD.unpack(head)
    if words_long > MAX_JSON_BYTES or picture_long > 3 * MAX_PICTURE_SIDE * MAX_PICTURE_SIDE:
        raise ValueError("a glimpse is too long")
    text, picture = pipe.read(words_long), pipe.read(picture_long)
    if len(text) < words_long or len(picture) < picture_long:
        return None
    words = json.loads(text)
    if not isinstance(words, dict):
        raise ValueError("a glimpse is an object")
    width, height, levels = words.get("width"), words.get("height"), words.get("levels")
    if not (isinstance(width, int) and isinstance(height, int) and width * height * 3 == picture_long):
        raise ValueError("a glimpse's picture has another size than it says")
    if not isinstance(levels, dict) or len(levels) > MAX_LEVELS:
        raise ValueError("a glimpse has no levels, or too many")
    taken = {
        str(name)[:40]: float(level)
        for name, level in levels.items()
        if isinstance(level, (int, float)) and math.isfinite(level)
    }
    ms = words.get("ms")
    trouble = " ".join(str(words.get("trouble", ""))[:200].split())
    return Glimpse(taken, width, height, picture, trouble, float(ms) if isinstance(ms, (int, float)) else 0.0)


Points = Sequence[Sequence[float]]

HAND, FACE = 21, 468  # landmarks at least
WRIST, THUMB_TIP, INDEX_TIP, MIDDLE_ROOT = 0, 4, 8, 9
PALM = (0, 5, 9, 13, 17)
FINGERS = ((5, 8), (9, 12), (13, 16), (17, 20))  # root and tip of each but the thumb
EYES = (33, 263)  # the outer corners, as the picture has them: left and right
LIPS, MOUTH, CORNERS = (13, 14), (78, 308), (61, 291)  # inner lips up and down, inner corners, outer corners
BROWS = ((105, 159), (334, 386))  # brow over lid
TOP, CHIN, NOSE = 10, 152, 1
HEAD_TURN = math.radians(40.0)  # of the head, to either side, is all
REST_LEVELS = {"x": 0.5, "y": 0.5, "yaw": 0.5, "pitch": 0.5, "roll": 0.5}  # where these rest; the others at 0
CHIN_FORWARD = math.radians(8.0)  # that a head held straight seems to nod, by the shape of a face


def hand(points: Points, aspect: float) -> dict[str, float]:
    """The levels of one hand; ``aspect`` is the picture's width by its height. Raises ``ValueError`` for none."""
    place = _square(points, aspect, HAND)
    x = sum(points[each][0] for each in PALM) / len(PALM)
    y = sum(points[each][1] for each in PALM) / len(PALM)
    span = _far(place, WRIST, MIDDLE_ROOT)
    reach = sum(_far(place, WRIST, tip) / _far(place, WRIST, root) for root, tip in FINGERS) / len(FINGERS)
    return {
        "x": _unit(x, 0.15, 0.85),
        "y": _unit(y, 0.85, 0.15),
        "grip": _unit(reach, 1.85, 0.95),
        "pinch": _unit(_far(place, THUMB_TIP, INDEX_TIP) / span, 0.9, 0.15),
    }


def face(points: Points, aspect: float) -> dict[str, float]:
    """The levels of one face. Raises ``ValueError`` where it is none."""
    place = _square(points, aspect, FACE)
    eyes = _far(place, *EYES)
    left, right, top, chin = (place[each] for each in (*EYES, TOP, CHIN))
    brow = sum(_far(place, *each) for each in BROWS) / len(BROWS)
    return {
        "x": _unit(points[NOSE][0], 0.15, 0.85),
        "y": _unit(points[NOSE][1], 0.85, 0.15),
        "mouth": _unit(_far(place, *LIPS) / _far(place, *MOUTH), 0.03, 0.7),
        "smile": _unit(_far(place, *CORNERS) / eyes, 0.5, 0.75),
        "brow": _unit(brow / eyes, 0.18, 0.34),
        "yaw": _turn(math.atan2(right[2] - left[2], right[0] - left[0])),
        "pitch": _turn(math.atan2(chin[2] - top[2], chin[1] - top[1]) - CHIN_FORWARD),
        "roll": _turn(math.atan2(right[1] - left[1], right[0] - left[0])),
    }


def _square(points: Points, aspect: float, least: int) -> list[tuple[float, float, float]]:
    """In units of the picture's height, so that lengths can be compared."""
    if len(points) < least:
        raise ValueError(f"{len(points)} landmarks are too few")
    return [(x * aspect, y, z * aspect) for x, y, z in points]


def _far(place: Sequence[tuple[float, float, float]], one: int, other: int) -> float:
    return max(1e-6, math.dist(place[one], place[other]))


def _turn(angle: float) -> float:
    return _unit(angle, -HEAD_TURN, HEAD_TURN)


def _unit(number: float, none: float, whole: float) -> float:
    """Where ``number`` lies on the way from ``none`` to ``whole``, 0 to 1."""
    return min(1.0, max(0.0, (number - none) / (whole - none)))
