"""Ghost letters on the stage: what the mix would write next, behind the cursor, and what voices would, in lanes below.

Where they stand is ``frontend.look.fan``'s affair. They are worked out anew when something else is ahead, the mix moved
or the cursor did; in between the very same boxes are drawn. Pure numpy; UI thread.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from frontend.look.colour import Palette, rgb_of_hex
from frontend.look.fan import LANE_SCALE, Strand, fades, fan, presence, spread
from frontend.stage.boxes import NONE, Floats, characters, joined, rectangles
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import StageLayout
from frontend.stage.look import StageLook

LINE_ALPHA, LANE_ALPHA = 0.45, 0.6
STEM_ALPHA = 0.35
SHARE_STEPS = 64  # in which shares are told apart: less moves nothing that can be seen


class StageGhosts:
    """``follow`` once a frame that is no frozen one, then ``boxes``."""

    def __init__(self) -> None:
        self._ahead: Mapping[int, str] = {}
        self._shares: NDArray[np.float64] = np.zeros(0)
        self._room = (0, 0)
        self._palette: Palette | None = None
        self._made: tuple[object, ...] = ()
        self._boxes: Floats = NONE

    def follow(
        self, ahead: Mapping[int, str], shares: NDArray[np.float64], room: tuple[int, int], palette: Palette | None
    ) -> None:
        """What is ahead, by voice; the mix's shares (S,); characters behind and before the cursor."""
        self._ahead, self._room, self._palette = ahead, room, palette
        self._shares = np.rint(shares * SHARE_STEPS) / SHARE_STEPS

    def boxes(
        self, cursor: tuple[float, float], layout: StageLayout, look: StageLook, atlas: GlyphAtlas, face: int
    ) -> Floats:
        """(n, 12), in the order of drawing; ``face`` is the atlas's for the lanes."""
        if not self._ahead or self._palette is None:
            return NONE
        moved = (tuple(self._ahead.items()), self._shares.tobytes(), self._room, cursor)
        made = (*moved, layout, look, atlas, self._palette)
        if made != self._made:
            self._made = made
            self._boxes = self._drawn(self._palette, cursor, layout, look, atlas, face)
        return self._boxes

    def _drawn(
        self,
        palette: Palette,
        cursor: tuple[float, float],
        layout: StageLayout,
        look: StageLook,
        atlas: GlyphAtlas,
        face: int,
    ) -> Floats:
        apart = spread(self._shares)
        behind, room = self._room
        parts = [NONE]
        for strand in fan(self._ahead, self._shares, room, behind, layout.lanes if presence(apart) else 0):
            colours = np.tile(np.array(rgb_of_hex(look.theme.ink), np.uint8), (len(strand.letters), 1))
            if look.coloured:
                theme = look.theme
                colours = palette.stage(strand.who, theme.lightness, theme.ink, theme.towards_ink)
            if strand.lane:
                alpha = LANE_ALPHA * strand.strength * presence(apart)
                parts.append(_stem(strand, cursor, layout, atlas, apart, colours, alpha))
                parts.append(_letters(strand, cursor, layout, atlas, apart, colours, alpha, face))
            else:
                parts.append(_letters(strand, cursor, layout, atlas, apart, colours, LINE_ALPHA, 0))
        return joined(*parts)


def _drop(lane: int, apart: float, layout: StageLayout) -> float:
    """How far below the writing line a lane's baseline lies, in pixels."""
    return layout.lane * (1.5 + apart * (lane - 1)) if lane else 0.0


def _letters(
    strand: Strand,
    cursor: tuple[float, float],
    layout: StageLayout,
    atlas: GlyphAtlas,
    apart: float,
    colours: NDArray[np.uint8],
    alpha: float,
    face: int,
) -> Floats:
    codes = np.frombuffer(strand.letters.encode("ascii"), np.uint8).astype(int)
    inked = np.flatnonzero(codes != ord(" "))
    cell = layout.cell * (LANE_SCALE if strand.lane else 1.0)
    x = np.rint(cursor[0] + strand.x * layout.cell + inked * cell).astype(np.float32)
    y = np.full(len(inked), round(cursor[1] + _drop(strand.lane, apart, layout)), np.float32)
    rgba = np.empty((len(inked), 4), np.float32)
    rgba[:, :3] = colours[inked] / np.float32(255.0)
    rgba[:, 3] = alpha * fades(len(codes))[inked]
    return characters(atlas, codes[inked] + 128 * face, x, y, rgba)


def _stem(
    strand: Strand,
    cursor: tuple[float, float],
    layout: StageLayout,
    atlas: GlyphAtlas,
    apart: float,
    colours: NDArray[np.uint8],
    alpha: float,
) -> Floats:
    """An elbow from where a strand leaves another to its first letter; none where that had to move to the left."""
    assert strand.left is not None
    lane, leaves = strand.left
    thin = max(1, round(layout.em / 36))
    x0, x1 = cursor[0] + leaves * layout.cell + 0.12 * layout.em, cursor[0] + strand.x * layout.cell - 0.06 * layout.em
    top = cursor[1] + _drop(lane, apart, layout) + 0.2 * layout.em
    foot = cursor[1] + _drop(strand.lane, apart, layout) - 0.28 * LANE_SCALE * layout.em
    if foot - thin <= top or x1 <= x0:
        return NONE
    edges = [(x0, top, x0 + thin, foot), (x0, foot - thin, max(x0 + thin, x1), foot)]
    return rectangles(atlas, np.rint(edges), colours[0], STEM_ALPHA / LANE_ALPHA * alpha)
