"""Lamps: places that get the signals without asking, as `--signals HOST:PORT[,PREFIX]` names them.

A socket of its own for each, which never waits and never complains twice: a desk that is switched off holds up nothing.
Sends on the engine's thread.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.errors import LinkError, MessageError
from protocol.messages import Signal
from protocol.osc import bundled
from protocol.signals import encode_signal

PREFIX = re.compile(r"(?:/[A-Za-z0-9_.-]{1,32}){0,4}")


@dataclass(frozen=True)
class Place:
    """Where signals go, and what their addresses begin with there."""

    host: str
    port: int
    prefix: str = ""


def place_of(words: str) -> Place:
    """``"10.0.0.5:9000,/antiphon"`` as a place. Raises ``LinkError``."""
    where, _, prefix = words.partition(",")
    host, _, port = where.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (host and port.isdecimal() and 0 < int(port) < 65_536 and PREFIX.fullmatch(prefix)):
        raise LinkError(f"--signals takes HOST:PORT or HOST:PORT,/prefix, such as 127.0.0.1:9000, not {words[:80]!r}")
    return Place(host, int(port), prefix)


class Lamp:
    """One place. Raises ``LinkError`` where there is no such machine."""

    followed = True

    def __init__(self, place: Place) -> None:
        self._prefix = place.prefix
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
        except (OSError, UnicodeError) as error:
            raise LinkError(f"no signals can go to {place.host}:{place.port} ({error}); say another place") from None
        self._socket.setblocking(False)
        self._address = address

    def shine(self, signals: Sequence[Signal]) -> None:
        try:
            datagrams = bundled(encode_signal(signal, self._prefix) for signal in signals)
        except MessageError:  # a number that is none: the next character has others
            return
        for datagram in datagrams:
            with contextlib.suppress(OSError):  # nobody there, no way there, no room
                self._socket.sendto(datagram, self._address)

    def close(self) -> None:
        self._socket.close()
