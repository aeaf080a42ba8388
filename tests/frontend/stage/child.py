"""Acts of a real stage window, each in a process of its own: pyglet keeps to the screen that it first saw.

``python -m tests.frontend.stage.child ACT FOLDER`` prints what happened as JSON. Run by ``test_stage``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyglet

if "--two-monitors" in sys.argv:  # Xvfb's RandR tells of one output; monitors that xrandr set are told by Xinerama
    import pyglet.display.xlib

    pyglet.display.xlib._have_xrandr = False

from frontend.client.fake_link import FakeLink
from frontend.look.screens import ScreenArea
from frontend.stage.settings import CORNERS
from frontend.stage.staging import StageState
from frontend.stage.window import StageWindow, areas_here
from tests.frontend.stage.test_text import performance

SMALL = (480, 270)


def play(stage: StageWindow, seconds: float, start: float = 0.0, link: FakeLink | None = None) -> None:
    """The application's loop, in time that passes quickly but for what the window system needs."""
    for frame in range(round(seconds * 20)):
        if link is not None:
            link.pump(start + frame / 20)
        if stage.closed:
            return
        stage.window.dispatch_events()
        if stage.closed:
            return
        stage.draw(start + frame / 20)
        time.sleep(0.005)


def place(stage: StageWindow) -> list[int]:
    return [*stage.window.get_location(), *stage.window.get_size()]


def pictures(folder: Path) -> Any:
    """The same text at two sizes of window, in another look, in the dark."""
    link = performance("And she was much surprised,\n\treturn -EVIL;\nof ", austen=0.6, bible=0.4)
    staging = StageState()
    stage = StageWindow(link.session, staging, size=SMALL)
    play(stage, 0.2)
    stage.save_picture(folder / "designed.png")
    staging.set("colour", "plain")
    for name, moved in zip(CORNERS, ((0.1, 0.1), (-0.1, 0.1), (-0.1, -0.1), (0.1, -0.1)), strict=True):
        staging.set(name, moved)
    play(stage, 0.2, 1.0)
    stage.save_picture(folder / "pinned.png")
    staging.dark = True
    play(stage, 0.4, 2.0)
    stage.save_picture(folder / "dark.png")
    stage.close()
    stage.close()
    return stage.closed


def long_performance(folder: Path) -> Any:
    """A minute of text that writes itself, with a reset, a rewind and a change of size on the way."""
    from protocol.messages import Reset, Rewind

    link = FakeLink.demo(seed=2, clock=lambda: 0.0)
    link.set("/mix/rate", 60.0)
    stage = StageWindow(link.session, size=SMALL)
    for act, begin in ((None, 0), (Rewind(150), 10), (Reset(3), 20), (None, 25), (None, 30)):
        if act is not None:
            link.send(act)
        if begin == 25:
            stage.window.set_size(640, 360)
        play(stage, 5, float(begin), link)
    written = link.session.length
    stage.save_picture(folder / "written.png")
    stage.close()
    return written


def keys(folder: Path) -> Any:
    """Escape and B pressed, then a wish to close; the window is the application's to close."""
    pressed: list[int] = []
    readouts: list[str] = []
    stage = StageWindow(
        performance("a").session,
        size=SMALL,
        on_key=lambda symbol, _: pressed.append(symbol),
        on_close=lambda: readouts.append("close"),
    )
    for symbol in (pyglet.window.key.ESCAPE, pyglet.window.key.B):
        stage.window.dispatch_event("on_key_press", symbol, 0)
    stage.window.dispatch_event("on_close")
    play(stage, 0.1)
    open_still = not stage.closed
    stage.close()
    alone = StageWindow(performance("a").session, size=SMALL)
    alone.window.dispatch_event("on_close")
    play(alone, 0.1)
    return {"pressed": pressed, "wishes": readouts, "open": open_still, "alone closed": alone.closed}


def one_monitor(folder: Path) -> Any:
    told = []
    raised: list[int] = []
    stage = StageWindow(performance("a").session, on_same_screen=lambda: raised.append(1))
    for turn in range(3):
        if turn:
            stage.next_screen()
        play(stage, 1.2, 2.0 * turn)
        told.append([stage.on_screen, *stage.window.get_size(), len(raised), stage.trouble])
    return told


def two_monitors(folder: Path) -> Any:
    """The stage opens on the second monitor, goes to a plain window and back."""
    stage = StageWindow(performance("a").session, control=lambda: ScreenArea(50, 50, 700, 900))
    play(stage, 1.2)
    first = {"screen": stage.on_screen, "place": place(stage), "trouble": stage.trouble}
    stage.next_screen()
    play(stage, 0.3, 2.0)
    plain = stage.on_screen
    stage.next_screen()
    play(stage, 1.2, 4.0)
    again = {"screen": stage.on_screen, "place": place(stage), "trouble": stage.trouble}
    return {"areas": [vars_of(area) for area in areas_here()], "first": first, "plain": plain, "again": again}


def astray(folder: Path) -> Any:
    """A window system that puts windows elsewhere, for so many steps as it resists."""
    stage = StageWindow(performance("a").session, control=lambda: ScreenArea(50, 50, 700, 900))
    play(stage, 0.2)
    stage.window.set_location(30, 40)
    play(stage, 1.5, 0.2)
    moved = place(stage)
    stage.next_screen()
    stage.next_screen()
    stubborn = lambda x, y: None  # noqa: E731
    stage.window.set_location(30, 40)
    stage.window.set_location = stubborn
    play(stage, 2.5, 10.0)
    return {"moved": moved, "full screen": stage.window.fullscreen, "at": place(stage), "trouble": stage.trouble}


def vars_of(area: ScreenArea) -> list[int]:
    return [area.x, area.y, area.width, area.height]


ACTS: dict[str, Callable[[Path], Any]] = {
    act.__name__: act for act in (pictures, long_performance, keys, one_monitor, two_monitors, astray)
}

if __name__ == "__main__":
    print(json.dumps(ACTS[sys.argv[1]](Path(sys.argv[2]))))
