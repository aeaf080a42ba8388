"""A film of the stage: its pictures are the stage's own at their times, and a file of them is whole or not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from frontend.stage.film import FfmpegFilm, FilmSettings, PngFrames, make_film, pictures
from protocol.errors import DisplayError, ParameterError
from tests.frontend.stage.test_window import pixels

CHILD = """
import sys
from pathlib import Path
from frontend.stage.film import FilmSettings, make_film
from protocol.messages import Card, Char, Set, Status

def told():
    card = Card(0, 1, "ada", "Ada", "Ad", "#50ABFF", "prose", "", "", "", 0.0, False)
    yield 0.0, [card, Set("/transport/run", True), Set("/style/ada/on", True), Set("/style/ada/weight", 1.0)]
    for number in range(1, 21):
        tail = "abcdefghij abcdefghij"[:number]
        yield number / 10, [Char(number, tail[-1], tail, number, 0, ((((0, 255),),) * number), bytes(number))]

path, begin, end = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
print(make_film(told(), path, FilmSettings("320x180", 10.0, begin, end), lambda line: print(line, file=sys.stderr)))
"""


def filmed(path: Path, begin: float, end: float, **environment: str) -> subprocess.CompletedProcess[str]:
    """A film of twenty letters in two seconds, made where no screen is: OpenGL keeps to what a process first had."""
    command = [sys.executable, "-W", "error", "-c", CHILD, str(path), str(begin), str(end)]
    others = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    home = {"ANTIPHON_HOME": str(path.parent / "home")}
    return subprocess.run(
        command,
        env={**others, **home, **environment},
        capture_output=True,
        text=True,
        timeout=120.0,
        cwd=Path(__file__).parents[3],
    )


def test_where_there_is_no_ffmpeg_the_pictures_are_files_and_that_is_said(tmp_path: Path) -> None:
    ran = filmed(tmp_path / "evening.mp4", 0.0, 1.2, PATH=str(tmp_path))
    folder = tmp_path / "evening"
    assert ran.stdout == f"{folder}\n"
    assert ran.stderr.startswith("there is no ffmpeg here") and ran.stderr.count("\n") == 1
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"{number:06}.png" for number in range(1, 13)]
    ink = [int((pixels(file).max(axis=2) > 60).sum()) for file in files]
    assert ink[11] > ink[6] > ink[1] > 0  # letter after letter
    red, _, blue = pixels(files[11])[:160].reshape(-1, 3).max(axis=0)  # without the mix, at the bottom
    assert blue > 200 and red <= 245


def test_ffmpeg_makes_a_film_of_as_many_pictures_as_there_were(tmp_path: Path) -> None:
    film = tmp_path / "evening.mp4"
    ran = filmed(film, 0.5, 1.5)
    assert (ran.stdout, ran.stderr) == (f"{film}\n", "")
    raw = ["ffmpeg", "-v", "error", "-i", str(film), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    frames = np.frombuffer(subprocess.run(raw, capture_output=True, check=True).stdout, np.uint8)
    assert len(frames.reshape(-1, 180, 320, 3)) == 10
    assert [path.name for path in tmp_path.iterdir() if "evening" in path.name] == ["evening.mp4"]


def test_a_film_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    film = FfmpegFilm(tmp_path / "evening.webm", (64, 64), 10.0)
    film.add(np.zeros((64, 64, 3), np.uint8))
    film.abandon()
    assert list(tmp_path.iterdir()) == []


def test_what_ffmpeg_complains_of_is_told_in_a_line(tmp_path: Path) -> None:
    film = FfmpegFilm(tmp_path / "nowhere" / "evening.mp4", (64, 64), 10.0)
    with pytest.raises(DisplayError, match=r"^ffmpeg could not make .*No such file or directory"):
        for _ in range(1_000):
            film.add(np.zeros((64, 64, 3), np.uint8))
        film.finish()
    film.abandon()


def test_pictures_are_not_laid_among_others(tmp_path: Path) -> None:
    (tmp_path / "mine.png").touch()
    with pytest.raises(DisplayError, match="is not empty"):
        PngFrames(tmp_path)


@pytest.mark.parametrize("size", ["1280", "1281x720", "1280x", "x", "0x0", "99999x720", "-2x2"])
def test_a_size_of_no_use_is_refused(tmp_path: Path, size: str) -> None:
    with pytest.raises(ParameterError, match="a size is WIDTHxHEIGHT"):
        make_film([], tmp_path / "a.mp4", FilmSettings(size), print)


class Numbers:
    """A studio that gives the time instead of a picture."""

    def __init__(self) -> None:
        self.followed: list[float] = []

    def follow(self, now: float) -> None:
        self.followed.append(now)

    def picture(self, now: float) -> float:
        return now


def test_what_moves_gets_going_before_the_first_picture() -> None:
    from frontend.client.session_state import SessionState

    told = [(second / 2, ()) for second in range(20)]
    studio = Numbers()
    shot = list(pictures(told, studio, SessionState(), 4.0, 3.0, 4.0))  # type: ignore[arg-type]
    assert [float(time) for time in shot] == [3.0, 3.25, 3.5, 3.75]
    assert studio.followed == [2.0, 2.25, 2.5, 2.75]
