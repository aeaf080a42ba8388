"""The canvas: draws in design pixels (dp) onto an ImGui draw list; the few shapes that every panel is made of.

The canvas scales coordinates and sizes, snaps hairlines and text to whole pixels and multiplies opacities. Text stands
on its baseline. A Python call costs more than what it draws, so ``boxes`` writes arrays of boxes straight into the
list's vertex and index buffers, and ``kept`` pastes what has not changed since the last frame as bytes. Both only hold
for the texture and clip rectangle that are current. UI thread only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import memmove, string_at
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
from imgui_bundle import imgui
from numpy.typing import NDArray

from frontend.control.drawing.layout import Rect
from frontend.look.fonts import Font, Fonts, white_pixel
from frontend.look.theme import ChromeColours

# ---- vertices written and copied in bulk -----------------------------------------------------------------------------

VERTEX = np.dtype(
    {
        "names": ["place", "texel", "ink"],
        "formats": [(np.float32, 2), (np.float32, 2), np.uint32],
        "offsets": [imgui.VERTEX_BUFFER_POS_OFFSET, imgui.VERTEX_BUFFER_UV_OFFSET, imgui.VERTEX_BUFFER_COL_OFFSET],
        "itemsize": imgui.VERTEX_SIZE,
    }
)
INDEX = np.dtype(np.uint16 if imgui.INDEX_SIZE == 2 else np.uint32)
OPAQUE, NUMBER = 0xFF << 24, np.uint32(0xFFFFFF)
_TRIANGLES = np.array([0, 1, 2, 0, 2, 3], INDEX)


@dataclass
class CopiedVertices:
    """A stretch of a draw list: ``count`` vertices as they lie there, and indices that count from the first of them."""

    vertices: bytes
    count: int
    indices: NDArray[Any]
    _order: tuple[int, bytes] = (-1, b"")  # the indices as they were pasted last: mostly they go where they were

    def order(self, first: int) -> bytes:
        """The indices as they lie in a list whose next vertex is number ``first``."""
        if self._order[0] != first:
            self._order = first, (self.indices + INDEX.type(first)).tobytes()
        return self._order[1]

    def moved(self, down: float, alpha: int) -> CopiedVertices:
        """The same so many pixels lower, all of it with this opacity, 0 to 255."""
        vertices = np.frombuffer(bytearray(self.vertices), VERTEX)
        vertices["place"][:, 1] += np.float32(down)
        vertices["ink"] = vertices["ink"] & NUMBER | np.uint32(alpha << 24)
        return CopiedVertices(vertices.tobytes(), self.count, self.indices)


NO_VERTICES = CopiedVertices(b"", 0, np.zeros(0, INDEX))


@dataclass(frozen=True)
class DrawListMark:
    """A place in a draw list."""

    vertices: int
    indices: int
    first: int  # the index that the next vertex will have
    commands: int

    @classmethod
    def here(cls, draw: imgui.ImDrawList) -> DrawListMark:
        return cls(draw.vtx_buffer.size(), draw.idx_buffer.size(), draw._vtx_current_idx, draw.cmd_buffer.size())


def put_boxes(draw: imgui.ImDrawList, edges: NDArray[np.float64], inks: NDArray[np.uint32]) -> None:
    """Filled rectangles: ``edges`` (n, 4) as x0 y0 x1 y1 in pixels, ``inks`` (n,) packed colours."""
    n = len(edges)
    if n == 0:
        return
    corners = np.empty((n, 4), VERTEX)  # of each box, clockwise from the left and top one
    white = white_pixel()
    x, y = corners["place"][..., 0], corners["place"][..., 1]
    x[:, 0::3], x[:, 1:3] = edges[:, 0, None], edges[:, 2, None]
    y[:, :2], y[:, 2:] = edges[:, 1, None], edges[:, 3, None]
    corners["texel"] = (white.x, white.y)
    corners["ink"] = inks[:, None]
    paste(draw, CopiedVertices(corners.tobytes(), 4 * n, _triangles(1 << (n - 1).bit_length())[: 6 * n]))


def put_line(draw: imgui.ImDrawList, points: NDArray[np.float64], ink: int, width: float) -> None:
    """A bent line through ``points`` (n, 2) in pixels, n > 1."""
    n = len(points)
    draw.path_arc_to((0.0, 0.0), 1.0, 0.0, 1.0, n - 1)  # the one call that makes room for n points
    memmove(draw._path.data_address(), points.astype(np.float32).tobytes(), 8 * n)
    draw.path_stroke(ink, width)


def paint(draw: imgui.ImDrawList, since: DrawListMark, inks: NDArray[np.uint32]) -> None:
    """Give glyphs and boxes that were drawn since a mark with numbers for inks the ``inks`` of these numbers."""
    count = draw.vtx_buffer.size() - since.vertices
    start, size = draw.vtx_buffer.data_address() + since.vertices * VERTEX.itemsize, count * VERTEX.itemsize
    vertices = np.frombuffer(bytearray(string_at(start, size)), VERTEX)
    vertices["ink"] = inks[vertices["ink"] & NUMBER]
    memmove(start, vertices.tobytes(), size)


@lru_cache
def _triangles(n: int) -> NDArray[Any]:
    """The indices of ``n`` boxes."""
    return (4 * np.arange(n, dtype=INDEX)[:, None] + _TRIANGLES).ravel()


def copied(draw: imgui.ImDrawList, since: DrawListMark) -> CopiedVertices | None:
    """What was drawn since a mark; None if texture or clip rectangle changed on the way: it is then no one piece."""
    now = DrawListMark.here(draw)
    if now.commands != since.commands:
        return None
    count, indices = now.vertices - since.vertices, now.indices - since.indices
    vertices = string_at(draw.vtx_buffer.data_address() + since.vertices * VERTEX.itemsize, count * VERTEX.itemsize)
    order = string_at(draw.idx_buffer.data_address() + since.indices * INDEX.itemsize, indices * INDEX.itemsize)
    return CopiedVertices(vertices, count, np.frombuffer(order, INDEX) - INDEX.type(since.first))


def overwrite(draw: imgui.ImDrawList, since: DrawListMark, piece: CopiedVertices) -> None:
    """Put the vertices of ``piece`` in the place of the as many that were drawn since a mark."""
    start = draw.vtx_buffer.data_address() + since.vertices * VERTEX.itemsize
    memmove(start, piece.vertices, piece.count * VERTEX.itemsize)


def joined(pieces: Sequence[CopiedVertices]) -> CopiedVertices:
    """Pieces, one behind the other, as one."""
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        return NO_VERTICES
    firsts, lengths = accumulate((piece.count for piece in pieces), initial=0), [len(piece.indices) for piece in pieces]
    *starts, count = firsts
    indices = np.concatenate([piece.indices for piece in pieces]) + np.repeat(np.array(starts, INDEX), lengths)
    return CopiedVertices(b"".join(piece.vertices for piece in pieces), count, indices)


def paste(draw: imgui.ImDrawList, piece: CopiedVertices) -> None:
    """Draw a piece again, exactly as it was."""
    if not piece.count:
        return
    vertices, indices, more = draw.vtx_buffer.size(), draw.idx_buffer.size(), len(piece.indices)
    draw.prim_reserve(more, piece.count)
    first = draw._vtx_current_idx
    draw._vtx_current_idx = first + piece.count
    memmove(draw.vtx_buffer.data_address() + vertices * VERTEX.itemsize, piece.vertices, piece.count * VERTEX.itemsize)
    memmove(draw.idx_buffer.data_address() + indices * INDEX.itemsize, piece.order(first), more * INDEX.itemsize)
    draw.prim_reserve(0, 0)  # its pointers go to the end, where ``render`` wants them


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


class ImGuiCanvas:
    """Draws onto one ImGui draw list a frame; ``begin`` says which, and at what scale."""

    def __init__(self, faces: Fonts, chrome: ChromeColours, least_type: float = 0.0) -> None:
        self.faces, self.chrome, self.least_type = faces, chrome, least_type
        self.alpha = 1.0
        self.scale = 1.0
        self._list: imgui.ImDrawList
        self._atlas: imgui.ImFontAtlas
        self._kept: dict[Hashable, tuple[object, object, CopiedVertices]] = {}  # of what, drawn how

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

    def curve(self, points: NDArray[np.float64], ink: int, width: float) -> None:
        """The same, its ink packed already."""
        put_line(self._list, points * self.scale, ink, width * self.scale)

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
        face: Font | None = None,
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

    def run(self, x: float, y: float, words: str, ink: int, em: float, face: Font) -> None:
        """Set ``words`` where pixels (left and top of the line box) and ink are known already: the fast way."""
        self._list.add_text(face.font, face.sized(em).size, (x, y), ink, words)

    def middle(self, y: float, size: float, face: Font | None = None) -> float:
        """The baseline that centres capitals of this size on y."""
        return y + (face or self.faces.regular).metrics.capital * max(size, self.least_type) / 2

    def width(self, words: str, size: float, face: Font | None = None) -> float:
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
        same: list[CopiedVertices] = []
        ways = self._ways
        for name, look, draw in pieces:
            before = self._kept.get(name)
            if before is not None and before[1] == ways and before[0] == look:
                same.append(before[2])
                continue
            paste(self._list, joined(same))
            same.clear()
            mark = DrawListMark.here(self._list)
            draw()
            ways = self._ways  # what one draws may move the atlas under the next
            piece = copied(self._list, mark)
            if piece is not None:
                self._kept[name] = (look, ways, piece)
        paste(self._list, joined(same))

    @property
    def _ways(self) -> tuple[object, ...]:
        """What all that is drawn depends on."""
        return self.chrome, self.scale, self.least_type, self.alpha, self._atlas.tex_data.unique_id

    def kept_line(self, name: Hashable, state: object, top: int, alpha: int, draw: Callable[[], None]) -> None:
        """Letters that ``draw`` sets at ``top`` in opaque inks, shown with the opacity ``alpha``, 0 to 255.

        ``top`` is a whole number of pixels. While ``state``, which holds neither, is the same, they are copied from
        wherever they stood: a line that rises and fades is set but once.
        """
        state = (state, self.scale, self._atlas.tex_data.unique_id)
        before = self._kept.get(name)
        if before is not None and before[0] == state:
            paste(self._list, before[2].moved(top, alpha))
            return
        mark = DrawListMark.here(self._list)
        draw()
        piece = copied(self._list, mark)
        if piece is not None:
            overwrite(self._list, mark, piece.moved(0, alpha))
            state = (*state[:2], self._atlas.tex_data.unique_id)
            self._kept[name] = (state, None, piece.moved(-top, 255))

    def painted(self, name: Hashable, state: object, draw: Callable[[], None], inks: NDArray[np.uint32]) -> None:
        """As ``kept``, but ``draw`` draws with numbers for inks (``numbered``), and ``inks`` says which these are now.

        So colours may change in every frame and nothing is drawn anew; their opacity is not the canvas' affair. For
        letters and sharp-edged boxes alone: the smooth edge of a line has an opacity of its own.
        """
        mark = DrawListMark.here(self._list)
        self.kept(name, state, draw)
        paint(self._list, mark, inks)
