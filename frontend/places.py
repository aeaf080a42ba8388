"""Where a server is, as it is typed: HOST:PORT. Pure."""

from __future__ import annotations

from protocol.errors import LinkError
from protocol.messages import DEFAULT_PORT


def place_of(words: str) -> tuple[str, int]:
    """Host and port of ``words``. Raises ``LinkError``."""
    host, colon, port = words.rpartition(":")
    if not (colon and host and port.isdecimal() and 0 < int(port) < 65_536):
        raise LinkError(f"--server takes HOST:PORT, for example 127.0.0.1:{DEFAULT_PORT}, not {words[:80]!r}")
    return host.strip("[]"), int(port)
