"""A Leap Motion service made of software: a real websocket server that replays frames.

The stream is made by code, with the shape of the service's version 6 (fingers left out): a right hand that circles over
the device and closes to a fist, a left one that comes and goes. 110 frames a second, as the device sends them.
"""

from __future__ import annotations

import json
import math
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

RATE = 110.0  # frames a second
GREETING = json.dumps({"serviceVersion": "2.3.1+33747", "version": 6})


def hand(number: int, side: str, palm: Sequence[float], grip: float = 0.0, pinch: float = 0.0) -> dict[str, Any]:
    """One hand, with what Antiphon reads and some of what it passes over."""
    return {
        "armBasis": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "confidence": 1.0,
        "direction": [0.1, 0.2, -0.97],
        "grabStrength": grip,
        "id": number,
        "palmNormal": [0.0, -1.0, 0.0],
        "palmPosition": list(palm),
        "palmVelocity": [0.0, 0.0, 0.0],
        "palmWidth": 85.0,
        "pinchStrength": pinch,
        "timeVisible": 1.0,
        "type": side,
    }


def frame(number: int, *hands: dict[str, Any]) -> str:
    return json.dumps(
        {
            "currentFrameRate": RATE,
            "devices": [],
            "gestures": [],
            "hands": list(hands),
            "id": number,
            "interactionBox": {"center": [0, 200, 0], "size": [235.247, 235.247, 147.751]},
            "pointables": [],
            "timestamp": 1_000_000 + round(number * 1e6 / RATE),
        }
    )


def recorded(seconds: float) -> Iterator[str]:
    """The right hand circles once in four seconds and closes slowly; the left is there every other second."""
    for number in range(round(seconds * RATE)):
        at = number / RATE
        turn = math.tau * at / 4.0
        hands = [hand(12, "right", (90 * math.cos(turn), 200 + 60 * math.sin(turn), 50 * math.sin(turn)), at / seconds)]
        if at % 2.0 >= 1.0:
            hands.append(hand(13 + int(at), "left", (-80.0, 260.0, 0.0)))
        yield frame(number, *hands)


class Service:
    """``play`` is what every client is sent next, at the device's rate; ``heard`` what clients sent."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.playing: list[str] = []
        self.port = 0
        self._clients: list[ServerConnection] = []

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v6.json"

    def attend(self, client: ServerConnection) -> None:
        self._clients.append(client)
        try:
            client.send(GREETING)
            at = 0
            while client in self._clients:
                if not self.heard:
                    self.heard.append(str(client.recv(timeout=5)))
                if at < len(self.playing):
                    client.send(self.playing[at])
                    at += 1
                time.sleep(1 / RATE)
        except (ConnectionClosed, TimeoutError, OSError):
            return

    @contextmanager
    def running(self) -> Iterator[Service]:
        """The service, until it is taken away with all its connections; it comes back on the same port."""
        with serve(self.attend, "127.0.0.1", self.port) as server:
            self.port = server.socket.getsockname()[1]
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                clients, self._clients = self._clients, []
                for client in clients:
                    with suppress(OSError):  # it may have gone by itself
                        client.socket.shutdown(socket.SHUT_RDWR)  # as when the service dies, with no word
                server.shutdown()
                thread.join()
