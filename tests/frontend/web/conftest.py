"""The stage on the web, served on a real port before a performance in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from benchmarks.browser import Browser, browser
from frontend.client.fake_link import FakeLink
from frontend.stage.faces import OURS, face_file
from frontend.stage.look import load_theme, theme_files
from frontend.web.serving import WebStage
from tests.frontend.creature.fakes import FakeArtist

THEMES = {name: load_theme(path) for name, path in theme_files().items()}


class Shown:
    """The server, and the performance that it shows."""

    def __init__(self) -> None:
        self.link = FakeLink.demo()
        self.stage = WebStage(self.link, THEMES, "look", face_file(OURS), "127.0.0.1", 0, artist=FakeArtist())
        self.place = f"127.0.0.1:{self.stage.port}"
        self._thread = threading.Thread(target=self.stage.run)
        self._thread.start()

    def close(self) -> None:
        self.stage.end()
        self._thread.join()


@pytest.fixture
def shown() -> Iterator[Shown]:
    opened = Shown()
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened
