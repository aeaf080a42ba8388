"""Setting the corners of a projection by keys and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.stage.layout import lay_out, projection
from frontend.stage.pins import HOMES, CornerEditor, grasped
from frontend.stage.settings import CORNERS
from frontend.stage.staging import StageState

UP, RIGHT, ENTER, ESCAPE = 0xFF52, 0xFF53, 0xFF0D, 0xFF1B


def hand(corner: int = 0) -> tuple[StageState, CornerEditor]:
    staging = StageState()
    staging.pinned = corner
    return staging, CornerEditor(staging)


def test_keys_choose_a_corner_and_move_it_and_shift_moves_it_farther() -> None:
    staging, pins = hand()
    for symbol, far in ((ord("3"), False), (RIGHT, False), (UP, True), (UP, False)):
        pins.key(symbol, far)
    assert staging.pinned == 2
    assert staging.settings.bottom_right == pytest.approx((0.001, -0.011))
    assert staging.settings.top_left == (0.0, 0.0)


def test_nought_makes_it_straight_again() -> None:
    staging, pins = hand()
    staging.set("top_right", (0.05, 0.02))
    pins.key(ord("0"), False)
    assert staging.settings.pins == ((0.0, 0.0),) * 4


def test_setting_corners_begins_with_the_first_and_asked_for_again_goes_on() -> None:
    staging = StageState()
    staging.pinning = True
    assert staging.pinned == 0
    staging.pinned = 2
    staging.pinning = True
    assert staging.pinned == 2
    staging.pinning = False
    assert staging.pinned is None


@pytest.mark.parametrize("symbol", [ENTER, ESCAPE, ord("k")])
def test_enter_escape_and_the_key_that_began_it_end_it(symbol: int) -> None:
    staging, pins = hand(1)
    pins.key(symbol, False)
    assert not staging.pinning


def test_a_hand_takes_the_nearest_corner_and_the_corner_keeps_its_place_under_it() -> None:
    staging, pins = hand()
    pins.press((0.97, 0.04), 16 / 9)
    pins.drag((0.95, 0.07))
    assert staging.pinned == 1
    assert staging.settings.top_right == pytest.approx((-0.02, 0.03))
    pins.release()
    pins.drag((0.5, 0.5))
    assert staging.settings.top_right == pytest.approx((-0.02, 0.03))


def test_a_hand_far_from_every_corner_takes_none() -> None:
    staging, pins = hand()
    pins.press((0.5, 0.5), 16 / 9)
    pins.drag((0.6, 0.6))
    assert staging.settings.pins == ((0.0, 0.0),) * 4


places = st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))


@given(st.integers(0, 3), places, places)
def test_whatever_a_hand_does_the_corner_is_where_the_hand_left_it_or_at_its_farthest(
    corner: int, there: tuple[float, float], then: tuple[float, float]
) -> None:
    staging, pins = hand()
    staging.set(CORNERS[corner], there)
    home = HOMES[corner]
    at = (home[0] + there[0], home[1] + there[1])
    assert grasped(staging.settings, at, 1.0) == corner
    pins.press(at, 1.0)
    pins.drag((home[0] + 2 * then[0], home[1] + 2 * then[1]))
    assert staging.settings.pins[corner] == pytest.approx(tuple(np.clip(np.array(then) * 2, -0.1, 0.1)))
    layout = lay_out(1600, 900, staging.look)
    matrix = projection(layout.width, layout.height, staging.settings.pins)
    x, y, w = matrix @ (home[0] * 1600, home[1] * 900, 1.0)
    moved = staging.settings.pins[corner]
    assert (x / w, y / w) == pytest.approx((2 * (home[0] + moved[0]) - 1, 1 - 2 * (home[1] + moved[1])), abs=1e-6)
