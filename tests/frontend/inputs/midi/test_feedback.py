"""What motors, rings and lights are told."""

import pytest

from frontend.client.fake_link import demo_cards
from frontend.inputs.bindings import NOTHING_BOUND, MidiControl
from frontend.inputs.midi.controller_maps import parse_map, set_up
from frontend.inputs.midi.feedback import (
    FEEDBACK_PERIOD_S,
    MAX_MESSAGES_PER_ROUND,
    DeviceFeedback,
    Part,
    Ring,
    SentFeedback,
    position_feedback,
    wanted_feedback,
)
from frontend.inputs.routing import wire
from protocol.tree import ParameterTree, on_address, weight_address

MAP = """
name = "desk"
port = "desk"
channel = 2
[strips]
weight = [81, 82]
mute = ["note 1", "note 2"]
[voices]
weight = [20, 21]
[switches]
41 = "/transport/run"
[feedback]
values = true
dark = 12
lit = 60
rings = "F0 11 {place} {value} F7"
[feedback.lights]
41 = "note 5 channel 1"
"""
TREE = ParameterTree(card.slug for card in demo_cards())
SLUG = TREE.slugs[0]
FADER, IDLE, MUTE, RUN = (
    MidiControl("desk", "cc", 2, 81),
    MidiControl("desk", "cc", 2, 82),
    MidiControl("desk", "note", 2, 1),
    MidiControl("desk", "cc", 2, 41),
)
SETUP = set_up([parse_map(MAP)[0]], ["desk"], TREE.slugs, [SLUG], 0)
WIRING = wire(NOTHING_BOUND, SETUP.ready, TREE)
VALUES = {**TREE.defaults(), on_address(SLUG): True, weight_address(SLUG): 0.5}


def never(source: MidiControl) -> bool:
    return False


def test_every_part_of_a_device_stands_as_the_screen_does() -> None:
    found = wanted_feedback(SETUP, WIRING, VALUES, {f"/style/{SLUG}/mute"}, TREE.slugs)
    told = {part: answer.messages for part, answer in found.items()}
    assert told[FADER] == ((0xB1, 81, 64),)
    assert told[IDLE] == ((0xB1, 82, 0),)
    assert told[MUTE] == ((0x91, 1, 60),)
    assert told[MidiControl("desk", "note", 2, 2)] == ((0x91, 2, 12),)
    assert told[RUN] == ((0x90, 5, 60),)
    assert told[Ring("desk", 0)] == ((0xF0, 0x11, 0, 60, 0xF7),)
    assert told[Ring("desk", 1)] == ((0xF0, 0x11, 1, 12, 0xF7),)
    assert told[MidiControl("desk", "cc", 2, 20)] == ((0xB1, 20, 64),)


@pytest.mark.parametrize(
    ("kind", "messages"), [("cc14", ((0xB1, 4, 63), (0xB1, 36, 127))), ("bend", ((0xE1, 127, 63),))]
)
def test_fine_controls_are_told_finely(kind: str, messages: tuple[tuple[int, ...], ...]) -> None:
    assert (
        position_feedback(MidiControl("desk", kind, 2, 0 if kind == "bend" else 4), 8191 / 16383).messages == messages
    )


def test_only_what_differs_is_told_and_a_device_that_came_back_is_told_all() -> None:
    answers, found = SentFeedback(), wanted_feedback(SETUP, WIRING, VALUES, (), TREE.slugs)
    assert answers.due(lambda: found, never, 0.0) == found
    assert answers.due(lambda: found, never, 1.0) == {}
    moved = wanted_feedback(SETUP, WIRING, {**VALUES, weight_address(SLUG): 1.0}, (), TREE.slugs)
    assert answers.due(lambda: moved, never, 2.0).keys() == {FADER, MidiControl("desk", "cc", 2, 20)}
    answers.forget("desk")
    assert answers.due(lambda: moved, never, 3.0) == moved


def test_a_fader_in_a_hand_is_told_nothing_until_it_rests() -> None:
    answers, found = SentFeedback(), wanted_feedback(SETUP, WIRING, VALUES, (), TREE.slugs)
    assert FADER not in answers.due(lambda: found, lambda source: source == FADER, 0.0)
    assert answers.due(lambda: found, never, 1.0).keys() == {FADER}


def test_where_the_hand_has_brought_it_a_fader_is_not_told_to_go() -> None:
    answers, found = SentFeedback(), wanted_feedback(SETUP, WIRING, VALUES, (), TREE.slugs)
    answers.due(lambda: found, never, 0.0)
    answers.heard(FADER, 0.9)
    moved: dict[Part, DeviceFeedback] = {FADER: position_feedback(FADER, 0.9)}
    assert answers.due(lambda: moved, never, 1.0) == {}
    assert answers.due(lambda: {FADER: found[FADER]}, never, 2.0) == {FADER: found[FADER]}


def test_a_light_that_its_button_may_have_changed_is_told_again() -> None:
    answers, found = SentFeedback(), wanted_feedback(SETUP, WIRING, VALUES, (), TREE.slugs)
    answers.due(lambda: found, never, 0.0)
    answers.heard(MUTE, None)
    assert answers.due(lambda: found, never, 1.0).keys() == {MUTE}


def test_a_device_is_told_no_more_at_a_time_than_a_cable_carries() -> None:
    answers = SentFeedback()
    many: dict[Part, DeviceFeedback] = {
        MidiControl("desk", "cc", channel, number): position_feedback(MidiControl("desk", "cc", channel, number), 0.5)
        for channel in (1, 2)
        for number in range(40)
    }
    rounds = [len(answers.due(lambda: many, never, 2 * FEEDBACK_PERIOD_S * turn)) for turn in range(5)]
    assert rounds == [
        MAX_MESSAGES_PER_ROUND,
        MAX_MESSAGES_PER_ROUND,
        MAX_MESSAGES_PER_ROUND,
        80 - 3 * MAX_MESSAGES_PER_ROUND,
        0,
    ]
    assert answers.due(lambda: many, never, 8 * FEEDBACK_PERIOD_S + FEEDBACK_PERIOD_S / 2) == {}
