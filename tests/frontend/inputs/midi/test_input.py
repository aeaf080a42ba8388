"""MIDI, with devices that are plugged in and moved by hand."""

from pathlib import Path

import pytest

from frontend.client.fake_link import FakeLink, demo_cards
from frontend.inputs.bindings import Binding, MidiControl
from frontend.inputs.hub import Hub
from frontend.inputs.inputs_file import InputsFile
from frontend.inputs.midi.controller_maps import OUR_MAPS, load_maps
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import FakePorts
from protocol.errors import ParameterError
from protocol.messages import Set

DESK = "desk:desk MIDI 1 20:0"
NANO = "nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTRL 24:0"
RATE = "/mix/rate"
BIBLE = "/style/bible/weight"


class Rig:
    """A link with cards, devices, and a clock that goes on a second with every message, so that no hand is fast."""

    def __init__(self, folder: Path, *names: str, has_midi: bool = True) -> None:
        self.link = FakeLink(clock=lambda: self.now)
        self.link.deliver(demo_cards())
        self.link.pump(0.0)
        self.ports = FakePorts(*names, has_midi=has_midi)
        self.path = folder / "inputs.toml"
        self.now = 0.0
        self.begin()

    def begin(self) -> None:
        """A front end with what the file says."""
        maps, complaints = load_maps([OUR_MAPS])
        assert complaints == []
        self.hub = Hub(self.link, InputsFile(self.path), clock=lambda: self.now)
        self.midi = MidiInput(self.hub, self.link, self.ports, maps, lambda: self.now)
        self.hub.add(self.midi)

    def wait(self, seconds: float = 1.0) -> None:
        self.now += seconds
        self.hub.turn(self.now)

    def move(self, number: int, *values: int, name: str = DESK, kind: str = "cc") -> None:
        for value in values:
            self.ports.move(name, number, value, kind)
            self.wait()

    def learn(self, address: str, number: int, *values: int, kind: str = "cc") -> None:
        self.hub.learn(address)
        self.move(number, *values, kind=kind)

    def value(self, address: str) -> object:
        return self.link.session.values[address]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    return rig


def test_the_status_names_the_devices(tmp_path: Path) -> None:
    rig = Rig(tmp_path, DESK, NANO, "Midi Through:Midi Through Port-0 14:0")
    assert rig.midi.status == "no MIDI device"
    rig.wait()
    assert rig.midi.status == "desk, nanoKONTROL2"


def test_a_machine_without_midi_says_so_and_nothing_else_happens(tmp_path: Path) -> None:
    rig = Rig(tmp_path, has_midi=False)
    rig.wait()
    assert (rig.midi.status, rig.midi.complaint) == ("no MIDI here", "")


def test_the_next_control_that_moves_is_bound_and_moves_nothing_yet(rig: Rig) -> None:
    rig.hub.learn(BIBLE)
    assert (rig.hub.learning, rig.hub.label(BIBLE)) == (BIBLE, None)
    rig.move(4, 64)
    assert (rig.hub.learning, rig.hub.label(BIBLE)) == (None, "CC 4")
    assert rig.link.sent == []


def test_a_learnt_fader_picks_its_parameter_up_and_moves_it(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 0)
    rig.link.set(BIBLE, 0.5)
    rig.move(4, 20, 40)
    assert (rig.value(BIBLE), rig.hub.ghost(BIBLE)) == (0.5, 40 / 127)
    rig.move(4, 90)
    assert (rig.value(BIBLE), rig.hub.ghost(BIBLE)) == (90 / 127, None)


def test_a_ghost_is_told_in_the_parameters_unit(rig: Rig) -> None:
    rig.learn(RATE, 4, 127)
    rig.move(4, 127)
    assert (rig.hub.ghost(RATE), rig.value(RATE)) == (60.0, 15.0)


def test_a_parameter_that_the_mouse_moved_is_not_torn_back(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 0)
    rig.move(4, 0, 1)
    rig.link.set(BIBLE, 0.9)
    rig.move(4, 2, 3)
    assert rig.value(BIBLE) == 0.9
    assert rig.hub.ghost(BIBLE) == 3 / 127


def test_what_was_learnt_is_known_the_next_time(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 64)
    rig.hub.close()
    rig.begin()
    assert rig.hub.label(BIBLE) == "CC 4"
    assert rig.hub.bindings.learnt == (Binding(MidiControl("desk:desk MIDI 1", "cc", 1, 4), BIBLE),)


def test_what_is_forgotten_moves_nothing(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 0)
    rig.hub.forget(BIBLE)
    rig.move(4, 0, 1, 2)
    assert (rig.hub.label(BIBLE), rig.link.sent) == (None, [])


