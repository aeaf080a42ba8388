"""Teach by showing, all of it real: FaceOSC's messages by UDP, a mouse on the drawer, and the weights in the server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from frontend.client.session_state import SessionState
from frontend.config.scenes import Scenes
from frontend.control.drawers.teach import TeachDrawer
from frontend.control.drawing.layout import Rect, plan_panels
from frontend.teaching.lesson import parse
from protocol.tree import weight_address
from tests.frontend.inputs.osc.test_osc_input import free_port, osc
from tests.journeys.conftest import Witness, running
from tests.journeys.hands import Hand, wait_until, xdotool

OPEN, SHUT = 9.0, 1.0  # of the mouth, as FaceOSC measures it
BIBLE, LINUX = weight_address("bible"), weight_address("linux")


class Face:
    """A FaceOSC made of software: thirty times a second how far the mouth is open."""

    def __init__(self, port: int) -> None:
        self.mouth = SHUT
        self._port = port
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._tell)
        self._thread.start()

    def _tell(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
            while not self._ending.wait(1 / 30):
                sending.sendto(osc("/gesture/mouth/height", self.mouth), ("127.0.0.1", self._port))

    def close(self) -> None:
        self._ending.set()
        self._thread.join()


def level(session: SessionState, address: str) -> float:
    value = session.values[address]
    assert isinstance(value, (int, float))
    return value


@pytest.fixture
def face(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Face]:
    port = free_port()
    monkeypatch.setenv("ANTIPHON_HOME", str(home))
    (home / "control.toml").write_text("toured = true\n", "utf-8")
    (home / "inputs.toml").write_text(f"[osc]\non = true\nport = {port}\n", "utf-8")
    face = Face(port)
    yield face
    face.close()


def test_an_open_mouth_is_taught_to_mean_a_voice_and_then_speaks_it(
    screen: str, home: Path, face: Face, server: tuple[str, int], witness: Witness
) -> None:
    with running("front", "--server", f"{server[0]}:{server[1]}", "--no-stage") as front:
        hand = Hand()
        drawer, layout = TeachDrawer(), plan_panels(*hand.size)
        session = witness.session
        playing = [voice for voice, slug in enumerate(session.slugs) if session.values[f"/style/{slug}/on"]]
        controller = SimpleNamespace(
            scenes=Scenes.load(home / "scenes.json"),
            playing=playing,
            slugs=session.slugs,
            cards=session.cards,
            link=SimpleNamespace(session=session),
        )

        def press(rect: Rect) -> None:
            x, y = rect.centre
            hand.click(x * layout.scale, y * layout.scale)

        kept = home / "poses.json"
        cells = {cell.key: cell.rect for cell in drawer.cells(SimpleNamespace(layout=layout, controller=controller))}
        hand.move(*(side / 2 for side in hand.size))
        time.sleep(3.0)  # until the window knows the voices, a key is for nothing
        xdotool("key", "y")
        time.sleep(1.0)
        for shown, (mouth, slug) in enumerate(((SHUT, "bible"), (OPEN, "linux")) * 2, start=1):
            face.mouth = mouth
            time.sleep(0.5)
            press(cells[slug])

            def is_kept(count: int = shown) -> bool:
                return kept.exists() and len(parse(kept.read_text("utf-8"))[0].examples) == count

            wait_until(is_kept, f"example {shown} in the file")
        buttons = drawer.buttons(SimpleNamespace(layout=layout, controller=controller))
        press(buttons["train"])
        time.sleep(1.0)
        press(buttons["play"])
        witness.sees("linux alone", lambda now: level(now, LINUX) > 0.9 and level(now, BIBLE) < 0.1)
        face.mouth = SHUT
        witness.sees("the bible alone", lambda now: level(now, LINUX) < 0.1 and level(now, BIBLE) > 0.9)
        face.mouth = (OPEN + SHUT) / 2
        witness.sees("both", lambda now: all(0.25 < level(now, each) < 0.75 for each in (LINUX, BIBLE)))
        assert front.poll() is None, "the front end fell over"
