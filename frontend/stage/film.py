"""A film of a performance: the stage's own renderer, picture by picture, at times of its own.

What was told at which second goes into a session state, and the scene that the audience saw is drawn from it into a
buffer, by OpenGL, without a window that anybody sees. UI thread; one ``FilmRenderer`` at a time.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from frontend.client.display_state import ReadoutBuilder, Readouts
from frontend.client.session_state import SessionState
from frontend.look.theme import FULL_ANIMATION
from frontend.stage.scene import StagePicture
from frontend.stage.staging import StageState
from protocol.errors import DisplayError
from protocol.messages import ToFront
from protocol.mixing import effective_weights

if TYPE_CHECKING:
    from frontend.stage.canvas import StageCanvas

Pixels = NDArray[np.uint8]  # (height, width, 3), row 0 on top
TimedMessages = Iterable[
    tuple[float, Sequence[ToFront]]
]  # seconds since the beginning, never falling, and what was told then
RUN_UP_S = 1.0  # seconds before the first picture, in which what moves gets going


class FilmRenderer:
    """Draws a stage of ``size`` (width, height) for ``session`` as ``staging`` has it; a context manager.

    Raises ``DisplayError`` where there is no OpenGL 3.3. Where no screen is, Linux draws without one.
    """

    def __init__(self, session: SessionState, staging: StageState, size: tuple[int, int]) -> None:
        self._session, self._size, self._readout_builder = session, size, ReadoutBuilder()
        self._now = 0.0
        self._scene = StagePicture(session, staging.look, *size, readouts=self._readouts)
        self._canvas = self._open()

    def picture(self, now: float) -> Pixels:
        """What the audience sees at ``now``."""
        from frontend.stage.canvas import read_pixels

        self.follow(now)
        scene, canvas = self._scene, self._canvas
        canvas.use(scene.atlas, scene.projection, *self._size)
        canvas.begin(scene.ground(now))
        canvas.draw(scene.boxes(now), scene.light(now))
        return read_pixels(*self._size)

    def follow(self, now: float) -> None:
        """Let what moves move on to ``now``, without a picture."""
        self._now = now
        self._scene.boxes(now)

    def close(self) -> None:
        from pyglet import gl

        self._canvas.close()
        gl.glDeleteFramebuffers(1, self._buffer)
        gl.glDeleteTextures(1, self._texture)
        self._window.close()

    def __enter__(self) -> FilmRenderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _readouts(self) -> Readouts:
        """What the histogram shows, where the stage has one."""
        session, times = self._session, FULL_ANIMATION
        shares = effective_weights(session.mixing, session.slugs)
        return self._readout_builder.build(session, shares, session.values, times.lit, times.lit_fade, self._now)

    def _open(self) -> StageCanvas:
        """A context for OpenGL, and a buffer to draw into: what a hidden window shows is nobody's to read."""
        import pyglet

        if sys.platform == "linux" and not os.environ.get("DISPLAY"):
            pyglet.options.headless = True
        try:
            import pyglet.window
            from pyglet import gl

            from frontend.stage.canvas import StageCanvas

            self._window = pyglet.window.Window(64, 64, visible=False, vsync=False)
            canvas = StageCanvas()
        except Exception as error:  # pyglet and OpenGL have a class of their own for each way to fail
            if not isinstance(error, OSError | ImportError) and not type(error).__module__.startswith("pyglet"):
                raise
            raise DisplayError(f"no film can be drawn ({error}): that needs OpenGL 3.3") from error
        width, height = self._size
        self._texture, self._buffer = gl.GLuint(), gl.GLuint()
        gl.glGenTextures(1, self._texture)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._texture)
        gl.glTexImage2D(
            gl.GL_TEXTURE_2D, 0, gl.GL_RGB8, width, height, 0, gl.GL_RGB, gl.GL_UNSIGNED_BYTE, ctypes.c_void_p(0)
        )
        gl.glGenFramebuffers(1, self._buffer)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._buffer)
        gl.glFramebufferTexture2D(gl.GL_FRAMEBUFFER, gl.GL_COLOR_ATTACHMENT0, gl.GL_TEXTURE_2D, self._texture, 0)
        if gl.glCheckFramebufferStatus(gl.GL_FRAMEBUFFER) != gl.GL_FRAMEBUFFER_COMPLETE:
            raise DisplayError(f"no film of {width}x{height} can be drawn here: say a smaller --size")
        return canvas


def pictures(
    told: TimedMessages,
    studio: FilmRenderer,
    session: SessionState,
    fps: float,
    begin: float = 0.0,
    end: float = math.inf,
    report: Callable[[float], object] = lambda seconds: None,
) -> Iterator[Pixels]:
    """``fps`` pictures a second of what was ``told``, from second ``begin`` up to ``end`` or its end.

    ``report`` is told the second that was reached, with every picture.
    """
    coming = iter(told)
    ahead = next(coming, None)
    frame = -round(min(begin, RUN_UP_S) * fps)
    while ahead is not None and (now := begin + frame / fps) < end:
        while ahead is not None and ahead[0] <= now:
            for message in ahead[1]:
                session.apply(message, ahead[0])
            ahead = next(coming, None)
        if frame < 0:
            studio.follow(now)
        else:
            yield studio.picture(now)
            report(now)
        frame += 1
