"""Teach by showing, by hand: the drawer in the real panels, an input that says what it is told to."""

from __future__ import annotations

import time

import pytest

from frontend.control.drawing.layout import Rect
from protocol.tree import weight_address
from tests.frontend.control.conftest import Instrument
from tests.frontend.inputs.fake_input import FakeInput

LINUX, BIBLE = weight_address("linux"), weight_address("bible")


class Pupil:
    """The drawer, open, and a hand in the air."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument, self.drawer = instrument, instrument.panels.teach
        self.tracker = FakeInput("hand")
        controller = instrument.controller
        controller.hub._clock = instrument.clock
        controller.hub.add(self.tracker, controller.teacher.poses)
        instrument.type("y")

    def hold(self, x: float, frames: int = 60) -> None:
        for _ in range(frames):
            self.tracker.say("hand/x", x)
            self.instrument.controller.hub.turn(self.instrument.clock.now)
            self.instrument.frames()

    def press(self, name: str) -> None:
        places = {cell.key: cell.rect for cell in self.drawer.cells(self.instrument)}
        self.instrument.click({**places, **self.drawer.buttons(self.instrument)}[name])

    def button(self, key: str, name: str) -> Rect:
        return self.drawer.row_button(self.instrument, key, name)

    def teach(self) -> None:
        for x, key in ((0.1, "bible"), (0.9, "linux"), (0.12, "bible"), (0.88, "linux")):
            self.hold(x, 3)
            self.press(key)
            self.hold(x)
        self.press("train")
        until = time.monotonic() + 60
        while self.instrument.controller.teacher.training and time.monotonic() < until:
            time.sleep(0.01)
            self.instrument.frames()

    @property
    def told(self) -> str:
        return self.instrument.controller.teacher.trouble


@pytest.fixture
def pupil(instrument: Instrument) -> Pupil:
    return Pupil(instrument)


def test_a_pose_is_held_a_voice_pressed_and_after_training_the_poses_play(pupil: Pupil) -> None:
    pupil.teach()
    controller = pupil.instrument.controller
    assert [controller.teacher.lesson.count(key) for key in ("bible", "linux")] == [2, 2]
    pupil.press("play")
    pupil.hold(0.9, 150)
    assert controller.number(LINUX) == pytest.approx(1.0, abs=0.05)
    assert controller.number(BIBLE) == pytest.approx(0.0, abs=0.05)
    pupil.hold(0.1, 30)
    assert controller.number(BIBLE) == pytest.approx(1.0, abs=0.05)


def test_a_fader_that_is_dragged_is_let_go_and_taken_back_at_a_press(pupil: Pupil) -> None:
    pupil.teach()
    pupil.press("play")
    pupil.hold(0.9, 60)
    controller = pupil.instrument.controller
    controller.set(LINUX, 0.25)
    pupil.hold(0.9, 60)
    assert controller.number(LINUX) == 0.25
    pupil.press("take")
    pupil.hold(0.9, 120)
    assert controller.number(LINUX) == pytest.approx(1.0, abs=0.05)


def test_poses_are_shown_again_and_forgotten_by_their_buttons(pupil: Pupil) -> None:
    pupil.hold(0.1, 3)
    pupil.press("bible")
    pupil.hold(0.1)
    teacher = pupil.instrument.controller.teacher
    again, last, all_of_it = (pupil.button("bible", name) for name in ("again", "last", "all"))
    pupil.instrument.click(again)
    pupil.hold(0.1)
    assert teacher.lesson.count("bible") == 2
    pupil.instrument.click(last)
    assert teacher.lesson.count("bible") == 1
    pupil.instrument.click(all_of_it)
    assert not teacher.lesson.aims


def test_a_scene_is_shown_with_all_its_voices(pupil: Pupil) -> None:
    pupil.hold(0.1, 3)
    pupil.press("scene 1")
    pupil.hold(0.1)
    aim = pupil.instrument.controller.teacher.lesson.aims["scene 1"]
    assert aim.name == "1 scripture and source"
    assert aim.values == {LINUX: 0.5, BIBLE: 0.7, "/mix/temperature": 0.7, "/mix/alloy": 0.0, "/mix/top_p": 1.0}


def test_how_is_chosen_and_too_little_is_told(pupil: Pupil) -> None:
    pupil.press("nearest")
    pupil.press("delay")
    teacher = pupil.instrument.controller.teacher
    assert (teacher.lesson.method, teacher.delay) == ("nearest", 3.0)
    pupil.press("train")
    until = time.monotonic() + 60
    while teacher.training and time.monotonic() < until:
        time.sleep(0.01)
        pupil.instrument.frames()
    assert "at least two poses" in pupil.told


def test_one_drawer_is_open_at_a_time_and_esc_closes_it(pupil: Pupil) -> None:
    panels = pupil.instrument.panels
    pupil.instrument.type("l")
    assert panels.book.open
    assert not panels.teach.open
    pupil.instrument.type("y")
    assert panels.teach.open
    assert not panels.book.open
