"""Who else is at work on the machine meanwhile: a front end that plays the server, and a flood of control messages.

Each is a process of its own, ended with its context. Run as a program this file is the flood.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol.errors import DisplayError
from protocol.messages import Set
from protocol.osc import encode

ROOT = Path(__file__).parents[1]
FLOOD_BURST_S = 0.01  # seconds
FLOODED_ADDRESS = "/mix/temperature"
FLOOD_LAST_VALUE = 0.625  # the value that a flood ends with; like all of its values exact in 32 bits


@contextmanager
def screen() -> Iterator[str]:
    """The DISPLAY of this machine's screen or, without one, of one made of software (Xvfb) for the time being."""
    if display := os.environ.get("DISPLAY"):
        yield display
        return
    if not shutil.which("Xvfb"):
        raise DisplayError("there is no screen and no Xvfb to make one: install xvfb, or measure with --front terminal")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp", "-noreset"]
    xvfb = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            name = number.readline().strip()
        if not name:
            raise DisplayError("Xvfb does not start: measure with --front terminal")
        yield f":{name}"
    finally:
        _end(xvfb)


@contextmanager
def front_end(kind: str, address: tuple[str, int]) -> Iterator[None]:
    """A front end, "window", "terminal" or "none", that plays the server at ``address``."""
    command = [sys.executable, str(ROOT / "antiphon.py"), "front", "--server", f"{address[0]}:{address[1]}"]
    if kind == "window":
        with screen() as display:
            process = subprocess.Popen(
                [*command, "--no-stage"],
                env={**os.environ, "DISPLAY": display},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            try:
                yield
            finally:
                _end(process)
    elif kind == "terminal":
        with _in_a_terminal([*command, "--terminal"]):
            yield
    else:
        yield


@contextmanager
def _in_a_terminal(command: list[str]) -> Iterator[None]:
    """``command`` on a pseudo-terminal of 200 x 50, whose picture nobody looks at."""
    import pty
    import struct
    import termios
    from fcntl import ioctl

    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)

    def look_away() -> None:
        try:
            while os.read(ours, 65_536):
                pass
        except OSError:  # the other end was closed
            pass

    reader = threading.Thread(target=look_away, daemon=True)
    reader.start()
    try:
        yield
    finally:
        _end(process)
        reader.join()
        os.close(ours)


@contextmanager
def flood(address: tuple[str, int], rate: int) -> Iterator[None]:
    """``rate`` control messages a second; at the end the temperature is ``FLOOD_LAST_VALUE``. None for 0."""
    if not rate:
        yield
        return
    command = [sys.executable, "-m", "benchmarks.neighbours", address[0], str(address[1]), str(rate)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(10)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _pour(host: str, port: int, rate: int, stop: threading.Event) -> None:
    """Control messages in bursts until ``stop``, then the last one, thrice since datagrams may be lost."""
    distributions = [encode(Set(FLOODED_ADDRESS, 0.5 + step / 256)) for step in range(128)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        began, sent = time.perf_counter(), 0
        while not stop.is_set():
            due = int((time.perf_counter() - began + FLOOD_BURST_S) * rate)
            for _ in range(min(due - sent, rate)):
                mouth.sendto(distributions[sent % len(distributions)], (host, port))
                sent += 1
            sent = max(sent, due)  # what could not be sent in time is not made up for
            time.sleep(FLOOD_BURST_S)
        for _ in range(3):
            mouth.sendto(encode(Set(FLOODED_ADDRESS, FLOOD_LAST_VALUE)), (host, port))
            time.sleep(FLOOD_BURST_S)


def main() -> None:
    """HOST PORT RATE: flood until standard input is closed."""
    stop = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait, daemon=True).start()
    _pour(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), stop)


if __name__ == "__main__":
    main()
