"""A hand on a real mouse and a real keyboard (xdotool), and where the control window's parts lie under it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from frontend.control.drawing.layout import plan_panels
from frontend.control.panels.puck import circle
from frontend.look.screens import ScreenArea

PATIENCE = 60.0  # seconds that anything may take on a busy machine
CONTROL, STAGE = "^Antiphon$", "^Antiphon stage$"
BEAT = 0.1  # seconds, a frame or more: a hand is not faster

Place = tuple[float, float]


def wait_until(fulfilled: Callable[[], bool], what: str, pause: float = 0.02) -> None:
    """Look every ``pause`` seconds; fail saying ``what`` was waited for."""
    until = time.monotonic() + PATIENCE
    while not fulfilled():
        assert time.monotonic() < until, f"waited {PATIENCE:.0f} s in vain: {what}"
        time.sleep(pause)


def xdotool(*words: str) -> str:
    """What xdotool prints; empty where it finds nothing."""
    return subprocess.run(["xdotool", *words], capture_output=True, text=True, timeout=PATIENCE).stdout.strip()


def windows(name: str) -> list[str]:
    """The numbers of the windows that are seen and called so."""
    return xdotool("search", "--onlyvisible", "--name", name).split()


def area_of(window: str) -> ScreenArea | None:
    """Where a window stands on the desktop; None where it is gone."""
    told = dict(line.split("=") for line in xdotool("getwindowgeometry", "--shell", window).splitlines() if "=" in line)
    try:
        return ScreenArea(*(int(told[word]) for word in ("X", "Y", "WIDTH", "HEIGHT")))
    except KeyError:
        return None


class Hand:
    """One on the control window's mouse, one on the keyboard; coordinates in pixels of the window."""

    def __init__(self) -> None:
        wait_until(lambda: bool(windows(CONTROL)), "the control window", pause=0.5)
        (self.window,) = windows(CONTROL)
        wait_until(self._is_settled, "the window's final size")

    def _is_settled(self) -> bool:
        before = self.size
        time.sleep(0.3)
        return before == self.size

    @property
    def size(self) -> tuple[int, int]:
        area = area_of(self.window)
        assert area is not None, "the control window is gone"
        return area.width, area.height

    def move(self, x: float, y: float) -> None:
        self.glide(x, y)
        time.sleep(BEAT)

    def glide(self, x: float, y: float) -> None:
        """Move on without waiting for a frame."""
        xdotool("mousemove", "--window", self.window, str(round(x)), str(round(y)))

    def press(self, x: float, y: float) -> None:
        self.move(x, y)
        xdotool("mousedown", "1")
        time.sleep(BEAT)

    def release(self) -> None:
        xdotool("mouseup", "1")
        time.sleep(BEAT)

    def click(self, x: float, y: float) -> None:
        self.press(x, y)
        self.release()

    def drag(self, start: Place, end: Place, steps: int = 8) -> None:
        """Press at ``start``, move in ``steps`` to ``end``; the button stays down."""
        self.press(*start)
        for step in range(1, steps + 1):
            share = step / steps
            self.move(start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)

    def key(self, *names: str) -> None:
        """Press a key, or a chord, as long as fingers do."""
        for act, keys in (("keydown", names), ("keyup", names[::-1])):
            for name in keys:
                xdotool(act, name)
            time.sleep(BEAT)

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """A key is down inside."""
        xdotool("keydown", name)
        yield
        xdotool("keyup", name)
        time.sleep(BEAT)

    def type(self, words: str) -> None:
        xdotool("type", "--delay", "80", words)

    def on_circle(self, place: Place) -> Place:
        """The pixels at which a place of the puck is drawn."""
        layout = plan_panels(*self.size)
        x, y = circle(layout).outward(place)
        return x * layout.scale, y * layout.scale
