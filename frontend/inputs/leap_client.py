"""The websocket to Leap Motion's service: the latest hands, whatever happens to the service.

A thread of its own connects, and connects again every half second while nobody answers; it keeps only what came last,
so that a flood of frames grows nothing. ``hands`` and ``complaint`` may be read from any thread.
"""

from __future__ import annotations

import contextlib
import json
import math
import threading
import time
from collections.abc import Callable

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from frontend.inputs.leap_frames import LONGEST_FRAME, Following, HandInAir, read_frame
from protocol.errors import MessageError

ADDRESS = "ws://127.0.0.1:6437/v6.json"
AGAIN = 0.5  # seconds between two attempts to connect
LISTEN = 0.1  # seconds that the thread listens before it looks whether it is to end
STALE = 0.25  # seconds without a frame after which nobody's hand is known; the slowest service sends 30 a second
COMPLAIN_FOR = 5.0  # seconds that a broken frame is spoken of
BACKGROUND = json.dumps({"background": True})  # send frames although another window has the focus


class LeapClient:
    """Listens to ``address`` from ``start`` to ``close``; ``wake`` is called, on its thread, for every frame."""

    def __init__(self, address: str = ADDRESS, wake: Callable[[], None] = lambda: None) -> None:
        self.address, self._wake = address, wake
        self.connected = False
        self.frames = 0  # received so far
        self._latest: tuple[float, dict[str, HandInAir]] = (-math.inf, {})
        self._complaint = ("", -math.inf)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="antiphon leap", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop listening; a second time does nothing."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=2.5)

    def hands(self, now: float) -> dict[str, HandInAir]:
        """The hands that are there, as "hand", "left" and "right". ``now`` in monotonic seconds."""
        at, hands = self._latest
        return hands if now - at < STALE else {}

    def complaint(self, now: float) -> str:
        """One line about the last broken frame, for a few seconds; empty when all is well."""
        words, at = self._complaint
        return words if now - at < COMPLAIN_FOR else ""

    def _run(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(OSError, WebSocketException, ValueError), self._connected() as socket:
                self._listen(socket)
            self.connected = False
            self._ending.wait(AGAIN)

    def _connected(self) -> ClientConnection:
        return connect(
            self.address,
            open_timeout=2.0,
            close_timeout=0.2,
            max_size=4 * LONGEST_FRAME,
            max_queue=4,
            compression=None,
            proxy=None,
        )

    def _listen(self, socket: ClientConnection) -> None:
        """Until the service goes. Raises what the socket raises then."""
        socket.send(BACKGROUND)
        following = Following()
        self.connected = True
        while not self._ending.is_set():
            try:
                message = socket.recv(timeout=LISTEN)
            except TimeoutError:
                continue
            now = time.monotonic()
            try:
                hands = read_frame(message)
            except MessageError as error:
                self._complaint = (str(error), now)
                continue
            if hands is not None:
                self._latest = (now, following.see(hands))
                self.frames += 1
                self._wake()
