"""How many connections are held, how long one may keep us waiting, and how much may wait of what it said: bounds that
uvicorn has no options for.

The edge below HTTP; the server's event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MAX_CONNECTIONS = 400  # more than phones: each asks for the page before it speaks
FIRST_REQUEST_TIMEOUT_S = 10.0  # seconds in which a connection must have asked for something
MAX_WAITING_MESSAGES = 16  # messages of a phone that may wait before no more are read


def bounded(admits: Callable[[str], bool]) -> type[asyncio.Protocol]:
    """HTTP as uvicorn speaks it, for those whose address is admitted, as many as there is room for."""

    class Bounded(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            host = self.client[0] if self.client else ""
            if len(self.connections) > MAX_CONNECTIONS or not admits(host):
                transport.abort()
                return
            self.loop.call_later(FIRST_REQUEST_TIMEOUT_S, self._see_whether_it_asked)

        def _see_whether_it_asked(self) -> None:
            if cast(Any, self.cycle) is None and self in self.connections:  # neither asked nor upgraded
                self.transport.abort()

    return Bounded


class EagerWebSocket(WebSocketsSansIOProtocol):
    """A websocket that is read on while few messages wait: uvicorn stops and begins reading anew with each of them,
    which with two hundred phones is a fifth of the work (`antiphon bench phones`).
    """

    def send_receive_event_to_app(self) -> None:
        if self.read_paused or self.queue.qsize() >= MAX_WAITING_MESSAGES:
            super().send_receive_event_to_app()
            return
        self.read_paused = True  # so that it is not done now
        super().send_receive_event_to_app()
        self.read_paused = False
