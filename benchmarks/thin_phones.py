"""Phones as small as can be, so that hundreds of them leave the machine to what is measured: a websocket (RFC 6455)
that sends short texts and counts what comes. One event loop.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from typing import cast

from protocol.errors import LinkError

TEXT_FRAME, CLOSE_FRAME, PING_FRAME, PONG_FRAME = 0x1, 0x8, 0x9, 0xA  # opcodes
LAST_FRAGMENT = 0x80  # the only fragment; masked
HEAD_END = b"\r\n\r\n"


class ThinPhone(asyncio.Protocol):
    """``opened`` when the first picture has come. ``lost`` where the connection ended before ``close``."""

    def __init__(self, host: str, token: str) -> None:
        self._greeting = (
            f"GET /{token}/play HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        ).encode()
        self._came = bytearray()
        self._upgraded = self._closing = False
        self._wire: asyncio.Transport
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pictures = 0
        self.lost = False

    @classmethod
    async def enter(cls, port: int, token: str) -> ThinPhone:
        """A phone that is shown the performance. Raises ``LinkError`` where it is not let in, and ``OSError``."""
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_connection(lambda: cls(f"127.0.0.1:{port}", token), "127.0.0.1", port)
        await phone.opened
        return phone

    def say(self, text: str) -> None:
        self._send(TEXT_FRAME, text.encode())

    def close(self) -> None:
        self._closing = True
        self._wire.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)
        self._wire.write(self._greeting)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = not self._closing
        if not self.opened.done():
            self.opened.set_exception(LinkError("a phone was not let in"))

    def data_received(self, data: bytes) -> None:
        self._came += data
        if not self._upgraded:
            head, found, rest = self._came.partition(HEAD_END)
            if not found:
                return
            if b" 101 " not in head.splitlines()[0]:
                self._wire.abort()
                return
            self._upgraded, self._came = True, rest
        while (frame := take_frame(self._came)) is not None:
            self._take(*frame)

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT_FRAME:
            self.pictures += 1
            if not self.opened.done():
                self.opened.set_result(None)
        elif opcode == PING_FRAME:
            self._send(PONG_FRAME, payload)
        elif opcode == CLOSE_FRAME:
            self._wire.abort()

    def _send(self, opcode: int, payload: bytes) -> None:
        if not self._wire.is_closing():
            self._wire.write(masked_frame(opcode, payload))


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """One message as a client sends it, masked with zeros. At most 65,535 bytes."""
    size = len(payload)
    length = bytes([LAST_FRAGMENT | size]) if size < 126 else struct.pack(">BH", LAST_FRAGMENT | 126, size)
    return bytes([LAST_FRAGMENT | opcode]) + length + bytes(4) + payload


def take_frame(came: bytearray) -> tuple[int, bytes] | None:
    """Opcode and payload of the first message of a server, taken away from ``came``; None until it is whole."""
    if len(came) < 2:
        return None
    size, at = came[1] & 0x7F, 2
    if size >= 126:
        at = 4 if size == 126 else 10
        if len(came) < at:
            return None
        size = int.from_bytes(came[2:at], "big")
    if len(came) < at + size:
        return None
    frame = came[0] & 0xF, bytes(came[at : at + size])
    del came[: at + size]
    return frame
