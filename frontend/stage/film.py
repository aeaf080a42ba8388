"""A film of a performance: the stage's own renderer, picture by picture, at times of its own.

What was sent at which second goes into a session state, and the scene that the audience saw is drawn from it into a
buffer, by OpenGL, without a window that anybody sees. UI thread; one ``FilmRenderer`` at a time.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from frontend.client.display_state import ReadoutBuilder, Readouts
from frontend.client.session_state import SessionState
from frontend.creature.artist import ArtistProcess, PatientArtist
from frontend.creature.creature import Creature
from frontend.look.png import save_png
from frontend.look.theme import FULL_ANIMATION
from frontend.stage.scene import StagePicture
from frontend.stage.settings import settings_of_words
from frontend.stage.staging import StageState, default_path
from protocol.errors import DisplayError, ParameterError
from protocol.messages import ToFront
from protocol.mixing import effective_weights

if TYPE_CHECKING:
    from frontend.stage.canvas import StageCanvas

Pixels = NDArray[np.uint8]  # (height, width, 3), or 4 with opacity, row 0 on top
# seconds since the beginning, never falling, and what was sent then
TimedMessages = Iterable[tuple[float, Sequence[ToFront]]]
RUN_UP_S = 1.0  # seconds before the first picture, in which what moves gets going


class FilmRenderer:
    """Draws a stage of ``size`` (width, height) for ``session`` as ``staging`` has it; a context manager.

    Raises ``DisplayError`` where there is no OpenGL 3.3. Where no screen is, Linux draws without one.
    """

    def __init__(
        self,
        session: SessionState,
        staging: StageState,
        size: tuple[int, int],
        creature: Creature | None = None,
        bare: bool = False,
    ) -> None:
        """``bare``: without a ground, so that it lies over what is below; pictures have their opacity then."""
        self._staging, self._bare = staging, bare
        self._session, self._size, self._readout_builder = session, size, ReadoutBuilder()
        self._now = 0.0
        self._scene = StagePicture(session, staging.look, *size, readouts=self._readouts, creature=creature)
        self._canvas = self._open()

    def picture(self, now: float) -> Pixels:
        """What the audience sees at ``now``."""
        from frontend.stage.canvas import read_pixels

        scene, canvas = self._scene, self._canvas
        scene.fit(*self._size, self._staging.look)
        scene.frozen = self._staging.frozen
        scene.darken(self._staging.dark, now)
        self.follow(now)
        canvas.use(scene.atlas, scene.projection, *self._size)
        canvas.begin(None if self._bare else scene.ground(now))
        canvas.draw(scene.boxes(now), scene.light(now))
        return read_pixels(*self._size, opacity=self._bare)

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
            gl.GL_TEXTURE_2D, 0, gl.GL_RGBA8, width, height, 0, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, ctypes.c_void_p(0)
        )
        gl.glGenFramebuffers(1, self._buffer)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._buffer)
        gl.glFramebufferTexture2D(gl.GL_FRAMEBUFFER, gl.GL_COLOR_ATTACHMENT0, gl.GL_TEXTURE_2D, self._texture, 0)
        if gl.glCheckFramebufferStatus(gl.GL_FRAMEBUFFER) != gl.GL_FRAMEBUFFER_COMPLETE:
            raise DisplayError(f"no film of {width}x{height} can be drawn here: say a smaller --size")
        return canvas


def pictures(
    messages: TimedMessages,
    studio: FilmRenderer,
    session: SessionState,
    fps: float,
    begin: float = 0.0,
    end: float = math.inf,
    report: Callable[[float], object] = lambda seconds: None,
) -> Iterator[Pixels]:
    """``fps`` pictures a second of what was ``messages``, from second ``begin`` up to ``end`` or its end.

    ``report`` gets the second that was reached, with every picture.
    """
    coming = iter(messages)
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


# ---- where the pictures go -------------------------------------------------------------------------------------------

FFMPEG = "ffmpeg"
CODECS = {  # how each kind of film is made: what any browser and any player shows
    ".mp4": ["-c:v", "libx264", "-preset", "medium", "-crf", "18", "-movflags", "+faststart", "-f", "mp4"],
    ".webm": ["-c:v", "libvpx-vp9", "-crf", "28", "-b:v", "0", "-row-mt", "1", "-f", "webm"],
}
NUMBERED = "%06d.png"


class FilmWriter(Protocol):
    """Takes a film's pictures, (height, width, 3) each, all of one size."""

    def add(self, pixels: NDArray[np.uint8]) -> None:
        """The next picture. Raises ``DisplayError`` or ``OSError`` where it cannot be kept."""

    def finish(self) -> None:
        """That was the last one: the film stands where it is to be."""

    def abandon(self) -> None:
        """There will be no film; leave nothing half."""


