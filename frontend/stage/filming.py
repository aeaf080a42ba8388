"""`antiphon take export --as mp4`, the front end's side of it: from what was told to a film, or a folder of pictures.

UI thread, on which OpenGL then is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from frontend.client.session_state import SessionState
from frontend.stage.film import FilmRenderer, TimedMessages, pictures
from frontend.stage.reel import CODECS, NUMBERED, FfmpegFilm, FilmWriter, PngFrames, has_ffmpeg
from frontend.stage.settings import settings_of_words
from frontend.stage.staging import StageState, default_path
from protocol.errors import ParameterError

MIN_SIDE_PX, MAX_SIDE_PX = 64, 8_192  # pixels of a side
PROGRESS_PERIOD_S = 5.0  # seconds


@dataclass(frozen=True)
class FilmSettings:
    """What is filmed, and how."""

    size: str = "1280x720"
    fps: float = 30.0
    begin: float = 0.0  # seconds of the take
    end: float = float("inf")
    stage: Sequence[str] = ()  # the stage's settings for this film: NAME=VALUE


def make_film(told: TimedMessages, path: Path, shot: FilmSettings, say: Callable[[str], None]) -> Path:
    """Film what was ``told``; where the film, or the folder of pictures, stands then. ``say`` is told how far it is.

    A ``path`` that ends neither in .mp4 nor in .webm is a folder; so it is without ffmpeg, which is said. Raises
    ``ParameterError`` for a size or setting of no use, ``DisplayError`` where no film can be drawn or made.
    """
    width, height = _size(shot.size)
    staging, session = StageState(default_path(), settings_of_words(shot.stage)), SessionState()
    if path.suffix in CODECS and not has_ffmpeg():
        say(
            f"there is no ffmpeg here, which makes films: the pictures go to {path.with_suffix('')}; where it is, "
            f"`ffmpeg -framerate {shot.fps:g} -i {path.with_suffix('')}/{NUMBERED} -pix_fmt yuv420p {path}` "
            "makes a film of them"
        )
        path = path.with_suffix("")
    with FilmRenderer(session, staging, (width, height)) as studio:
        reel: FilmWriter = FfmpegFilm(path, (width, height), shot.fps) if path.suffix in CODECS else PngFrames(path)
        spoke = time.monotonic()

        def report(seconds: float) -> None:
            nonlocal spoke
            if time.monotonic() - spoke >= PROGRESS_PERIOD_S:
                spoke = time.monotonic()
                say(f"filmed up to {seconds:.0f} s")

        try:
            count = 0
            for pixels in pictures(told, studio, session, shot.fps, shot.begin, shot.end, report):
                reel.add(pixels)
                count += 1
            if not count:
                raise ParameterError(f"the take has nothing from second {shot.begin:g} to {shot.end:g}")
            reel.finish()
        except BaseException:
            reel.abandon()
            raise
    return path


def _size(words: str) -> tuple[int, int]:
    width, by, height = words.partition("x")
    if by and width.isdecimal() and height.isdecimal():
        sides = int(width), int(height)
        if all(MIN_SIDE_PX <= side <= MAX_SIDE_PX and side % 2 == 0 for side in sides):
            return sides
    raise ParameterError(
        f"a size is WIDTHxHEIGHT, such as 1280x720, both even and up to {MAX_SIDE_PX}, not {words[:20]!r}"
    )
