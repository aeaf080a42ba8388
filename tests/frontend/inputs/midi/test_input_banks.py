"""MIDI with ready maps: banks, twins, buttons, answers; devices are moved by hand."""

from pathlib import Path

import pytest

from protocol.tree import ParameterTree, on_address, weight_address
from tests.frontend.inputs.midi.test_input import BIBLE, DESK, NANO, RATE, Rig

BCF = "BCF2000:BCF2000 MIDI 1 28:0"
TWIN = NANO.replace("24:0", "28:0")
XL = "Launch Control XL:Launch Control XL MIDI 1 32:0"


class Rack(Rig):
    """Ready-mapped controllers before twelve voices in play."""

    def __init__(self, folder: Path, *names: str, playing: int = 12) -> None:
        super().__init__(folder, *names)
        self.slugs = self.link.session.slugs
        for slug in self.slugs[:playing]:
            self.link.set(on_address(slug), True)
        self.link.sent.clear()
        self.tell()

    def tell(self, *lit: str, kept: dict[str, float] | None = None) -> None:
        self.ports.told.clear()
        self.wait(0.5)
        for _ in range(8):
            self.wait(0.1)
            self.hub.set_aside(kept or {})
            self.midi.send_feedback(lit)

    def weight(self, place: int) -> object:
        return self.value(weight_address(self.slugs[place]))

    def press(self, number: int, name: str = NANO, kind: str = "cc") -> None:
        self.move(number, 127, 0, name=name, kind=kind)


def test_a_button_brings_the_next_voices_under_the_faders_and_nothing_jumps(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO)
    rack.move(0, 0, 1, 64, name=NANO)
    assert (rack.weight(0), rack.midi.status) == (64 / 127, "nanoKONTROL2, bank 1 of 2")
    rack.press(59)
    assert rack.hub.actions() == ["/bank/right"]
    rack.midi.turn_bank(1)
    assert rack.midi.status == "nanoKONTROL2, bank 2 of 2"
    rack.move(0, 65, 66, name=NANO)
    assert (rack.weight(0), rack.weight(8), rack.hub.ghost(weight_address(rack.slugs[8]))) == (64 / 127, 0.0, 66 / 127)
    rack.move(0, 0, 1, name=NANO)
    assert rack.weight(8) == 1 / 127


def test_a_second_controller_goes_on_where_the_first_ends(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO, TWIN)
    assert rack.midi.status == "nanoKONTROL2, nanoKONTROL2 #2"
    rack.move(1, 0, 1, 9, name=TWIN)
    assert (rack.weight(1), rack.weight(9)) == (0.0, 9 / 127)


def test_two_controllers_on_one_parameter_do_not_fight(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO, TWIN)
    rate = rack.value(RATE)
    rack.move(16, 0, 30, 31, name=NANO)
    followed = rack.value(RATE)
    assert followed != rate
    rack.move(16, 120, 121, name=TWIN)
    assert rack.value(RATE) == followed and rack.hub.ghost(RATE) is not None


def test_a_knob_that_every_voice_has_brings_it_into_play_and_sends_it_away(tmp_path: Path) -> None:
    rack = Rack(tmp_path, XL, playing=0)
    for value in (0, 1, 2):
        rack.ports.move(XL, 14, value, channel=9)
        rack.wait()
    slug = rack.slugs[1]
    assert (rack.value(on_address(slug)), rack.weight(1)) == (True, 2 / 127)
    assert rack.hub.label(weight_address(slug)) is not None
    rack.ports.move(XL, 14, 0, channel=9)
    assert rack.value(on_address(slug)) is False


def test_buttons_ask_for_scenes_words_and_silence_once_a_press(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO)
    for number in (65, 44, 32, 50):
        rack.press(number)
    assert rack.hub.actions() == [
        "/scene/2",
        "/transport/word",
        f"/style/{rack.slugs[0]}/solo",
        f"/style/{rack.slugs[2]}/mute",
    ]
    assert rack.hub.actions() == []


def test_a_programme_change_recalls_a_scene_unless_it_was_taught_something_else(tmp_path: Path) -> None:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    rig.move(2, 127, kind="program")
    assert rig.hub.actions() == ["/scene/3"]
    rig.learn("/transport/word", 2, 127, kind="program")
    rig.move(2, 127, kind="program")
    assert (rig.hub.actions(), rig.hub.label("/transport/word")) == (["/transport/word"], "prog. 2")
    rig.move(9, 127, kind="program")
    assert rig.hub.actions() == []


def test_a_pad_gives_a_weight_by_how_hard_it_is_struck(tmp_path: Path) -> None:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    rig.learn(BIBLE, 36, 90, kind="note")
    rig.move(36, 0, kind="off")
    rig.move(36, 127, kind="note")
    assert (rig.value(BIBLE), rig.hub.label(BIBLE)) == (1.0, "note 36")
    rig.move(36, 0, kind="off")
    assert rig.value(BIBLE) == 1.0


def test_a_held_pad_lets_go_and_a_latching_button_says_how_it_stands(tmp_path: Path) -> None:
    rows = [(BIBLE, "held", 36), ("/transport/run", "latch", 65)]
    (tmp_path / "inputs.toml").write_text(
        "".join(
            f'[[bind]]\naddress = "{address}"\nport = "desk:desk MIDI 1"\n'
            f'kind = "{kind}"\nchannel = 1\nnumber = {number}\n'
            for address, kind, number in rows
        )
    )
    rig = Rig(tmp_path, DESK)
    rig.wait()
    rig.move(36, 127, kind="note")
    struck = rig.value(BIBLE)
    rig.move(36, 0, kind="off")
    assert (struck, rig.value(BIBLE)) == (1.0, 0.0)
    rig.move(65, 0)
    assert rig.value("/transport/run") is False
    rig.move(65, 127, 127)
    assert rig.value("/transport/run") is True


