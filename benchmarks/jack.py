"""A JACK server of our own: real MIDI cables made of software, that need no sound card and no rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from protocol.errors import DisplayError

JACK_FRAMES_PER_S = 48_000  # frames a second
JACK_TIMEOUT_S = 20.0  # seconds


@contextmanager
def jack_server(period: int = 128) -> Iterator[None]:
    """MIDI of this process and its children goes through it; messages are handed on once a ``period`` of frames.

    Raises ``DisplayError`` where jackd is not installed or does not start.
    """
    if shutil.which("jackd") is None:
        raise DisplayError("MIDI is measured through JACK, which is not installed: apt install jackd2")
    name = f"antiphon-{os.getpid()}"
    os.environ |= {
        "JACK_DEFAULT_SERVER": name,
        "JACK_NO_START_SERVER": "1",
        "JACK_NO_AUDIO_RESERVATION": "1",
        "MIDO_BACKEND": "mido.backends.rtmidi/UNIX_JACK",
    }
    command = ["jackd", "--no-realtime", "-n", name, "-d", "dummy", "-r", str(JACK_FRAMES_PER_S), "-p", str(period)]
    server = _begun(command)
    try:
        deadline = time.monotonic() + JACK_TIMEOUT_S
        while subprocess.run(["jack_lsp"], capture_output=True).returncode != 0:
            if time.monotonic() > deadline:
                raise DisplayError("jackd does not start: MIDI cannot be measured here")
            if server.poll() is not None:  # another began in this moment, or JACK has no place free
                server = _begun(command)
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(JACK_TIMEOUT_S)


def _begun(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
