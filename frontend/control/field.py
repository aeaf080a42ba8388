"""The puck's ground as a texture, made anew only when the voices or the falloff changed.

UI thread, with the control window's OpenGL context current.
"""

from __future__ import annotations

from collections.abc import Sequence

import OpenGL.GL as gl
from imgui_bundle import imgui

from frontend.colour import Floats, puck_field
from frontend.control.puck import FieldKey

SIZE = 128  # texels a side
PAUSE = 0.06  # seconds between two makings while the falloff is dragged


class FieldTexture:
    """One texture of ``SIZE`` x ``SIZE``, linear filter."""

    def __init__(self) -> None:
        self._id: int | None = None
        self._key: FieldKey | None = None
        self._made_at = -1.0

    def reference(
        self, key: FieldKey, places: Sequence[tuple[float, float]], oklab: Floats, now: float
    ) -> imgui.ImTextureRef:
        """The field of the voices at ``places`` with these colours; ``key`` names them and ends with the falloff."""
        if key != self._key and now - self._made_at >= PAUSE:
            self._upload(puck_field(places, oklab, key[2], SIZE).tobytes())
            self._key, self._made_at = key, now
        return imgui.ImTextureRef(self._id or 0)

    def _upload(self, pixels: bytes) -> None:
        bound = gl.glGetIntegerv(gl.GL_TEXTURE_BINDING_2D)
        if self._id is None:
            self._id = int(gl.glGenTextures(1))
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._id)
        for name in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_LINEAR)
        for name in (gl.GL_TEXTURE_WRAP_S, gl.GL_TEXTURE_WRAP_T):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_CLAMP_TO_EDGE)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, gl.GL_RGBA8, SIZE, SIZE, 0, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, pixels)
        gl.glBindTexture(gl.GL_TEXTURE_2D, bound)
