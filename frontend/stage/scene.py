"""What the stage shows at a moment, as a list of coloured boxes: the mix, the text, the cursor, and nothing else.

Reads the mirror of the performance and keeps what does not change from frame to frame. Pure numpy: the window and
OpenGL are elsewhere (``frontend.stage.window``, ``frontend.stage.canvas``). UI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontend.colour import Palette, rgb_of_hex
from frontend.mirror import Mirror
from frontend.stage.glyphs import SOLID, Atlas, inconsolata, make_atlas
from frontend.stage.layout import Layout, lay_out, mix_bars, projection
from frontend.stage.look import StageLook
from frontend.stage.motion import VEIL, Glide, cursor_alpha
from frontend.stage.text import EMPTY, Glyphs, StageText
from protocol.messages import Card
from protocol.mixing import effective_weights, normalised

Floats = NDArray[np.float32]

FLOATS = 12  # a box: left, top, right, bottom in pixels; the same in the atlas, 0..1; red, green, blue, opacity, 0..1


class Scene:
    """``boxes`` is called once a frame, ``fit`` and ``darken`` whenever something may have changed.

    While it is ``frozen`` the picture stands still though the text goes on; after that it is taken up where the text
    is then.
    """

    def __init__(self, mirror: Mirror, look: StageLook, width: int, height: int) -> None:
        self.frozen = False
        self._mirror = mirror
        self._outlines = inconsolata()
        self._light = Glide(1.0)
        self._cards: list[Card] | None = None
        self._palette: Palette | None = None
        self._paused_at: float | None = None
        self._shares: NDArray[np.float64] = np.zeros(0)
        self._mix = np.zeros((0, FLOATS), np.float32)
        self._boxed: tuple[Glyphs, Floats] = (EMPTY, np.zeros((0, FLOATS), np.float32))
        self._fitted: tuple[int, int, StageLook] | None = None
        self._laid: tuple[int, int, StageLook] | None = None
        self._em = 0.0  # of the atlas
        self.look: StageLook
        self.layout: Layout
        self.atlas: Atlas
        self._text: StageText
        self.fit(width, height, look)

    @property
    def dark(self) -> bool:
        return self._light.target == 0.0

    def darken(self, dark: bool, now: float) -> None:
        """Take the picture away, ground and all, or bring it back; what is so already stays."""
        if dark != self.dark:
            self._light.send(0.0 if dark else 1.0, now, VEIL)

    def light(self, now: float) -> float:
        """0 in the dark, 1 when all is seen."""
        return self._light.value(now)

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
        laid = (width, height, look.upright)
        if laid == self._laid:
            return  # only corners were moved: the text stays as it stands
        self._laid, self.layout = laid, lay_out(width, height, look)
        if self.layout.em != self._em:
            self._em, self.atlas = self.layout.em, make_atlas(self._outlines, self.layout.em)
        self._text = StageText(self.layout, look)
        self._blank = True  # even a frozen picture is set anew
        self._shares = np.zeros(0)
        self._boxed = (EMPTY, np.zeros((0, FLOATS), np.float32))

    def boxes(self, now: float) -> Floats:
        """Everything, (n, 12), in the order of drawing."""
        if not self.frozen or self._blank:
            self._follow(now)
            self._blank = False
        glyphs = self._text.glyphs(now)
        if glyphs is not self._boxed[0]:
            self._boxed = (glyphs, boxes_of_glyphs(glyphs, self.atlas))
        return np.concatenate([self._mix, self._boxed[1], self._cursor(now)])

    def _follow(self, now: float) -> None:
        mirror = self._mirror
        if mirror.cards is not self._cards:
            self._cards, self._shares = mirror.cards, np.zeros(0)
            self._palette = _palette(mirror.cards)
        self._text.follow(mirror.text, mirror.tints, mirror.dropped, mirror.revision, self._palette, now)
        running = bool(mirror.values["/transport/run"])
        self._paused_at = None if running else now if self._paused_at is None else self._paused_at
        shares = normalised(effective_weights(mirror.values, mirror.slugs))
        if not np.array_equal(shares, self._shares):
            self._shares, self._mix = shares, self._mix_boxes(shares)

    def _mix_boxes(self, shares: NDArray[np.float64]) -> Floats:
        layout, palette = self.layout, self._palette
        boxes = np.zeros((0, FLOATS), np.float32)
        if palette is None or not layout.bar:
            return boxes
        for voice, left, right in mix_bars(shares.tolist(), layout.width, layout.gap):
            rgb = rgb_of_hex(palette.hexes[voice])
            edges = (left, layout.height - layout.bar, right, layout.height)
            boxes = np.concatenate([boxes, rectangle(self.atlas, edges, rgb, self.look.theme.mix_alpha)])
        return boxes

    def _cursor(self, now: float) -> Floats:
        x, y = self._text.cursor(now)
        left, top, right, bottom = self.layout.cursor
        paused_for = 0.0 if self._paused_at is None or self.frozen else now - self._paused_at
        ink, alpha = rgb_of_hex(self.look.theme.ink), cursor_alpha(paused_for)
        return rectangle(self.atlas, (x + left, y + top, x + right, y + bottom), ink, alpha)


def boxes_of_glyphs(glyphs: Glyphs, atlas: Atlas) -> Floats:
    """The characters as boxes (n, 12)."""
    pens = np.stack([glyphs.x, glyphs.y, glyphs.x, glyphs.y], axis=1)
    return np.concatenate([pens + atlas.boxes[glyphs.codes], atlas.places[glyphs.codes], glyphs.rgba], axis=1)


def rectangle(atlas: Atlas, edges: Sequence[float], rgb: Sequence[int], alpha: float) -> Floats:
    """A filled box (1, 12): ``edges`` are left, top, right, bottom, ``rgb`` 8-bit."""
    red, green, blue = rgb
    return np.array([[*edges, *atlas.places[SOLID], red / 255.0, green / 255.0, blue / 255.0, alpha]], np.float32)


def _palette(cards: Sequence[Card]) -> Palette | None:
    """The voices' colours; None, which makes plain text, while there are none or where a server sends no colours."""
    try:
        return Palette([card.colour for card in cards]) if cards else None
    except ValueError:
        return None
