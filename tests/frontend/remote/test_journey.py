"""From a finger on a real page, through `antiphon remote` and `antiphon serve`, to the letters that are written."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.browser import Browser, Tab, way
from frontend.client.link import Link
from frontend.inputs.last_touch import PHONE
from frontend.remote.host import PhoneServerProcess
from frontend.remote.links import AccessTokens
from protocol.tree import on_address, weight_address
from server.supervisor.child_process import ServerProcess
from tests.frontend.remote.conftest import PATIENCE, ready

FRONT_DOOR = [sys.executable, str(Path(__file__).parents[3] / "antiphon.py")]
AWAY = 160  # pixels: beyond the circle's edge


class Stage:
    """A real server, a window's link to it, and phones let in."""

    def __init__(self, link: Link, phones: PhoneServerProcess) -> None:
        self.link, self.phones = link, phones

    def wait_until_written(self, letter: str, tab: Tab) -> None:
        """Until the voice that writes ``letter`` has written most of what was written last."""
        until = time.monotonic() + PATIENCE
        while not self.link.session.text[-30:].count(letter) > 20:
            assert time.monotonic() < until, (letter, self.link.session.text[-60:], self.phones.trouble, tab.complaints)
            self.link.pump(time.monotonic())
            time.sleep(0.01)

    def set(self, **values: float) -> None:
        for address, value in values.items():
            self.link.set("/" + address.replace("_", "/"), value)


@pytest.fixture
def stage(home: Path) -> Iterator[Stage]:
    """Four voices in a circle, austen at twelve, bible, linux and nietzsche; each writes its first letter."""
    with ServerProcess([*FRONT_DOOR, "serve", "--with-parent", "--port", "0"], lambda line: None) as server:
        host, port = server.address()
        words = ["remote", "--with-parent", "--port", "0", "--server", f"{host}:{port}"]
        phones = PhoneServerProcess([*FRONT_DOOR, *words], "127.0.0.1", AccessTokens.fresh())
        with closing(phones), closing(Link(host, port)) as link:
            assert phones.wait(PATIENCE) is not None, phones.trouble
            until = time.monotonic() + PATIENCE
            while not link.session.cards and time.monotonic() < until:
                link.pump(time.monotonic())
                time.sleep(0.01)
            for slug in link.session.slugs:
                link.set(on_address(slug), True)
                link.set(weight_address(slug), 1.0)
            opened = Stage(link, phones)
            opened.set(mix_rate=60.0, crowd_share=0.0)
            yield opened


def drag(tab: Tab, by: tuple[float, float]) -> None:
    x, y = tab.middle("#circle")
    tab.touch("Start", (x, y))
    for place in way((x, y), (x + by[0], y + by[1])):
        tab.touch("Move", place)


def test_a_finger_on_a_page_turns_what_the_server_writes(stage: Stage, chromium: Browser) -> None:
    links = stage.phones.links
    assert links is not None
    with ready(chromium, links.performer) as performer, ready(chromium, links.audience) as listener:
        drag(performer, (0, AWAY))
        stage.wait_until_written("l", performer)
        assert stage.link.session.taken["/puck"] == PHONE
        drag(listener, (AWAY, 0))
        stage.set(crowd_share=1.0)
        stage.wait_until_written("b", listener)
        assert stage.link.session.crowd[0] == pytest.approx((1.0, 0.0, 1.0), abs=0.01)
        listener.touch("End")
        stage.set(crowd_share=0.0)
        stage.wait_until_written("l", performer)
        assert performer.complaints + listener.complaints == []
