"""A front end that takes another's place begins as that one ended, in what the server does not know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.fake_link import FakeLink
from frontend.config.scenes import Scenes
from frontend.control.state.controller import Controller
from frontend.control.state.handover import SHAPE, HandoverFile, HandoverState
from frontend.control.state.midi_interface import NoMidi
from protocol.errors import ParameterError
from protocol.messages import Card
from protocol.tree import on_address, weight_address

SLUGS = ("ada", "bob", "cy")


class Player:
    """A front end before the server of ``link``, frame by frame."""

    def __init__(self, link: FakeLink, folder: Path) -> None:
        self.controller, self.now = Controller(link, NoMidi(), Scenes(folder / "scenes.json")), 0.0
        self.keeping = HandoverFile(folder / "front.json")
        self.keeping.restore(self.controller)

    def frames(self, count: int = 20) -> None:
        for _ in range(count):
            self.now += 1 / 60
            self.controller.pump(self.now)
            self.controller.settle()
            self.keeping.keep(self.controller)


@pytest.fixture
def link() -> FakeLink:
    link = FakeLink()
    for index, slug in enumerate(SLUGS):
        link.session.apply(Card(index, len(SLUGS), slug, slug, slug[:2], "#FF8800", "prose", "parrot"), 0.0)
    for slug in SLUGS:
        link.set(on_address(slug), True)
        link.set(weight_address(slug), 0.5)
    return link


def test_who_is_muted_stays_so_and_comes_back_at_the_faders_place(link: FakeLink, tmp_path: Path) -> None:
    first = Player(link, tmp_path)
    first.frames()
    first.controller.mute(1)
    first.controller.staging.dark = True
    first.frames()
    second = Player(link, tmp_path)
    assert second.controller.staging.dark and not second.controller.staging.frozen
    second.frames()
    assert second.controller.muted == {"bob"} and link.session.values[weight_address("bob")] == 0.0
    second.controller.mute(1)
    second.frames()
    assert link.session.values[weight_address("bob")] == 0.5


def test_solo_and_a_picture_that_stands_still_are_kept_too(link: FakeLink, tmp_path: Path) -> None:
    first = Player(link, tmp_path)
    first.frames()
    first.controller.solo(2)
    first.controller.staging.frozen = True
    first.frames()
    second = Player(link, tmp_path)
    second.frames()
    assert second.controller.soloed == {"cy"} and second.controller.staging.frozen
    assert [link.session.values[weight_address(slug)] for slug in SLUGS] == [0.0, 0.0, 0.5]


def test_it_is_written_when_it_changed_and_only_then(link: FakeLink, tmp_path: Path) -> None:
    player, path = Player(link, tmp_path), tmp_path / "front.json"
    player.frames()
    path.unlink()
    player.frames()
    assert not path.exists()
    player.controller.staging.dark = True
    player.frames()
    assert SHAPE.read(json.loads(path.read_text())) == HandoverState(dark=True)


@pytest.mark.parametrize("content", ["", "[]", '{"dark": 1}', '{"muted": "ada"}', '{"kept": {"ada": 7}}', "[" * 10_000])
def test_a_file_that_makes_no_sense_is_as_none(link: FakeLink, tmp_path: Path, content: str) -> None:
    (tmp_path / "front.json").write_text(content)
    player = Player(link, tmp_path)
    player.frames()
    assert HandoverState.of(player.controller) == HandoverState()


def test_a_disk_that_refuses_does_not_stop_the_show(link: FakeLink, tmp_path: Path) -> None:
    (tmp_path / "front.json").mkdir()
    player = Player(link, tmp_path)
    player.frames()
    player.controller.mute(0)
    player.frames()
    assert player.controller.muted == {"ada"}


LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner))


@given(st.dictionaries(st.sampled_from(["dark", "frozen", "muted", "soloed", "kept"]), ANYTHING) | ANYTHING)
def test_whatever_stands_there_it_is_a_session_or_refused(document: object) -> None:
    try:
        session = SHAPE.read(document)
    except ParameterError:
        return
    assert SHAPE.read(json.loads(json.dumps(session.document))) == session
