"""Soft takeover: hardware moves a parameter only once it has met it."""

from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.takeover import FAST_MOVE_S, MEET_DISTANCE, Hold, ghost, update_hold

LEVELS = st.floats(0, 1)


def test_the_first_value_is_ignored_even_on_the_spot() -> None:
    assert update_hold(Hold(), 0.5, 0.5, now=0.0) == (Hold(0.5), False)


def test_a_value_near_the_parameter_is_taken() -> None:
    assert update_hold(Hold(0.9), 0.5 + MEET_DISTANCE, 0.5, now=1.0) == (
        Hold(0.5 + MEET_DISTANCE, 0.5 + MEET_DISTANCE, 1.0),
        True,
    )


def test_a_value_farther_off_on_the_same_side_is_not() -> None:
    hold, is_taken = update_hold(Hold(0.9), 0.6, 0.5, now=1.0)
    assert not is_taken
    assert ghost(hold, 0.5) == 0.6


def test_a_hand_that_leaves_the_parameter_takes_it_along() -> None:
    assert update_hold(Hold(0.5 + MEET_DISTANCE), 0.9, 0.5, now=1.0)[1]


def test_a_value_on_the_other_side_has_crossed_and_is_taken() -> None:
    assert update_hold(Hold(0.9), 0.1, 0.5, now=1.0)[1]
    assert update_hold(Hold(0.1), 0.9, 0.5, now=1.0)[1]


def test_a_fast_hand_is_followed_though_its_values_are_far_apart() -> None:
    hold = Hold(0.1, taken=0.1, taken_at=1.0)
    assert update_hold(hold, 0.9, 0.1 + 1e-9, now=1.0 + FAST_MOVE_S)[1]


def test_after_software_moved_the_parameter_even_a_fast_hand_has_to_meet_it_again() -> None:
    hold = Hold(0.1, taken=0.1, taken_at=1.0)
    assert not update_hold(hold, 0.2, 0.8, now=1.01)[1]
    assert update_hold(hold, 0.9, 0.8, now=1.01)[1]


@given(st.lists(st.tuples(LEVELS, st.floats(0, 0.2)), max_size=50), LEVELS)
def test_the_parameter_jumps_only_to_where_a_hand_came_across_it_or_moves_fast(
    moves: list[tuple[float, float]], parameter: float
) -> None:
    hold, now, hand = Hold(), 0.0, None
    for level, wait in moves:
        now += wait
        fast = hold.taken is not None and now - hold.taken_at <= FAST_MOVE_S
        hold, is_taken = update_hold(hold, level, parameter, now)
        if is_taken:
            assert hand is not None
            met = min(hand, level) - MEET_DISTANCE <= parameter <= max(hand, level) + MEET_DISTANCE
            assert met or fast
            parameter = level
        hand = level
    assert hold.hardware == hand


@given(LEVELS, LEVELS)
def test_a_slow_sweep_from_end_to_end_always_picks_the_parameter_up(parameter: float, start: float) -> None:
    hold, follows = update_hold(Hold(), 0.0, parameter, 0.0)
    for step in range(1, 128):
        hold, is_taken = update_hold(hold, step / 127, parameter, now=float(step))
        if is_taken:
            parameter, follows = step / 127, True
    assert follows and parameter == 1.0


@given(LEVELS, LEVELS, LEVELS)
def test_a_ghost_stands_where_the_hardware_is_until_they_meet(hardware: float, parameter: float, taken: float) -> None:
    mark = ghost(Hold(hardware, taken, 0.0), parameter)
    assert mark == (hardware if abs(hardware - parameter) > MEET_DISTANCE else None)
