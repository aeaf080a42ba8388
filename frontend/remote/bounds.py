"""How many connections are held, and how long one may keep us waiting: bounds that uvicorn has no options for.

The edge below HTTP; the server's event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 400  # more than phones: each asks for the page before it speaks
PATIENCE = 10.0  # seconds in which a connection must have asked for something


def bounded(admits: Callable[[str], bool]) -> type[asyncio.Protocol]:
    """HTTP as uvicorn speaks it, for those whose address is admitted, as many as there is room for."""

    class Bounded(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            host = self.client[0] if self.client else ""
            if len(self.connections) > CONNECTIONS or not admits(host):
                transport.abort()
                return
            self.loop.call_later(PATIENCE, self._see_whether_it_asked)

        def _see_whether_it_asked(self) -> None:
            if cast(Any, self.cycle) is None and self in self.connections:  # neither asked nor upgraded
                self.transport.abort()

    return Bounded
