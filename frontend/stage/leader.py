"""Who has the lead in the text, calmed, and the name of whoever takes it: large and faint behind the text.

How far each voice leads in a letter is ``frontend.look.surplus``'s affair; here it is averaged over some two words, and
only who keeps most of that for a few letters has taken the lead. So a word that falls out of its sentence names nobody,
and a turn of the puck does within a second. Pure numpy; UI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from frontend.look.colour import Palette, rgb_of_hex
from frontend.look.surplus import leads
from frontend.stage.boxes import NONE, Floats, joined, width, words
from frontend.stage.glyphs import GlyphAtlas
from frontend.stage.layout import LEFT_SHARE, LINE_WIDTH_SHARE, StageLayout
from frontend.stage.look import StageLook
from frontend.stage.motion import eased
from protocol.messages import Card, Tint

HALF_LIFE_CHARS = 8  # letters, the half-life of what is averaged
LEAST_LEAD = 0.6  # of that average, from which somebody has the lead
LASTING_CHARS = 4  # letters for which that must hold
RUN_UP_CHARS = 60  # letters that are read before anybody is named, where more than that came at once

SHOWN_S, RISE_S, FALL_S = 2.0, 0.25, 0.7  # seconds that a name is seen, and of them, those in which it comes and goes
YIELD_S = 0.3  # seconds in which it goes where the next one comes

NAME_SHARE = 0.30  # of the height: the type of a name that is short enough
MIDDLE_SHARE = 0.46  # of the height, where its capitals have their middle
RASTER_SHARE = 0.5  # of its size at which the type is drawn: faint as it is, it may be a little soft
CAPITAL_EMS = 0.71  # em; the height of its capitals
ALPHA = 0.24


class Leader:
    """Who has the lead. ``follow`` takes a text as it is now."""

    def __init__(self) -> None:
        self.voice: int | None = None
        self._mean: NDArray[np.float64] = np.zeros(0)
        self._coming, self._lasted = -1, 0
        self._end = 0
        self._key: tuple[int, int] | None = None

    def follow(self, tints: Sequence[Tint], dropped: int, revision: int, voices: int) -> bool:
        """Whether somebody has taken the lead since the last look.

        ``tints`` begin at position ``dropped`` of the text; ``revision`` is another one whenever more happened than
        appending and dropping. Where the text is another, or much of it came at once, nobody took it: it was so.
        """
        end, before = dropped + len(tints), self.voice
        anew = self._key != (revision, voices) or end - self._end > RUN_UP_CHARS
        if anew:
            self._key, self._mean = (revision, voices), np.zeros(voices)
            self._end, self._coming, self._lasted = max(dropped, end - RUN_UP_CHARS), -1, 0
        if end > self._end:
            self._read(leads(tints, voices, self._end - dropped, end - dropped))
            self._end = end
        return not anew and self.voice != before

    def _read(self, led: NDArray[np.float64]) -> None:
        kept = 0.5 ** (1.0 / HALF_LIFE_CHARS)
        for row in led[led.any(axis=1)]:
            self._mean = kept * self._mean + (1.0 - kept) * row
            first = int(self._mean.argmax())
            leading = self._mean[first] >= LEAST_LEAD and first != self.voice
            self._lasted = self._lasted + 1 if leading and first == self._coming else int(leading)
            self._coming = first
            if self._lasted >= LASTING_CHARS:
                self.voice, self._lasted = first, 0


@dataclass(frozen=True)
class _Shown:
    voice: int
    at: float
    until: float
    falling: float  # seconds before ``until`` in which it goes

    def alpha(self, now: float, still: bool) -> float:
        if not self.at <= now < self.until:
            return 0.0
        return 1.0 if still else min(eased((now - self.at) / RISE_S), eased((self.until - now) / self.falling))


class LeaderName:
    """``follow`` once a frame that is no frozen one, then ``boxes``."""

    def __init__(self) -> None:
        self._leader = Leader()
        self._shown: tuple[_Shown, ...] = ()

    def follow(self, tints: Sequence[Tint], dropped: int, revision: int, voices: int, now: float) -> None:
        self._shown = tuple(each for each in self._shown if now < each.until)
        if self._leader.follow(tints, dropped, revision, voices) and self._leader.voice is not None:
            going = (
                replace(each, until=min(each.until, now + YIELD_S), falling=min(each.falling, YIELD_S))
                for each in self._shown
            )
            self._shown = (*going, _Shown(self._leader.voice, now, now + SHOWN_S, FALL_S))

    def boxes(
        self,
        cards: Sequence[Card],
        palette: Palette | None,
        layout: StageLayout,
        look: StageLook,
        atlas: GlyphAtlas,
        face: int,
        now: float,
    ) -> Floats:
        """(n, 12); ``face`` is the atlas's for names, drawn at ``RASTER_SHARE`` of their size."""
        parts = [NONE]
        for each in self._shown:
            alpha = ALPHA * each.alpha(now, look.settings.still)
            if alpha > 0.0 and palette is not None and each.voice < len(cards):
                parts.append(
                    _name(anyascii(cards[each.voice].name), each.voice, alpha, palette, layout, look, atlas, face)
                )
        return joined(*parts)


def raster_em(layout: StageLayout) -> float:
    """Pixels an em at which the atlas has the names' type."""
    return RASTER_SHARE * NAME_SHARE * layout.height


def _name(
    name: str,
    voice: int,
    alpha: float,
    palette: Palette,
    layout: StageLayout,
    look: StageLook,
    atlas: GlyphAtlas,
    face: int,
) -> Floats:
    """``name`` across the text, from its left edge on, as large as it fits."""
    drawn = words(atlas, face, name, (0.0, 0.0), _colour(voice, palette, look), alpha)
    scale = min(1.0 / RASTER_SHARE, LINE_WIDTH_SHARE * layout.width / max(1.0, width(atlas, face, name)))
    capitals = scale * CAPITAL_EMS * raster_em(layout)
    drawn[:, :4] *= np.float32(scale)
    drawn[:, [0, 2]] += np.float32(LEFT_SHARE * layout.width)
    drawn[:, [1, 3]] += np.float32(MIDDLE_SHARE * layout.height + capitals / 2)
    return drawn


def _colour(voice: int, palette: Palette, look: StageLook) -> Sequence[int]:
    if not look.coloured:
        return rgb_of_hex(look.theme.ink)
    theme = look.theme
    alone = palette.stage(np.eye(len(palette))[[voice]], theme.lightness, theme.ink, theme.towards_ink)
    colour: list[int] = alone[0].tolist()
    return colour
