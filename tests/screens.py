"""A screen made of software: Xvfb, started for a test and ended with it, and what it shows as pixels."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from frontend.look.screens import ScreenArea

DEADLINE = 60.0  # seconds for a program of the window system


@contextmanager
def virtual_screen(width: int, height: int, memory: Path | None = None) -> Iterator[str]:
    """The DISPLAY of a new X server of ``width`` x ``height`` pixels, on the first number that is free.

    ``memory`` is a folder where it keeps what it shows, for ``shown``.
    """
    if not shutil.which("Xvfb"):
        if os.environ.get("CI"):
            raise RuntimeError("Xvfb is missing; `make test` installs it")
        pytest.skip("Xvfb is not installed")
    listening, told = os.pipe()
    command = ["Xvfb", "-displayfd", str(told), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
    command += [] if memory is None else ["-fbdir", str(memory)]
    server = subprocess.Popen(command, pass_fds=[told], stderr=subprocess.DEVNULL)
    os.close(told)
    try:
        with os.fdopen(listening) as number:
            display = f":{number.readline().strip()}"
        if display == ":":
            raise RuntimeError("Xvfb did not start")
        yield display
    finally:
        server.terminate()
        server.wait(10)


def split(display: str, monitors: Sequence[ScreenArea]) -> None:
    """Let the screen be several monitors; pyglet sees them without RandR alone (``tests.journeys.two_monitors``)."""
    for number, area in enumerate(monitors):
        place = f"{area.width}/300x{area.height}/200+{area.x}+{area.y}"
        output = "screen" if number == 0 else "none"
        command = ["xrandr", "--display", display, "--setmonitor", f"monitor{number}", place, output]
        subprocess.run(command, check=True, capture_output=True, timeout=DEADLINE)


def shown(memory: Path, area: ScreenArea) -> NDArray[np.uint8]:
    """What the screen shows in ``area`` now, (height, width, 3): read from its memory, in the form of an XWD file."""
    with (memory / "Xvfb_screen0").open("rb") as file:
        data = np.memmap(file, np.uint8, "r")
        head = struct.unpack(">25L", data[:100].tobytes())
        size, width, height, line, colours = head[0], head[4], head[5], head[12], head[19]
        begin = size + 12 * colours
        rows = data[begin : begin + line * height].reshape(height, line // 4, 4)[:, :width]
        cut = rows[area.y : area.y + area.height, area.x : area.x + area.width, 2::-1]  # blue, green, red, nothing
        return np.array(cut)
