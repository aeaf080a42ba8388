"""The stage on the web: the page, and the text as server-sent events and by a websocket. Read-only.

The edge: sockets and files are here, what is told is ``frontend.web.telling``'s. Everything runs on one event loop,
which also pumps the link, so that nothing needs a lock. A reader is told what it lacks whenever it can take it, at most
every ``FLUSH_PERIOD_S``, so that hundreds cost little more than the bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Send
from starlette.websockets import WebSocket

from frontend.client.link import AnyLink
from frontend.creature.artist import AnyArtist
from frontend.remote.http_server import bounded_server, listening
from frontend.stage.look import StageTheme
from frontend.web.telling import NOTHING, Mark, StageCreature, Telling
from protocol.errors import LinkError

PAGE = "stage.html"
FILES = {"stage.css": "text/css", "stage.js": "text/javascript", "typeset.js": "text/javascript"}
FONT = "letters.ttf"
DEFAULT_PORT = 7426
MAX_READERS = 600
MAX_CONNECTIONS = 1_000  # more than readers: each asks for the page before it reads
FRAME_S = 1 / 60  # seconds between two looks at the link
FLUSH_PERIOD_S = 0.1  # seconds between two messages to readers, where they are many
FEW_READERS = 16  # who are told in every frame
STILL_HERE_S = 10.0  # seconds of silence after which a reader is told that its line still holds
STUCK_AFTER_S = 20.0  # seconds that a reader may take to take one message
MESSAGE_CHARS = 256  # characters of what a reader may say; nothing is done with it
NO_ROOM = 1013  # a websocket's code (RFC 6455): try again later


class WebStage:
    """Serves until ``end``. ``port`` is the one listened on."""

    def __init__(
        self,
        link: AnyLink,
        themes: dict[str, StageTheme],
        theme: str,
        face: tuple[bytes, float],
        host: str,
        port: int,
        admits: Callable[[str], bool] = lambda host: True,
        fixed: bool = False,
        artist: AnyArtist | None = None,
    ) -> None:
        """``theme`` is the one of ``themes`` that a reader gets which names none, until the stage has another; with
        ``fixed`` it stays. ``face`` is a typeface's file, and
        how wide its letters are, in ems. ``port`` 0: any that is free. ``artist`` draws the stage's creature.

        Raises ``LinkError`` when ``host``:``port`` cannot be listened on.
        """
        self._link, self._theme, self._fixed = link, theme, fixed
        self._tellings = {name: Telling(link.session, each, face[1]) for name, each in themes.items()}
        self._socket = _listening(host, port)
        self.port: int = self._socket.getsockname()[1]
        folder = Path(__file__).with_name("page")
        self._files = {name: (folder / name).read_bytes() for name in (PAGE, *FILES)} | {FONT: face[0]}
        self._creature = StageCreature(link.session, artist) if artist is not None else None
        self.readers = 0
        self._news: asyncio.Event
        routes = [
            Route("/", self._page),
            Route("/stream", self._stream),
            WebSocketRoute("/socket", self._speak),
            Route("/{name}", self._file),
        ]
        self._server = bounded_server(Starlette(routes=routes), admits, MAX_CONNECTIONS, MESSAGE_CHARS)

    def run(self) -> None:
        """Serve on the caller's thread until ``end``."""
        asyncio.run(self._run())

    def end(self) -> None:
        """Let ``run`` return soon. Any thread."""
        self._server.end()

    async def _run(self) -> None:
        self._news = asyncio.Event()
        await self._server.serve_beside(self._socket, self._beat())

    async def _beat(self) -> None:
        """Follow the performance, and wake the readers when there is something to tell."""
        known, due = NOTHING, 0.0
        while not self._server.should_exit:
            now = time.monotonic()
            self._link.pump(now)
            self._follow_stage()
            if self._creature is not None and self.readers and self._creature.follow(now):
                self._wake()
            if now >= due and (newest := self._tellings[self._theme].newest) != known:
                known, due = newest, now + (FLUSH_PERIOD_S if self.readers > FEW_READERS else 0.0)
                self._wake()
            await asyncio.sleep(FRAME_S)
        self._wake()

    def _follow_stage(self) -> None:
        stands = self._link.session.stands
        if stands is not None and stands.theme in self._tellings and not self._fixed:
            self._theme = stands.theme
        for telling in self._tellings.values():
            telling.follow_stage()

    def _wake(self) -> None:
        self._news.set()  # wakes all who wait
        self._news.clear()

    # ---- what is told ------------------------------------------------------------------------------------------------

    def _named(self, reader: HTTPConnection) -> str | None:
        """The theme that the reader names, "" for the stage's; None where there is none of that name."""
        theme = reader.query_params.get("theme", "")
        return theme if not theme or theme in self._tellings else None

    async def _told(self, theme: str, mark: Mark) -> AsyncIterator[tuple[str, Mark]]:
        """What is new, again and again; an empty message where nothing was for a while."""
        told_in, seen = theme or self._theme, ""
        while not self._server.should_exit:
            if told_in != (theme or self._theme):
                told_in, mark = self._theme, NOTHING  # all of it, in other colours
            message, mark = self._tellings[told_in].after(mark)
            if message:
                yield message, mark
            if self._creature is not None and (seen != self._creature.told):
                seen = self._creature.told
                yield seen, mark
            try:
                async with asyncio.timeout(STILL_HERE_S):
                    await self._news.wait()
            except TimeoutError:
                yield "", mark

    async def _stream(self, request: Request) -> Response:
        theme = self._named(request)
        if theme is None:
            return _refusal(404, "there is no such theme")
        if self.readers >= MAX_READERS:
            return _refusal(503, "there are too many readers: try again later")
        mark = Mark.of(request.headers.get("last-event-id") or request.query_params.get("since", ""))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return _Events(self._events(theme, mark), headers=headers, media_type="text/event-stream")

    async def _events(self, theme: str, mark: Mark) -> AsyncIterator[bytes]:
        self.readers += 1
        try:
            yield b"retry: 1000\n\n"
            async for message, known in self._told(theme, mark):
                yield f"id: {known}\ndata: {message}\n\n".encode() if message else b": still here\n\n"
        finally:
            self.readers -= 1

    async def _speak(self, reader: WebSocket) -> None:
        theme, origin = self._named(reader), reader.headers.get("origin")
        if theme is None or (origin and origin != f"http://{reader.headers.get('host')}"):
            await reader.close()  # before it was accepted: 403
            return
        await reader.accept()
        if self.readers >= MAX_READERS:
            await reader.close(NO_ROOM)
            return
        self.readers += 1
        telling_it = asyncio.create_task(self._tell(reader, theme, Mark.of(reader.query_params.get("since", ""))))
        try:
            while (await reader.receive())["type"] != "websocket.disconnect":
                pass  # whatever it says
        finally:
            self.readers -= 1
            telling_it.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling_it

    async def _tell(self, reader: WebSocket, theme: str, mark: Mark) -> None:
        async for message, known in self._told(theme, mark):
            if not message:
                continue  # the protocol's own pings ask whether it is there
            try:
                async with asyncio.timeout(STUCK_AFTER_S):
                    await reader.send_text(f'{{"id":"{known}",{message[1:]}')
            except (TimeoutError, RuntimeError, OSError):  # it takes nothing, or has gone
                return

    # ---- the page ----------------------------------------------------------------------------------------------------

    async def _page(self, request: Request) -> Response:
        return _guarded(Response(self._files[PAGE], media_type="text/html"))

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == FONT:
            return _guarded(Response(self._files[FONT], media_type="font/ttf"))
        if name not in FILES:
            return _refusal(404, "there is nothing here but the stage: open /")
        return _guarded(Response(self._files[name], media_type=FILES[name]))


class _Events(StreamingResponse):
    """A stream whose reader is let go when it takes nothing for too long."""

    async def stream_response(self, send: Send) -> None:
        async def patiently(message: Message) -> None:
            async with asyncio.timeout(STUCK_AFTER_S):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().stream_response(patiently)


def _refusal(status: int, words: str) -> Response:
    return _guarded(Response(f"{words}\n", status, media_type="text/plain"))


def _guarded(response: Response) -> Response:
    """The page may load from and speak to where it came from, and nowhere else; others may show it inside of theirs."""
    response.headers.update(
        {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
            "img-src data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
    )
    return response


def _listening(host: str, port: int) -> socket.socket:
    try:
        return listening(host, port)
    except OSError as error:
        raise LinkError(
            f"the stage cannot be shown at {host}:{port} ({error.strerror or error}): say another"
        ) from None
