"""The draughtsman: a draw list that speaks design pixels, and the few shapes that every panel is made of.

All coordinates and sizes are dp; the canvas scales them, snaps hairlines and text to whole pixels and multiplies
opacities. Text stands on its baseline. ``boxes`` and ``kept`` are what keeps a frame with 24 voices cheap. UI thread
only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from imgui_bundle import imgui
from numpy.typing import NDArray

from frontend.control.bulk import OPAQUE, Copied, Mark, copied, joined, paint, paste, put_boxes, put_line
from frontend.control.layout import Rect
from frontend.fonts import Face, Faces
from frontend.theme import Chrome


class Align:
    """Which point of a text, as a share of its width, stands at the given x."""

    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


@lru_cache(maxsize=512)
def _rgb(colour: str) -> int:
    """ "#RRGGBB" as the low three bytes of ImGui's packed ABGR."""
    return int(colour[5:7], 16) << 16 | int(colour[3:5], 16) << 8 | int(colour[1:3], 16)


def pack(colour: str, alpha: float = 1.0) -> int:
    """A colour and an opacity as ImGui packs them."""
    return _rgb(colour) | int(min(1.0, max(0.0, alpha)) * 255.0 + 0.5) << 24


def numbered(number: int) -> int:
    """What stands for the ink of this number in a piece that is ``painted``."""
    return OPAQUE | number


def rgbs(colours: Sequence[str]) -> NDArray[np.uint32]:
    """(n,) packed colours without opacity."""
    return np.array([_rgb(colour) for colour in colours], np.uint32)


