"""Phones let in to a performance in memory, by the real server on a real port."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.browser import Browser, Tab, browser
from frontend.client.fake_link import FakeLink
from frontend.remote.guests import PhoneClients
from frontend.remote.links import AccessTokens, InviteLinks
from frontend.remote.serving import PhoneServer
from protocol.puck import Puck

PATIENCE = 20.0  # seconds
READY = "document.body.className && !document.body.classList.contains('waiting')"


class Open:
    """The server, what it holds, and phones made of sockets."""

    def __init__(self) -> None:
        self.link = FakeLink.demo()
        self.crowds: list[tuple[Puck, ...]] = []
        self.guests = PhoneClients(self.link, self.crowds.append)
        self.keys = AccessTokens.fresh()
        self.server = PhoneServer(self.link, self.guests, self.keys, "127.0.0.1", 0)
        self.links = InviteLinks.of(self.keys, "127.0.0.1", self.server.port)
        self.place = f"127.0.0.1:{self.server.port}"
        self._phones = ExitStack()
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()

    def phone(self, token: str, origin: str | None = None) -> ClientConnection:
        page = Origin(origin or f"http://{self.place}")
        place = f"ws://{self.place}/{token}/play"
        return self._phones.enter_context(connect(place, origin=page, proxy=None, open_timeout=PATIENCE))

    def close(self) -> None:
        self._phones.close()
        self.server.end()
        self._thread.join()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@contextmanager
def ready(chromium: Browser, link: str) -> Iterator[Tab]:
    """A phone that has opened ``link`` and plays."""
    tab = chromium.tab(link)
    tab.wait_for(READY)
    yield tab
    tab.close()


@pytest.fixture
def house() -> Iterator[Open]:
    opened = Open()
    yield opened
    opened.close()


def wait_for(true: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.01)
