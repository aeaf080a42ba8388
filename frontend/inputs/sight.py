"""What a hand and a face before the camera say: landmarks in, levels from 0 to 1 out. Pure.

Landmarks are numbered as MediaPipe numbers them: 21 of a hand, 468 or 478 of a face, each x, y, z with x and y in parts
of the picture from its top left, z on the scale of x. Measures are ratios of lengths, so that nearness does not count;
their ends were chosen so that a face at rest lies near the lower and what most people can do near the upper one.

Only the standard library: the camera's own process reads this file too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Points = Sequence[Sequence[float]]

HAND, FACE = 21, 468  # landmarks at least
WRIST, THUMB_TIP, INDEX_TIP, MIDDLE_ROOT = 0, 4, 8, 9
PALM = (0, 5, 9, 13, 17)
FINGERS = ((5, 8), (9, 12), (13, 16), (17, 20))  # root and tip of each but the thumb
EYES = (33, 263)  # the outer corners, as the picture has them: left and right
LIPS, MOUTH, CORNERS = (13, 14), (78, 308), (61, 291)  # inner lips up and down, inner corners, outer corners
BROWS = ((105, 159), (334, 386))  # brow over lid
TOP, CHIN, NOSE = 10, 152, 1
TURN = math.radians(40.0)  # of the head, to either side, is all
MIDDLES = {"x": 0.5, "y": 0.5, "yaw": 0.5, "pitch": 0.5, "roll": 0.5}  # where these rest; the others at 0
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
    return _unit(angle, -TURN, TURN)


def _unit(number: float, none: float, whole: float) -> float:
    """Where ``number`` lies on the way from ``none`` to ``whole``, 0 to 1."""
    return min(1.0, max(0.0, (number - none) / (whole - none)))
