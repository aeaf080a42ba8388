"""Learning: which control it is, from what it sends."""

import pytest

from frontend.inputs.bindings import Learner, Source, steps
from frontend.inputs.midi.ports import Heard


def cc(number: int, value: int, channel: int = 1) -> Heard:
    return Heard("desk", "cc", channel, number, value)


def learnt(*heard: Heard, for_switch: bool = False) -> Source | None:
    learner = Learner(for_switch)
    source = None
    for message in heard:
        source = learner.hear(message)
    return source


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
    assert learnt(*(cc(4, value) for value in values)) == Source("desk", kind, 1, 4)


def test_a_controller_and_the_one_thirty_two_above_are_a_pair() -> None:
    assert learnt(cc(4, 64), cc(36, 17)) == Source("desk", "cc14", 1, 4)
    assert learnt(cc(36, 64), cc(68, 17)) == Source("desk", "cc", 1, 36)


def test_another_control_that_moves_at_the_same_time_changes_nothing() -> None:
    assert learnt(cc(4, 64), cc(5, 1), cc(5, 1), cc(36, 9, channel=2)) == Source("desk", "cc", 1, 4)


def test_notes_drive_switches_and_their_velocity_ranges_and_bends_ranges_only() -> None:
    note, bend = Heard("desk", "note", 1, 41, 127), Heard("desk", "bend", 1, 0, 9000)
    assert learnt(note) == Source("desk", "velocity", 1, 41)
    assert learnt(note, for_switch=True) == Source("desk", "note", 1, 41)
    assert learnt(bend) == Source("desk", "bend", 1, 0)
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
