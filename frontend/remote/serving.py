"""The page and its websocket: who asks with the right token gets them, all others one page that says so.

The edge: sockets and files are here, what is done with them is ``frontend.remote.guests``'. Everything runs on one
event loop, which also pumps the link, so that nothing needs a lock. Nothing is served but the page's files, nothing is
logged.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from frontend.client.link import AnyLink
from frontend.remote.guests import Phone, PhoneClients
from frontend.remote.http_server import bounded_server, listening
from frontend.remote.links import AccessTokens, Role
from frontend.remote.phone_messages import MAX_MESSAGE_CHARS, greeting, scene
from protocol.errors import LinkError

FILES = {
    "remote.css": "text/css",
    "remote.js": "text/javascript",
    "puck.js": "text/javascript",
    "faders.js": "text/javascript",
    "wire.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
PAGE, REFUSED = "page.html", "refused.html"
DEFAULT_PORT = 7425
FRAME_S = 1 / 60  # seconds between two looks at link and crowd
SHOW_PERIOD_S = {Role.PERFORMER: 1 / 15, Role.AUDIENCE: 1 / 5}  # seconds between two pictures for a phone
MAX_CONNECTIONS = 400  # more than phones: each asks for the page before it speaks
STUCK_AFTER_S = 10.0  # seconds that a phone may take to take one picture
NO_ROOM, SENT_AWAY = 1013, 1008  # websocket's codes (RFC 6455): try again later, policy violation
HOST = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII)


class PhoneServer:
    """Serves phones until ``end``. ``port`` is the one listened on."""

    def __init__(
        self,
        link: AnyLink,
        guests: PhoneClients,
        keys: AccessTokens,
        host: str,
        port: int,
        admits: Callable[[str], bool] = lambda host: True,
    ) -> None:
        """``port`` 0: any that is free. ``admits`` says whose address is let in at all.

        Raises ``LinkError`` when ``host``:``port`` cannot be listened on.
        """
        self._link, self._guests, self.keys = link, guests, keys
        self._socket = _listening(host, port)
        self.port: int = self._socket.getsockname()[1]
        folder = Path(__file__).with_name("page")
        self._files = {name: (folder / name).read_bytes() for name in (PAGE, REFUSED, *FILES)}
        self._refused_style = _hash_of_style(self._files[REFUSED])
        self._pictures = {role: "" for role in Role}
        self._news: dict[Role, asyncio.Event] = {}
        routes = [
            Route("/{token}", self._bare),
            Route("/{token}/", self._page),
            Route("/{token}/{name}", self._file),
            WebSocketRoute("/{token}/play", self._play),
            Route("/{rest:path}", self._nothing),
        ]
        self._server = bounded_server(Starlette(routes=routes), admits, MAX_CONNECTIONS, MAX_MESSAGE_CHARS)

    def run(self, tick: Callable[[float], None] = lambda now: None) -> None:
        """Serve on the caller's thread until ``end``. ``tick`` is called with the time, some sixty times a second."""
        asyncio.run(self._run(tick))

    def end(self) -> None:
        """Let ``run`` return soon. Any thread."""
        self._server.end()

    async def _run(self, tick: Callable[[float], None]) -> None:
        self._news = {role: asyncio.Event() for role in Role}
        await self._server.serve_beside(self._socket, self._beat(tick))

    async def _beat(self, tick: Callable[[float], None]) -> None:
        """Bring performance and phones together, frame by frame."""
        due = {role: 0.0 for role in Role}
        while True:
            now = time.monotonic()
            self._link.pump(now)
            self._guests.tick(now)
            tick(now)
            for role, every in SHOW_PERIOD_S.items():
                if now >= due[role] and self._link.session.cards and self._guests.count(role):
                    due[role] = now + every
                    self._show(role, scene(self._link.session, role, self._guests.holding(now)))
            await asyncio.sleep(FRAME_S)

    def _show(self, role: Role, picture: str) -> None:
        if picture != self._pictures[role]:
            self._pictures[role] = picture
            self._news[role].set()  # wakes all who wait
            self._news[role].clear()

    # ---- pages -----------------------------------------------------------------------------------------------------

    async def _bare(self, request: Request) -> Response:
        token = request.path_params["token"]
        if self.keys.role(token) is None:
            return self._refusal(request)
        return self._guarded(RedirectResponse(f"/{token}/"), request)

    async def _page(self, request: Request) -> Response:
        if self.keys.role(request.path_params["token"]) is None:
            return self._refusal(request)
        return self._guarded(Response(self._files[PAGE], media_type="text/html"), request)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if self.keys.role(request.path_params["token"]) is None or name not in FILES:
            return self._refusal(request)
        return self._guarded(Response(self._files[name], media_type=FILES[name]), request)

    async def _nothing(self, request: Request) -> Response:
        return self._refusal(request)

    def _refusal(self, request: Request) -> Response:
        refusal = Response(self._files[REFUSED], 403, media_type="text/html")
        return self._guarded(refusal, request, self._refused_style)

    @staticmethod
    def _guarded(response: Response, request: HTTPConnection, style: str = "'self'") -> Response:
        """The page may load from and speak to where it came from, and nowhere else; nobody may keep or frame it."""
        host = request.headers.get("host", "")
        speak = f"'self' ws://{host}" if HOST.fullmatch(host) else "'self'"  # older browsers do not count ws as self
        response.headers.update(
            {
                "Content-Security-Policy": "default-src 'none'; script-src 'self'; img-src 'self'; "
                f"style-src {style}; connect-src {speak}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cross-Origin-Opener-Policy": "same-origin",
            }
        )
        return response

    # ---- websocket -------------------------------------------------------------------------------------------------

    async def _play(self, phone: WebSocket) -> None:
        role = self.keys.role(phone.path_params["token"])
        if role is None or phone.headers.get("origin") != f"http://{phone.headers.get('host')}":
            await phone.close()  # before it was accepted: 403
            return
        await phone.accept()
        guest = self._guests.enter(role, time.monotonic())
        if guest is None:
            await phone.close(NO_ROOM)
            return
        showing = asyncio.create_task(self._keep_shown(phone, role))
        try:
            if not await self._listen(phone, guest):
                await phone.close(SENT_AWAY)
        finally:
            self._guests.leave(guest, time.monotonic())
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await showing

    async def _listen(self, phone: WebSocket, guest: Phone) -> bool:
        """Do what the phone says until it goes (True) or has to (False)."""
        while True:
            came = await phone.receive()
            if came["type"] == "websocket.disconnect":
                return True
            if not self._guests.hear(guest, came.get("text") or "", time.monotonic()):
                return False

    async def _keep_shown(self, phone: WebSocket, role: Role) -> None:
        """Send the voices, and again when they are others; then the newest picture, never an older one."""
        cards: object = None
        shown = ""
        while True:
            session = self._link.session
            try:
                async with asyncio.timeout(STUCK_AFTER_S):
                    if session.cards and session.cards is not cards:
                        cards = session.cards
                        await phone.send_text(greeting(session, role))
                    if self._pictures[role] and self._pictures[role] is not shown:
                        shown = self._pictures[role]
                        await phone.send_text(shown)
            except (TimeoutError, RuntimeError, OSError):  # it takes nothing, or has gone: the reader sees it too
                return
            await self._news[role].wait()


def _hash_of_style(page: bytes) -> str:
    """What a content security policy calls the one style sheet inside ``page``."""
    style = page.partition(b"<style>")[2].partition(b"</style>")[0]
    return f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"


def _listening(host: str, port: int) -> socket.socket:
    """Raises ``LinkError``."""
    try:
        return listening(host, port)
    except OSError as error:
        raise LinkError(
            f"phones cannot be let in at {host}:{port} ({error.strerror or error}): "
            "give another --remote-host or --remote-port"
        ) from None
