"""A screen made of software: Xvfb, started for a test and ended with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def virtual_screen(width: int, height: int) -> Iterator[str]:
    """The DISPLAY of a new X server of ``width`` x ``height`` pixels, on the first number that is free."""
    if not shutil.which("Xvfb"):
        if os.environ.get("CI"):
            raise RuntimeError("Xvfb is missing; `make test` installs it")
        pytest.skip("Xvfb is not installed")
    listening, told = os.pipe()
    command = ["Xvfb", "-displayfd", str(told), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
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
