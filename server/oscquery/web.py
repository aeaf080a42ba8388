"""OSCQuery's web side: GET a path and have JSON; a websocket to listen to paths and to play by.

A page from elsewhere, open in the performer's browser, can neither read nor play: a Host that names another machine and
a foreign Origin are refused. Nothing a client does costs more memory than one value an address. All on the asyncio
loop's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from protocol.documents import json_of
from protocol.errors import AntiphonError
from protocol.formats import ACTIONS
from protocol.messages import Set, Signal
from protocol.networks import Networks, plain
from protocol.osc import decode_to_server, encode
from protocol.signals import PREFIX as SIGNALS
from protocol.tree import PAIR
from server.oscquery.client import ServerClient
from server.oscquery.namespace import ATTRIBUTES, SPRITE_SHOWN, Node

MOST_CLIENTS = 32  # websockets at a time
MOST_PATHS = 1_024  # that one of them listens to
LONGEST_MESSAGE_BYTES = 16_384  # bytes of what a client sends
PLAYED = (Set, *ACTIONS)  # what a client may send in binary: all that plays, no subscriptions


class Web:
    """The application for ``following``; ``info`` is HOST_INFO.

    ``networks`` say who is let in. From another machine one reads and listens here, and plays by OSC, if one may.
    """

    def __init__(self, following: ServerClient, info: Node, networks: Networks) -> None:
        self._following, self._info, self._networks = following, info, networks
        self._clients: set[_Client] = set()
        following.changed = self._changed
        following.grown = self._grown
        following.signals_wanted = self._signals_wanted
        self.app = Starlette(routes=[WebSocketRoute("/{path:path}", self._listen), Route("/{path:path}", self._get)])

    async def _get(self, request: Request) -> Response:
        if not (self._admits(request) and is_ours(request.headers.get("host", ""))):
            return PlainTextResponse("nobody said that you may (antiphon serve --allow)", 403)
        query = request.url.query
        if query == "HOST_INFO":
            return JSONResponse(self._info)
        path = request.url.path if request.url.path == "/" else request.url.path.rstrip("/")
        node = self._following.namespace.node(path, self._following.values)
        if node is None:
            return PlainTextResponse(f"nothing here is called {path[:80]!a}", 404)
        if not query:
            return JSONResponse(node)
        if query not in ATTRIBUTES:
            return PlainTextResponse(f"no node has {query[:40]!a}", 400)
        return JSONResponse({query: node[query]}) if query in node else Response(status_code=204)

    async def _listen(self, socket: WebSocket) -> None:
        if not self._admits(socket) or not may_play(socket.headers.get("host", ""), socket.headers.get("origin")):
            await socket.close(1008)
            return
        if len(self._clients) >= MOST_CLIENTS:
            await socket.close(1013)
            return
        await socket.accept()
        client = _Client(socket)
        self._clients.add(client)
        plays = socket.client is not None and self._networks.is_here(plain(socket.client.host))
        sending = asyncio.create_task(client.send_on())
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if text := message.get("text"):
                    self._handle_command(client, text)
                elif plays and (data := message.get("bytes")):
                    self._play(data)
        except (WebSocketDisconnect, RuntimeError):  # gone while it was spoken to
            pass
        finally:
            self._clients.discard(client)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sending

    def _admits(self, connection: HTTPConnection) -> bool:
        return connection.client is not None and self._networks.has(plain(connection.client.host))

    def _handle_command(self, client: _Client, text: str) -> None:
        """LISTEN or IGNORE; whatever else is said is passed over, as the proposal asks."""
        try:
            order = json_of(text)
        except ValueError:
            return
        command, path = (order.get("COMMAND"), order.get("DATA")) if isinstance(order, dict) else (None, None)
        if not isinstance(path, str):
            return
        if command == "IGNORE":
            client.paths.discard(path)
        elif command == "LISTEN" and len(client.paths) < MOST_PATHS and self._following.namespace.has(path):
            client.paths.add(path)
            self._following.follow_signals()
            for address in self._following.values:
                if client.listens_to(address):
                    client.put(address, self._datagram(address))

    def _play(self, data: bytes) -> None:
        if len(data) > LONGEST_MESSAGE_BYTES:
            return
        decoded = decode_to_server(data, self._following.namespace.tree)
        for message in decoded.messages:
            if isinstance(message, PLAYED):
                with contextlib.suppress(AntiphonError):
                    self._following.send(message)

    def _changed(self, address: str) -> None:
        listening = [client for client in self._clients if client.listens_to(address)]
        if listening:
            datagram = self._datagram(address)
            for client in listening:
                client.put(address, datagram)

    def _grown(self, paths: Sequence[str]) -> None:
        for path in paths:
            line = json.dumps({"COMMAND": "PATH_ADDED", "DATA": path})
            for client in self._clients:
                client.put(f"added {path}", line)

    def _signals_wanted(self) -> bool:
        return any(path == "/" or f"{path}/".startswith(SIGNALS) for client in self._clients for path in client.paths)

    def _datagram(self, address: str) -> bytes:
        arguments = self._following.values[address]
        if address.startswith(SIGNALS) or address == SPRITE_SHOWN:
            return encode(Signal(address, tuple(arguments)))
        parameter = self._following.namespace.tree[address.removesuffix(PAIR)]
        return encode(Set(address, parameter.accept(arguments)), self._following.namespace.tree)


class _Client:
    """One websocket: what it listens to, and what is still to be sent to it, of each address the newest."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self.paths: set[str] = set()
        self._waiting: dict[str, bytes | str] = {}
        self._woken = asyncio.Event()

    def listens_to(self, address: str) -> bool:
        if address in self.paths or "/" in self.paths:
            return True
        return any(address.startswith(f"{path}/") for path in self.paths)

    def put(self, key: str, message: bytes | str) -> None:
        self._waiting.pop(key, None)
        self._waiting[key] = message
        self._woken.set()

    async def send_on(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            waiting, self._waiting = self._waiting, {}
            for message in waiting.values():
                if isinstance(message, bytes):
                    await self._socket.send_bytes(message)
                else:
                    await self._socket.send_text(message)


def is_ours(host: str) -> bool:
    """Whether a Host header names a machine by number, or this one: no name that a stranger could point here."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".local"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def may_play(host: str, origin: str | None) -> bool:
    """Whether a websocket may be opened: by a program, which has no Origin, or by a page that came from here."""
    return is_ours(host) and (origin is None or urlsplit(origin).netloc == host)
