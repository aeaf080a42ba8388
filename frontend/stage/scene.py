"""What the stage shows at a moment, as a list of coloured boxes: mix, text, cursor, and what else was chosen.

Reads the session state and keeps what does not change from frame to frame. Pure numpy: the window and
OpenGL are elsewhere (``frontend.stage.window``, ``frontend.stage.canvas``). UI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from frontend.client.session_state import SessionState
from frontend.creature.creature import Creature
from frontend.look.colour import Palette, rgb_of_hex
from frontend.look.fan import LANE_SCALE
from frontend.look.ribbon import Ribbon, bands
from frontend.stage.boxes import NONE, Floats, characters, joined, rectangles, width, with_sprites, words
from frontend.stage.choirs import BOTH, ONE, StagePage, shown_choirs
from frontend.stage.creature import creature_boxes
from frontend.stage.crowd import CrowdPoints, invitation, swarm
from frontend.stage.faces import inconsolata, roboto, roboto_bold
from frontend.stage.ghosts import StageGhosts
from frontend.stage.glyphs import GlyphAtlas, make_atlas
from frontend.stage.histogram import StageHistogram, StageReadouts
from frontend.stage.layout import StageLayout, lay_out, mix_bars, projection
from frontend.stage.leader import LeaderName, raster_em
from frontend.stage.look import StageLook
from frontend.stage.motion import VEIL_S, SmoothNumber, cursor_alpha
from frontend.stage.pins import grid_picture
from frontend.stage.poem import StagePoem, letter_em
from frontend.stage.text import EMPTY, WEIGHTS, PlacedGlyphs
from protocol.messages import Card
from protocol.mixing import circle, effective_weights, normalised

# faces of the atlas, beside the text's, which is 0: under the histogram or in the lanes of ghosts, names, and the large
# name of whoever leads; behind them the text's by weight, where the look has weights
LETTERS, NAMES, LEADER = 1, 2, 3
LEAST_EM = 8.0  # pixels, of faces that are not shown


class StagePicture:
    """``boxes`` is called once a frame, ``fit`` and ``darken`` whenever something may have changed.

    While it is ``frozen`` the picture stands still though the text goes on; after that it is taken up where the text
    is then. ``link`` is what the audience's phones open. ``pinned`` is the corner that is being set, clockwise from the
    top left; a grid is shown meanwhile.
    """

    def __init__(
        self,
        session: SessionState,
        look: StageLook,
        width: int,
        height: int,
        readouts: Callable[[], StageReadouts] | None = None,
        creature: Creature | None = None,
    ) -> None:
        """``readouts`` gives what the histogram shows; without it there is none. Likewise the ``creature``."""
        self.frozen = False
        self.pinned: int | None = None
        self.link = ""
        self._session, self._readouts, self._creature = session, readouts, creature
        self._light = SmoothNumber(1.0)
        self._cards: list[Card] | None = None
        self._palette: Palette | None = None
        self._paused_at: float | None = None
        self._shares: NDArray[np.float64] = np.zeros(0)
        self._mix = NONE
        self._swarm, self._crowd = CrowdPoints(), NONE
        self._invited: tuple[str, StageLayout | None, StageLook | None, Floats] = ("", None, None, NONE)
        self._histogram, self._plot = StageHistogram(), NONE
        self._ribbon = StageRibbon()
        self._ghosts = StageGhosts()
        self._leader = LeaderName()
        self._poem = StagePoem()
        self._boxed: tuple[PlacedGlyphs, Floats] = (EMPTY, NONE)
        self._fitted: tuple[int, int, StageLook] | None = None
        self._laid: tuple[int, int, StageLook, str] | None = None
        self.look: StageLook
        self.layout: StageLayout
        self.atlas: GlyphAtlas
        self._text: StagePage
        self._shown = ONE  # what of two choirs is shown
        self.fit(width, height, look)

    @property
    def dark(self) -> bool:
        return self._light.target == 0.0

    def darken(self, dark: bool, now: float) -> None:
        """Take the picture away, ground and all, or bring it back; what is so already stays."""
        if dark != self.dark:
            self._light.send(0.0 if dark else 1.0, now, VEIL_S)

    def light(self, now: float) -> float:
        """0 in the dark, 1 when all is seen, as the grid always is."""
        return self._light.value(now) if self.pinned is None else 1.0

    def ground(self, now: float) -> tuple[float, float, float]:
        """sRGB 0..1."""
        light = self.light(now) / 255.0
        red, green, blue = rgb_of_hex(self.look.theme.ground)
        return red * light, green * light, blue * light

    def fit(self, width: int, height: int, look: StageLook) -> None:
        """Be a picture of ``width`` x ``height`` pixels in this look; costs nothing where it is one already."""
        if self._fitted == (width, height, look):
            return
        self._fitted, self.look = (width, height, look), look
        self.projection = projection(width, height, look.settings.pins)
        laid = (width, height, look.upright, self._shown)
        if laid == self._laid:
            return  # only corners were moved: the text stays as it stands
        layout = lay_out(width, height, look, self._shown == BOTH)
        self._laid, self.layout = laid, layout
        letters = make_atlas(
            (look.face.outlines, layout.em),
            (
                (look.face.outlines, letter_em(layout))
                if look.settings.poem
                else (look.face.outlines, LANE_SCALE * layout.em)
                if layout.lanes
                else (inconsolata().outlines, layout.letter if layout.plot else LEAST_EM)
            ),
            (roboto(), layout.name or layout.letter),
            (roboto_bold(), raster_em(layout) if look.settings.leader else LEAST_EM),
            *((look.face.outlines, layout.em, wider) for wider in (WEIGHTS if look.settings.weight else ())),
        )
        self.atlas = with_sprites(letters)
        first = LEADER + 1
        self._faces = np.arange(first, first + len(WEIGHTS)) if look.settings.weight else np.zeros(len(WEIGHTS), int)
        self._text = StagePage(layout, look, self._shown)
        self._blank = True  # even a frozen picture is set anew
        self._shares = np.zeros(0)
        self._boxed = (EMPTY, NONE)

    def boxes(self, now: float) -> Floats:
        """Everything, (n, 12), in the order of drawing."""
        if self.pinned is not None:
            return grid_picture(self.layout, self.look, self.atlas, NAMES, self.pinned)
        if not self.frozen or self._blank:
            self._follow(now)
            self._blank = False
        glyphs = self._text.glyphs(now)
        if glyphs is not self._boxed[0]:
            indices = glyphs.codes + 128 * self._faces[glyphs.weights]
            self._boxed = (glyphs, characters(self.atlas, indices, glyphs.x, glyphs.y, glyphs.rgba))
        if self.look.settings.poem:
            y = self._text.cursor(now)[1]
            line = joined(self._boxed[1][np.abs(glyphs.y - y) < 1.0], self._cursor(now))  # the writing line alone
            line[:, 1:4:2] += self.layout.baseline - y  # it does not rise to its place
            return joined(self._poem.boxes, self._mix, line, self._invitation())
        return joined(
            self._leading(now),
            self._mix,
            self._plot,
            self._ribbon.boxes,
            self._crowd,
            self._boxed[1],
            self._ghosts.boxes(self._text.cursor(now), self.layout, self.look, self.atlas, LETTERS),
            self._cursor(now),
            self._creatures(now),
            self._invitation(),
        )

    def _follow(self, now: float) -> None:
        session = self._session
        if session.cards is not self._cards:
            self._cards, self._shares = session.cards, np.zeros(0)
            self._palette = _palette(session.cards)
        shown = ONE if self.look.settings.poem else shown_choirs(session, self.look)
        if shown != self._shown:
            self._shown, self._fitted = shown, None
            self.fit(self.layout.width, self.layout.height, self.look)
        self._text.follow(session, self._palette, now)
        running = bool(session.values["/transport/run"])
        self._paused_at = None if running else now if self._paused_at is None else self._paused_at
        shares = normalised(effective_weights(session.mixing, session.slugs))
        if self._palette is not None and not np.array_equal(shares, self._shares):
            self._shares = shares
            self._mix = mix_line(self.layout, self.look, self.atlas, NAMES, session.cards, self._palette, shares)
        if self._creature is not None and self.layout.creature is not None:
            self._creature.follow(session, shares.tolist(), now)
        self._ribbon.follow(session, self._palette, self.layout, self.look, self.atlas)
        ghosts = self.look.settings.ghosts and not self.look.settings.poem and not self._text.waiting
        self._ghosts.follow(session.ahead if ghosts else {}, shares, self._text.room, self._palette)
        if self._palette is not None and self.look.settings.leader:
            self._leader.follow(session.tints, session.dropped, session.revision, len(self._palette), now)
        if self._palette is not None and self.look.settings.poem:
            self._poem.follow(session, self._palette, self.layout, self.look, self.atlas, LETTERS, NAMES)
        self._crowd = NONE
        points = self._swarm.follow(session.crowd, now)
        if self._palette is not None and self.look.settings.swarm:
            ring = circle(session.values, session.slugs)
            self._crowd = swarm(self.layout, self.look, self.atlas, self._palette, ring, points)
        if self._readouts is not None:
            self._plot = self._histogram.boxes(
                self._readouts(), self._palette, self.layout, self.look, self.atlas, LETTERS, now
            )

    def _leading(self, now: float) -> Floats:
        if not self.look.settings.leader:
            return NONE
        cards = self._session.cards
        return self._leader.boxes(cards, self._palette, self.layout, self.look, self.atlas, LEADER, now)

    def _creatures(self, now: float) -> Floats:
        if self._creature is None:
            return NONE
        cards = self._session.cards
        return creature_boxes(self._creature, self._text, self.layout, self.look, self.atlas, cards, self._shares, now)

    def _invitation(self) -> Floats:
        """The code, worked out once for as long as link and picture are the same."""
        if self._invited[:3] != (self.link, self.layout, self.look):
            code = invitation(self.layout, self.look, self.atlas, self.link, NAMES)
            self._invited = (self.link, self.layout, self.look, code)
        return self._invited[3]

    def _cursor(self, now: float) -> Floats:
        x, y = self._text.cursor_shown(now)
        left, top, right, bottom = self.layout.cursor
        if left == right or self._text.waiting:
            return NONE
        paused_for = 0.0 if self._paused_at is None or self.frozen else now - self._paused_at
        edges = (x + left, y + top, x + right, y + bottom)
        return rectangles(self.atlas, edges, rgb_of_hex(self.look.theme.ink), cursor_alpha(paused_for))


def _palette(cards: Sequence[Card]) -> Palette | None:
    """The voices' colours; None, which makes plain text, while there are none or where a server sends no colours."""
    try:
        return Palette([card.colour for card in cards]) if cards else None
    except ValueError:
        return None


