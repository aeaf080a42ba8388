"""A show's commands at the front end that holds it: done once, as by a hand, and answered in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from frontend.client.fake_link import FakeLink
from frontend.client.session_state import SessionState
from frontend.config.scenes import Scenes, scene_of
from frontend.config.setlists import Cue, SetList, SetListFolder
from frontend.control.state.controller import Controller
from frontend.control.state.midi_interface import NoMidi
from frontend.control.state.preferences import Preferences
from frontend.control.state.show import STALE_AFTER_S
from frontend.stage.staging import StageSnapshot, StageState
from protocol.messages import HoldShow, ShowDone, ShowHolder, ShowRequest, ShowStands
from protocol.tree import on_address
from tests.frontend.control.conftest import Clock

FRAME_S = 0.1


class House:
    """A controller with the scenes that ship, a set list of three cues, and no window; frames a tenth of a second."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.link = FakeLink.demo(clock=self.clock)
        shelf, self.staging = SetListFolder(folder / "setlists"), StageState()
        self.controller = Controller(
            self.link, NoMidi(), Scenes.load(folder / "scenes.json"), self.staging, Preferences(), shelf
        )
        self.frames(2)
        scenes = [scene_of(self.controller.values, self.controller.slugs, name) for name in ("calm", "storm", "end")]
        self.controller.prepared.replace_setlist(SetList("tonight", tuple(map(Cue, scenes))))
        self.number = 0

    def frames(self, count: int = 1) -> None:
        for _ in range(count):
            self.clock.now += FRAME_S
            self.controller.pump(self.clock.now)
            self.controller.settle()

    def ask(self, command: str, what: str = "", seconds: float = -1.0) -> tuple[bool, str]:
        """What a command is answered."""
        self.number += 1
        self.link.deliver([ShowRequest(self.number, command, what, seconds)])
        self.frames()
        (answer,) = (each for each in self.link.sent if isinstance(each, ShowDone) and each.number == self.number)
        return answer.done, answer.words

    def open_stage(self) -> None:
        self.staging.shown = StageSnapshot(np.zeros((0, 8), np.float32), 8, 8, (0.0, 0.0, 0.0), 1.0, "in a window")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.controller.hub.close()


@pytest.mark.parametrize("what", ["3", "seven voices", "Seven Voices"])
def test_a_scene_is_recalled_by_number_and_by_name_in_so_many_seconds(house: House, what: str) -> None:
    assert house.ask("/scene/recall", what, 2.0) == (True, "scene 3, seven voices")
    house.frames(5)
    assert house.controller.fading.under_way and house.controller.scene == 2
    house.frames(30)
    assert house.controller.flag(on_address("homer")) and not house.controller.fading.under_way


def test_a_scene_that_is_on_its_way_goes_on_when_it_is_asked_for_again(house: House) -> None:
    house.ask("/scene/recall", "3", 60.0)
    assert house.ask("/scene/recall", "3", 0.0) == (True, "scene 3 is on its way already")
    assert house.controller.fading.under_way


@pytest.mark.parametrize(
    ("command", "what", "words"),
    [
        ("/scene/recall", "9", "there is no scene 9; there are 6"),
        ("/scene/recall", "noon", "there is no scene 'noon'"),
        ("/cue/go", "4", "there is no cue 4; there are 3"),
        ("/cue/back", "", "there is no cue before the first of 3 in 'tonight'"),
        ("/setlist/open", "../scenes", "there is no set list '../scenes'; there are tonight"),
        ("/stage/black", "1", "no stage is open here"),
        ("/sun/rise", "", "this front end does not know /sun/rise"),
    ],
)
def test_what_is_not_there_is_said_and_nothing_moves(house: House, command: str, what: str, words: str) -> None:
    before = dict(house.controller.values)
    assert house.ask(command, what) == (False, words)
    assert house.controller.values == before and not house.controller.fading.under_way


def test_the_set_list_is_gone_through_and_jumped_in(house: House) -> None:
    assert house.ask("/cue/go") == (True, "cue 1 of 3, calm")
    assert house.ask("/cue/next") == (True, "cue 2 of 3, storm")
    assert house.ask("/cue/back") == (True, "cue 1 of 3, calm")
    assert house.ask("/cue/go", "end") == (True, "cue 3 of 3, end")
    assert house.ask("/cue/go")[0] is False
    assert house.ask("/setlist/open", "tonight") == (True, "set list tonight, 3 cues")
    assert house.ask("/cue/go") == (True, "cue 1 of 3, calm")


