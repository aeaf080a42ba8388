"""The stage as the puck's window: the weight field fills it, and the last letters lie where the puck was when they were
written (``frontend.look.poem``). The line that is written crosses it on a band of the ground.

The field is worked out anew when voices or falloff change, letters when one came. Pure numpy; UI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from anyascii import anyascii

from frontend.client.session_state import SessionState
from frontend.look.colour import STAGE, Palette, puck_field, rgb_of_hex
from frontend.look.poem import CELL, MapBounds, PoemMap, place_of_mix
from frontend.stage.boxes import NONE, POINT, RING, Floats, characters, joined, rectangles, sprites, width, words
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import CAPITAL_EMS, LEFT_SHARE, TOP_SHARE, StageLayout
from frontend.stage.look import StageLook
from protocol.mixing import circle, effective_weights
from protocol.puck import position
from protocol.tree import number_of

RADIUS_SHARE, MIDDLE_SHARE = 0.31, 0.40  # of the height: the circle's radius, and how far down its middle is
BAND_OVER_EMS, BAND_UNDER_EMS = 1.05, 0.45  # of the text's type, that the band is higher and lower than the baseline
BAND_ALPHA = 0.88
FIELD_SIDE = 40  # a side, the field's samples
SAMPLE_REACH = 1.5  # of half a sample's width: each is soft, and reaches over its neighbours
NAME_RADII = 1.1  # from the middle
PUCK_RADII, PUCK_RING_RADII = 0.1, 0.15


def letter_em(layout: StageLayout) -> float:
    """The size of the map's letters in pixels."""
    return 2.0 * CELL * RADIUS_SHARE * layout.height


def band(layout: StageLayout) -> tuple[float, float, float, float]:
    """What the writing line stands on: left, top, right, bottom in pixels."""
    top, bottom = layout.baseline - BAND_OVER_EMS * layout.em, layout.baseline + BAND_UNDER_EMS * layout.em
    return 0.0, top, float(layout.width), bottom


class StagePoem:
    """``follow`` once a frame that is no frozen one; ``boxes`` is what it made, for the faces of an atlas."""

    def __init__(self) -> None:
        self.boxes: Floats = NONE
        self._poem = PoemMap()
        self._field: tuple[tuple[object, ...], Floats] = ((), NONE)
        self._made: tuple[object, ...] = ()

    def follow(
        self,
        session: SessionState,
        palette: Palette,
        layout: StageLayout,
        look: StageLook,
        atlas: GlyphAtlas,
        letters: int,
        names: int,
    ) -> None:
        """``letters`` is the atlas's face of ``letter_em``, ``names`` the one of names."""
        ring = tuple(circle(session.values, session.slugs))
        value = session.values["/puck"]
        puck = (value[0], value[1]) if isinstance(value, tuple) else (0.0, 0.0)
        shares = effective_weights(session.mixing, session.slugs)
        place = place_of_mix(puck, bool(session.values["/puck/lifted"]), ring, shares)
        r, middle = RADIUS_SHARE * layout.height, (layout.width / 2, MIDDLE_SHARE * layout.height)
        margin = 0.5 - LEFT_SHARE
        bounds = MapBounds(
            -margin * layout.width / r,
            (middle[1] - band(layout)[1]) / r,
            margin * layout.width / r,
            (middle[1] - TOP_SHARE * layout.height) / r,
        )
        self._poem.follow(session.text, session.dropped, session.revision, place, bounds)
        falloff = round(number_of(session.values, "/puck/falloff"), 2)
        made = (ring, falloff, place, self._poem.changes, palette, layout, look, atlas)
        if made == self._made:
            return
        self._made = made
        ink = rgb_of_hex(STAGE if look.coloured else look.theme.ink)
        self.boxes = joined(
            self._ground((ring, falloff, palette, layout, look, atlas), ring, palette, falloff, layout, look, atlas),
            sprites(atlas, RING, middle, r, ink, 0.3),
            _names([session.cards[voice].name for voice in ring], middle, r, ink, atlas, names),
            self._letters(middle, r, ink, atlas, letters),
            _disc(atlas, (middle[0] + place[0] * r, middle[1] - place[1] * r), r),
            rectangles(atlas, band(layout), rgb_of_hex(look.theme.ground), BAND_ALPHA),
        )

    def _ground(
        self,
        key: tuple[object, ...],
        ring: Sequence[int],
        palette: Palette,
        falloff: float,
        layout: StageLayout,
        look: StageLook,
        atlas: GlyphAtlas,
    ) -> Floats:
        if key != self._field[0]:
            boxes = _field(ring, palette, falloff, layout, atlas) if look.coloured and ring else NONE
            self._field = key, boxes
        return self._field[1]

    def _letters(
        self, middle: tuple[float, float], r: float, ink: Sequence[int], atlas: GlyphAtlas, face: int
    ) -> Floats:
        found = self._poem.letters
        if not found:
            return NONE
        codes = np.array([min(127, ord(each.character)) for each in found]) + 128 * face
        x = np.rint(middle[0] + r * np.array([each.x for each in found])).astype(np.float32)
        down = 0.5 * 0.85 * CAPITAL_EMS * 2.0 * CELL * r  # small letters are centred on their place
        y = np.rint(middle[1] - r * np.array([each.y for each in found]) + down).astype(np.float32)
        rgba = np.empty((len(found), 4), np.float32)
        rgba[:, :3], rgba[:, 3] = np.array(ink) / 255.0, self._poem.opacities()
        return characters(atlas, codes, x, y, rgba)


