"""One way for every input: whatever the source is, takeover, learning and actions are the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from frontend.client.fake_link import demo_cards
from frontend.inputs.bindings import NOTHING_BOUND, Binding, Bindings, MidiControl
from frontend.inputs.routing import wire
from protocol.tree import ParameterTree, weight_address
from tests.frontend.inputs.fake_input import FakeInput
from tests.frontend.inputs.midi.test_input import DESK, Rig
from tests.frontend.inputs.test_hub import Hands

HEIGHT = "pretend/height"
RATE = "/mix/rate"
AUSTEN = weight_address("austen")
TREE = ParameterTree(card.slug for card in demo_cards())


def moving(address: str, *levels: float, bindings: Sequence[Binding] = ()) -> tuple[Hands, list[object]]:
    """A hand at these heights, one look each, and where its parameter stood after each."""
    device = FakeInput()
    hands = Hands(device)
    hands.hub.restore(Bindings(tuple(bindings)))
    seen: list[object] = []
    for level in levels:
        device.say(HEIGHT, level)
        hands.run(0.2)
        seen.append(hands.value(address))
    return hands, seen


def test_a_channel_that_is_to_meet_its_parameter_moves_nothing_until_it_does_and_leaves_a_ghost() -> None:
    meets = Binding(HEIGHT, "/mix/alloy", takeover="meet")
    hands, seen = moving("/mix/alloy", 0.2, 0.3, bindings=[meets])
    assert seen == [0.0, 0.0] and hands.hub.ghost("/mix/alloy") == pytest.approx(-0.4)
    _, seen = moving("/mix/alloy", 0.2, 0.3, 0.6, 0.7, bindings=[meets])
    assert seen[2:] == [pytest.approx(0.2), pytest.approx(0.4)]


def test_a_channel_whose_parameter_jumps_is_followed_at_once_and_leaves_it_to_others_while_it_rests() -> None:
    hands, seen = moving("/mix/alloy", 0.75, bindings=[Binding(HEIGHT, "/mix/alloy", takeover="jump")])
    assert seen == [0.5]
    hands.link.set("/mix/alloy", -0.5)
    hands.run(1.0)
    assert hands.value("/mix/alloy") == -0.5


def test_a_fader_may_pick_up_its_parameter_from_where_that_stands(tmp_path) -> None:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    rig.hub.restore(Bindings((Binding(MidiControl("desk:desk MIDI 1", "cc", 1, 4), RATE, takeover="pickup"),)))
    rig.link.set(RATE, 30.0)
    for value in (0, 10, 20, 30):
        rig.ports.move(DESK, 4, value)
        rig.wait(1 / 60)
    assert 30.0 < float(str(rig.value(RATE))) < 45.0


def test_a_channel_does_an_action_each_time_that_it_goes_up_through_the_middle() -> None:
    hands, _ = moving(RATE, 0.9, 0.1, 0.9, 0.5, 0.9, 0.1, bindings=[Binding(HEIGHT, "/transport/word")])
    assert hands.hub.actions() == ["/transport/word"]
    assert hands.hub.actions() == []


def test_a_silenced_voices_fader_is_moved_on_the_desk_by_any_input_and_is_not_heard() -> None:
    device = FakeInput(ready=[Binding(HEIGHT, "/mix/alloy")])
    hands = Hands(device)
    hands.hub.set_aside({"/mix/alloy": 0.0})
    for level in (0.5, 0.7):
        device.say(HEIGHT, level)
        hands.run(3.0)
    assert hands.hub.moved()["/mix/alloy"] == pytest.approx(0.4, abs=0.01)
    assert hands.value("/mix/alloy") == 0.0


def test_the_next_thing_that_moves_is_learnt_whatever_it_is(tmp_path) -> None:
    rig = Rig(tmp_path, DESK)
    hand = FakeInput("glove")
    rig.hub.add(rig.midi, hand)
    rig.wait()
    rig.hub.learn(RATE)
    for level in (0.5, 0.8):
        hand.say("glove/x", level)
        rig.wait()
    assert (rig.hub.learning, rig.hub.label(RATE)) == (None, "x")
    rig.learn(RATE, 4, 64)
    assert {each.source for each in rig.hub.bindings.learnt} == {"glove/x", MidiControl("desk:desk MIDI 1", "cc", 1, 4)}


def test_what_a_channel_of_midi_is_told_to_drive_its_control_drives(tmp_path) -> None:
    rig = Rig(tmp_path, DESK)
    rig.wait()
    rig.move(7, 1)
    rig.hub.bind("midi/desk/cc 7", RATE)
    (row,) = rig.hub.rows()
    assert row.channels[0].drives == (RATE,)
    assert rig.hub.bindings == Bindings((Binding(MidiControl("desk:desk MIDI 1", "cc", 1, 7), RATE),))
    rig.move(36, 90, kind="note")
    rig.hub.bind("midi/desk/note 36", "/transport/run")
    assert rig.hub.label("/transport/run") == "note 36"
    rig.hub.bind("midi/desk/cc 7", "")
    rig.move(7, 2, 120)
    assert rig.value(RATE) == 15.0


def test_what_the_user_bound_goes_before_what_an_input_brings_along() -> None:
    ready = [Binding("leap/x", "/puck.x"), Binding("leap/y", "/puck.y")]
    found = wire(NOTHING_BOUND.bound("leap/x", RATE), ready, TREE)
    assert {source: found.driven(source) for source in found.by_source} == {"leap/x": [RATE], "leap/y": ["/puck.y"]}


def test_a_voices_presence_is_shown_as_its_weight_and_an_unknown_voice_has_no_aim() -> None:
    knob = MidiControl("desk", "cc", 1, 4)
    found = wire(NOTHING_BOUND, [Binding(knob, "/style/austen/presence"), Binding("a/b", "/style/nobody/weight")], TREE)
    assert found.by_address[AUSTEN] == [knob]
    assert found.aims.keys() == {"/style/austen/presence"}
