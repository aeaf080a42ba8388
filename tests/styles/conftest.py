"""A real HTTP server on the loopback, with the manners and the faults of real ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest

from styles.download import open_client


@dataclass
class Library:
    """What the server holds, how it misbehaves, and what was asked of it."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: list[int] = field(default_factory=list)  # bytes; one for each of the next answers
    statuses: list[int] = field(default_factory=list)  # sent instead of the next answers
    lie: int = 0  # bytes added to the length that is promised
    ranges: bool = True  # whether a part may be asked for
    says_length: bool = True
    headers: dict[str, str] = field(default_factory=dict)  # sent beside the usual ones
    asked: list[tuple[str, str]] = field(default_factory=list)  # (path, Range header)

    def put(self, path: str, data: bytes) -> str:
        """Hold ``data`` at ``path``; returns its address."""
        self.files[path] = data
        return self.address + path


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    library: Library

    def do_GET(self) -> None:
        library = self.library
        wanted = self.headers.get("Range", "")
        library.asked.append((self.path, wanted))
        self.close_connection = True
        status = library.statuses.pop(0) if library.statuses else 200
        data = library.files.get(self.path)
        if status != 200 or data is None:
            self.send_response(status if status != 200 else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        version = f'"{sha256(data).hexdigest()[:8]}"'
        found = re.fullmatch(r"bytes=(\d+)-", wanted)
        start = int(found[1]) if found and library.ranges and self.headers.get("If-Range") == version else 0
        self.send_response(200 if not start else 206 if start < len(data) else 416)
        self.send_header("ETag", version)
        if start:
            kept = f"{start}-{len(data) - 1}" if start < len(data) else "*"
            self.send_header("Content-Range", f"bytes {kept}/{len(data)}")
        if library.says_length:
            self.send_header("Content-Length", str(len(data) - start + library.lie))
        for name, value in library.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[start:][: library.cut_after.pop(0) if library.cut_after else None])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def library() -> Iterator[Library]:
    holdings = Library()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"library": holdings}))
    server.daemon_threads = True
    holdings.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield holdings
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client() as client:
        yield client
