"""Setting the corners of a projection: the picture that shows where they are, and what keys and a hand do to them.

A projector that stands askew throws a crooked picture; each corner can be moved by up to a tenth of the picture until
the throw fills its screen. UI thread, but knows no window.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from frontend.config.setting_fields import Corner
from frontend.look.colour import rgb_of_hex
from frontend.stage.boxes import Floats, joined, rectangles, width, words
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import StageLayout
from frontend.stage.look import StageLook
from frontend.stage.settings import CORNERS, StageSettings
from frontend.stage.staging import StageState

STEP_SHARE, LEAP_SHARE = 0.001, 0.01  # of the picture, that a key moves a corner
GRASP_SHARE = 0.12  # of the picture's height, within which a hand takes hold of a corner
GRID_SQUARES = (16, 9)  # of the grid, across and down
HANDLE_SHARE = 0.035  # of the height, the side of a corner's mark
MARKED = "#FF5C9E"  # the corner that is being set
HELP = "drag a corner, or press 1 2 3 4 and the arrows (Shift: farther)  -  0: straight  -  Enter: done"


HOMES: Sequence[Corner] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
ARROWS = {0xFF51: (-1, 0), 0xFF52: (0, -1), 0xFF53: (1, 0), 0xFF54: (0, 1)}  # pyglet's symbols (X keysyms)
DONE_KEYS = (0xFF0D, 0xFF8D, 0xFF1B, ord("k"))  # Enter, that of the number pad, Escape, and the key that began it


def grasped(settings: StageSettings, place: Corner, shape: float) -> int | None:
    """The corner that a hand at ``place`` (0..1 of the window) takes; ``shape`` is the window's width by its height."""
    ways = [
        ((place[0] - x - dx) * shape, place[1] - y - dy) for (x, y), (dx, dy) in zip(HOMES, settings.pins, strict=True)
    ]
    distances = [float(np.hypot(*way)) for way in ways]
    nearest = min(range(4), key=distances.__getitem__)
    return nearest if distances[nearest] <= GRASP_SHARE else None


class CornerEditor:
    """Keys and hand in the stage window while ``staging.pinned`` names the corner that is being set."""

    def __init__(self, staging: StageState) -> None:
        self._staging = staging
        self._held: tuple[int, float, float] | None = None  # the corner, and how far beside it the hand took it

    def key(self, symbol: int, far: bool) -> None:
        """A key of the keyboard, as pyglet names it; ``far``: with Shift."""
        staging = self._staging
        if symbol in DONE_KEYS:
            staging.pinned = None
        elif ord("1") <= symbol <= ord("4"):
            staging.pinned = symbol - ord("1")
        elif symbol == ord("0"):
            for name in CORNERS:
                staging.reset(name)
        elif symbol in ARROWS and staging.pinned is not None:
            step = LEAP_SHARE if far else STEP_SHARE
            x, y = staging.settings.pins[staging.pinned]
            staging.set(CORNERS[staging.pinned], (x + step * ARROWS[symbol][0], y + step * ARROWS[symbol][1]))

    def press(self, place: Corner, shape: float) -> None:
        """A hand comes down at ``place``, 0..1 of the window's width and height, y down; see ``grasped``."""
        corner = grasped(self._staging.settings, place, shape)
        if corner is not None:
            x, y = self._staging.settings.pins[corner]
            self._held = corner, x - place[0], y - place[1]
            self._staging.pinned = corner

    def drag(self, place: Corner) -> None:
        if self._held is not None:
            corner, x, y = self._held
            self._staging.set(CORNERS[corner], (place[0] + x, place[1] + y))

    def release(self) -> None:
        self._held = None


def grid_picture(layout: StageLayout, look: StageLook, atlas: GlyphAtlas, face: int, corner: int) -> Floats:
    """A grid over the whole picture, its rim, its middle, and the four corners; ``corner`` is the one being set."""
    wide, high = layout.width, layout.height
    ink, thin, thick = rgb_of_hex(look.theme.ink), max(1, round(high / 1080)), max(2, round(high / 270))
    lines = [(x - thin / 2, 0, x + thin / 2, high) for x in np.rint(np.linspace(0, wide, GRID_SQUARES[0] + 1))[1:-1]]
    lines += [(0, y - thin / 2, wide, y + thin / 2) for y in np.rint(np.linspace(0, high, GRID_SQUARES[1] + 1))[1:-1]]
    rim = [(0, 0, wide, thick), (0, high - thick, wide, high), (0, 0, thick, high), (wide - thick, 0, wide, high)]
    cross = [
        (wide / 2 - thick / 2, high / 2 - high / 14, wide / 2 + thick / 2, high / 2 + high / 14),
        (wide / 2 - high / 14, high / 2 - thick / 2, wide / 2 + high / 14, high / 2 + thick / 2),
    ]
    side = HANDLE_SHARE * high
    marks = [
        (x * (wide - side), y * (high - side), x * (wide - side) + side, y * (high - side) + side) for x, y in HOMES
    ]
    colours = [rgb_of_hex(MARKED) if place == corner else ink for place in range(4)]
    parts = [
        rectangles(atlas, lines, ink, 0.3),
        rectangles(atlas, rim + cross, ink, 1.0),
        rectangles(atlas, marks, colours, 1.0),
    ]
    for place, (left, top, _, _) in enumerate(marks):
        number = str(place + 1)
        x = left + (side - width(atlas, face, number)) / 2
        parts.append(words(atlas, face, number, (x, top + 0.72 * side), rgb_of_hex(look.theme.ground), 1.0))
    x, y = look.settings.pins[corner]
    caption = f"{CORNERS[corner].replace('_', ' ')}  {100 * x:+.1f} %  {100 * y:+.1f} %"
    for text, at in ((caption, 0.625), (HELP, 0.735)):
        room = width(atlas, face, text)
        behind = ((wide - room) / 2 - side, (at - 0.03) * high, (wide + room) / 2 + side, (at + 0.016) * high)
        parts.append(rectangles(atlas, behind, rgb_of_hex(look.theme.ground), 1.0))
        parts.append(words(atlas, face, text, ((wide - room) / 2, at * high), ink, 1.0))
    return joined(*parts)
