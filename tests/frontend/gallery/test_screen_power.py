"""The screen goes off with the hours and comes on with them, by whatever command there is."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from frontend.gallery.screen_power import REPEAT_PERIOD_S, SWAY, WLROOTS, X11, PowerCommands, ScreenPower, switch_of
from protocol.errors import ParameterError


def writes(word: str, path: Path) -> tuple[str, ...]:
    return sys.executable, "-c", f"open({str(path)!r}, 'a').write({word!r})"


@pytest.fixture
def told(tmp_path: Path) -> Path:
    return tmp_path / "told"


@pytest.fixture
def power(told: Path) -> ScreenPower:
    def complain(line: str) -> None:
        raise AssertionError(line)

    return ScreenPower(PowerCommands(writes("off ", told), writes("on ", told)), complain)


def until(path: Path, content: str) -> None:
    """Wait until ``path`` holds ``content``."""
    deadline = time.monotonic() + 20.0
    while not path.exists() or path.read_text() != content:
        assert time.monotonic() < deadline, path.read_text() if path.exists() else "nothing"
        time.sleep(0.01)


def test_it_goes_off_once_and_is_told_again_after_a_while(power: ScreenPower, told: Path) -> None:
    power.set(True, 0.0)
    power.set(False, 1.0)
    until(told, "off ")
    power.wait()
    power.set(False, REPEAT_PERIOD_S)
    power.set(False, 1.0 + REPEAT_PERIOD_S)
    until(told, "off off ")


def test_it_comes_on_again_and_is_then_left_alone(power: ScreenPower, told: Path) -> None:
    power.set(False, 0.0)
    power.wait()
    power.set(True, 1.0)
    power.wait()
    power.set(True, 1.0 + 2 * REPEAT_PERIOD_S)
    power.close()
    assert told.read_text() == "off on "


def test_no_screen_is_left_dark_behind(power: ScreenPower, told: Path) -> None:
    power.set(False, 0.0)
    power.close()
    assert told.read_text() == "off on "


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("no-such-program",), "the screen cannot be switched: no-such-program: "),
        ((sys.executable, "-c", "import sys; sys.exit('no extension')"), "no extension"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "exit code 3"),
    ],
)
def test_a_command_that_fails_is_one_line(command: tuple[str, ...], line: str) -> None:
    lines: list[str] = []
    power = ScreenPower(PowerCommands(command, command), lines.append)
    for now in (0.0, REPEAT_PERIOD_S):
        power.set(False, now)
        power.wait()
    assert len(lines) == 1 and line in lines[0] and "\n" not in lines[0]


@pytest.mark.parametrize(
    ("environment", "there", "switch"),
    [
        ({"DISPLAY": ":0"}, {"xset"}, X11),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, {"xset", "wlopm"}, WLROOTS),
        ({"SWAYSOCK": "/run/sway", "WAYLAND_DISPLAY": "wayland-0"}, {"swaymsg", "wlopm"}, SWAY),
        ({"DISPLAY": ":0"}, set(), PowerCommands()),
        ({}, {"xset"}, PowerCommands()),
    ],
)
def test_the_desktops_own_command_is_found(environment: dict[str, str], there: set[str], switch: PowerCommands) -> None:
    assert switch_of("auto", "", environment, lambda name: name if name in there else None) == switch


def test_a_command_of_the_users_own_comes_in_pairs() -> None:
    assert switch_of("xrandr --output 'HDMI 1' --off", "a b") == PowerCommands(
        ("xrandr", "--output", "HDMI 1", "--off"), ("a", "b")
    )
    assert switch_of("", "") == PowerCommands()
    for off, on in (("a", ""), ("", "a"), ("'", "a")):
        with pytest.raises(ParameterError):
            switch_of(off, on)