def test_learning_can_be_called_off(rig: Rig) -> None:
    rig.hub.learn(BIBLE)
    rig.hub.cancel()
    rig.move(4, 64)
    assert (rig.hub.learning, rig.hub.label(BIBLE)) == (None, None)


def test_only_what_there_is_can_be_learnt(rig: Rig) -> None:
    with pytest.raises(ParameterError, match="no control can drive /style/dickens/weight"):
        rig.hub.learn("/style/dickens/weight")


def test_an_encoder_is_found_out_and_turns_its_parameter_by_steps(rig: Rig) -> None:
    rig.hub.learn(RATE)
    rig.ports.move(DESK, 9, 1)
    rig.ports.move(DESK, 9, 1)
    rig.wait()
    assert rig.hub.label(RATE) == "CC 9 ±"
    rig.move(9, 3, 127)
    assert rig.value(RATE) == pytest.approx(15.0 + 2 * 59 / 127)


def test_a_fourteen_bit_fader_moves_when_its_fine_half_has_come(rig: Rig) -> None:
    rig.hub.learn(BIBLE)
    for number, value in ((4, 0), (36, 5)):
        rig.ports.move(DESK, number, value)
    rig.wait()
    assert rig.hub.label(BIBLE) == "CC 4+36"
    rig.move(36, 6, 7)
    rig.move(4, 1)
    assert rig.value(BIBLE) == 7 / 16_383
    rig.move(36, 2)
    assert rig.value(BIBLE) == (128 + 2) / 16_383