def _field(ring: Sequence[int], palette: Palette, falloff: float, layout: StageLayout, atlas: GlyphAtlas) -> Floats:
    """The weight field over the whole picture, as samples that go over into each other."""
    r, cx, cy = RADIUS_SHARE * layout.height, layout.width / 2, MIDDLE_SHARE * layout.height
    edges = (-cx / r, (cy - layout.height) / r, cx / r, cy / r)
    places = [position(place, len(ring)) for place in range(len(ring))]
    rgb = puck_field(places, palette.oklab[list(ring)], falloff, FIELD_SIDE, edges)[..., :3].reshape(-1, 3)
    wide, high = layout.width / FIELD_SIDE, layout.height / FIELD_SIDE
    row, column = np.divmod(np.arange(FIELD_SIDE**2), FIELD_SIDE)
    corners = np.stack([column * wide, row * high, (column + 1) * wide, (row + 1) * high], 1)
    plain = rectangles(atlas, corners, rgb, 1.0)
    soft = sprites(atlas, POINT, corners[:, :2] + (wide / 2, high / 2), 1.0, rgb, 1.0)
    reach = np.array([wide, high]) * SAMPLE_REACH
    centre = (corners[:, :2] + corners[:, 2:]) / 2
    soft[:, :2], soft[:, 2:4] = centre - reach, centre + reach
    return joined(plain, soft)


def _names(
    names: Sequence[str], middle: tuple[float, float], r: float, ink: Sequence[int], atlas: GlyphAtlas, face: int
) -> Floats:
    """Every voice's name at its place on the circle, outside of it."""
    found = [NONE]
    for place, name in enumerate(names):
        words_here = anyascii(name)
        x, y = position(place, len(names))
        wide = width(atlas, face, words_here)
        left = middle[0] + NAME_RADII * r * x - wide * (0.5 - 0.5 * x)
        found.append(words(atlas, face, words_here, (left, middle[1] - NAME_RADII * r * y + 0.02 * r), ink, 0.9))
    return joined(*found)


def _disc(atlas: GlyphAtlas, place: tuple[float, float], r: float) -> Floats:
    """The puck."""
    return joined(
        sprites(atlas, POINT, place, PUCK_RING_RADII * r, rgb_of_hex(STAGE), 0.35),
        sprites(atlas, POINT, place, PUCK_RADII * r, (255, 255, 255), 1.0),
    )
