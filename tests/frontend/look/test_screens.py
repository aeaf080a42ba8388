"""Where the stage goes: which screen is chosen, and what is tried when the window does not get there."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from frontend.look.screens import (
    CHECK_AFTER_S,
    Placement,
    PlacementStep,
    ScreenArea,
    ScreenChoice,
    beside,
    candidates,
    place,
)

LAPTOP = ScreenArea(0, 0, 1440, 900)
PROJECTOR = ScreenArea(1440, 0, 1920, 1080)
SMALL = ScreenArea(3360, 0, 800, 600)
areas = st.builds(ScreenArea, *[st.integers(-4000, 4000)] * 2, *[st.integers(0, 4000)] * 2)


# ---- plugged in and out ----------------------------------------------------------------------------------------------


def test_the_stage_goes_back_to_its_screen_wherever_that_is_counted() -> None:
    assert place([LAPTOP, PROJECTOR], PROJECTOR, plain=False, control=LAPTOP) == ScreenChoice(1)
    assert place([PROJECTOR, LAPTOP], PROJECTOR, plain=False, control=LAPTOP) == ScreenChoice(0)


def test_while_its_screen_is_gone_it_goes_where_there_is_room() -> None:
    assert place([LAPTOP], PROJECTOR, plain=False, control=LAPTOP) == ScreenChoice(None, away=True)
    assert place([LAPTOP, SMALL], PROJECTOR, plain=False, control=LAPTOP) == ScreenChoice(1, away=True)


def test_a_first_projector_gets_a_stage_that_had_none() -> None:
    assert place([LAPTOP, PROJECTOR], None, plain=False, control=LAPTOP) == ScreenChoice(1)


def test_a_window_that_was_made_plain_by_hand_stays_one() -> None:
    assert place([LAPTOP, PROJECTOR], PROJECTOR, plain=True, control=LAPTOP) == ScreenChoice(None)


# ---- choosing --------------------------------------------------------------------------------------------------------


def test_the_second_screen_is_the_stages() -> None:
    assert candidates([LAPTOP, PROJECTOR], None) == [1]


def test_one_screen_or_none_leaves_no_place() -> None:
    assert candidates([LAPTOP], None) == []
    assert candidates([], None) == []


def test_the_screen_that_the_control_window_is_on_is_not_taken() -> None:
    assert candidates([LAPTOP, PROJECTOR], ScreenArea(1500, 50, 1000, 900)) == [0]
    assert candidates([LAPTOP, PROJECTOR], ScreenArea(1300, 50, 1000, 900)) == [0]  # most of it is on the projector


def test_of_several_screens_the_largest_comes_first() -> None:
    assert candidates([LAPTOP, SMALL, PROJECTOR], ScreenArea(10, 10, 800, 600)) == [2, 1]


def test_a_mirrored_projector_is_no_second_screen() -> None:
    assert candidates([LAPTOP, ScreenArea(0, 0, 1440, 900)], None) == []
    assert candidates([LAPTOP, ScreenArea(0, 0, 1400, 900)], None) == []


def test_a_screen_that_is_switched_off_is_passed_over() -> None:
    assert candidates([ScreenArea(0, 0, 0, 0), LAPTOP, PROJECTOR], None) == [2]


@given(st.lists(areas, max_size=5), st.none() | areas)
def test_candidates_are_lit_and_largest_first(screens: list[ScreenArea], control: ScreenArea | None) -> None:
    chosen = candidates(screens, control)
    sizes = [screens[index].width * screens[index].height for index in chosen]
    assert all(size > 0 for size in sizes)
    assert all(one >= other for one, other in pairwise(sizes))
    assert len(set(chosen)) == len(chosen) < max(1, len(screens))


@given(areas, areas)
def test_what_two_areas_share_is_no_more_than_either_has(one: ScreenArea, other: ScreenArea) -> None:
    assert one.shared(other) == other.shared(one) <= min(one.width * one.height, other.width * other.height)


# ---- getting there ---------------------------------------------------------------------------------------------------


def test_nothing_is_judged_before_the_window_system_had_its_time() -> None:
    placement = Placement(PROJECTOR, 10.0)
    assert placement.check(LAPTOP, 10.0 + CHECK_AFTER_S / 2) is None
    assert not placement.settled


def test_a_window_that_got_there_is_left_alone() -> None:
    placement = Placement(PROJECTOR, 10.0)
    assert placement.check(ScreenArea(1441, 0, 1920, 1079), 10.5) is None
    assert placement.settled and placement.trouble == ""
    assert placement.check(LAPTOP, 99.0) is None  # the performer moved it


def test_a_window_that_went_astray_is_moved_then_made_full_screen_then_given_up() -> None:
    placement = Placement(PROJECTOR, 10.0)
    steps = [placement.check(LAPTOP, 10.0 + 0.25 * quarter) for quarter in range(9)]
    assert steps == [
        None,
        None,
        PlacementStep.MOVED,
        None,
        PlacementStep.FULL_SCREEN,
        None,
        PlacementStep.WINDOWED,
        None,
        None,
    ]
    assert "drag it there" in placement.trouble


def test_a_move_that_helped_ends_the_matter() -> None:
    placement = Placement(PROJECTOR, 10.0)
    assert placement.check(ScreenArea(1440, 25, 1920, 1055), 10.5) is PlacementStep.MOVED
    assert placement.check(PROJECTOR, 11.0) is None
    assert placement.settled and placement.trouble == ""


def test_on_the_only_screen_the_stage_has_the_largest_room_that_the_control_window_leaves() -> None:
    screen = ScreenArea(0, 0, 3440, 1440)
    assert beside(screen, ScreenArea(0, 0, 2560, 1440)) == ScreenArea(2560, 0, 880, 495)
    assert beside(screen, ScreenArea(880, 0, 2560, 1440)) == ScreenArea(0, 0, 880, 495)
    assert beside(ScreenArea(0, 0, 1080, 1920), ScreenArea(0, 0, 1080, 700)) == ScreenArea(0, 700, 1080, 607)


def test_a_control_window_that_fills_the_screen_leaves_no_room_beside_it() -> None:
    assert beside(LAPTOP, LAPTOP) is None
    assert beside(LAPTOP, ScreenArea(0, 0, LAPTOP.width - 300, LAPTOP.height)) is None