def test_the_stage_obeys_where_one_is_open(house: House) -> None:
    house.open_stage()
    assert house.ask("/stage/black", "1") == (True, "the stage is black")
    assert house.ask("/stage/freeze", "1") == (True, "the stage stands still")
    assert (house.staging.dark, house.staging.frozen) == (True, True)
    assert house.ask("/stage/creature", "1") == (True, "a creature comes") and house.staging.settings.creature
    assert house.ask("/stage/creature", "0") == (True, "the creature is sent away")
    assert house.ask("/stage/theme", "paper") == (True, "theme paper")
    assert house.ask("/stage/size", "1.25") == (True, "size 1.25")
    assert house.ask("/stage/theme", "nosuch")[1].startswith("there is no theme 'nosuch'; there are ")


def test_a_panic_elsewhere_ends_fades_and_solos_here(house: House) -> None:
    house.ask("/scene/recall", "3", 60.0)
    house.controller.solo(0)
    assert house.ask("/panic") == (True, "all controls as they stood at the start")
    assert not house.controller.fading.under_way and not house.controller.soloed


def test_a_command_that_comes_twice_is_done_once_and_answered_twice(house: House) -> None:
    request = ShowRequest(7, "/cue/next")
    house.link.deliver([request, request])
    house.frames()
    answers = [each for each in house.link.sent if isinstance(each, ShowDone)]
    assert answers == [ShowDone(7, True, "cue 1 of 3, calm")] * 2


def test_a_command_that_waited_too_long_is_another_front_ends(house: House) -> None:
    house.link.session.apply(ShowRequest(7, "/cue/next"), house.clock.now)
    house.clock.now += STALE_AFTER_S
    house.frames()
    assert house.controller.prepared.setlist.at == -1


def test_what_is_held_is_said_and_said_at_once_when_it_changes(house: House) -> None:
    house.frames()
    assert house.link.held == HoldShow("tonight", 0, "show", False, False, "look")
    house.ask("/cue/go")
    assert house.link.held == HoldShow("tonight", 1, "show", False, False, "look")
    house.controller.staging.dark = True
    house.frames()
    assert house.link.held == HoldShow("tonight", 1, "show", True, False, "look")


def test_who_may_only_watch_holds_no_show(tmp_path: Path) -> None:
    watching = House(tmp_path)
    watching.link.held, watching.link.access_warning = None, "watching only"
    watching.frames(20)
    assert watching.link.held is None
    watching.controller.hub.close()


def test_who_takes_over_goes_on_where_the_other_was(house: House) -> None:
    house.link.deliver([ShowHolder(True, "127.0.0.1:1", "tonight", 2)])
    assert house.ask("/cue/go") == (True, "cue 3 of 3, end")


def test_a_set_list_of_another_name_is_not_entered(house: House) -> None:
    house.link.deliver([ShowHolder(True, "127.0.0.1:1", "tomorrow", 2)])
    assert house.ask("/cue/go") == (True, "cue 1 of 3, calm")


class Followed:
    """A machine that is followed."""

    following, line = True, "follows"

    def __init__(self) -> None:
        self.followed = SessionState()


def test_a_machine_that_follows_has_the_scenes_and_the_place_in_the_set_list_and_goes_on_there(
    house: House, tmp_path: Path
) -> None:
    second, leader = House(tmp_path / "second"), Followed()
    second.link.leader = leader
    house.link.deliver([ShowHolder(True, "127.0.0.1:1", "", 0)])
    house.controller.scenes.rename(2, "the storm")
    house.ask("/cue/go", "2")
    house.frames(60)
    for document in house.link.documents:
        leader.followed.apply(document, 0.0)
    leader.followed.apply(ShowStands("tonight", 2, True, False, "look"), 0.0)
    second.frames(3)
    assert second.controller.scenes.places == house.controller.scenes.places
    assert second.controller.prepared.setlist == house.controller.prepared.setlist
    assert second.staging.dark and second.controller.preferences.settings.setlist == Preferences().settings.setlist
    second.link.deliver([ShowRequest(90, "/cue/go")])
    second.frames(2)
    assert not [each for each in second.link.sent if isinstance(each, ShowDone)]
    leader.following = False
    assert second.ask("/cue/go") == (True, "cue 3 of 3, end")
    second.controller.hub.close()


def test_a_command_can_be_undone(house: House) -> None:
    house.frames(20)
    before = house.controller.number("/mix/temperature")
    house.ask("/scene/recall", "1", 0.0)
    house.frames(20)
    assert house.controller.number("/mix/temperature") != before
    house.controller.undo()
    house.frames(20)
    assert house.controller.number("/mix/temperature") == before