def test_motors_and_lights_follow_the_screen_and_a_moved_motor_has_picked_up(tmp_path: Path) -> None:
    rack = Rack(tmp_path, BCF)
    rack.link.set(weight_address(rack.slugs[0]), 1.0)
    rack.tell("/scene/2", f"/style/{rack.slugs[1]}/mute")
    told = [message for _, message in rack.ports.told]
    assert {(0xB0, 81, 127), (0xB0, 74, 127), (0xB0, 66, 127)} <= set(told)
    assert rack.hub.ghost(weight_address(rack.slugs[0])) is None
    rack.move(81, 126, name=BCF)
    assert rack.weight(0) == 126 / 127
    rack.tell("/scene/2", f"/style/{rack.slugs[1]}/mute")
    assert [message for _, message in rack.ports.told if message[1] == 81] == []


def test_a_device_that_comes_back_is_told_everything_again(tmp_path: Path) -> None:
    rack = Rack(tmp_path, BCF)
    rack.tell()
    assert rack.ports.told == []
    rack.ports.unplug(BCF)
    rack.wait()
    rack.ports.plug(BCF)
    rack.tell()
    assert (BCF, (0xB0, 81, 0)) in rack.ports.told and (BCF, (0xB0, 77, 127)) in rack.ports.told


def test_a_fader_under_the_hand_is_not_moved_by_its_motor(tmp_path: Path) -> None:
    rack = Rack(tmp_path, BCF)
    rack.ports.told.clear()
    rack.ports.move(BCF, 81, 1)
    rack.link.set(weight_address(rack.slugs[0]), 1.0)
    rack.midi.send_feedback(())
    assert [message for _, message in rack.ports.told if message[1] == 81] == []
    rack.tell()
    assert (BCF, (0xB0, 81, 127)) in rack.ports.told


def test_a_silenced_voices_fader_moves_on_the_desk_and_is_not_heard(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO)
    address = weight_address(rack.slugs[0])
    rack.tell(kept={address: 0.5})
    rack.move(0, 60, 70, 80, name=NANO)
    assert rack.hub.moved() == {address: 80 / 127}
    assert rack.link.sent == [] and rack.value(address) == 0.0


def test_a_device_that_vanishes_in_the_middle_of_a_move_leaves_all_as_it_is(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO)
    rack.move(0, 0, 1, 64, name=NANO)
    rack.ports.unplug(NANO)
    rack.ports.move(NANO, 0, 90)
    rack.wait()
    assert (rack.weight(0), rack.midi.status) == (64 / 127, "no MIDI device")


def test_what_was_learnt_can_be_given_back(tmp_path: Path) -> None:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    before = rig.hub.bindings
    rig.learn(BIBLE, 4, 64)
    taught = rig.hub.bindings
    rig.hub.restore(before)
    assert rig.hub.label(BIBLE) is None
    rig.hub.restore(taught)
    assert rig.hub.label(BIBLE) == "CC 4" and rig.hub.bindings == taught


@pytest.mark.parametrize("address", ["/scene/1", "/panic", "/cue/next", "/style/bible/solo", "/bank/right", "/undo"])
def test_a_button_learns_any_command(tmp_path: Path, address: str) -> None:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    rig.learn(address, 41, 127)
    assert rig.hub.label(address) == "CC 41"


def test_a_clock_is_heard_and_fills_no_monitor(tmp_path: Path) -> None:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    for _ in range(48):
        rig.now += 1 / 48
        rig.ports.move(DESK, 0, 0, kind="pulse", channel=0)
    assert rig.midi.tempo.bpm(rig.now) == pytest.approx(120.0) and rig.midi.monitor.lines == []


def test_the_monitor_says_what_a_control_drives(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO)
    rack.move(16, 5, name=NANO)
    line = rack.midi.monitor.lines[-1]
    assert (rack.midi.shown_name(line.heard.port), line.heard.number, line.drives) == ("nanoKONTROL2", 16, [RATE])


def test_every_control_is_a_channel_of_the_hub_and_the_hub_knows_whose_hand_it_was(tmp_path: Path) -> None:
    rig = Rig(tmp_path, DESK)
    hub = rig.hub
    rig.wait()
    rig.learn(BIBLE, 4, 0)
    rig.move(4, 1, 127)
    assert hub.features() == {"midi/desk/cc 4": 1.0}
    rig.move(4, 0, 64)
    holder = hub.holders.of(BIBLE)
    assert holder is not None and holder.who == "desk"
    hub.change("midi", gain=2.0)
    rig.move(4, 60, 80)
    assert rig.value(BIBLE) == pytest.approx(0.5 + 2 * (80 / 127 - 0.5))


def test_midi_that_is_switched_off_lets_its_devices_go(tmp_path: Path) -> None:
    rig = Rig(tmp_path, DESK)
    for on, status in ((True, "desk"), (False, "MIDI is off"), (True, "desk")):
        rig.hub.change("midi", on=on)
        rig.wait()
        assert rig.midi.status == status


def test_a_control_of_a_voice_that_has_just_left_breaks_nothing(tmp_path: Path) -> None:
    rack = Rack(tmp_path, NANO)
    rack.link.session.tree = ParameterTree(("other",))
    rack.link.session.values = rack.link.session.tree.defaults()
    rack.ports.move(NANO, 0, 0)
    rack.ports.move(NANO, 0, 1)
    rack.midi.send_feedback(())
    rack.ports.move(NANO, 16, 0)
    assert rack.hub.ghost(weight_address("other")) is None
