"""The creature on the stage: the living one large on its feet, those of ended sentences small behind their last marks.

Each pixel of a sprite is a filled box, in runs, so that corner pins, films and the control window's picture hold for
it as for all else. Pure numpy; UI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from frontend.creature.creature import Creature, KeptCreature
from frontend.look.colour import mix
from frontend.look.colour import rgb_of_hex as rgb
from frontend.stage.boxes import NONE, POINT, Floats, joined, rectangles, sprites
from frontend.stage.choirs import StagePage
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import StageLayout
from frontend.stage.look import StageLook
from frontend.stage.motion import eased
from protocol.messages import Card
from protocol.sprites import Picture

SHRINK_S = 0.5  # seconds in which a creature goes behind its sentence
GROW_S = 0.35  # seconds in which the next one is there
OVERLAP = 0.06  # of a pixel, by which runs overlap: no seam on a crooked screen
GLOW_REACH = 0.72  # of the creature's side
GLOW_HEIGHT = 0.45  # of it, above its feet

Numbers = NDArray[np.float64]


def creature_boxes(
    creature: Creature,
    text: StagePage,
    layout: StageLayout,
    look: StageLook,
    atlas: GlyphAtlas,
    cards: Sequence[Card],
    shares: Numbers,
    now: float,
) -> Floats:
    """All creatures that are seen at ``now`` as boxes (n, 12)."""
    if layout.creature is None:
        return NONE
    parts = [NONE]
    x, y, scale = layout.creature
    for position, kept in creature.kept.items():
        place = text.behind(position, now)
        if place is not None:
            parts.append(_kept(kept, place, layout, atlas, look.settings.still, now))
    if creature.picture is not None:
        grown = 1.0 if look.settings.still else eased((now - creature.born) / GROW_S)
        side = scale * creature.picture.places.shape[0]
        parts.append(_glow(x, y, side, look, atlas, cards, shares))
        parts.append(picture_boxes(creature.picture, x, y, scale, grown, atlas))
    return joined(*parts)


def picture_boxes(picture: Picture, x: float, y: float, scale: float, alpha: float, atlas: GlyphAtlas) -> Floats:
    """``picture`` as boxes, the middle of its feet at (``x``, ``y``), ``scale`` pixels a side of each of its own."""
    edges, colours, feet = _runs(picture)
    if not len(edges) or alpha <= 0.0:
        return NONE
    side = picture.places.shape[0]
    corner = np.array([x - scale * side / 2, y - scale * feet] * 2)
    return rectangles(atlas, edges * scale + corner, colours, alpha)


@lru_cache(maxsize=64)
def _runs(picture: Picture) -> tuple[Numbers, Numbers, int]:
    """Pixels of one colour in a row as edges (n, 4) in the picture's pixels, their colours, and the row of its feet."""
    places = picture.places
    rows = np.flatnonzero(places.any(1))
    if not len(rows):
        return np.zeros((0, 4)), np.zeros((0, 3)), 0
    begins = np.ones(places.shape, bool)
    begins[:, 1:] = places[:, 1:] != places[:, :-1]
    top, left = np.nonzero(begins)
    flat = top * places.shape[1] + left
    right = left + np.diff(np.append(flat, places.size))
    index = places[top, left]
    seen = index > 0
    edges = np.stack([left, top, right + OVERLAP, top + 1 + OVERLAP], 1)[seen]
    return edges, picture.palette[index[seen]].astype(float), int(rows[-1]) + 1


def _kept(
    kept: KeptCreature,
    place: tuple[float, float, float],
    layout: StageLayout,
    atlas: GlyphAtlas,
    still: bool,
    now: float,
) -> Floats:
    """One behind a sentence, or on its way there."""
    assert layout.creature is not None
    to_x, to_y, alpha = place
    side = kept.picture.places.shape[0]
    to_x += layout.kept * side / 2
    way = 1.0 if still or kept.since is None else eased((now - kept.since) / SHRINK_S)
    x, y, scale = layout.creature
    here = (x + way * (to_x - x), y + way * (to_y - y), scale + way * (layout.kept - scale))
    return picture_boxes(kept.picture, *here, 1.0 + way * (alpha - 1.0), atlas)


def _glow(
    x: float, y: float, side: float, look: StageLook, atlas: GlyphAtlas, cards: Sequence[Card], shares: Numbers
) -> Floats:
    """A faint light in the mix's colour."""
    if not shares.any() or len(shares) != len(cards) or not look.theme.creature_light:
        return NONE
    colour = mix([card.colour for card in cards], shares.tolist())
    middle = (x, y - GLOW_HEIGHT * side)
    return sprites(atlas, POINT, [middle], GLOW_REACH * side, rgb(colour), look.theme.creature_light)