def test_a_fader_whose_fine_half_comes_first_never_goes_back(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 0)
    rig.hub.mend(MidiControl("desk:desk MIDI 1", "cc", 1, 4), MidiControl("desk:desk MIDI 1", "cc14", 1, 4))
    weights = list[float]()
    for value in range(0, 3_000, 37):
        rig.ports.move(DESK, 36, value % 128)
        rig.ports.move(DESK, 4, value // 128)
        rig.wait(0.02)
        weight = rig.value(BIBLE)
        assert isinstance(weight, float)
        weights.append(weight)
    assert weights == sorted(weights) and weights[-1] == pytest.approx(2_997 / 16_383)


def test_a_parameter_by_its_number_is_learnt_and_followed(rig: Rig) -> None:
    def turn(value: int) -> None:
        for number, data in ((99, 9), (98, 82), (6, value >> 7), (38, value & 127)):
            rig.ports.move(DESK, number, data)
        rig.wait(0.05)

    rig.hub.learn(BIBLE)
    for value in range(0, 3_000, 200):
        turn(value)
    assert rig.hub.label(BIBLE) == "NRPN 1234"
    rig.link.set(BIBLE, 0.5)
    for value in range(3_000, 16_384, 100):
        turn(value)
    assert rig.value(BIBLE) == pytest.approx(16_300 / 16_383)


def test_an_encoder_that_was_learnt_turning_down_goes_the_right_way_and_is_known_so_the_next_time(rig: Rig) -> None:
    rig.hub.learn(RATE)
    rig.move(9, *[65] * 6)  # wiffbi/Selected_Track_Control, issue 4: 1 turns up, 65 down
    rig.link.set(RATE, 15.0)
    rig.move(9, 1, 1, 65)
    assert rig.value(RATE) == pytest.approx(15.0 + 59 / 127)
    rig.hub.close()
    rig.begin()
    rig.wait()
    rig.move(9, 65)
    assert rig.value(RATE) == pytest.approx(15.0)


def test_while_a_control_is_looked_for_nothing_jumps(rig: Rig) -> None:
    rig.learn(RATE, 41, 90, kind="note")
    rig.move(41, 0, kind="off")
    rig.move(41, 127, kind="note")
    assert rig.value(RATE) == 60.0
    rig.link.set(RATE, 20.0)
    rig.hub.learn(BIBLE)
    rig.ports.move(DESK, 41, 127, "note")  # bound to the rate, and the touch of a fader for all that is known
    for value in range(0, 12_000, 500):
        rig.ports.move(DESK, 0, value, "bend")
        rig.wait(0.02)
    assert (rig.hub.label(BIBLE), rig.value(RATE)) == ("bend", 20.0)


def test_a_half_of_the_puck_is_driven_and_the_other_stays(rig: Rig) -> None:
    rig.link.set("/puck", (0.0, 0.75))
    rig.learn("/puck.x", 4, 60)
    rig.move(4, 60, 67)
    assert rig.value("/puck") == (pytest.approx(7 / 127), 0.75)


def test_a_button_turns_a_switch_at_each_press_and_not_when_it_is_let_go(rig: Rig) -> None:
    rig.learn("/transport/run", 41, 127, 0)
    assert rig.value("/transport/run") is True
    rig.move(41, 127)
    assert rig.value("/transport/run") is False
    rig.move(41, 0, 127, 0)
    assert rig.value("/transport/run") is True


def test_a_pad_turns_a_switch_at_each_note(rig: Rig) -> None:
    rig.learn("/puck/lifted", 36, 100, kind="note")
    rig.move(36, 100, 90, 80, kind="note")
    assert rig.value("/puck/lifted") is False


def test_a_device_that_vanishes_and_comes_back_goes_on_under_its_name(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 0)
    rig.move(4, 0, 1)
    rig.ports.unplug(DESK)
    rig.wait()
    assert (rig.midi.status, rig.hub.label(BIBLE), rig.ports.open_now) == ("no MIDI device", "CC 4", [])
    moved = DESK.replace("20:0", "28:0")
    rig.ports.plug(moved)
    rig.wait()
    rig.move(4, 1, 2, name=moved)
    assert rig.value(BIBLE) == 2 / 127


def test_a_device_that_comes_back_elsewhere_does_not_make_its_parameter_jump(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 0)
    rig.move(4, 0, 1)
    rig.ports.unplug(DESK)
    rig.wait()
    rig.ports.plug(DESK)
    rig.wait()
    rig.move(4, 100, 99)
    assert rig.value(BIBLE) == 1 / 127
    assert rig.hub.ghost(BIBLE) == 99 / 127


def test_a_hundred_unpluggings_leave_one_port_open(rig: Rig) -> None:
    for _ in range(100):
        rig.ports.unplug(DESK)
        rig.wait()
        rig.ports.plug(DESK)
        rig.wait()
    assert rig.ports.open_now == [DESK]


def test_a_known_controller_drives_the_voices_in_play_without_learning(tmp_path: Path) -> None:
    rig = Rig(tmp_path, NANO)
    for slug in ("austen", "linux"):
        rig.link.set(f"/style/{slug}/on", True)
    rig.wait()
    assert [rig.hub.label(f"/style/{slug}/weight") for slug in ("austen", "bible", "linux")] == ["CC 0", None, "CC 1"]
    rig.move(1, 0, 1, 2, name=NANO)
    assert rig.value("/style/linux/weight") == 2 / 127


def test_a_voice_that_comes_into_play_moves_the_others_to_the_next_fader_without_a_jump(tmp_path: Path) -> None:
    rig = Rig(tmp_path, NANO)
    rig.link.set("/style/linux/on", True)
    rig.wait()
    rig.move(0, 0, 1, 2, 3, 4, name=NANO)
    rig.link.set("/style/austen/on", True)
    rig.link.set("/style/austen/weight", 0.5)
    rig.wait()
    rig.move(0, 5, 6, name=NANO)
    assert rig.value("/style/austen/weight") == 0.5
    assert rig.hub.ghost("/style/austen/weight") == 6 / 127
    assert rig.value("/style/linux/weight") == 4 / 127


def test_what_is_learnt_takes_a_control_from_its_ready_map(tmp_path: Path) -> None:
    rig = Rig(tmp_path, NANO)
    rig.link.set("/style/austen/on", True)
    rig.wait()
    rig.hub.learn(RATE)
    rig.move(0, 64, name=NANO)
    assert (rig.hub.label(RATE), rig.hub.label("/style/austen/weight")) == ("CC 0", None)


def test_ready_maps_can_be_switched_off_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "inputs.toml").write_text("ready_maps = false\n")
    rig = Rig(tmp_path, NANO)
    rig.wait()
    assert rig.hub.label(RATE) is None


def test_a_broken_file_is_told_and_ready_maps_work_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "inputs.toml").write_text("[[bind]]\n")
    rig = Rig(tmp_path, NANO)
    rig.wait()
    assert rig.hub.complaint.startswith("inputs.toml: binding 1 needs either an input")
    assert rig.hub.label(RATE) == "CC 16"


def test_a_control_bound_to_a_voice_that_is_not_here_is_passed_over(rig: Rig) -> None:
    rig.hub.restore(rig.hub.bindings.bound(MidiControl("desk:desk MIDI 1", "cc", 1, 4), "/style/dickens/weight"))
    rig.move(4, 0, 1)
    assert rig.link.sent == []
    assert rig.hub.ghost("/style/dickens/weight") is None


def test_a_flood_ends_at_the_last_value(rig: Rig) -> None:
    rig.learn(BIBLE, 4, 0)
    for value in (*range(128), *range(127, -1, -1)) * 10:
        rig.ports.move(DESK, 4, value)
    for value in range(78):
        rig.ports.move(DESK, 4, value)
    rig.wait()
    assert rig.link.sent[-1] == Set(BIBLE, 77 / 127)
