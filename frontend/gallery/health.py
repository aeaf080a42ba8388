"""The health page: how the installation does, over HTTP on this machine alone, for people and for programs.

``/`` for people, ``/health.json`` for programs, ``/stage.png`` shows what the stage shows. Reading alone: whoever asks
can change nothing. The server has threads of its own; the report is replaced as a whole, never changed.
"""

from __future__ import annotations

import html
import json
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from protocol.errors import LinkError

HERE = "127.0.0.1"
PICTURE_TIMEOUT_S = 3.0  # seconds that a picture may take

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="10">
<meta name="viewport" content="width=device-width"><title>Antiphon</title>
<style>body{{background:#0b0c0e;color:#d8dade;font:16px/1.5 system-ui,sans-serif;margin:3em auto;
max-width:46em;padding:0 1em}}
td{{padding:.15em 1.5em .15em 0;vertical-align:top}}td:first-child{{color:#8a8f98}}img{{width:100%;margin-top:1.5em}}
h1{{font-weight:500;font-size:1.3em}}</style><h1>Antiphon &middot; {state}</h1><table>{rows}</table>
<img src="/stage.png" alt="What the stage shows"></html>"""

Report = Mapping[str, Any]
LABELS = {"up_seconds": "up", "memory_mb": "memory in MB", "open": "open now"}
SPANS = ((86_400, "days"), (3_600, "h"), (60, "min"), (1, "s"))


def in_words(name: str, value: object) -> str:
    """What a person reads of a figure in the report."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{each} {in_words('', figure)}" for each, figure in value.items()) or "none"
    if name == "up_seconds" and isinstance(value, int | float):
        left, words = round(value), list[str]()
        for length, unit in SPANS:
            count, left = divmod(left, length)
            if count:
                words.append(f"{count} {unit}")
        return " ".join(words[:2]) or "0 s"
    if value is None or value == "":
        return "none" if value == "" else "not known"
    return f"{value:,}" if isinstance(value, int) else str(value)


class HealthPage:
    """Tells what ``report`` gives, on ``port`` of this machine; ``folder`` is where stage pictures come to be.

    Raises ``LinkError`` where the port is taken.
    """

    def __init__(self, port: int, report: Callable[[], Report], folder: Path) -> None:
        self._report, self._folder = report, folder
        self._picture = Lock()
        health = self

        class Handler(BaseHTTPRequestHandler):
            server_version, sys_version = "Antiphon", ""
            timeout = 10

            def do_GET(self) -> None:
                health.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Requests are no news."""

        try:
            self._server = ThreadingHTTPServer((HERE, port), Handler)
        except OSError as error:
            raise LinkError(f"the health page has no port {port}: {error.strerror or error}; set another") from None
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, name="antiphon health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        host = request.headers.get("Host", "")
        if host.rpartition(":")[0] not in (HERE, "localhost") and host not in (HERE, "localhost"):
            return _send(request, 403, "text/plain", b"only by this machine's own name")  # no page elsewhere reads it
        if request.path == "/":
            report = self._report()
            rows = "".join(
                f"<tr><td>{LABELS.get(name, name.replace('_', ' '))}<td>{html.escape(in_words(name, value))}"
                for name, value in report.items()
            )
            state = "well" if report.get("well") else "not well"
            return _send(request, 200, "text/html; charset=utf-8", PAGE.format(state=state, rows=rows).encode())
        if request.path == "/health.json":
            report = self._report()
            return _send(request, 200 if report.get("well") else 503, "application/json", json.dumps(report).encode())
        if request.path == "/stage.png":
            picture = self._look()
            if picture is not None:
                return _send(request, 200, "image/png", picture)
        return _send(request, 404, "text/plain", b"not here")

    def _look(self) -> bytes | None:
        """The stage as it is now, by way of the front end, which draws it; None where it does not come in time."""
        wanted, picture = self._folder / "picture.wanted", self._folder / "stage.png"
        with self._picture:
            until = time.monotonic() + PICTURE_TIMEOUT_S
            try:
                wanted.touch()
                while wanted.exists() and time.monotonic() < until:
                    time.sleep(0.05)
                return None if wanted.exists() else picture.read_bytes()
            except OSError:
                return None


def _send(request: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
    request.send_response(status)
    for name, value in (
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ):
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
