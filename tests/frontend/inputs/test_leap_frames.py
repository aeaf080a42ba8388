"""Leap Motion's frames: hands in a box, and nothing believed that another program says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.leap import REST_LEVELS, Box, Following, HandInAir, read_frame
from protocol.errors import MessageError
from tests.frontend.inputs.leap_stream import frame, hand


def test_a_hand_in_the_middle_of_the_box_is_in_the_middle_of_every_axis() -> None:
    (found,), _ = read_frame(frame(1, hand(7, "left", (0.0, 200.0, 0.0), grip=0.25))) or ((), "")
    assert found == HandInAir(7, "left", (0.0, 200.0, 0.0), 0.25, 0.0)
    assert found.levels(Box()) == {"x": 0.5, "height": 0.5, "depth": 0.5, "grip": 0.25, "pinch": 0.0}


def test_towards_the_screen_is_more_depth_and_outside_the_box_is_its_edge() -> None:
    assert Box().place((0.0, 200.0, -73.75)) == (0.5, 0.5, 1.0)
    assert Box().place((1e9, -1e9, 1e9)) == (1.0, 0.0, 0.0)


def test_a_smaller_box_makes_the_same_way_count_for_more() -> None:
    assert Box(width=100.0).place((25.0, 200.0, 0.0))[0] == 0.75


def test_the_greeting_is_no_frame_and_no_mistake() -> None:
    assert read_frame(json.dumps({"serviceVersion": "2.3.1", "version": 6})) is None
    assert read_frame(json.dumps({"event": {"type": "deviceEvent"}})) is None


def test_a_hand_that_the_device_doubts_is_not_there() -> None:
    assert read_frame(json.dumps({"hands": [hand(1, "left", (0, 200, 0)) | {"confidence": 0.02}]})) == ((), "")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        b"\x00",
        '{"hands": 3}',
        "[" * 100_000,
        '{"hands": [{"id": 1, "type": "left", "palmPosition": [0, NaN, 0]}]}',
        '{"hands": [{"id": 1, "type": "left", "palmPosition": [0, 0, 1' + "0" * 400 + "]}]}",
        " " * 300_000,
    ],
)
def test_a_broken_frame_is_told_in_one_line(message: str | bytes) -> None:
    with pytest.raises(MessageError, match=r"^Leap Motion: [^\n]+$"):
        read_frame(message)


@pytest.mark.parametrize(
    "broken",
    [
        3,
        {},
        {"id": 1, "type": "tail", "palmPosition": [0, 0, 0]},
        {"id": 1, "type": "left", "palmPosition": [0, 0]},
        {"id": 1, "type": "left", "palmPosition": [0, None, 0]},
        {"id": True, "type": "left", "palmPosition": [0, 0, 0]},
        {"id": 1, "type": "left", "palmPosition": [0, 0, 0], "confidence": "high"},
    ],
)
def test_a_broken_hand_is_left_out_and_told_and_the_other_stays(broken: object) -> None:
    good = hand(7, "right", (0.0, 200.0, 0.0))
    for hands in ([broken, good], [good, broken]):
        found, complaint = read_frame(json.dumps({"hands": hands})) or ((), "")
        assert [each.id for each in found] == [7] and complaint.startswith("Leap Motion: ")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["hands", "id", "type", "palmPosition"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_comes_is_hands_with_levels_in_range_or_an_error_of_ours(value: object) -> None:
    try:
        hands, _ = read_frame(json.dumps(value)) or ((), "")
    except MessageError:
        return
    for each in hands:
        assert set(each.levels(Box())) == set(REST_LEVELS)
        assert all(0.0 <= level <= 1.0 for level in each.levels(Box()).values())


def test_the_hand_is_the_one_that_has_been_there_longest() -> None:
    following = Following()
    first, second = (HandInAir(n, side, (0, 0, 0), 0, 0) for n, side in ((9, "right"), (2, "left")))
    assert following.see([first]) == {"hand": first, "right": first}
    assert following.see([second, first]) == {"hand": first, "right": first, "left": second}
    assert following.see([second]) == {"hand": second, "left": second}
    assert following.see([second, first])["hand"] == second
