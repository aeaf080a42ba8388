"""The one thing on the stage that speaks OpenGL: draws characters and rectangles, all in a single instanced call.

Every picture is a list of boxes with a place in the atlas and a colour; a projection takes pixels to the screen, corner
pins included, in perspective. Characters are smooth by the atlas, filled boxes by how much of a pixel they cover, so
that a crooked picture has no steps. UI thread, with the stage's context current: vertex arrays belong to one window.
"""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray
from pyglet import gl
from pyglet.graphics.shader import Shader, ShaderProgram

from frontend.stage.boxes import FLOATS_A_BOX, Floats
from frontend.stage.glyphs import GlyphAtlas

BYTES_A_BOX = 4 * FLOATS_A_BOX  # of one instance

VERTEX = """#version 330 core
layout(location = 0) in vec4 box;
layout(location = 1) in vec4 place;
layout(location = 2) in vec4 colour;
uniform mat3 projection;
out vec2 atlas_place;
out vec2 pixel;
flat out vec4 edges;
flat out float filled;
out vec4 tint;
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    filled = float(place.xy == place.zw);
    pixel = mix(box.xy - filled, box.zw + filled, corner);  // a rim for the smooth edges of a filled box
    vec3 on_screen = projection * vec3(pixel, 1.0);
    gl_Position = vec4(on_screen.xy, 0.0, on_screen.z);
    atlas_place = mix(place.xy, place.zw, corner);
    edges = box;
    tint = colour;
}
"""

FRAGMENT = """#version 330 core
in vec2 atlas_place;
in vec2 pixel;
flat in vec4 edges;
flat in float filled;
in vec4 tint;
uniform sampler2D atlas;
uniform float light;
out vec4 ink;
void main() {
    vec2 size = fwidth(pixel);  // of a pixel of the screen, in pixels of the picture
    vec2 inside = clamp((pixel - edges.xy) / size + 0.5, 0.0, 1.0) * clamp((edges.zw - pixel) / size + 0.5, 0.0, 1.0);
    float cover = mix(texture(atlas, atlas_place).r, inside.x * inside.y, filled);
    ink = vec4(tint.rgb, tint.a * light * cover);
}
"""


class StageCanvas:
    """``use`` and ``begin`` prepare a frame, ``draw`` draws a scene's boxes, ``close`` gives all back."""

    def __init__(self) -> None:
        self._program = ShaderProgram(Shader(VERTEX, "vertex"), Shader(FRAGMENT, "fragment"))
        self._array, self._buffer, self._texture = gl.GLuint(), gl.GLuint(), gl.GLuint()
        gl.glGenVertexArrays(1, self._array)
        gl.glGenBuffers(1, self._buffer)
        gl.glGenTextures(1, self._texture)
        gl.glBindVertexArray(self._array)
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self._buffer)
        for location in range(3):
            gl.glEnableVertexAttribArray(location)
            gl.glVertexAttribPointer(location, 4, gl.GL_FLOAT, gl.GL_FALSE, BYTES_A_BOX, ctypes.c_void_p(16 * location))
            gl.glVertexAttribDivisor(location, 1)
        gl.glBindVertexArray(0)
        self._atlas: GlyphAtlas | None = None

    def use(self, atlas: GlyphAtlas, projection: NDArray[np.float64], width: int, height: int) -> None:
        """Draw with these characters, into a framebuffer of ``width`` x ``height``."""
        gl.glViewport(0, 0, width, height)
        self._program.use()
        self._program["projection"] = projection.T.ravel().tolist()  # OpenGL counts down the columns
        if atlas is not self._atlas:
            self._atlas = atlas
            self._upload(atlas.coverage)

    def _upload(self, coverage: NDArray[np.uint8]) -> None:
        height, width = coverage.shape
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._texture)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        gl.glTexImage2D(
            gl.GL_TEXTURE_2D,
            0,
            gl.GL_R8,
            width,
            height,
            0,
            gl.GL_RED,
            gl.GL_UNSIGNED_BYTE,
            np.ascontiguousarray(coverage).ctypes.data_as(ctypes.c_void_p),
        )
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 4)
        for name, value in (
            (gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR),
            (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
            (gl.GL_TEXTURE_WRAP_S, gl.GL_CLAMP_TO_EDGE),
            (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE),
        ):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, value)

    def begin(self, ground: tuple[float, float, float] | None) -> None:
        """Fill the window with ``ground`` (red, green, blue, 0..1); None: with nothing, which shows what is below."""
        red, green, blue = ground or (0.0, 0.0, 0.0)
        gl.glClearColor(red, green, blue, 0.0 if ground is None else 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)

    def draw(self, boxes: Floats, light: float) -> None:
        """Draw ``boxes`` (n, 12) in order, their opacity times ``light``."""
        if not len(boxes) or light <= 0.0:
            return
        boxes = np.ascontiguousarray(boxes, np.float32)
        self._program.use()
        self._program["light"] = light
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._texture)
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFuncSeparate(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA, gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA)
        gl.glBindVertexArray(self._array)
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, self._buffer)
        gl.glBufferData(gl.GL_ARRAY_BUFFER, boxes.nbytes, boxes.ctypes.data_as(ctypes.c_void_p), gl.GL_STREAM_DRAW)
        gl.glDrawArraysInstanced(gl.GL_TRIANGLE_STRIP, 0, 4, len(boxes))
        gl.glBindVertexArray(0)

    def close(self) -> None:
        gl.glUseProgram(0)  # whoever draws here next may look which is in use
        gl.glDeleteVertexArrays(1, self._array)
        gl.glDeleteBuffers(1, self._buffer)
        gl.glDeleteTextures(1, self._texture)
        self._program.delete()


def read_pixels(width: int, height: int, opacity: bool = False) -> NDArray[np.uint8]:
    """What was drawn into the current framebuffer, (height, width, 3), or 4 with its ``opacity``, row 0 on top.

    With opacity the colours are those before they were laid over nothing (straight, not premultiplied).
    """
    pixels = np.empty((height, width, 4 if opacity else 3), np.uint8)
    kind = gl.GL_RGBA if opacity else gl.GL_RGB
    gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
    gl.glReadPixels(0, 0, width, height, kind, gl.GL_UNSIGNED_BYTE, pixels.ctypes.data_as(ctypes.c_void_p))
    gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 4)
    if opacity:
        covered = pixels[..., 3]
        edge = (covered > 0) & (covered < 255)
        part = covered[edge][:, None] / 255.0
        pixels[edge, :3] = np.minimum(255.0, np.rint(pixels[edge, :3] / part))
    return pixels[::-1]
