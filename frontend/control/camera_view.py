"""The camera's picture as a texture, uploaded anew only when another was seen.

UI thread, with the control window's OpenGL context current.
"""

from __future__ import annotations

from imgui_bundle import imgui

from frontend.control.texture import Texture
from frontend.inputs.glimpse import Glimpse


class CameraTexture:
    """One texture, as large as the last glimpse's picture."""

    def __init__(self) -> None:
        self._texture = Texture()
        self._shown: Glimpse | None = None

    def reference(self, seen: Glimpse) -> imgui.ImTextureRef:
        """The picture of ``seen``, which has one."""
        if seen is not self._shown:
            self._texture.upload(seen.width, seen.height, seen.picture, alpha=False)
            self._shown = seen
        return self._texture.reference
