"""Learning: which control it is, from what it sends."""

import pytest

from frontend.inputs.bindings import MidiControl, Source
from frontend.inputs.channels import Reading
from frontend.inputs.learning import CORRECTION_S, Learner
from frontend.inputs.midi.decoding import channel_reading, steps
from frontend.inputs.midi.ports import MidiMessage


def cc(number: int, value: int, channel: int = 1) -> MidiMessage:
    return MidiMessage("desk", "cc", channel, number, value)


def learnt(*heard: MidiMessage, for_switch: bool = False) -> Source | None:
    learner = Learner("/mix/rate", for_switch)
    for message in heard:
        learner.hear(channel_reading("desk", message), 0.0)
    return learner.found


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([64], "cc"),
        ([0, 1, 2, 3], "cc"),
        ([127, 126, 125], "cc"),
        ([1, 1], "relative"),
        ([127, 1, 1], "relative"),
        ([65, 65], "offset"),
        ([63, 65, 65], "offset"),
        ([64, 64], "cc"),
    ],
)
def test_an_encoder_gives_itself_away_by_repeating_a_step(values: list[int], kind: str) -> None:
    assert learnt(*(cc(4, value) for value in values)) == MidiControl("desk", kind, 1, 4)


def test_a_controller_and_the_one_thirty_two_above_are_a_pair() -> None:
    assert learnt(cc(4, 64), cc(36, 17)) == MidiControl("desk", "cc14", 1, 4)
    assert learnt(cc(36, 64), cc(68, 17)) == MidiControl("desk", "cc", 1, 36)


def test_another_control_that_moves_at_the_same_time_changes_nothing() -> None:
    assert learnt(cc(4, 64), cc(5, 1), cc(5, 1), cc(36, 9, channel=2)) == MidiControl("desk", "cc", 1, 4)


def test_a_control_that_was_taken_is_corrected_for_half_a_second() -> None:
    learner = Learner("/mix/rate", for_switch=False)
    assert learner.hear(channel_reading("desk", cc(4, 64)), 1.0) == MidiControl("desk", "cc", 1, 4)
    assert not learner.is_over(1.0) and learner.is_over(1.0 + CORRECTION_S)


def test_a_channel_that_speaks_all_the_time_is_taken_when_it_has_moved_by_a_fifth() -> None:
    learner = Learner("/mix/rate", for_switch=False)
    said = [("leap/x", 0.5), ("leap/y", 0.9), ("leap/x", 0.69), ("leap/x", float("nan")), ("leap/x", 0.3)]
    assert [learner.hear(Reading(name, level), 1.0) for name, level in said] == [None, None, None, None, "leap/x"]
    assert learner.is_over(1.0)
    assert learner.hear(Reading("leap/y", 0.0), 1.0) is None


def test_notes_drive_switches_and_their_velocity_ranges_and_bends_ranges_only() -> None:
    note, bend = MidiMessage("desk", "note", 1, 41, 127), MidiMessage("desk", "bend", 1, 0, 9000)
    assert learnt(note) == MidiControl("desk", "velocity", 1, 41)
    assert learnt(note, for_switch=True) == MidiControl("desk", "note", 1, 41)
    assert learnt(bend) == MidiControl("desk", "bend", 1, 0)
    assert learnt(bend, for_switch=True) is None


@pytest.mark.parametrize(
    ("kind", "value", "turned"),
    [
        ("relative", 1, 1),
        ("relative", 3, 3),
        ("relative", 127, -1),
        ("relative", 125, -3),
        ("offset", 65, 1),
        ("offset", 62, -2),
    ],
)
def test_steps_are_counted_up_and_down(kind: str, value: int, turned: int) -> None:
    assert steps(kind, value) == turned