class PngFrames:
    """Each picture a PNG file in ``folder``, which is made: 000001.png and so on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DisplayError(f"{folder} is not empty: name a folder that is, or none that is there")
        self.count = 0

    def add(self, pixels: NDArray[np.uint8]) -> None:
        self.count += 1
        save_png(self._folder / (NUMBERED % self.count), pixels)

    def finish(self) -> None:
        pass

    def abandon(self) -> None:
        """The pictures that there are can be looked at."""


class FfmpegFilm:
    """One film file at ``path`` (.mp4, .webm), made by ffmpeg as the pictures come."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        """``size`` (width, height), both even. Raises ``DisplayError`` where ffmpeg does not start."""
        self._path = path
        self._unfinished = path.with_name(f".{path.name}.unfinished")
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps:g}", "-i", "-"]
        colour = ["-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709"]
        colour += ["-color_primaries", "bt709", "-color_trc", "iec61966-2-1", "-color_range", "tv"]
        command = [FFMPEG, "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *raw, "-an", *colour]
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the film ends
        try:
            self._process = subprocess.Popen(
                [*command, *CODECS[path.suffix], str(self._unfinished)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
            )
        except OSError as error:
            self._said.close()
            raise DisplayError(f"{FFMPEG} does not start: {error.strerror or error}") from None

    def add(self, pixels: NDArray[np.uint8]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(np.ascontiguousarray(pixels).data)
        except OSError:  # it ended before its time
            self._fail()

    def finish(self) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.close()
        except OSError:
            self._fail()
        if self._process.wait():
            self._fail()
        self._said.close()
        self._unfinished.replace(self._path)

    def abandon(self) -> None:
        self._process.kill()
        assert self._process.stdin
        with contextlib.suppress(OSError):  # what it has not taken yet is lost
            self._process.stdin.close()
        self._process.wait()
        self._said.close()
        self._unfinished.unlink(missing_ok=True)

    def _fail(self) -> None:
        self._process.wait()
        self._said.seek(0)
        lines = self._said.read(10_000).decode("utf-8", "replace").strip().splitlines()
        raise DisplayError(f"{FFMPEG} could not make {self._path}: {lines[-1] if lines else 'it said nothing'}")


def has_ffmpeg() -> bool:
    """Whether films can be made of pictures here."""
    return shutil.which(FFMPEG) is not None


# ---- a film, from beginning to end -----------------------------------------------------------------------------------

MIN_SIDE_PX, MAX_SIDE_PX = 64, 8_192  # pixels of a side
PROGRESS_PERIOD_S = 5.0


@dataclass(frozen=True)
class FilmSettings:
    """What is filmed, and how."""

    size: str = "1280x720"
    fps: float = 30.0
    begin: float = 0.0  # seconds of the take
    end: float = float("inf")
    stage: Sequence[str] = ()  # the stage's settings for this film: NAME=VALUE


def make_film(
    messages: TimedMessages, path: Path, shot: FilmSettings, say: Callable[[str], None], artist: Sequence[str] = ()
) -> Path:
    """Film what was ``messages``; where the film, or the folder of pictures, stands then. ``say`` gets how far it is.

    ``artist`` is the command of who draws the creature, where the stage has one.

    A ``path`` that ends neither in .mp4 nor in .webm is a folder; so it is without ffmpeg, which is said. Raises
    ``ParameterError`` for a size or setting of no use, ``DisplayError`` where no film can be drawn or made.
    """
    width, height = size_of(shot.size)
    staging, session = StageState(default_path(), settings_of_words(shot.stage)), SessionState()
    if path.suffix in CODECS and not has_ffmpeg():
        say(
            f"there is no ffmpeg here, which makes films: the pictures go to {path.with_suffix('')}; where it is, "
            f"`ffmpeg -framerate {shot.fps:g} -i {path.with_suffix('')}/{NUMBERED} -pix_fmt yuv420p {path}` "
            "makes a film of them"
        )
        path = path.with_suffix("")
    with ExitStack() as closing:
        creature = None
        if artist and staging.look.creature != "none":
            process = ArtistProcess(artist)
            closing.callback(process.close)
            creature = Creature(PatientArtist(process))
        studio = closing.enter_context(FilmRenderer(session, staging, (width, height), creature))
        reel: FilmWriter = FfmpegFilm(path, (width, height), shot.fps) if path.suffix in CODECS else PngFrames(path)
        spoke = time.monotonic()

        def report(seconds: float) -> None:
            nonlocal spoke
            if time.monotonic() - spoke >= PROGRESS_PERIOD_S:
                spoke = time.monotonic()
                say(f"filmed up to {seconds:.0f} s")

        try:
            count = 0
            for pixels in pictures(messages, studio, session, shot.fps, shot.begin, shot.end, report):
                reel.add(pixels)
                count += 1
            if creature is not None and creature.trouble:
                say(f"{creature.trouble}: the film is without one")
            if not count:
                raise ParameterError(f"the take has nothing from second {shot.begin:g} to {shot.end:g}")
            reel.finish()
        except BaseException:
            reel.abandon()
            raise
    return path


def size_of(words: str) -> tuple[int, int]:
    """ "1280x720" as width and height. Raises ``ParameterError``."""
    width, by, height = words.partition("x")
    if by and width.isdecimal() and height.isdecimal():
        sides = int(width), int(height)
        if all(MIN_SIDE_PX <= side <= MAX_SIDE_PX and side % 2 == 0 for side in sides):
            return sides
    raise ParameterError(
        f"a size is WIDTHxHEIGHT, such as 1280x720, both even and up to {MAX_SIDE_PX}, not {words[:20]!r}"
    )
