"""The player on a terminal that really is one: left as it was found, and ended when it is closed."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.frontend.terminal.test_stream import PLAY


@contextmanager
def on_a_terminal(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """The player on a terminal that really is one: process, our end of it, and the process's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "HOME": str(home), "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        [sys.executable, "-c", PLAY.format(60.0)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # whoever runs the tests may ignore it
    )
    try:
        yield process, ours, theirs
    finally:
        process.kill()
        process.wait()
        for end in (ours, theirs):
            with suppress(OSError):
                os.close(end)


@pytest.mark.parametrize("end", ["q", signal.SIGTERM])
def test_a_real_terminal_is_left_as_it_was_found(end: str | signal.Signals, tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as (process, ours, theirs):
        before = termios.tcgetattr(theirs)
        shown = read_until(ours, b"writing")
        assert b"\x1b[38;2;" in shown  # 24-bit colour
        if isinstance(end, str):
            os.write(ours, end.encode())
        else:
            process.send_signal(end)
        read_until(ours, b"\x1b[?1049l")  # back from the alternate screen
        assert process.wait(15) == 0
        assert termios.tcgetattr(theirs) == before


def test_when_the_terminal_is_closed_the_player_ends(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as (process, ours, theirs):
        read_until(ours, b"writing")
        os.close(theirs)
        os.close(ours)
        time.sleep(0.5)  # in which it finds that it cannot write
        process.send_signal(signal.SIGHUP)
        assert process.wait(15) == -signal.SIGHUP


def read_until(terminal: int, words: bytes) -> bytes:
    seen, deadline = b"", time.monotonic() + 30.0
    while words not in seen:
        assert time.monotonic() < deadline, f"never seen: {words!r} in {seen[-500:]!r}"
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65_536)
    return seen
