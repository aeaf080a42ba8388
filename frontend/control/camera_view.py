"""The camera's picture as a texture, uploaded anew only when another was seen.

UI thread, with the control window's OpenGL context current.
"""

from __future__ import annotations

import OpenGL.GL as gl
from imgui_bundle import imgui

from frontend.inputs.glimpse import Glimpse


class CameraTexture:
    """One texture, linear filter, as large as the last glimpse's picture."""

    def __init__(self) -> None:
        self._id: int | None = None
        self._shown: Glimpse | None = None

    def reference(self, seen: Glimpse) -> imgui.ImTextureRef:
        """The picture of ``seen``, which has one."""
        if seen is not self._shown:
            self._upload(seen)
            self._shown = seen
        return imgui.ImTextureRef(self._id or 0)

    def _upload(self, seen: Glimpse) -> None:
        bound = gl.glGetIntegerv(gl.GL_TEXTURE_BINDING_2D)
        if self._id is None:
            self._id = int(gl.glGenTextures(1))
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._id)
        for name in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_LINEAR)
        for name in (gl.GL_TEXTURE_WRAP_S, gl.GL_TEXTURE_WRAP_T):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_CLAMP_TO_EDGE)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, gl.GL_RGB8, seen.width, seen.height, 0, gl.GL_RGB, gl.GL_UNSIGNED_BYTE,
                        seen.picture)  # fmt: skip
        gl.glBindTexture(gl.GL_TEXTURE_2D, bound)
