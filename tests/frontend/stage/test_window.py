"""The stage window itself, on a screen made of software: its pictures, its keys, and the screen that it finds."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.screens import virtual_screen

Act = Callable[..., Any]
PATIENCE = 120.0  # seconds


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with virtual_screen(1600, 900) as display:
        yield display


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the acts leave their pictures."""
    return tmp_path_factory.mktemp("stage")


@pytest.fixture(scope="module")
def act(display: str, folder: Path) -> Act:
    """Plays one of ``child``'s acts to its end and gives what it tells."""

    def play(name: str, *options: str) -> Any:
        command = [sys.executable, "-W", "error", "-m", "tests.frontend.stage.child", name, str(folder), *options]
        child = subprocess.run(
            command,
            env={**os.environ, "DISPLAY": display},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert child.returncode == 0, child.stderr
        return json.loads(child.stdout)

    return play


@pytest.fixture(scope="module")
def pictures(act: Act, folder: Path) -> dict[str, np.ndarray]:
    """What a window showed: designed, pinned and dark."""
    assert act("pictures") is True
    return {path.stem: pixels(path) for path in folder.glob("*.png")}


@pytest.fixture
def two_monitors(display: str) -> Iterator[None]:
    """The screen as two monitors side by side, 800x900 each."""
    for number, place in enumerate(("800/200x900/200+0+0", "800/200x900/200+800+0")):
        output = "screen" if number == 0 else "none"
        xrandr = ["xrandr", "--display", display, "--setmonitor", f"monitor{number}", place, output]
        subprocess.run(xrandr, check=True, capture_output=True, timeout=PATIENCE)
    yield
    for number in range(2):
        subprocess.run(["xrandr", "--display", display, "--delmonitor", f"monitor{number}"], timeout=PATIENCE)


def pixels(path: Path) -> np.ndarray:
    """A picture that ``frontend.look.png`` wrote, (height, width, 3)."""
    data = path.read_bytes()
    width, height = struct.unpack_from(">LL", data, 16)
    at = data.index(b"IDAT")
    body = data[at + 4 : at + 4 + struct.unpack_from(">L", data, at - 4)[0]]
    rows = np.frombuffer(zlib.decompress(body), np.uint8).reshape(height, 1 + 3 * width)[:, 1:]
    return np.cumsum(rows, axis=0, dtype=np.uint8).reshape(height, width, 3).astype(int)


def inked(picture: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where there is more than the ground, without the mix at the bottom."""
    away: NDArray[np.int64] = np.abs(picture - (7, 9, 12)).max(axis=-1)
    return away[: int(0.97 * len(picture))] > 12


def test_the_window_shows_the_text_the_mix_and_nothing_in_the_margins(pictures: dict[str, np.ndarray]) -> None:
    designed = pictures["designed"]
    ink = inked(designed)
    assert designed.shape == (270, 480, 3)
    assert ink.any(axis=1).sum() > 40 and ink[:, : int(0.08 * 480)].sum() == ink[:, int(0.92 * 480) :].sum() == 0
    assert ink[: int(0.07 * 270)].sum() == ink[int(0.88 * 270) :].sum() == 0
    mix = designed[-1] - (7, 9, 12)
    assert mix[10].tolist() == pytest.approx([0.3 * (0x50 - 7), 0.3 * (0xAB - 9), 0.3 * (0xFF - 12)], abs=1.0)
    assert mix[470].tolist() == pytest.approx([0.3 * (0xEF - 7), 0.3 * (0xBC - 9), 0.3 * (0x3A - 12)], abs=1.0)


def test_corner_pins_move_all_and_plain_text_has_no_colour(pictures: dict[str, np.ndarray]) -> None:
    designed, pinned = inked(pictures["designed"]), inked(pictures["pinned"])
    left, left_pinned = (np.flatnonzero(ink[:230].any(axis=0))[0] for ink in (designed, pinned))  # the mix left out
    assert left_pinned == pytest.approx(48 + 0.8 * left, abs=1.5)  # a tenth off on every side
    text = pictures["pinned"][:240]
    bright = text[text.max(axis=-1) > 200]
    assert len(bright) and (np.ptp(bright, axis=-1) < 16).all()


def test_a_blackout_is_black(pictures: dict[str, np.ndarray]) -> None:
    assert not pictures["dark"].any()


def test_a_long_performance_with_rewind_reset_and_another_size_is_drawn_to_its_end(act: Act, folder: Path) -> None:
    assert act("long_performance") > 100
    picture = pixels(folder / "written.png")
    assert picture.shape == (360, 640, 3)
    assert inked(picture)[: int(0.85 * 360)].any(axis=1).sum() > 50


def test_keys_and_the_wish_to_close_are_the_applications(act: Act) -> None:
    told = act("keys")
    assert told == {"pressed": [0xFF1B, ord("b")], "wishes": ["close"], "open": True, "alone closed": True}


def test_with_one_monitor_the_stage_is_a_plain_window_fills_the_screen_when_asked_and_is_plain_again(act: Act) -> None:
    plain, full, again = act("one_monitor")
    assert plain == [None, 1280, 720, 1, ""]  # and says that something is to stand before it
    assert full[0] == 0 and full[3:] == [1, ""] and full[1] * full[2] > 1280 * 720
    assert again == [None, 1280, 720, 2, ""]


@pytest.mark.usefixtures("two_monitors")
def test_with_two_monitors_the_stage_fills_the_second(act: Act) -> None:
    told = act("two_monitors", "--two-monitors")
    assert told["areas"] == [[0, 0, 800, 900], [800, 0, 800, 900]]
    assert told["first"] == told["again"] == {"screen": 1, "place": [800, 0, 800, 900], "trouble": ""}
    assert told["plain"] is None


@pytest.mark.usefixtures("two_monitors")
def test_a_window_that_went_astray_is_brought_back(act: Act) -> None:
    told = act("astray", "--two-monitors")
    assert told["moved"] == [800, 0, 800, 900]
    assert told["full screen"] is True
    assert told["at"] == [800, 0, 800, 900]
    assert told["trouble"] == ""
