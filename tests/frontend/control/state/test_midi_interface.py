"""Hands on hardware, at the desk: commands, the hand that wins over a scene, a beat that is followed, undo."""

from pathlib import Path

import pytest

from frontend.client.fake_link import FakeLink
from frontend.config.scenes import Scenes
from frontend.control.state.actions import lit_actions, run_action
from frontend.control.state.controller import Controller
from frontend.control.state.preferences import Preferences
from frontend.control.state.tempo_sync import TempoSync
from frontend.inputs.hub import Hub
from frontend.inputs.midi.clock import MidiClock
from frontend.inputs.midi.controller_maps import OUR_MAPS, load_maps
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import FakePorts
from protocol.messages import FinishSentence, Panic, Rewind, Step, WriteWord
from protocol.tree import on_address, weight_address
from tests.frontend.control.conftest import Clock

NANO = "nanoKONTROL2"


class Stand:
    """A desk before a demo performance, with a controller that is moved by hand; frames a tenth of a second long."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.link = FakeLink.demo(clock=self.clock)
        self.ports = FakePorts(NANO)
        self.hub = Hub(self.link, clock=self.clock)
        midi = MidiInput(self.hub, self.link, self.ports, load_maps([OUR_MAPS])[0], self.clock)
        self.hub.add(midi)
        self.controller = Controller(
            self.link, midi, Scenes.load(folder / "scenes.json"), preferences=Preferences(), hub=self.hub
        )
        self.frames(30)
        self.link.sent.clear()

    def frames(self, count: int = 1) -> None:
        for _ in range(count):
            self.clock.now += 0.1
            self.hub.turn(self.clock.now)
            self.controller.pump(self.clock.now)
            if self.controller.slugs:
                self.controller.settle()

    def move(self, number: int, *values: int, kind: str = "cc") -> None:
        for value in values:
            self.ports.move(NANO, number, value, kind)
            self.frames()


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("/transport/step", Step),
        ("/transport/word", WriteWord),
        ("/transport/finish", FinishSentence),
        ("/transport/rewind", Rewind),
        ("/transport/back", Rewind),
        ("/panic", Panic),
    ],
)
def test_a_command_asks_the_server_as_its_key_does(stand: Stand, command: str, message: type) -> None:
    run_action(stand.controller, command)
    assert message in map(type, stand.link.sent)


def test_buttons_recall_scenes_and_silence_voices_and_their_lights_say_so(stand: Stand) -> None:
    slug = stand.controller.slugs[stand.controller.playing[0]]
    stand.controller.store_scene(2)
    stand.controller.set("/mix/temperature", 1.5)
    stand.move(66, 127)
    stand.move(48, 127)
    assert stand.controller.scene == 2 and stand.controller.muted == {slug}
    assert lit_actions(stand.controller) == {"/scene/3", f"/style/{slug}/mute"}
    run_action(stand.controller, "/style/nobody/mute")
    assert stand.controller.muted == {slug}


def test_a_hand_on_hardware_wins_over_a_scene_on_its_way(stand: Stand) -> None:
    controller = stand.controller
    controller.set("/mix/temperature", 2.0)
    controller.store_scene(0)
    controller.set("/mix/temperature", 0.05)
    controller.preferences.set("fade", 5.0)
    controller.recall_scene(0)
    stand.move(17, 0, 1, 2)
    stand.frames(60)
    assert controller.number("/mix/temperature") < 0.3 and controller.scene is None


def test_a_muted_voices_fader_keeps_what_hardware_does_to_it(stand: Stand) -> None:
    voice = stand.controller.playing[0]
    stand.controller.set_fader(voice, 0.0)
    stand.move(0, 0, 1)
    stand.controller.mute(voice)
    stand.frames()
    stand.move(0, 2, 3, 4)
    address = weight_address(stand.controller.slugs[voice])
    assert stand.controller.fader(voice) == 4 / 127 and stand.controller.number(address) == 0.0
    stand.controller.mute(voice)
    stand.frames()
    assert stand.controller.number(address) == 4 / 127


def test_undo_takes_back_what_was_learnt_and_redo_teaches_it_again(stand: Stand) -> None:
    stand.controller.learn("/mix/rate")
    stand.move(102, 64)
    stand.frames(20)
    assert stand.controller.mark("/mix/rate") == "CC 102"
    stand.controller.undo()
    stand.frames(5)
    assert stand.controller.mark("/mix/rate") == "CC 16"
    stand.controller.redo()
    assert stand.controller.mark("/mix/rate") == "CC 102"


def test_the_rate_follows_a_clock_and_a_hand_has_it_until_the_tempo_changes(stand: Stand) -> None:
    stand.controller.preferences.set("tempo", "clock")
    stand.controller.preferences.set("beat", 6)

    def beat(bpm: float) -> None:
        for _ in range(60):
            stand.clock.now += 60 / bpm / 24
            stand.ports.move(NANO, 0, 0, "pulse", 0)
            stand.controller.pump(stand.clock.now)
            stand.controller.settle()

    beat(120.0)
    assert stand.controller.number("/mix/rate") == pytest.approx(12.0, rel=0.01)
    stand.controller.set("/mix/rate", 30.0)
    beat(120.0)
    assert stand.controller.number("/mix/rate") == 30.0
    beat(60.0)
    assert stand.controller.number("/mix/rate") == pytest.approx(6.0, rel=0.01)
    stand.ports.move(NANO, 0, 0, "stop", 0)
    stand.frames()
    assert stand.controller.flag("/transport/run") is False


class Session:
    """A Link session of 90 beats a minute that somebody has just started."""

    trouble = ""

    def __init__(self) -> None:
        self.closed = False

    def bpm(self, now: float) -> float:
        return 90.0

    def turns(self) -> list[bool]:
        return [True]

    def close(self) -> None:
        self.closed = True


def test_a_link_session_is_joined_only_when_it_is_followed_and_left_again() -> None:
    sessions: list[Session] = []

    def join() -> Session:
        sessions.append(Session())
        return sessions[-1]

    beat = TempoSync(MidiClock(), join)
    assert (beat.follow("off", 8, True, 0.0), sessions) == ({}, [])
    assert beat.follow("Link", 8, True, 0.1) == {"/transport/run": True, "/mix/rate": 12.0}
    assert beat.bpm == 90.0
    beat.follow("off", 8, True, 0.2)
    assert sessions[0].closed and beat.bpm is None


def test_a_voice_in_play_has_a_switch_on_its_address(stand: Stand) -> None:
    slug = stand.controller.slugs[0]
    stand.controller.learn(on_address(slug))
    stand.move(103, 127)
    before = stand.controller.flag(on_address(slug))
    stand.frames(10)
    stand.move(103, 0, 127)
    assert stand.controller.flag(on_address(slug)) is not before
