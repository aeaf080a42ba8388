"""Learning: which control it is that a hand moves, from all that is heard while it does."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from frontend.inputs.bindings import MidiControl, Source
from frontend.inputs.channels import Reading
from frontend.inputs.learning import LONG_PATIENCE_S, MOMENT_S, PATIENCE_S, Learner
from frontend.inputs.midi.decoding import channel_reading, mended, steps
from frontend.inputs.midi.ports import MidiMessage

GAP_S = 0.02  # seconds between two messages


def cc(number: int, value: int, channel: int = 1) -> MidiMessage:
    return MidiMessage("desk", "cc", channel, number, value)


def note(number: int, kind: str = "note") -> MidiMessage:
    return MidiMessage("desk", kind, 1, number, 127 if kind == "note" else 0)


def bend(value: int) -> MidiMessage:
    return MidiMessage("desk", "bend", 1, 0, value)


def nrpn(number: int, value: int) -> list[MidiMessage]:
    """As it arrives at the learner: the number is selected by controllers, the value put together."""
    return [cc(99, number >> 7), cc(98, number & 127), MidiMessage("desk", "nrpn", 1, number, value)]


def learnt(
    *heard: MidiMessage, for_switch: bool = False, gap: float = GAP_S, wait: float = PATIENCE_S
) -> Source | None:
    """What is taken for the control, a while after the last message."""
    learner, now = Learner("/mix/rate", for_switch), 10.0
    for message in heard:
        now += gap
        found = learner.hear(channel_reading("desk", message), now)
        if found is not None:
            return found
    return learner.decide(now + wait)


def control(kind: str, number: int) -> MidiControl:
    return MidiControl("desk", kind, 1, number)


# ---- one control -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([64], "cc"),
        ([0, 1, 2, 3], "cc"),
        ([127, 126, 125], "cc"),
        ([64, 64], "cc"),
        ([1, 1], "relative"),
        ([127, 1, 1], "relative"),
        ([1, 1, 2, 3, 2, 1], "relative"),
        ([1, 1, 65], "relative"),  # tttapa/Control-Surface, issue 108: Mackie's sign bit, 1 up and 65 down
        ([65, 65, 1], "relative"),
        ([65, 65], "offset"),
        ([63, 65, 65], "offset"),
    ],
)
def test_an_encoder_gives_itself_away_by_repeating_a_step(values: list[int], kind: str) -> None:
    assert learnt(*(cc(4, value) for value in values)) == control(kind, 4)


@pytest.mark.parametrize(
    "pairs",
    [
        [cc(7, 40), cc(39, 1), cc(7, 40), cc(39, 90), cc(7, 41), cc(39, 3)],
        # helgoboss/helgobox, issue 76: a controller that sends the fine half first
        [cc(39, 1), cc(7, 40), cc(39, 90), cc(7, 40), cc(39, 3), cc(7, 41)],
        [cc(39, 1), cc(7, 40)],
    ],
)
@pytest.mark.parametrize("gap", [0.0, GAP_S])
def test_a_controller_and_the_one_thirty_two_above_are_a_pair_in_either_order(
    pairs: list[MidiMessage], gap: float
) -> None:
    assert learnt(*pairs, gap=gap) == control("cc14", 7)


def test_a_controller_of_the_upper_half_alone_is_one_like_any_other() -> None:
    assert learnt(cc(36, 64), cc(36, 17), cc(36, 20)) == control("cc", 36)
    assert learnt(cc(36, 64), cc(68, 17)) == control("cc", 36)


def test_notes_drive_switches_and_their_velocity_ranges_and_bends_ranges_only() -> None:
    assert learnt(note(41), note(41, "off")) == control("velocity", 41)
    assert learnt(note(41), for_switch=True) == control("note", 41)
    assert learnt(bend(9_000)) == control("bend", 0)
    assert learnt(bend(9_000), for_switch=True) is None


def test_a_button_is_learnt_for_a_switch_whether_it_is_held_or_let_go() -> None:
    assert learnt(cc(41, 127), for_switch=True, wait=MOMENT_S) == control("cc", 41)
    assert learnt(cc(41, 127), cc(41, 0), for_switch=True, wait=MOMENT_S) == control("cc", 41)


# ---- several that speak at once --------------------------------------------------------------------------------------

SWEEP = range(2_000, 9_000, 500)


def test_a_fader_that_says_that_it_is_touched_is_learnt_by_its_movement() -> None:
    # ETCLabs/LuminosusEosEdition, issue 23: a motor fader sends a note before its bend
    touched = [note(104), *map(bend, SWEEP), note(104, "off")]
    assert learnt(*touched, gap=0.03) == control("bend", 0)
    assert learnt(cc(101, 127), *(cc(1, value) for value in range(30, 50)), cc(101, 0)) == control("cc", 1)


def test_a_fader_that_is_touched_and_not_yet_moved_is_waited_for() -> None:
    assert learnt(note(104), wait=LONG_PATIENCE_S - 0.1) is None
    learner = Learner("/mix/rate", for_switch=False)
    learner.hear(channel_reading("desk", note(104)), 0.0)
    for moved, value in enumerate(SWEEP):
        found = learner.hear(channel_reading("desk", bend(value)), 2.0 + moved * 0.05)
    assert found == control("bend", 0)


@pytest.mark.parametrize("before", [1, 40])
def test_a_neighbour_that_trembles_is_not_the_one_that_is_moved(before: int) -> None:
    trembling = [cc(5, 64 + turn % 2) for turn in range(before)]
    both: Iterable[MidiMessage] = (each for turn in range(30) for each in (cc(5, 64 + turn % 2), cc(4, 10 + turn)))
    assert learnt(*trembling, *both) == control("cc", 4)


def test_what_only_trembles_is_never_learnt() -> None:
    assert learnt(*(cc(5, 64 + turn % 2) for turn in range(200)), wait=60.0) is None


@pytest.mark.parametrize("value", [1, 127])
def test_a_parameter_that_is_selected_by_its_number_is_learnt_by_that(value: int) -> None:
    turned = [each for step in range(0, 4_000, 200) for each in nrpn(1_234, step)]
    assert learnt(*turned) == control("nrpn", 1_234)
    assert learnt(cc(99, 9), cc(98, value), wait=60.0) is None, "a number without a value is no control"


def test_an_encoder_that_has_such_a_number_by_chance_is_learnt_where_it_moves() -> None:
    assert learnt(*(cc(98, value) for value in range(20, 50))) == control("cc", 98)


def test_a_programme_is_learnt_and_not_the_bank_that_comes_before() -> None:
    change = [cc(0, 1), cc(32, 3), MidiMessage("desk", "program", 1, 5, 127)]
    assert learnt(*change, for_switch=True) == control("program", 5)
    assert learnt(*change, wait=60.0) is None, "no range has a programme"
    assert learnt(*change, *(cc(20, value) for value in range(9))) == control("cc", 20)


@pytest.mark.parametrize("number", range(120, 128))
def test_orders_to_the_whole_channel_are_no_controls(number: int) -> None:
    assert learnt(cc(number, 0), cc(number, 127), cc(number, 5), wait=60.0) is None
    assert learnt(cc(number, 127), for_switch=True, wait=60.0) is None


# ---- in time ---------------------------------------------------------------------------------------------------------


def test_what_moves_is_taken_after_a_moment_and_meanwhile_it_is_weighed() -> None:
    learner = Learner("/mix/rate", for_switch=False)
    assert not learner.weighs
    for turn in range(4):
        assert learner.hear(channel_reading("desk", cc(4, 10 * turn)), 1.0 + turn * GAP_S) is None
    assert learner.weighs
    assert learner.decide(1.0 + MOMENT_S - 0.01) is None
    assert learner.decide(1.0 + MOMENT_S + 0.01) == control("cc", 4)
    assert learner.level == 30 / 127


def test_a_channel_that_speaks_all_the_time_is_taken_when_it_has_moved_by_a_fifth() -> None:
    learner = Learner("/mix/rate", for_switch=False)
    said = [("leap/x", 0.5), ("leap/y", 0.9), ("leap/x", 0.69), ("leap/x", float("nan")), ("leap/x", 0.3)]
    assert [learner.hear(Reading(name, level), 1.0) for name, level in said] == [None, None, None, None, "leap/x"]


# ---- encoders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "turned"),
    [
        ("relative", 1, 1),
        ("relative", 3, 3),
        ("relative", 127, -1),
        ("relative", 125, -3),
        ("relative", 65, -1),
        ("relative", 67, -3),
        ("relative", 64, 0),
        ("offset", 65, 1),
        ("offset", 62, -2),
    ],
)
def test_steps_are_counted_up_and_down(kind: str, value: int, turned: int) -> None:
    assert steps(kind, value) == turned


def test_no_message_of_an_encoder_is_more_than_a_quarter_of_a_turn_whatever_its_kind_was_taken_for() -> None:
    for kind in ("relative", "offset"):
        for value in range(128):
            assert abs(steps(mended(control(kind, 4), value).kind, value)) <= 32


def test_an_encoder_of_another_kind_mends_itself_by_what_it_sends() -> None:
    assert mended(control("offset", 4), 1).kind == mended(control("offset", 4), 127).kind == "relative"
    assert mended(control("relative", 4), 63).kind == "offset"
    assert mended(control("relative", 4), 65).kind == "relative"
    assert mended(control("cc", 4), 63) == control("cc", 4)
