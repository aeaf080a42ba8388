"""What the audience's phones add to the stage: their pucks as points in a small circle, and the code that invites more.

Both stand in the margin under the text, or in the upper corners where the histogram has the margin. The points move
smoothly at any frame rate, however seldom places arrive. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontend.look.colour import Palette, bytes_of_oklab, rgb_of_hex
from frontend.remote.links import QUIET_ZONE, code_of, runs
from frontend.stage.boxes import NONE, POINT, RING, Floats, joined, rectangles, sprites, width, words
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import CAPITAL_EMS, TOP_SHARE, StageLayout
from frontend.stage.look import StageLook
from protocol.puck import MOST_CROWD, Puck, position

# ---- the points ------------------------------------------------------------------------------------------------------

Points = NDArray[np.float64]

HALF_LIFE = 0.06  # seconds in which a point goes half of its way

NO_POINTS: Points = np.zeros((0, 3))


class CrowdPoints:
    """Follows the crowd; a point keeps its place in the list, and one that comes is at once where it is."""

    def __init__(self) -> None:
        self._places = np.full((MOST_CROWD, 2), np.nan)
        self._at: float | None = None

    def follow(self, pucks: Sequence[Puck], now: float) -> Points:
        """(P, 3) x, y in radii and weight of those who are there, at ``now`` in seconds."""
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        if not pucks:
            self._places.fill(np.nan)
            return NO_POINTS
        said = np.array(pucks[:MOST_CROWD], np.float64).reshape(-1, 3)
        here = said[:, 2] > 0.0
        places = self._places
        places[len(said) :] = np.nan
        places[: len(said)][~here] = np.nan
        seen = places[: len(said)]
        came = np.isnan(seen[:, 0]) & here
        seen[came] = said[came, :2]
        seen[here] += (said[here, :2] - seen[here]) * (1.0 - 0.5 ** (passed / HALF_LIFE))
        if not here.any():
            return NO_POINTS
        return np.column_stack([seen[here], said[here, 2]])


def nearness(places: Points, n: int, falloff: float = 2.0) -> Points:
    """(P, n) how much of each of ``n`` voices a point at ``places`` (P, 2) has, summing to 1: its colour's shares."""
    voices = np.array([position(i, n) for i in range(n)]).reshape(n, 2)
    apart = places[:, None] - voices
    near = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 0.03) ** -falloff
    shares: Points = near / near.sum(axis=1, keepdims=True)
    return shares


CIRCLE_RADIUS_SHARE = 0.064  # of the height: the circle's radius at most
CAPTION = "scan it, and play along"
CAPTION_LINES, CAPTION_ALPHA = 1.6, 0.85  # of its own height, that the large code's caption has
GAP_EMS = 0.35  # ems of the text's type between the large code and the line that is written
PHONE_POINT_RADII, VOICE_POINT_RADII = 0.085, 0.1  # of the radius: a phone's point, a voice's
LIGHTNESS_LIFT = 0.25  # of the lightness that is lacking, by which points are lighter than the voices' colours


@dataclass(frozen=True)
class FreeMargin:
    """The strip that is free: its upper and lower edge, and how far from the sides it begins; pixels."""

    top: float
    bottom: float
    side: float

    @classmethod
    def of(cls, layout: StageLayout) -> FreeMargin:
        if layout.plot is not None:
            top = TOP_SHARE * layout.height
            return cls(top, top + 2.2 * CIRCLE_RADIUS_SHARE * layout.height, layout.left)
        top = layout.baseline + 0.36 * layout.em
        bottom = layout.height - layout.bar - max(layout.gap, 0.012 * layout.height)
        if layout.name:
            bottom = layout.names - 1.2 * layout.name
        return cls(top, max(top + 0.02 * layout.height, bottom), layout.left)


