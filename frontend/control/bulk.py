"""Writing into a draw list by the hundred: boxes from arrays, and what was drawn once copied again as it is.

A call from Python costs more than what it draws. So boxes go straight into the list's vertex and index buffers, as
``PrimRect`` would write each of them, and what has not changed since the last frame is pasted as bytes. Only for the
texture and clip rectangle that are current when it is called. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import memmove, string_at
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
from imgui_bundle import imgui
from numpy.typing import NDArray

from frontend.fonts import white_pixel

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
_CORNERS = np.array([[0, 1], [2, 1], [2, 3], [0, 3]])  # of a box x0 y0 x1 y1, clockwise
_TRIANGLES = np.array([0, 1, 2, 0, 2, 3], INDEX)


@dataclass(frozen=True)
class Copied:
    """A stretch of a draw list: ``count`` vertices as they lie there, and indices that count from the first of them."""

    vertices: bytes
    count: int
    indices: NDArray[Any]


NOTHING = Copied(b"", 0, np.zeros(0, INDEX))


@dataclass(frozen=True)
class Mark:
    """A place in a draw list."""

    vertices: int
    indices: int
    first: int  # the index that the next vertex will have
    commands: int

    @classmethod
    def here(cls, draw: imgui.ImDrawList) -> Mark:
        return cls(draw.vtx_buffer.size(), draw.idx_buffer.size(), draw._vtx_current_idx, draw.cmd_buffer.size())


def put_boxes(draw: imgui.ImDrawList, edges: NDArray[np.float64], inks: NDArray[np.uint32]) -> None:
    """Filled rectangles: ``edges`` (n, 4) as x0 y0 x1 y1 in pixels, ``inks`` (n,) packed colours."""
    n = len(edges)
    if n == 0:
        return
    corners = np.empty((n, 4), VERTEX)
    white = white_pixel()
    corners["place"] = edges.take(_CORNERS, 1)
    corners["texel"] = (white.x, white.y)
    corners["ink"] = inks[:, None]
    paste(draw, Copied(corners.tobytes(), 4 * n, _triangles(1 << (n - 1).bit_length())[: 6 * n]))


def put_line(draw: imgui.ImDrawList, points: NDArray[np.float64], ink: int, width: float) -> None:
    """A bent line through ``points`` (n, 2) in pixels, n > 1."""
    n = len(points)
    draw.path_arc_to((0.0, 0.0), 1.0, 0.0, 1.0, n - 1)  # the one call that makes room for n points
    memmove(draw._path.data_address(), points.astype(np.float32).tobytes(), 8 * n)
    draw.path_stroke(ink, width)


def paint(draw: imgui.ImDrawList, since: Mark, inks: NDArray[np.uint32]) -> None:
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


def copied(draw: imgui.ImDrawList, since: Mark) -> Copied | None:
    """What was drawn since a mark; None if texture or clip rectangle changed on the way: it is then no one piece."""
    now = Mark.here(draw)
    if now.commands != since.commands:
        return None
    count, indices = now.vertices - since.vertices, now.indices - since.indices
    vertices = string_at(draw.vtx_buffer.data_address() + since.vertices * VERTEX.itemsize, count * VERTEX.itemsize)
    order = string_at(draw.idx_buffer.data_address() + since.indices * INDEX.itemsize, indices * INDEX.itemsize)
    return Copied(vertices, count, np.frombuffer(order, INDEX) - INDEX.type(since.first))


def joined(pieces: Sequence[Copied]) -> Copied:
    """Pieces, one behind the other, as one."""
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        return NOTHING
    firsts, lengths = accumulate((piece.count for piece in pieces), initial=0), [len(piece.indices) for piece in pieces]
    *starts, count = firsts
    indices = np.concatenate([piece.indices for piece in pieces]) + np.repeat(np.array(starts, INDEX), lengths)
    return Copied(b"".join(piece.vertices for piece in pieces), count, indices)


def paste(draw: imgui.ImDrawList, piece: Copied) -> None:
    """Draw a piece again, exactly as it was."""
    if not piece.count:
        return
    vertices, indices, more = draw.vtx_buffer.size(), draw.idx_buffer.size(), len(piece.indices)
    draw.prim_reserve(more, piece.count)
    first = draw._vtx_current_idx
    draw._vtx_current_idx = first + piece.count
    memmove(draw.vtx_buffer.data_address() + vertices * VERTEX.itemsize, piece.vertices, piece.count * VERTEX.itemsize)
    order = (piece.indices + INDEX.type(first)).tobytes()
    memmove(draw.idx_buffer.data_address() + indices * INDEX.itemsize, order, more * INDEX.itemsize)
    draw.prim_reserve(0, 0)  # its pointers go to the end, where ``render`` wants them
