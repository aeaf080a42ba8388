"""When a frame of a touch table counts as arrived."""

import pytest

from benchmarks.inputs import waits


def test_a_frame_has_arrived_when_all_its_fingers_have() -> None:
    assert waits([(1.0, (1, 2))], {1: [1.002], 2: [1.005]}) == pytest.approx([0.005])


def test_a_frame_that_a_later_one_overtook_waits_until_that_one_arrives() -> None:
    sent = [(1.0, (1,)), (1.01, (2,)), (1.02, (3,)), (1.03, (4,))]
    assert waits(sent, {1: [1.002], 3: [1.025]}) == pytest.approx([0.002, 0.015, 0.005])


def test_a_place_that_was_taken_before_arrives_anew() -> None:
    assert waits([(9.0, (1,))], {1: [1.002, 9.004]}) == pytest.approx([0.004])
