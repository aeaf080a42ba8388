"""The mix at the very bottom of the stage: a line cut in the voices' shares, and over it, if chosen, who they are.

Nothing here is eased: a share moves with the hand that moves it. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from frontend.look.colour import Palette, rgb_of_hex
from frontend.stage.boxes import NONE, Floats, joined, rectangles, width, words
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import StageLayout, mix_bars
from frontend.stage.look import StageLook
from protocol.messages import Card

NAME_ALPHA = 0.85
MARGIN = 0.5  # ems that a name keeps free at either side of its share


def mix_line(
    layout: StageLayout,
    look: StageLook,
    atlas: GlyphAtlas,
    names_face: int,
    cards: Sequence[Card],
    palette: Palette,
    shares: NDArray[np.float64],
) -> Floats:
    """The line and the names as boxes (n, 12). ``shares`` (S,) sum to 1, or are all 0; one a card.

    A share that is too narrow for a name has the voice's two letters, and a narrower one nothing.
    """
    bars = mix_bars(shares.tolist(), layout.width, layout.gap)
    if not bars:
        return NONE
    hexes = [rgb_of_hex(palette.hexes[voice]) for voice, _, _ in bars]
    parts = [NONE]
    if layout.bar:
        edges = [(left, layout.height - layout.bar, right, layout.height) for _, left, right in bars]
        parts.append(rectangles(atlas, edges, hexes, look.theme.mix_alpha))
    if layout.name:
        colours = _readable(look, palette, [voice for voice, _, _ in bars])
        for (voice, left, right), colour in zip(bars, colours, strict=True):
            text = _fitting(atlas, names_face, cards[voice], right - left - 2 * MARGIN * layout.name)
            x = (left + right - width(atlas, names_face, text)) / 2
            parts.append(words(atlas, names_face, text, (x, layout.names), colour, NAME_ALPHA))
    return joined(*parts)


def _readable(look: StageLook, palette: Palette, voices: Sequence[int]) -> Sequence[Sequence[int]]:
    """The voices' colours as their letters have them."""
    theme = look.theme
    if not look.coloured:
        return [rgb_of_hex(theme.ink)] * len(voices)
    alone = palette.stage(np.eye(len(palette))[voices], theme.lightness, theme.ink, theme.towards_ink)
    colours: list[list[int]] = alone.tolist()
    return colours


def _fitting(atlas: GlyphAtlas, face: int, card: Card, room: float) -> str:
    choices = (anyascii(card.name), anyascii(card.monogram))
    return next((text for text in choices if width(atlas, face, text) <= room), "")
