"""A second screen that is unplugged and plugged in again, in the middle of a show: does the stage find its way?

``measure`` starts an X server of software whose picture is two monitors, and ``python -m
benchmarks.endure.second_screen COUNT`` on it, which opens a real stage window, takes the right monitor away, waits for
the stage to be a window on what is left, puts it back and waits for the stage to stand there again. On the caller's
thread; nothing leaves this machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from protocol.errors import DisplayError

MONITOR_WIDTH_PX, MONITOR_HEIGHT_PX = 960, 540  # pixels of each monitor
MOVE_TIMEOUT_S = 20.0  # seconds for the stage to move
PROCESS_TIMEOUT_S = 600.0  # seconds for the other process, and some for each time


def measure(times: int = 100) -> dict[str, Any]:
    """One JSON object: seconds that the stage took to leave and to return. Raises ``DisplayError``."""
    listening, writing_end = os.pipe()
    size = f"{2 * MONITOR_WIDTH_PX}x{MONITOR_HEIGHT_PX}x24"
    command = ["Xvfb", "-displayfd", str(writing_end), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
    try:
        server = subprocess.Popen(command, pass_fds=[writing_end], stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        raise DisplayError("Xvfb is missing: `make test` installs it") from None
    finally:
        os.close(writing_end)
    try:
        with os.fdopen(listening) as number:
            display = f":{number.readline().strip()}"
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.endure.second_screen", str(times)],
            check=False,
            capture_output=True,
            cwd=Path(__file__).parents[2],
            text=True,
            timeout=PROCESS_TIMEOUT_S + 10.0 * times,
            env={**os.environ, "DISPLAY": display},
        )
    finally:
        server.terminate()
        server.wait(10)
    if done.returncode:
        raise DisplayError((done.stderr.strip().splitlines() or ["the stage did not open"])[-1])
    return {"benchmark": "endure second screen", "machine": describe(), **json.loads(done.stdout)}


def monitor(name: str, x: int | None) -> None:
    """Put a monitor at ``x``, or take it away."""
    output = "screen" if x == 0 else "none"
    geometry = f"{MONITOR_WIDTH_PX}/200x{MONITOR_HEIGHT_PX}/100+{x}+0"
    words = ["--delmonitor", name] if x is None else ["--setmonitor", name, geometry, output]
    subprocess.run(["xrandr", *words], check=True, capture_output=True, timeout=60)


def unplugged(times: int) -> dict[str, Any]:
    """In the other process: do it ``times`` times."""
    import pyglet.display.xlib

    from frontend.client.fake_link import FakeLink
    from frontend.look.screens import ScreenArea
    from frontend.stage.window import StageWindow

    pyglet.display.xlib._have_xrandr = False  # monitors that xrandr set on Xvfb are told by Xinerama alone
    left, right = (
        ScreenArea(0, 0, MONITOR_WIDTH_PX, MONITOR_HEIGHT_PX),
        ScreenArea(MONITOR_WIDTH_PX, 0, MONITOR_WIDTH_PX, MONITOR_HEIGHT_PX),
    )
    monitor("left", 0)
    monitor("right", MONITOR_WIDTH_PX)
    link = FakeLink.demo()
    stage = StageWindow(link.session, control=lambda: left, vsync=False)

    def seconds_until(is_so: Callable[[], bool], what: str) -> float:
        began = time.monotonic()
        while not is_so():
            now = time.monotonic()
            if now - began > MOVE_TIMEOUT_S:
                raise DisplayError(f"it never came to be that {what}")
            link.pump(now)
            stage.window.switch_to()
            stage.window.dispatch_events()
            stage.draw(now)
            time.sleep(0.005)
        return time.monotonic() - began

    def there() -> bool:
        window = stage.window
        return stage.on_screen == 1 and ScreenArea(*window.get_location(), *window.get_size()) == right

    left_after, back_after = [], []
    seconds_until(there, "the stage opened on the second screen")
    for _ in range(times):
        monitor("right", None)
        left_after.append(seconds_until(lambda: stage.on_screen is None, "the stage left the screen that was gone"))
        assert "as soon as it is plugged in" in stage.trouble
        monitor("right", MONITOR_WIDTH_PX)
        back_after.append(seconds_until(there, "the stage was back on its screen"))
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    stage.close()
    return {
        "times": times,
        "left_s": max(left_after),
        "back_s": max(back_after),
        "descriptors": descriptors,
        "trouble": stage.trouble,
    }


if __name__ == "__main__":
    try:
        print(json.dumps(unplugged(int(sys.argv[1]))))
    except DisplayError as error:
        sys.exit(str(error))
