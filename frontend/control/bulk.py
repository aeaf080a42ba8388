"""Writing into a draw list by the hundred: boxes from arrays, and what was drawn once copied again as it is.

A call from Python costs more than what it draws. So boxes go straight into the list's vertex and index buffers, as
``PrimRect`` would write each of them, and what has not changed since the last frame is pasted as bytes. Only for the
texture and clip rectangle that are current when it is called. UI thread only.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from imgui_bundle import imgui
from numpy.typing import NDArray

from frontend.fonts import white_pixel

VERTEX = np.dtype({
    "names": ["place", "texel", "ink"],
    "formats": [(np.float32, 2), (np.float32, 2), np.uint32],
    "offsets": [imgui.VERTEX_BUFFER_POS_OFFSET, imgui.VERTEX_BUFFER_UV_OFFSET, imgui.VERTEX_BUFFER_COL_OFFSET],
    "itemsize": imgui.VERTEX_SIZE,
})  # fmt: skip
INDEX = np.dtype(np.uint16 if imgui.INDEX_SIZE == 2 else np.uint32)
_CORNERS = np.array([[0, 1], [2, 1], [2, 3], [0, 3]])  # of a box x0 y0 x1 y1, clockwise
_TRIANGLES = np.array([0, 1, 2, 0, 2, 3])


@dataclass(frozen=True)
class Copied:
    """A stretch of a draw list: vertices, and indices that count from the first of them."""

    vertices: NDArray[Any]
    indices: NDArray[Any]


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
    vertices, indices, first = _room(draw, 4 * n, 6 * n)
    corners = vertices.reshape(n, 4)
    white = white_pixel()
    corners["place"] = edges[:, _CORNERS]
    corners["texel"] = (white.x, white.y)
    corners["ink"] = inks[:, None]
    indices.reshape(n, 6)[:] = first + 4 * np.arange(n)[:, None] + _TRIANGLES


def copied(draw: imgui.ImDrawList, since: Mark) -> Copied | None:
    """What was drawn since a mark; None if texture or clip rectangle changed on the way: it is then no one piece."""
    now = Mark.here(draw)
    if now.commands != since.commands:
        return None
    vertices = _view(draw.vtx_buffer.data_address(), VERTEX, since.vertices, now.vertices - since.vertices)
    indices = _view(draw.idx_buffer.data_address(), INDEX, since.indices, now.indices - since.indices)
    return Copied(vertices.copy(), indices - INDEX.type(since.first))


def paste(draw: imgui.ImDrawList, piece: Copied) -> None:
    """Draw a piece again, exactly as it was."""
    if len(piece.vertices):
        vertices, indices, first = _room(draw, len(piece.vertices), len(piece.indices))
        vertices[:] = piece.vertices
        indices[:] = piece.indices + INDEX.type(first)


def _room(draw: imgui.ImDrawList, vertices: int, indices: int) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Views of so many fresh vertices and indices, and the first vertex's index; to be filled before the next call."""
    before = Mark.here(draw)
    draw.prim_reserve(indices, vertices)
    first = draw._vtx_current_idx
    draw._vtx_current_idx = first + vertices
    return (
        _view(draw.vtx_buffer.data_address(), VERTEX, before.vertices, vertices),
        _view(draw.idx_buffer.data_address(), INDEX, before.indices, indices),
        first,
    )


def _view(address: int, kind: np.dtype[Any], start: int, count: int) -> NDArray[Any]:
    """``count`` items from item ``start`` on of a buffer that ImGui owns; valid until the buffer grows."""
    memory = (ctypes.c_char * (count * kind.itemsize)).from_address(address + start * kind.itemsize)
    return np.ndarray(count, kind, memoryview(memory))
