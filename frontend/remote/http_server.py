"""HTTP and websockets for browsers that nobody knows: uvicorn, with the bounds that it has no options for.

Phones (``frontend.remote``) and readers of the stage (``frontend.web.serving``) are served by it. Nothing is logged,
signals belong to the caller, and a connection that asks for nothing, or is one too many, is cut. One event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PING_INTERVAL_S, PONG_TIMEOUT_S = 5.0, 15.0  # seconds between pings; within which a client must answer


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the caller."""
        yield

    async def serve_beside(self, listens: socket.socket, work: Coroutine[Any, Any, None]) -> None:
        """Serve on ``listens`` until told to end, ``work`` beside it: it ends when that does, and takes it along."""
        beside = asyncio.create_task(work)
        beside.add_done_callback(lambda _: self.end())
        try:
            await self.serve([listens])
        finally:
            beside.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beside

    def end(self) -> None:
        """Let ``serve_beside`` return soon. Any thread."""
        self.should_exit = True


def bounded_server(app: Starlette, admits: Callable[[str], bool], most: int, message_chars: int) -> Server:
    """``app`` for those whose address is admitted, ``most`` connections at a time; their messages are not longer."""
    app.router.redirect_slashes = False
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    return Server(
        uvicorn.Config(
            app,
            http=bounded(admits, most),
            ws=EagerWebSocket,
            ws_max_size=message_chars,
            ws_per_message_deflate=False,
            ws_ping_interval=PING_INTERVAL_S,
            ws_ping_timeout=PONG_TIMEOUT_S,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
            loop="asyncio",
            h11_max_incomplete_event_size=8_192,
        )
    )


def listening(host: str, port: int) -> socket.socket:
    """A TCP socket that listens there; port 0: any that is free. Raises ``OSError``."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (UnicodeError, OverflowError) as error:
        raise OSError(str(error)) from None
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(512)
    except OverflowError as error:
        found.close()
        raise OSError(str(error)) from None
    except BaseException:
        found.close()
        raise
    return found


def free_port(host: str, usual: int) -> int:
    """The ``usual`` port of ``host``, or, where something listens there, another one."""
    for port in (usual, 0):
        with contextlib.suppress(OSError), listening(host, port) as probe:
            found: int = probe.getsockname()[1]
            return found
    return usual  # whoever listens there is told what is wrong with it


FIRST_REQUEST_TIMEOUT_S = 10.0  # seconds in which a connection must have asked for something
MAX_WAITING_MESSAGES = 16  # messages of a client that may wait before no more are read


def bounded(admits: Callable[[str], bool], most: int) -> type[asyncio.Protocol]:
    """HTTP as uvicorn speaks it, for those whose address is admitted, ``most`` at a time."""

    class Bounded(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            host = self.client[0] if self.client else ""
            if len(self.connections) > most or not admits(host):
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
