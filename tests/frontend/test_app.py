"""The windows on a real (software) screen, moved by a real mouse and real keys."""

from __future__ import annotations

import json
import os
import queue
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from frontend.app import run
from frontend.client.fake_link import FakeLink
from frontend.control.drawing.layout import plan_panels
from frontend.control.panels.faders import StripGeometry
from frontend.control.panels.puck import circle
from protocol.errors import DisplayError
from tests.screens import virtual_screen

PATIENCE = 40.0  # seconds; a busy machine draws a frame a second
WIDTH, HEIGHT = 1920, 1080
LAYOUT = plan_panels(WIDTH, HEIGHT)
IN_PLAY = 7  # voices of the demo
BIBLE = 1  # its place among them


def xdotool(*words: str | float) -> str:
    command = ["xdotool", *(str(round(word)) if isinstance(word, float) else word for word in words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE).stdout.strip()


class Shown:
    """The child process and what it told."""

    def __init__(self, *arguments: str, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.frontend.shown", *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
        self._told: queue.Queue[list[object]] = queue.Queue()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def __enter__(self) -> Shown:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._listener.join()
        with self._process:  # closes its pipes
            pass

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told.put(json.loads(line))

    def close_window(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("close\n")
        self._process.stdin.flush()

    def end(self) -> tuple[int, str]:
        """Its exit status, once it has ended by itself, and what it complained of."""
        assert self._process.stderr is not None
        return self._process.wait(PATIENCE), self._process.stderr.read()

    def tells(self, wanted: Callable[[list[object]], bool]) -> list[object]:
        """The first thing told from now on that is wanted."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                told = self._told.get(timeout=0.5)
            except queue.Empty:
                assert self._process.poll() is None, self.end()
                continue
            if wanted(told):
                return told
        raise AssertionError("nothing of the kind was told")

    def number(self, address: str, low: float, high: float) -> None:
        """Wait until ``address`` is set to something between."""
        self.tells(lambda told: told[:2] == ["set", address] and low <= float(told[2]) <= high)  # type: ignore[arg-type]

    def hush(self) -> None:
        """Forget what was told so far."""
        while not self._told.empty():
            self._told.get()


class Mouse:
    """A hand on the window; coordinates in pixels of the window."""

    def __init__(self) -> None:
        deadline = time.monotonic() + PATIENCE
        self.window = ""
        while not self.window and time.monotonic() < deadline:
            self.window = xdotool("search", "--onlyvisible", "--name", "^Antiphon$").split("\n")[0]
        xdotool("windowfocus", "--sync", self.window)

    def move(self, x: float, y: float) -> None:
        xdotool("mousemove", "--window", self.window, float(x), float(y))
        time.sleep(0.15)

    def drag(self, *ways: tuple[float, float]) -> None:
        self.move(*ways[0])
        xdotool("mousedown", "1")
        time.sleep(0.3)
        for way in ways:
            self.move(*way)
        xdotool("mouseup", "1")
        time.sleep(0.3)

    def click(self, x: float, y: float) -> None:
        self.drag((x, y))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The control window, open for all tests of this module."""
    with virtual_screen(WIDTH, HEIGHT) as display, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", display)
        home = tmp_path_factory.mktemp("home")
        (home / "control.toml").write_text("toured = true\n")
        environment = {**os.environ, "ANTIPHON_HOME": str(home), "OMP_NUM_THREADS": "1"}
        with Shown("300", str(WIDTH), str(HEIGHT), environment=environment) as shown:
            yield shown


@pytest.fixture
def mouse(shown: Shown) -> Mouse:
    mouse = Mouse()
    shown.hush()
    return mouse


def test_a_real_drag_moves_a_fader(shown: Shown, mouse: Mouse) -> None:
    strips = StripGeometry(LAYOUT.faders, IN_PLAY, compact=False)
    x = strips.x(BIBLE)
    mouse.drag((x, strips.y(0.8)), (x, strips.y(0.6)), (x, strips.y(0.3)))
    shown.number("/style/bible/weight", 0.29, 0.31)


def test_a_real_drag_moves_the_puck(shown: Shown, mouse: Mouse) -> None:
    ring = circle(LAYOUT)
    mouse.drag(ring.outward((0.0, 0.0)), ring.outward((0.4, 0.2)), ring.outward((0.8, 0.2)))
    shown.tells(lambda told: told == ["set", "/puck/lifted", False])
    shown.tells(lambda told: told[:2] == ["set", "/puck"] and told[2] == pytest.approx([0.8, 0.2], abs=0.02))


def test_a_real_click_brings_a_voice_into_play(shown: Shown, mouse: Mouse) -> None:
    kant = 14
    mouse.click(120.0, 64.0 + 40 * kant + 20)
    shown.tells(lambda told: told == ["set", "/style/kant/on", True])


def test_real_typing_primes(shown: Shown, mouse: Mouse) -> None:
    well = LAYOUT.prime
    mouse.click(well.x + 100, well.bottom - 26)
    xdotool("type", "--delay", "60", "In the beginning")
    xdotool("key", "Return")
    shown.tells(lambda told: told in [["send", "Prime", {"text": f"{apart}In the beginning"}] for apart in ("", "\n")])
    xdotool("key", "Escape")


def test_the_space_bar_rests(shown: Shown, mouse: Mouse) -> None:
    mouse.click(LAYOUT.text.x + 300, LAYOUT.text.y + 90)
    xdotool("key", "space")
    shown.tells(lambda told: told == ["set", "/transport/run", False])
    xdotool("key", "space")
    shown.tells(lambda told: told == ["set", "/transport/run", True])


def test_closing_the_window_ends_the_instrument(shown: Shown) -> None:
    shown.close_window()
    shown.tells(lambda told: told == ["end", 0])
    assert shown.end() == (0, "")


def pixels(path: Path) -> tuple[tuple[int, int], bytes]:
    """Size and filtered rows of a PNG file."""
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    size, rows, at = struct.unpack(">LL", data[16:24]), b"", 8
    while at < len(data):
        length, kind = struct.unpack(">L4s", data[at : at + 8])
        rows += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return size, zlib.decompress(rows)


def test_both_windows_give_pictures_of_themselves(screen: str, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    environment = {**os.environ, "ANTIPHON_HOME": str(own)}
    control, stage = own / "control.png", own / "stage.png"
    with Shown("3", "1280", "720", str(control), str(stage), environment=environment) as shown:
        assert shown.end() == (0, "")
    size, rows = pixels(control)
    assert size == (1280, 720) and len(set(rows)) > 50
    assert len(set(pixels(stage)[1])) > 10
    assert sorted(path.suffix for path in own.iterdir()) == [".png", ".png"]


def test_without_a_screen_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    with pytest.raises(DisplayError, match="a screen with OpenGL"):
        run(FakeLink.demo(), seconds=0.1)