# ---- the mix as a line, and who is in it -----------------------------------------------------------------------------

NAME_ALPHA = 0.85
RIBBON_ALPHA = 0.8
RIBBON_POINTS = 6  # of a stretch's outline
LEAST_BAND = 0.01  # of the ribbon's height, below which a band is not drawn
NAME_MARGIN_EMS = 0.5  # ems that a name keeps free at either side of its share


class StageRibbon:
    """Who wrote the last minutes, as a streamgraph. ``boxes`` is what is drawn since the last ``follow``."""

    def __init__(self) -> None:
        self.boxes: Floats = NONE
        self._ribbon = Ribbon()
        self._made: tuple[object, ...] = ()

    def follow(
        self, session: SessionState, palette: Palette | None, layout: StageLayout, look: StageLook, atlas: GlyphAtlas
    ) -> None:
        """Once a frame; made anew only when another stretch of the text stands, or the picture is another."""
        if palette is None or layout.ribbon is None:
            self.boxes, self._made = NONE, ()
            return
        left, top, right, bottom = layout.ribbon
        pitch = max(2, layout.cell // 2)  # pixels a stretch
        count = max(1, (right - left) // pitch)
        rows = self._ribbon.follow(session.tints, session.dropped, session.revision, len(palette), count)
        made = (rows, palette, layout, look, atlas)
        if len(made) == len(self._made) and all(one is other for one, other in zip(made, self._made, strict=True)):
            return
        self._made = made
        edges = bands(rows, RIBBON_POINTS)
        voice, point = np.nonzero(edges[1:] - edges[:-1] > LEAST_BAND)
        middle, half = (top + bottom) / 2, (bottom - top) / 2
        x = right - (edges.shape[1] - point) * pitch / RIBBON_POINTS
        upper, lower = middle + half * edges[voice, point], middle + half * edges[voice + 1, point]
        places = np.stack([x, upper, x + pitch / RIBBON_POINTS, lower], axis=1)
        colours = np.array(_readable(look, palette, range(len(palette))))
        self.boxes = rectangles(atlas, places, colours[voice], RIBBON_ALPHA)


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
            text = _fitting(atlas, names_face, cards[voice], right - left - 2 * NAME_MARGIN_EMS * layout.name)
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
