"""Whether the ports are free and this machine reaches itself. Loopback only; caller's thread."""

from __future__ import annotations

import socket

from benchmarks.doctor.findings import Finding, Level
from protocol.errors import AntiphonError
from protocol.messages import DEFAULT_PORT, Ping, Pong
from protocol.osc import decode_to_front, encode

LOOPBACK = "127.0.0.1"
TOPIC = "ports"
ANSWER_TIMEOUT_S = 0.5
OTHERS = {3333: "TUIO", 12000: "Wekinator's outputs", 6448: "Wekinator's inputs"}  # listened on where switched on


def examine(port: int = DEFAULT_PORT) -> list[Finding]:
    """The server's own port, then those of inputs that may be switched on."""
    found = [_own(port)]
    for number, what in OTHERS.items():
        if not free(number):
            found.append(
                Finding(
                    TOPIC,
                    Level.NOTE,
                    f"UDP {number} is taken: {what} cannot be heard there",
                    "end the other program if you play by it",
                )
            )
    return found


def _own(port: int) -> Finding:
    if free(port):
        return Finding(TOPIC, Level.GOOD, f"UDP {port} is free for the server")
    if answers(port):
        return Finding(
            TOPIC,
            Level.NOTE,
            f"an Antiphon is running on UDP {port} already",
            "`antiphon play` takes another port by itself; `antiphon front` plays that one",
        )
    return Finding(
        TOPIC,
        Level.NOTE,
        f"UDP {port} is taken by another program",
        "`antiphon play` takes another port by itself; other programs have to be told which",
    )


def free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trying:
        try:
            trying.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether what listens there answers a ping as a server does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ANSWER_TIMEOUT_S)
        try:
            asking.sendto(encode(Ping(7424)), (LOOPBACK, port))
            decoded = decode_to_front(asking.recv(2_048), None)
        except (OSError, AntiphonError):
            return False
    return Pong(7424) in decoded.messages
