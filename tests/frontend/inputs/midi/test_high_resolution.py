"""Values of 14 bits in two messages: whole in either order, never made of halves that do not belong together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.midi.high_resolution import APART_S, NEAR_S, PAIR_S, Half, Halves, ParameterNumbers
from frontend.inputs.midi.ports import BEND_TOP, MidiMessage


def halves_of(value: int, fine_first: bool) -> list[tuple[Half, int]]:
    pair: list[tuple[Half, int]] = [("coarse", value >> 7), ("fine", value & 127)]
    return pair[::-1] if fine_first else pair


def heard(halves: Halves, values: list[int], fine_first: bool, within: float, apart: float, now: float) -> list[int]:
    """What is told while ``values`` are sent."""
    found = []
    for value in values:
        now += apart
        for half, number in halves_of(value, fine_first):
            told = halves.hear(half, number, now)
            found += [] if told is None else [told]
            now += within
    return found


VALUES = st.lists(st.integers(0, BEND_TOP), min_size=1, max_size=30)


@given(VALUES, st.booleans(), st.sampled_from([0.0, 0.001, 0.02]), st.sampled_from([0.02, 0.5]))
def test_in_either_order_every_value_is_told_whole_and_nothing_else(
    values: list[int], fine_first: bool, within: float, apart: float
) -> None:
    if within < apart:  # else nobody can tell which halves belong together
        assert heard(Halves(), values, fine_first, within, apart, 1.0) == values


def test_a_controller_that_begins_to_send_the_other_half_first_never_goes_back() -> None:
    halves = Halves()
    up = list(range(0, 8_000, 37))
    told = heard(halves, up, False, 0.0, 0.02, 1.0)
    told += heard(halves, [8_000 + each for each in up], True, 0.0, 0.02, 60.0)
    assert all(one <= other for one, other in pairwise(told)) and len(told) == 2 * len(up)


def test_pairs_that_follow_each_other_as_fast_as_a_cable_carries_them_stay_together() -> None:
    halves = Halves()
    for start in range(4):  # movements that begin after a rest say which half comes first
        heard(halves, [start], False, 0.001, APART_S, 10.0 * start)
    clumped = [("coarse", 1), ("fine", 127), ("coarse", 2), ("fine", 0), ("coarse", 2), ("fine", 9)]
    times = [50.0, 50.001, 50.00105, 50.002, 50.00205, 50.003]  # a fine half and the next coarse one in one look
    told = [halves.hear(half, number, now) for (half, number), now in zip(clumped, times, strict=True)]  # type: ignore[arg-type]
    assert told == [None, 255, None, 256, None, 265]


def test_a_fine_half_alone_counts_after_a_while_and_a_coarse_one_waits_for_it() -> None:
    halves = Halves()
    assert [halves.hear("coarse", 3, 1.0), halves.hear("fine", 4, 1.0)] == [None, 3 * 128 + 4]
    assert (halves.hear("fine", 5, 2.0), halves.overdue(2.0 + PAIR_S / 2)) == (None, None)
    assert (halves.overdue(2.1), halves.overdue(2.2)) == (3 * 128 + 5, None)
    assert (halves.hear("coarse", 4, 3.0), halves.overdue(3.1)) == (None, None)


def test_a_control_without_a_fine_half_has_its_whole_range() -> None:
    halves = Halves()
    assert (halves.hear("coarse", 64, 1.0), halves.overdue(1.1)) == (None, round(64 / 127 * BEND_TOP))
    assert halves.hear("coarse", 127, 2.0) == BEND_TOP


# ---- numbers ---------------------------------------------------------------------------------------------------------


def sent(*messages: tuple[int, int], port: str = "desk") -> list[MidiMessage]:
    """What of these controllers is told, all within a moment."""
    numbers = ParameterNumbers()
    told = [numbers.hear(MidiMessage(port, "cc", 1, number, value), 1.0 + NEAR_S) for number, value in messages]
    return [each for each in told if each is not None]


@pytest.mark.parametrize(("kind", "high", "low"), [("nrpn", 99, 98), ("rpn", 101, 100)])
@pytest.mark.parametrize("data", [[(6, 3), (38, 4)], [(38, 4), (6, 3)]])
def test_a_number_and_its_value_are_one_message(kind: str, high: int, low: int, data: list[tuple[int, int]]) -> None:
    for select in ([(high, 9), (low, 7)], [(low, 7), (high, 9)]):
        assert sent(*select, *data)[2:] == [MidiMessage("desk", kind, 1, 9 * 128 + 7, 3 * 128 + 4)]


def test_without_a_number_data_entry_is_a_controller_like_any_other() -> None:
    assert [each.kind for each in sent((6, 3), (38, 4))] == ["cc", "cc"]
    assert [each.kind for each in sent((99, 127), (98, 127), (6, 3))] == ["cc"] * 3, "nothing is selected any more"
    assert [each.kind for each in sent((101, 0), (99, 3), (6, 3))] == ["cc"] * 3, "half of a number is none"


def test_a_value_of_seven_bits_is_told_when_nothing_more_comes() -> None:
    numbers = ParameterNumbers()
    for number, value in ((99, 0), (98, 5), (6, 127)):
        numbers.hear(MidiMessage("desk", "cc", 1, number, value), 1.0)
    assert list(numbers.overdue(1.0)) == []
    assert list(numbers.overdue(1.1)) == [MidiMessage("desk", "nrpn", 1, 5, BEND_TOP)]
