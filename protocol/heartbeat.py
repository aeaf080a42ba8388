"""The heartbeat of a process that is watched over, and the word by which one that stands ready is called in.

A process says five times a second that its main loop turns; one that stands ready says so instead, until it has to
begin. Both are datagrams on the loopback address that repeat a state: a lost one costs a moment, none can be
misunderstood later. When nobody takes them any more, the watcher is gone, and the process ends as on SIGTERM. Belongs
to the thread of the main loop.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import Callable
from typing import Literal

from protocol.errors import ParameterError

LOOPBACK = "127.0.0.1"
BEAT_INTERVAL_S = 0.2  # seconds between two beats
LONGEST_BEAT_BYTES = 1_024  # bytes of a datagram
PLACE = re.compile(r"([0-9]{1,5}):([0-9a-f]{16})")  # where the watcher listens, and by which word it knows the process

State = Literal["ready", "well", "ending"]


class Heartbeat:
    """Beats for the watcher at ``place``, "PORT:TOKEN". Raises ``ParameterError`` for what is no such place."""

    def __init__(self, place: str, gone: Callable[[], None] | None = None) -> None:
        """``gone`` is called when there is no watcher any more, by default it ends this process as SIGTERM does."""
        found = PLACE.fullmatch(place)
        if found is None or not 0 < int(found[1]) < 65_536:
            raise ParameterError("a watcher's place is a port, a colon and 16 hexadecimal digits")
        self._token = found[2].encode()
        self._gone = gone or end_in_order
        self._next = 0.0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((LOOPBACK, int(found[1])))

    def beat(self) -> None:
        """The main loop turns; called as often as one likes, said five times a second."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + BEAT_INTERVAL_S
            self._say("well")

    def ending(self) -> None:
        """The main loop is over: what follows is clearing up, and takes the time that it takes."""
        self._say("ending")

    def wait(self) -> str:
        """Stand ready until the watcher calls; what it has to say on that occasion, mostly nothing."""
        call = b"antiphon %s begin" % self._token
        self._socket.settimeout(BEAT_INTERVAL_S)
        try:
            while True:
                self._say("ready")
                with contextlib.suppress(OSError):  # nothing came, or nobody is there, as the next beat shows
                    heard = self._socket.recv(LONGEST_BEAT_BYTES)
                    if heard.startswith(call):
                        return heard[len(call) :].decode("utf-8", "replace").strip()
        finally:
            self._socket.setblocking(False)

    def close(self) -> None:
        self._socket.close()

    def _say(self, state: State) -> None:
        try:
            self._socket.send(b"antiphon %s %s" % (self._token, state.encode()))
        except ConnectionRefusedError:
            self._gone()
        except OSError:
            pass  # no room: the next one will do


def end_in_order() -> None:
    """End this process as SIGTERM does."""
    os.kill(os.getpid(), signal.SIGTERM)


def read_beat(datagram: bytes) -> tuple[str, State] | None:
    """The token of who says it and the state; None for anything that is no beat."""
    match datagram.split(b" ") if len(datagram) <= LONGEST_BEAT_BYTES else ():
        case [b"antiphon", token, b"ready" | b"well" | b"ending" as state] if re.fullmatch(rb"[0-9a-f]{16}", token):
            said: State = "ready" if state == b"ready" else "well" if state == b"well" else "ending"
            return token.decode(), said
    return None


def begin_call(token: str, word: str = "") -> bytes:
    """The datagram that tells the process called ``token`` to begin, with a word for it."""
    return f"antiphon {token} begin {word}".encode()[:LONGEST_BEAT_BYTES]
