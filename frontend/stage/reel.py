"""Where a film's pictures go: to ffmpeg, which makes one file of them, or as files of their own into a folder.

A film file is there whole or not at all. Caller's thread; ``FilmWriter`` is the seam.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from frontend.look.png import save_png
from protocol.errors import DisplayError

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
