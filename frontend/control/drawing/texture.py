"""One picture that draw lists can show, in OpenGL's memory: uploaded, and uploaded again into the same place.

UI thread, with the control window's OpenGL context current.
"""

from __future__ import annotations

import OpenGL.GL as gl
from imgui_bundle import imgui


class Texture:
    """Linear filter, clamped at its edges; nothing until the first ``upload``. What was bound stays bound."""

    def __init__(self) -> None:
        self._id: int | None = None

    @property
    def reference(self) -> imgui.ImTextureRef:
        return imgui.ImTextureRef(self._id or 0)

    def upload(self, width: int, height: int, pixels: bytes, alpha: bool) -> None:
        """``pixels``: rows from the top, three bytes each, or four with ``alpha``."""
        bound = gl.glGetIntegerv(gl.GL_TEXTURE_BINDING_2D)
        if self._id is None:
            self._id = int(gl.glGenTextures(1))
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._id)
        for name in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_LINEAR)
        for name in (gl.GL_TEXTURE_WRAP_S, gl.GL_TEXTURE_WRAP_T):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_CLAMP_TO_EDGE)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        inside, outside = (gl.GL_RGBA8, gl.GL_RGBA) if alpha else (gl.GL_RGB8, gl.GL_RGB)
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, inside, width, height, 0, outside, gl.GL_UNSIGNED_BYTE, pixels)
        gl.glBindTexture(gl.GL_TEXTURE_2D, bound)
