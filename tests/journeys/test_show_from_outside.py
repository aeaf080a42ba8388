"""A show run from outside: QLab's bytes by UDP, a real endpoint, two real front ends of which one dies."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from frontend.client.fake_link import demo_cards
from frontend.client.link import Link
from frontend.config.scenes import Scenes, scene_of
from frontend.config.setlists import Cue, SetList, SetListFolder
from frontend.control.state import show
from frontend.control.state.controller import Controller
from frontend.control.state.midi_interface import NoMidi
from protocol.messages import MAIN, ShowAnswer, ShowStands, SpriteShown
from protocol.osc import decode_to_front
from protocol.tree import ParameterTree
from server.engine.clock import MonotonicClock
from server.engine.parameter_store import PerformanceRegistry
from server.engine.status_line import StatusLine
from server.net import show_relay
from server.net.udp_endpoint import UdpEndpoint

PATIENCE_S = 60.0
CARDS = demo_cards()
QLAB_GO = b"/cue/go\0,\0\0\0"
QLAB_SCENE_3 = b"/scene/recall\0\0\0,if\0\0\0\0\x03\x40\x00\0\0"  # /scene/recall 3 2.0
QLAB_NO_SCENE = b"/scene/recall\0\0\0,s\0\0noon\0\0\0\0"


class House:
    """A server's endpoint, a desk that sends, and front ends that are moved by hand."""

    def __init__(self, after: ExitStack, folder: Path) -> None:
        self._after, self._folder = after, folder
        registry = PerformanceRegistry(ParameterTree(card.slug for card in CARDS))
        self.endpoint = UdpEndpoint(registry, StatusLine(), MonotonicClock(), "127.0.0.1", 0)
        after.callback(self.endpoint.close)
        self.desk = after.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
        self.desk.bind(("127.0.0.1", 0))
        self.desk.setblocking(False)
        self.fronts: list[Controller] = []
        self.answers: list[ShowAnswer] = []

    def open_front_end(self) -> Controller:
        link = Link(*self.endpoint.address)
        self._after.callback(link.close)
        shelf = SetListFolder(self._folder / "setlists")
        controller = Controller(link, NoMidi(), Scenes.load(self._folder / "scenes.json"), shelf=shelf)
        self._after.callback(controller.hub.close)
        self.fronts.append(controller)
        sink = self.endpoint.sink(MAIN)

        def introduced() -> bool:
            sink.broadcast(CARDS)
            return bool(controller.slugs)

        self.until(introduced)
        scene = scene_of(controller.values, controller.slugs, "mine")
        controller.prepared.replace_setlist(SetList("tonight", (Cue(scene),) * 5))
        return controller

    def until(self, there: Callable[[], bool]) -> None:
        """Frames of all front ends until ``there()``."""
        began = time.monotonic()
        while not there():
            assert time.monotonic() - began < PATIENCE_S
            for controller in self.fronts:
                controller.pump(time.monotonic())
                controller.settle()
            time.sleep(0.005)

    def send(self, datagram: bytes) -> ShowAnswer:
        """What the desk is answered."""
        self.desk.sendto(datagram, self.endpoint.address)
        self.until(self._heard)
        return self.answers[-1]

    def _heard(self) -> bool:
        try:
            datagram = self.desk.recv(2_000)
        except BlockingIOError:
            return False
        self.answers += [each for each in decode_to_front(datagram, None).messages if isinstance(each, ShowAnswer)]
        return True


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """On a machine that may stand still for a while nobody is given up who lives."""
    for name in ("HOLD_LAPSES_S", "ANSWER_TIMEOUT_S", "PATIENCE_S"):
        monkeypatch.setattr(show_relay, name, PATIENCE_S)
    monkeypatch.setattr(show, "STALE_AFTER_S", PATIENCE_S)
    with ExitStack() as after:
        yield House(after, tmp_path)


def test_qlabs_lines_are_done_and_answered(house: House) -> None:
    front = house.open_front_end()
    assert house.send(QLAB_SCENE_3) == ShowAnswer("/scene/recall", True, "scene 3, seven voices")
    assert front.scene == 2 and front.fading.under_way
    assert house.send(QLAB_GO) == ShowAnswer("/cue/go", True, "cue 1 of 5, mine")
    assert house.send(QLAB_NO_SCENE) == ShowAnswer("/scene/recall", False, "there is no scene 'noon'")


def test_a_front_end_that_dies_hands_the_show_to_the_next_which_goes_on_in_the_set_list(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = house.open_front_end()
    house.until(lambda: first.show.holding)
    second = house.open_front_end()
    house.until(lambda: second.link.session.show is not None)
    assert house.send(QLAB_GO).words == "cue 1 of 5, mine"
    assert house.send(QLAB_GO).words == "cue 2 of 5, mine"
    assert (first.prepared.setlist.at, second.prepared.setlist.at) == (1, -1)
    first.link.close()
    house.fronts.remove(first)
    monkeypatch.setattr(show_relay, "ANSWER_TIMEOUT_S", 0.5)
    assert house.send(QLAB_GO).words == "cue 3 of 5, mine"
    assert second.show.holding and second.prepared.setlist.at == 2


def test_whoever_watches_knows_where_the_show_and_its_stage_stand(house: House) -> None:
    front = house.open_front_end()
    house.send(QLAB_GO)
    front.staging.dark = True
    with closing(Link(*house.endpoint.address)) as reader:

        def told() -> bool:
            reader.pump(time.monotonic())
            return reader.session.stands == ShowStands("tonight", 1, True, False, "look")

        house.until(told)


def test_the_creature_that_the_show_has_on_its_stage_is_told_and_no_other(house: House) -> None:
    first = house.open_front_end()
    house.until(lambda: first.show.holding)
    second = house.open_front_end()
    house.until(lambda: second.link.session.show is not None)
    ours, theirs = SpriteShown("undead 1", "#CC7203 1", bytes(100)), SpriteShown("wings 1", "", bytes(100))
    with closing(Link(*house.endpoint.address)) as reader:

        def told() -> bool:
            second.link.send(theirs)
            first.link.send(ours)
            reader.pump(time.monotonic())
            assert reader.session.sprite != theirs
            return reader.session.sprite == ours

        house.until(told)
