"""Which screens there are and what draws on them, found out in a process of its own: a broken driver ends only that.

``python -m benchmarks.doctor.picture`` opens a small window nobody sees and prints one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.doctor.findings import Finding, Level

TOPIC = "picture"
WINDOW_TIMEOUT_S = 30.0
TIMED_FRAMES = 30
MIN_OPENGL = (3, 3)  # OpenGL
BY_PROCESSOR = ("llvmpipe", "softpipe", "swrast", "Software", "Basic Render")
SMOOTH_MS = 20.0  # a frame


def examine() -> list[Finding]:
    """What the other process found, or that it did not come back."""
    command = [sys.executable, "-m", "benchmarks.doctor.picture"]
    try:
        done = subprocess.run(
            command,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=WINDOW_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return judge({"trouble": f"no window opened in {WINDOW_TIMEOUT_S:.0f} seconds"})
    try:
        return judge(json.loads(done.stdout.splitlines()[-1]))
    except (ValueError, IndexError):
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return judge({"trouble": f"the window system broke off ({last[:120]})"})


def judge(seen: dict[str, Any]) -> list[Finding]:
    """``seen``: ``screens`` as [width, height], ``gl`` version, ``renderer``, ``frame_ms``; or ``trouble``."""
    if trouble := seen.get("trouble"):
        return [
            Finding(
                TOPIC,
                Level.NOTE,
                f"no windows here ({trouble}): it plays in the terminal",
                "over ssh or without a desktop that is as it should be",
            )
        ]
    sizes = [f"{width}x{height}" for width, height in seen["screens"]]
    one = len(sizes) == 1
    found = [
        Finding(
            TOPIC,
            Level.NOTE if one else Level.GOOD,
            f"{len(sizes)} screen{'' if one else 's'}: {', '.join(sizes)}",
            "the stage will be a window on this screen; plug the projector in to have it there" if one else "",
        )
    ]
    version = tuple(seen["gl"])
    if version < MIN_OPENGL:
        words = f"OpenGL {version[0]}.{version[1]} by {seen['renderer']}: 3.3 is needed"
        found.append(
            Finding(TOPIC, Level.WARN, words, "install the graphics card's driver; until then it plays in the terminal")
        )
        return found
    drawn = f"OpenGL {version[0]}.{version[1]} by {seen['renderer']}, a frame in {seen['frame_ms']:.1f} ms"
    if any(name in seen["renderer"] for name in BY_PROCESSOR):
        found.append(
            Finding(
                TOPIC,
                Level.WARN,
                f"{drawn}: drawn by the processor, so motion will not be smooth",
                "install the graphics card's driver",
            )
        )
    elif seen["frame_ms"] > SMOOTH_MS:
        found.append(Finding(TOPIC, Level.WARN, f"{drawn}: motion will not be smooth", "close other programs"))
    else:
        found.append(Finding(TOPIC, Level.GOOD, drawn))
    return found


def look() -> dict[str, Any]:
    """Open a small window and say what it is drawn by."""
    try:
        import pyglet

        screens = pyglet.display.get_display().get_screens()
        window = pyglet.window.Window(320, 200, visible=False, vsync=False)
    except Exception as error:  # each window system has its own
        return {"trouble": str(error) or type(error).__name__}
    context = window.context
    info = context.get_info()
    times = []
    for turn in range(TIMED_FRAMES):
        began = time.perf_counter()
        pyglet.gl.glClearColor(turn % 2, 0.0, 0.0, 1.0)
        window.clear()
        window.flip()
        times.append(time.perf_counter() - began)
    window.close()
    return {
        "screens": [[screen.width, screen.height] for screen in screens],
        "gl": [info.major_version, info.minor_version],
        "renderer": info.get_renderer(),
        "frame_ms": round(1e3 * median(times), 2),
    }


if __name__ == "__main__":
    print(json.dumps(look()))