def swarm(
    layout: StageLayout,
    look: StageLook,
    atlas: GlyphAtlas,
    palette: Palette,
    ring: Sequence[int],
    points: NDArray[np.float64],
) -> Floats:
    """Boxes (n, 12): the circle with the voices of ``ring``, and ``points`` (P, 3), x, y in radii and weight."""
    if not len(points) or not ring:
        return NONE
    margin = FreeMargin.of(layout)
    r = min(CIRCLE_RADIUS_SHARE * layout.height, (margin.bottom - margin.top) / 2 / (1.0 + VOICE_POINT_RADII))
    middle = np.array([layout.width - margin.side - r, (margin.top + margin.bottom) / 2])
    there = min(1.0, float(points[:, 2].sum()))
    ink = rgb_of_hex(look.theme.ink)
    voices = np.array([position(i, len(ring)) for i in range(len(ring))]) * (r, -r) + middle
    colours = palette.oklab[list(ring)]
    own = bytes_of_oklab(nearness(points[:, :2], len(ring)) @ colours).astype(float)
    lit = own + (255.0 - own) * LIGHTNESS_LIFT if look.coloured else np.tile(np.array(ink, float), (len(points), 1))
    hexes: object = [rgb_of_hex(palette.hexes[voice]) for voice in ring] if look.coloured else ink
    return joined(
        sprites(atlas, RING, middle, r, ink, 0.22 * there),
        sprites(atlas, POINT, voices, max(3.0, VOICE_POINT_RADII * r), np.asarray(hexes), 0.9 * there),
        sprites(
            atlas, POINT, points[:, :2] * (r, -r) + middle, max(2.5, PHONE_POINT_RADII * r), lit, 0.8 * points[:, 2]
        ),
    )


def invitation(layout: StageLayout, look: StageLook, atlas: GlyphAtlas, link: str, face: int) -> Floats:
    """Boxes (n, 12): ``link`` as a code with a caption in the atlas's ``face``, as the settings say.

    Small it stands in the margin, its caption beside it; large it stands over the text, high enough to leave the line
    that is written free, and wide enough for the tenth row.
    """
    chosen = look.settings.invitation
    if not link or chosen == "none":
        return NONE
    code = code_of(link)
    modules = len(code) + 2 * QUIET_ZONE
    margin, high = FreeMargin.of(layout), layout.name or layout.letter
    top = TOP_SHARE * layout.height / 2
    free = layout.baseline - (CAPITAL_EMS + GAP_EMS) * layout.em - top - CAPTION_LINES * high
    room = min(free, 0.9 * layout.width) if chosen == "large" else margin.bottom - margin.top
    module = max(2, int(room / modules))  # whole pixels: no grey between dark and light
    side = module * modules
    dark, light = sorted((rgb_of_hex(look.theme.ground), rgb_of_hex(look.theme.ink)), key=sum)  # cameras want it so
    if chosen == "large":
        left, upper = (layout.width - side) // 2, int(top)
        ground = (left, upper, left + side, round(upper + side + CAPTION_LINES * high))
        middle = left + side / 2 - width(atlas, face, CAPTION) / 2
        caption = words(atlas, face, CAPTION, (middle, upper + side + 0.5 * high), dark, 1.0)
    else:
        left = int(margin.side)
        upper = int(max(0.0, min(margin.bottom - side, (margin.top + margin.bottom - side) / 2)))
        ground = (left, upper, left + side, upper + side)
        place = (left + side + high, upper + side / 2 + 0.35 * high)
        caption = words(atlas, face, CAPTION, place, rgb_of_hex(look.theme.ink), CAPTION_ALPHA)
    x, y = left + QUIET_ZONE * module, upper + QUIET_ZONE * module
    strips = [
        (x + at * module, y + row * module, x + (at + wide) * module, y + (row + 1) * module)
        for at, row, wide in runs(code)
    ]
    return joined(rectangles(atlas, ground, light, 1.0), rectangles(atlas, strips, dark, 1.0), caption)
