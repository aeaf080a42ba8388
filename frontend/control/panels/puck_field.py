"""The puck's ground as a texture, made anew only when the voices or the falloff changed.

UI thread, with the control window's OpenGL context current.
"""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from frontend.control.drawing.texture import Texture
from frontend.control.panels.puck import FieldKey
from frontend.look.colour import Floats, puck_field

SIZE = 128  # texels a side
PAUSE = 0.06  # seconds between two makings while the falloff is dragged


class FieldTexture:
    """One texture of ``SIZE`` x ``SIZE``."""

    def __init__(self) -> None:
        self._texture = Texture()
        self._key: FieldKey | None = None
        self._made_at = -1.0

    def reference(
        self, key: FieldKey, places: Sequence[tuple[float, float]], oklab: Floats, now: float
    ) -> imgui.ImTextureRef:
        """The field of the voices at ``places`` with these colours; ``key`` names them and ends with the falloff."""
        if key != self._key and now - self._made_at >= PAUSE:
            self._texture.upload(SIZE, SIZE, puck_field(places, oklab, key[2], SIZE).tobytes(), alpha=True)
            self._key, self._made_at = key, now
        return self._texture.reference