def pack_all(rgb: NDArray[np.uint32], alphas: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Each of ``rgbs`` with an opacity."""
    return rgb | (np.clip(alphas, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint32) << np.uint32(24)


def hatching(x: float, y: float, w: float, h: float, apart: float) -> Iterator[tuple[float, float, float, float]]:
    """Lines rising to the right, ``apart`` dp from each other along the edges, cut at the rectangle's: x0 y0 x1 y1."""
    foot = apart / 2  # where a line leaves the left edge, from the top down, and then the bottom edge
    while foot < w + h:
        x0, y0 = x + max(0.0, foot - h), y + min(h, foot)
        x1, y1 = x + min(w, foot), y + max(0.0, foot - w)
        yield x0, y0, x1, y1
        foot += apart


class Canvas:
    """Draws onto one ImGui draw list a frame; ``begin`` says which, and at what scale."""

    def __init__(self, faces: Faces, chrome: Chrome, least_type: float = 0.0) -> None:
        self.faces, self.chrome, self.least_type = faces, chrome, least_type
        self.alpha = 1.0
        self.scale = 1.0
        self._list: imgui.ImDrawList
        self._atlas: imgui.ImFontAtlas
        self._kept: dict[Hashable, tuple[object, Copied]] = {}

    def begin(self, draw_list: imgui.ImDrawList, scale: float, least_type: float) -> None:
        self._list, self.scale, self.least_type, self.alpha = draw_list, scale, least_type, 1.0
        self._atlas = imgui.get_io().fonts

    # ---- state -----------------------------------------------------------------------------------------------------

    @contextmanager
    def faded(self, alpha: float) -> Iterator[None]:
        """Everything inside is drawn at this share of its opacity."""
        before = self.alpha
        self.alpha = before * alpha
        try:
            yield
        finally:
            self.alpha = before

    @contextmanager
    def clipped(self, rect: Rect) -> Iterator[None]:
        """Nothing inside is drawn beyond ``rect``."""
        s = self.scale
        self._list.push_clip_rect((rect.x * s, rect.y * s), (rect.right * s, rect.bottom * s), True)
        try:
            yield
        finally:
            self._list.pop_clip_rect()

    @contextmanager
    def onto(self, draw_list: imgui.ImDrawList) -> Iterator[None]:
        """Everything inside goes to another list of the same frame, at full opacity."""
        before, alpha = self._list, self.alpha
        self._list, self.alpha = draw_list, 1.0
        try:
            yield
        finally:
            self._list, self.alpha = before, alpha

    def _ink(self, colour: str, alpha: float) -> int:
        return _rgb(colour) | int(alpha * self.alpha * 255.0 + 0.5) << 24

    # ---- shapes ----------------------------------------------------------------------------------------------------

    def fill(
        self, x: float, y: float, w: float, h: float, colour: str, alpha: float = 1.0, radius: float = 0.0
    ) -> None:
        """A filled rectangle, its edges on whole pixels."""
        s = self.scale
        high, low = (int(x * s + 0.5), int(y * s + 0.5)), (int((x + w) * s + 0.5), int((y + h) * s + 0.5))
        ink = _rgb(colour) | int(alpha * self.alpha * 255.0 + 0.5) << 24
        self._list.add_rect_filled(high, low, ink, radius * s)

    def outline(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        colour: str,
        alpha: float = 1.0,
        radius: float = 0.0,
        width: float = 1.0,
    ) -> None:
        """A rectangle's edge, drawn inside it."""
        s = self.scale
        self._list.add_rect(
            (round(x * s), round(y * s)),
            (round((x + w) * s), round((y + h) * s)),
            self._ink(colour, alpha),
            radius * s,
            max(1.0, width * s),
        )

    def hair_h(self, x0: float, x1: float, y: float, colour: str, alpha: float = 1.0, width: float = 1.0) -> None:
        """A level line whose middle is at y, on whole pixels."""
        s = self.scale
        thick = max(1, round(width * s))
        top = round(y * s - thick / 2)
        self._list.add_rect_filled((round(x0 * s), top), (round(x1 * s), top + thick), self._ink(colour, alpha))

    def hair_v(self, x: float, y0: float, y1: float, colour: str, alpha: float = 1.0, width: float = 1.0) -> None:
        """An upright line whose middle is at x, on whole pixels."""
        s = self.scale
        thick = max(1, round(width * s))
        left = round(x * s - thick / 2)
        self._list.add_rect_filled((left, round(y0 * s)), (left + thick, round(y1 * s)), self._ink(colour, alpha))

    def line(
        self, x0: float, y0: float, x1: float, y1: float, colour: str, alpha: float = 1.0, width: float = 1.0
    ) -> None:
        s = self.scale
        self._list.add_line((x0 * s, y0 * s), (x1 * s, y1 * s), self._ink(colour, alpha), width * s)

    def stroke(self, x0: float, y0: float, x1: float, y1: float, ink: int, width: float) -> None:
        """A line whose ink is packed already."""
        s = self.scale
        self._list.add_line((x0 * s, y0 * s), (x1 * s, y1 * s), ink, width * s)

    def dashed(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        colour: str,
        alpha: float = 1.0,
        width: float = 1.0,
        on: float = 7.0,
        off: float = 5.0,
    ) -> None:
        """A line of dashes that begins with a whole one at (x0, y0)."""
        s, length = self.scale, math.hypot(x1 - x0, y1 - y0)
        if length <= 0.0:
            return
        ink, thick = self._ink(colour, alpha), width * s
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        at = 0.0
        while at < length:
            end = min(at + on, length)
            self._list.add_line(
                ((x0 + ux * at) * s, (y0 + uy * at) * s), ((x0 + ux * end) * s, (y0 + uy * end) * s), ink, thick
            )
            at += on + off

    def hatch(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        colour: str,
        alpha: float = 1.0,
        width: float = 1.5,
        apart: float = 5.0,
    ) -> None:
        """Slanted lines inside a rectangle: what is hatched is taken away, or old."""
        for x0, y0, x1, y1 in hatching(x, y, w, h, apart):
            self.line(x0, y0, x1, y1, colour, alpha, width)

    def polyline(self, points: NDArray[np.float64], colour: str, alpha: float = 1.0, width: float = 1.0) -> None:
        """A bent line through ``points`` (n, 2)."""
        if len(points) > 1:
            put_line(self._list, points * self.scale, self._ink(colour, alpha), width * self.scale)

    def disc(self, x: float, y: float, radius: float, colour: str, alpha: float = 1.0) -> None:
        s = self.scale
        self._list.add_circle_filled((x * s, y * s), radius * s, self._ink(colour, alpha))

    def ring(self, x: float, y: float, radius: float, colour: str, alpha: float = 1.0, width: float = 1.0) -> None:
        s = self.scale
        self._list.add_circle((x * s, y * s), radius * s, self._ink(colour, alpha), 0, width * s)

    def triangle(self, corners: Sequence[tuple[float, float]], colour: str, alpha: float = 1.0) -> None:
        """A filled triangle; corners clockwise."""
        s = self.scale
        a, b, c = ((x * s, y * s) for x, y in corners)
        self._list.add_triangle_filled(a, b, c, self._ink(colour, alpha))

    def image(
        self, texture: imgui.ImTextureRef, x: float, y: float, w: float, h: float, alpha: float, radius: float
    ) -> None:
        s = self.scale
        self._list.add_image_rounded(
            texture, (x * s, y * s), ((x + w) * s, (y + h) * s), (0, 0), (1, 1), self._ink("#FFFFFF", alpha), radius * s
        )

    # ---- text ------------------------------------------------------------------------------------------------------

    def em(self, size: float) -> float:
        """The em in pixels of a type size in dp, never smaller than the layout allows."""
        return max(size, self.least_type) * self.scale

    def text(
        self,
        x: float,
        y: float,
        words: str,
        colour: str,
        size: float,
        face: Face | None = None,
        align: float = Align.LEFT,
        alpha: float = 1.0,
    ) -> float:
        """Set ``words`` on the baseline y; returns their width in dp."""
        face = face or self.faces.regular
        s = self.scale
        em = max(size, self.least_type) * s
        sized, width = face.sized(em), face.width(words, em)
        self._list.add_text(
            face.font,
            sized.size,
            (int(x * s - width * align + 0.5), int(y * s + 0.5) - sized.ascent),
            _rgb(colour) | int(alpha * self.alpha * 255.0 + 0.5) << 24,
            words,
        )
        return width / s

    def run(self, x: float, y: float, words: str, ink: int, em: float, face: Face) -> None:
        """Set ``words`` where pixels (left and top of the line box) and ink are known already: the fast way."""
        self._list.add_text(face.font, face.sized(em).size, (x, y), ink, words)

    def middle(self, y: float, size: float, face: Face | None = None) -> float:
        """The baseline that centres capitals of this size on y."""
        return y + (face or self.faces.regular).metrics.capital * max(size, self.least_type) / 2

    def width(self, words: str, size: float, face: Face | None = None) -> float:
        """How wide ``words`` would be set, in dp."""
        return (face or self.faces.regular).width(words, self.em(size)) / self.scale

    # ---- many at once ----------------------------------------------------------------------------------------------

    def fitted(self, words: str, width: float, size: float) -> str:
        """``words``, cut where they are wider than ``width``."""
        if self.width(words, size) <= width:
            return words
        while words and self.width(words + "\u2026", size) > width:
            words = words[:-1]
        return words.rstrip() + "\u2026"

    def boxes(self, edges: NDArray[np.float64], inks: NDArray[np.uint32]) -> None:
        """Filled rectangles: ``edges`` (n, 4) as x0 y0 x1 y1 in dp, brought to whole pixels; ``inks`` (n,) packed."""
        edges = np.rint(edges * self.scale)
        seen = np.flatnonzero((edges[:, 3] > edges[:, 1]) & (edges[:, 2] > edges[:, 0]))
        edges, inks = edges.take(seen, 0), inks.take(seen)
        if self.alpha != 1.0:
            faint = ((inks >> np.uint32(24)) * self.alpha).astype(np.uint32)
            inks = inks & np.uint32(0xFFFFFF) | faint << np.uint32(24)
        put_boxes(self._list, edges, inks)

    def kept(self, name: Hashable, state: object, draw: Callable[[], None]) -> None:
        """Draw what ``draw`` draws. While ``state`` is the same as in the last frame, what it drew then is copied.

        ``state`` must hold all that ``draw`` looks at, but scale, opacity and theme; ``name`` is the piece's own. A
        piece may be made of others: of many things that seldom move only those are drawn that do.
        """
        self.kept_each(((name, state, draw),))

    def kept_each(self, pieces: Iterable[tuple[Hashable, object, Callable[[], None]]]) -> None:
        """``kept`` for many pieces, in their order: neighbours that have not changed are copied at once."""
        same: list[Copied] = []
        for name, look, draw in pieces:  # what one draws may move the atlas under the next
            state = (look, self.chrome, self.scale, self.least_type, self.alpha, self._atlas.tex_data.unique_id)
            before = self._kept.get(name)
            if before is not None and before[0] == state:
                same.append(before[1])
                continue
            paste(self._list, joined(same))
            same.clear()
            mark = Mark.here(self._list)
            draw()
            piece = copied(self._list, mark)
            if piece is not None:
                self._kept[name] = (state, piece)
        paste(self._list, joined(same))

    def painted(self, name: Hashable, state: object, draw: Callable[[], None], inks: NDArray[np.uint32]) -> None:
        """As ``kept``, but ``draw`` draws with numbers for inks (``numbered``), and ``inks`` says which these are now.

        So colours may change in every frame and nothing is drawn anew; their opacity is not the canvas' affair. For
        letters and sharp-edged boxes alone: the smooth edge of a line has an opacity of its own.
        """
        mark = Mark.here(self._list)
        self.kept(name, state, draw)
        paint(self._list, mark, inks)
