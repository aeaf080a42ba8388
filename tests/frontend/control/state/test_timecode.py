"""Cues at times: each is taken once, whatever the timecode does, and by real messages through the MIDI input."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.fake_link import FakeLink
from frontend.config.scenes import Fade, Scenes, scene_of
from frontend.config.setlists import Cue, SetList, SetListFolder, clock, second
from frontend.control.state.controller import Controller
from frontend.control.state.preferences import Preferences
from frontend.control.state.timecode import CueTimer
from frontend.inputs.hub import Hub
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import FakePorts
from frontend.inputs.midi.timecode import parse_timecode
from tests.frontend.control.conftest import Clock
from tests.frontend.inputs.midi.test_timecode import quarters

TIMES = (10.0, None, 20.0, 30.0)


def taken(*positions: float | None) -> list[int | None]:
    timer = CueTimer()
    return [timer.follow(position, TIMES) for position in positions]


def test_a_cue_is_taken_when_its_time_has_come() -> None:
    assert taken(9.9, 10.0, 10.1, 19.99, 20.02) == [None, 0, None, None, 2]


def test_a_time_that_trembles_takes_no_cue_twice() -> None:
    assert taken(9.99, 10.01, 9.98, 10.02, 8.5, 10.0) == [None, 0, None, None, None, None]


def test_a_jump_ahead_takes_the_last_cue_that_it_passed() -> None:
    assert taken(5.0, 25.0) == [None, 2]


def test_a_jump_back_takes_nothing_and_the_cues_behind_it_come_again() -> None:
    assert taken(35.0, 5.0, 9.0, 10.0, 20.0) == [3, None, None, 0, 2]


def test_while_it_stands_nothing_is_taken() -> None:
    assert taken(5.0, None, None, 10.0) == [None, None, None, 0]


@given(st.lists(st.floats(0.0, 40.0) | st.none(), max_size=30))
def test_running_on_without_going_back_takes_no_cue_twice(positions: list[float | None]) -> None:
    running = sorted(position for position in positions if position is not None)
    found = [place for place in taken(*running) if place is not None]
    assert len(set(found)) == len(found) and found == sorted(found)


@given(st.integers(0, 86_399_999))
def test_a_time_in_a_file_is_the_time_it_was(thousandths: int) -> None:
    assert second(clock(thousandths / 1000)) == pytest.approx(thousandths / 1000)


def test_a_cues_time_stands_in_its_file_and_a_wrong_one_costs_itself(tmp_path: Path) -> None:
    shelf, scene = SetListFolder(tmp_path), Scenes(tmp_path / "none").places[0]
    assert scene is None
    link = FakeLink.demo()
    link.pump(0.0)
    mix = scene_of(link.session.values, link.session.slugs, "mine")
    shelf.save(SetList("tonight", (Cue(mix, Fade(), 3630.5), Cue(mix))))
    assert [cue.at for cue in shelf.load("tonight").cues] == [3630.5, None]
    path = tmp_path / "tonight.json"
    path.write_text(path.read_text().replace("01:00:30.500", "25:00:00"))
    again = SetListFolder(tmp_path)
    assert [cue.at for cue in again.load("tonight").cues] == [None, None]
    assert "a time such as 01:00:30" in again.trouble


class Stand:
    """A controller before a demo, with a MIDI device that sends timecode; frames a fiftieth of a second long."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.link = FakeLink.demo(clock=self.clock)
        self.ports, self.hub = FakePorts("desk"), Hub(self.link, clock=self.clock)
        midi = MidiInput(self.hub, self.link, self.ports, [], self.clock)
        self.hub.add(midi)
        self.controller = Controller(
            self.link, midi, Scenes.load(folder / "scenes.json"), preferences=Preferences(), hub=self.hub
        )
        self.frame()
        mix = scene_of(self.controller.values, self.controller.slugs, "mine")
        self.controller.prepared.setlist = SetList("tonight", (Cue(mix, at=10.0), Cue(mix, at=20.0)))

    def frame(self) -> None:
        self.clock.now += 0.02
        self.hub.turn(self.clock.now)
        self.controller.pump(self.clock.now)
        self.controller.settle()

    def send(self, kind: str, number: int, value: int) -> None:
        self.ports.say("desk", kind, number, value)

    def run_from(self, seconds: int) -> None:
        for data in quarters(1, 0, 0, seconds, 0):
            said = parse_timecode(data)
            assert said is not None
            self.send(*said)
        self.frame()


def test_timecode_by_midi_takes_cues_where_it_is_asked_to_and_not_before(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.run_from(11)
    assert stand.controller.prepared.setlist.at == -1
    stand.hub.change("midi", timecode=True)
    stand.run_from(11)
    assert stand.controller.prepared.setlist.at == 0
    stand.run_from(5)
    stand.run_from(21)
    assert stand.controller.prepared.setlist.at == 1
    stand.hub.close()


def test_a_transport_lets_the_text_rest_and_run(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.send("pause", 0, 0)
    stand.frame()
    assert stand.controller.flag("/transport/run")
    stand.hub.change("midi", transport=True)
    for kind, running in (("pause", False), ("play", True), ("stop", False), ("start", True)):
        stand.send(kind, 0, 0)
        stand.frame()
        assert stand.controller.flag("/transport/run") is running
    stand.hub.close()
