"""The window that is there before the instrument: it says that it lives, and becomes the control window."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from frontend.look.screens import ScreenArea
from tests.journeys.hands import wait_until
from tests.screens import shown, virtual_screen

SIZE = (1280, 720)
CHILD = """
import sys
from frontend.screen_access import reach_screen
reach_screen()
from frontend.control.state.preferences import Preferences
from frontend.control.opening import Opening
opening = Opening(Preferences(), vsync=False)
print("open", flush=True)
opening.load("json")
try:
    opening.load("no_such_module")
except ModuleNotFoundError as error:
    print(error.name, flush=True)
from frontend.client.fake_link import FakeLink
from frontend.config.scenes import Scenes
from frontend.control.state.controller import Controller
from frontend.control.state.midi_interface import NoMidi
from frontend.control.window import ControlWindow
from pathlib import Path
sys.stdin.readline()
window = ControlWindow(
    Controller(FakeLink.demo(), NoMidi(), Scenes.load(Path(sys.argv[1]) / "scenes.json")), opened=opening.hand_over()
)
for frame in range(5):
    window.draw(frame / 60)
print("playing", flush=True)
sys.stdin.readline()
window.close()
"""


@pytest.fixture
def screen() -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as memory, virtual_screen(*SIZE, Path(memory)) as display:
        yield display, Path(memory)


def test_a_window_says_that_it_lives_while_the_panels_are_loaded_and_then_holds_them(
    screen: tuple[str, Path], tmp_path: Path
) -> None:
    display, memory = screen

    def lit() -> int:
        return int(np.count_nonzero(shown(memory, ScreenArea(0, 0, *SIZE)).max(axis=2) > 100))

    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CHILD, str(tmp_path)],
        env={"DISPLAY": display, "PATH": "", "ANTIPHON_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        assert child.stdout.readline() == "open\n"
        wait_until(lambda: 200 < lit() < 20_000, "a line of words and some dots")
        assert child.stdout.readline() == "no_such_module\n"
        child.stdin.write("\n")
        child.stdin.flush()
        assert child.stdout.readline() == "playing\n"
        wait_until(lambda: lit() > 20_000, "the panels")
        child.stdin.close()
    assert child.returncode == 0
