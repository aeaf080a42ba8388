"""Taking hold without a jump: from where the parameter stands, by the last who touched it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.takeover import DISTINCT_MOVE, Pickup

FRAME = 1 / 60


def test_what_merely_comes_into_sight_moves_nothing() -> None:
    pickup, goes = Pickup().follow(0.8, 0.2, 0.0)
    assert goes is None
    assert pickup.follow(0.8 + DISTINCT_MOVE / 2, 0.2, FRAME)[1] is None


def test_a_distinct_movement_takes_hold_from_where_the_parameter_stands_and_catches_up() -> None:
    pickup, _ = Pickup().follow(0.8, 0.2, 0.0)
    pickup, goes = pickup.follow(0.9, 0.2, FRAME)
    assert goes == 0.2
    parameter = goes
    for frame in range(2, 240):
        pickup, goes = pickup.follow(0.9, parameter, frame * FRAME)
        assert goes is not None
        assert parameter <= goes <= 0.9
        parameter = goes
    assert abs(parameter - 0.9) < 1e-3


def test_when_another_hand_moves_the_parameter_that_one_leads() -> None:
    pickup = Pickup(left=0.5)
    pickup, goes = pickup.follow(0.5, 0.7, 0.0)
    assert goes is None
    assert pickup.follow(0.51, 0.7, 1.0)[1] is None
    assert pickup.follow(0.6, 0.7, 2.0)[1] == 0.7


def test_what_returns_to_rest_goes_on_while_it_leads_and_takes_hold_of_nothing() -> None:
    pickup, goes = Pickup(left=0.5).follow(0.4, 0.5, 0.0, seen=False)
    assert goes == 0.4
    pickup, goes = pickup.follow(0.2, 0.9, 0.1, seen=False)
    assert goes is None
    assert pickup.follow(0.0, 0.9, 0.2, seen=False)[1] is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60), st.floats(0, 1))
def test_the_parameter_never_moves_much_farther_than_the_hand(levels: list[float], parameter: float) -> None:
    pickup = Pickup()
    for place, (before, level) in enumerate(pairwise([levels[0], *levels])):
        distance = abs(pickup.distance)
        pickup, goes = pickup.follow(level, parameter, place * FRAME)
        if goes is not None:
            assert abs(goes - parameter) <= abs(level - before) + 0.08 * distance + 1e-9
            parameter = goes
