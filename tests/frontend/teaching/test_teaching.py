"""Teach by showing, with real inputs' frame around it: record, train, move; and whoever touches a fader has it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from frontend.client.fake_link import FakeLink
from frontend.inputs.hub import Hub
from frontend.teaching.lesson import PoseTarget, aim_of_voice, parse
from frontend.teaching.taught import WHO, PoseInput
from frontend.teaching.teacher import HOLD_S, Teacher
from tests.frontend.inputs.fake_input import FakeInput

FRAME = 1 / 60
HOMER, KANT = "/style/homer/weight", "/style/kant/weight"


@dataclass
class Class:
    """A teacher, an input that says what it is told to, and a link in memory; time passes when the test says so."""

    link: FakeLink
    hub: Hub
    hand: FakeInput
    poses: PoseInput
    teacher: Teacher
    now: float = 100.0

    def run(self, seconds: float, **levels: float | None) -> None:
        for _ in range(round(seconds / FRAME)):
            self.now += FRAME
            for name, level in levels.items():
                self.hand.say(f"hand/{name}", level)
            self.hub.turn(self.now)
            self.teacher.pump(self.now)
            self.link.pump(self.now)

    def show(self, key: str, aim: PoseTarget, **levels: float) -> None:
        self.run(0.1, **levels)
        self.teacher.record(key, aim)
        self.run(HOLD_S + 0.1, **levels)

    def learn(self) -> None:
        self.teacher.train()
        until = time.monotonic() + 60
        while self.teacher.training and time.monotonic() < until:
            time.sleep(0.01)
            self.teacher.pump(self.now)

    def value(self, address: str) -> float:
        return float(self.link.session.values[address])  # type: ignore[arg-type]


def school(path: Path | None = None) -> Class:
    clock = lambda: held[0].now if held else 100.0  # noqa: E731
    held: list[Class] = []
    link = FakeLink.demo(1, clock)
    hub = Hub(link, clock=clock)
    hand = FakeInput("hand")
    poses = PoseInput(link, hub.features, hub.set)
    hub.add(hand, poses)
    teacher = Teacher(poses, hub, path)
    held.append(Class(link, hub, hand, poses, teacher))
    held[0].run(0.5)
    return held[0]


def taught(path: Path | None = None) -> Class:
    """Homer with the hand at the left, Kant at the right."""
    found = school(path)
    for _ in range(2):
        found.show("homer", aim_of_voice("homer", "Homer"), x=0.2, y=0.5)
        found.show("kant", aim_of_voice("kant", "Kant"), x=0.8, y=0.5)
    found.learn()
    assert found.teacher.trouble == ""
    found.hub.change("taught", on=True)
    return found


def test_a_pose_that_was_shown_gives_its_voice_and_between_two_both_speak() -> None:
    lesson = taught()
    lesson.run(2.0, x=0.2, y=0.5)
    assert lesson.value("/style/homer/on")
    assert lesson.value("/style/kant/on")
    assert lesson.value(HOMER) == pytest.approx(1.0, abs=0.1)
    assert lesson.value(KANT) == pytest.approx(0.0, abs=0.1)
    homers = []
    for x in np.linspace(0.2, 0.8, 31).tolist():
        lesson.run(FRAME, x=x, y=0.5)
        homers.append(lesson.value(HOMER))
    assert np.diff(homers).max() < 0.01
    assert np.abs(np.diff(homers)).max() < 0.15
    assert lesson.value(HOMER) + lesson.value(KANT) == pytest.approx(1.0, abs=0.01)
    assert lesson.hub.holders.of(KANT).who == WHO  # type: ignore[union-attr]


def test_nothing_jumps_when_the_poses_take_hold() -> None:
    lesson = taught()
    lesson.link.set(HOMER, 0.0)
    before = lesson.value(HOMER)
    for _ in range(90):
        lesson.run(FRAME, x=0.2, y=0.5)
        assert abs(lesson.value(HOMER) - before) < 0.1
        before = lesson.value(HOMER)
    assert before > 0.9


def test_the_last_touch_leads_until_the_poses_are_told_to_take_the_fader_again() -> None:
    lesson = taught()
    lesson.run(1.5, x=0.2, y=0.5)
    lesson.link.set(HOMER, 0.3)
    lesson.run(1.0, x=0.8, y=0.5)
    assert lesson.value(HOMER) == 0.3
    assert lesson.poses.freed == (HOMER,)
    assert lesson.value(KANT) == pytest.approx(1.0, abs=0.1)
    lesson.poses.take(HOMER)
    lesson.run(1.5, x=0.2, y=0.5)
    assert not lesson.poses.freed
    assert lesson.value(HOMER) == pytest.approx(1.0, abs=0.1)


def test_a_voice_that_a_hand_sends_away_stays_away() -> None:
    lesson = taught()
    lesson.run(1.0, x=0.2, y=0.5)
    lesson.link.set("/style/kant/on", False)
    lesson.run(1.0, x=0.8, y=0.5)
    assert not lesson.value("/style/kant/on")
    assert KANT in lesson.poses.freed


def test_a_hand_that_is_gone_leaves_everything_as_it_was() -> None:
    lesson = taught()
    lesson.run(1.5, x=0.2, y=0.5)
    stood = lesson.value(HOMER)
    lesson.run(5.0, x=None, y=None)
    assert lesson.value(HOMER) == stood
    assert lesson.poses.parts() == ()
    assert "not there" in lesson.poses.status


def test_a_scene_is_an_aim_too_and_its_puck_is_laid_down_where_it_differs() -> None:
    lesson = school()
    left = PoseTarget("left", {"/puck.x": -0.5, "/puck.y": 0.0, "/mix/alloy": 0.0})
    right = PoseTarget("right", {**left.values, "/puck.x": 0.5})
    lesson.show("scene 1", left, x=0.1)
    lesson.show("scene 2", right, x=0.9)
    lesson.learn()
    lesson.link.set("/puck/lifted", True)
    lesson.hub.change("taught", on=True)
    lesson.run(2.0, x=0.9)
    x, y = lesson.link.session.values["/puck"]  # type: ignore[misc, str-unpack]
    assert (x, y) == (pytest.approx(0.5, abs=0.05), 0.0)
    assert not lesson.link.session.values["/puck/lifted"]


def test_how_much_a_pose_is_meant_is_a_channel_that_drives_anything() -> None:
    lesson = taught()
    lesson.run(1.0, x=0.8, y=0.5)
    assert lesson.hub.features()["taught/kant"] > 0.9
    assert not any(name.startswith("taught/") for name in lesson.teacher.features())


def test_the_lesson_is_kept_and_learnt_anew_at_the_next_start(tmp_path: Path) -> None:
    first = taught(tmp_path / "poses.json")
    first.run(1.5, x=0.2, y=0.5)
    assert parse((tmp_path / "poses.json").read_text("utf-8")) == (first.teacher.lesson, [])
    second = school(tmp_path / "poses.json")
    until = time.monotonic() + 60
    while second.teacher.learnt is None and time.monotonic() < until:
        second.run(FRAME)
        time.sleep(0.01)
    second.hub.change("taught", on=True)
    second.run(2.0, x=0.8, y=0.5)
    assert second.value(KANT) == pytest.approx(1.0, abs=0.1)


def test_a_broken_file_is_told_and_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "poses.json"
    path.write_text("{", "utf-8")
    lesson = school(path)
    assert "poses.json could not be read" in lesson.teacher.trouble
    assert path.with_suffix(".unreadable").exists()


def test_a_bad_example_costs_only_itself_and_a_copy_of_the_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "poses.json"
    example = {"aim": "kant", "features": {"x": 1}}
    aims = {"kant": {"name": "Kant", "values": {KANT: 1}}}
    examples = [example, {"aim": "kant", "features": {}}, example]
    path.write_text(json.dumps({"aims": aims, "examples": examples, "method": "nearest"}), "utf-8-sig")
    teacher = school(path).teacher
    assert teacher.lesson.count("kant") == 2
    assert teacher.trouble.startswith("poses.json: examples 2: features is to be a table")
    assert path.with_suffix(".unreadable").exists()


def test_a_press_with_no_input_on_says_what_to_do() -> None:
    lesson = school()
    lesson.teacher.record("homer", aim_of_voice("homer", "Homer"))
    lesson.run(1.0)
    assert "switch one on" in lesson.teacher.trouble
    assert lesson.teacher.lesson.examples == ()


def test_with_a_delay_the_pose_before_it_does_not_count() -> None:
    lesson = school()
    lesson.teacher.delay = 1.0
    lesson.run(0.1, x=0.0)
    lesson.teacher.record("homer", aim_of_voice("homer", "Homer"))
    lesson.run(0.9, x=0.0)
    lesson.run(HOLD_S + 0.3, x=0.75)
    (example,) = lesson.teacher.lesson.examples
    assert example.features == {"hand/x": pytest.approx(0.75)}


def test_forgetting_one_of_two_poses_ends_it_and_a_wekinators_orders_are_obeyed() -> None:
    lesson = taught()
    lesson.poses.follow_server("stopRunning")
    lesson.run(0.1, x=0.2, y=0.5)
    assert not lesson.hub.settings("taught").on
    lesson.teacher.delete_last("kant")
    assert lesson.teacher.lesson.count("kant") == 1
    lesson.teacher.delete_aim("kant")
    assert lesson.teacher.learnt is None
    lesson.poses.follow_server("deleteAllExamples")
    lesson.run(0.1)
    assert lesson.teacher.lesson.examples == ()
