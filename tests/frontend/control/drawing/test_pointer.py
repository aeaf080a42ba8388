"""What the pointer does to an area: hover, press, click, drag, and who has it where areas lie over each other."""

from __future__ import annotations

from frontend.control.drawing.layout import Rect
from frontend.control.drawing.pointer import Pointer, PointerTracker, Touch

BOX = Rect(100, 100, 50, 50)
INNER = Rect(110, 110, 10, 10)


def touches(*pointers: Pointer, rect: Rect = BOX, focusable: bool = False) -> list[Touch]:
    """What an area says frame after frame."""
    tracker = PointerTracker()
    said = []
    for frame, pointer in enumerate(pointers):
        tracker.begin(pointer, frame / 60)
        said.append(tracker.area("box", rect, focusable))
    return said


def test_a_pointer_over_an_area_makes_it_hot_and_elsewhere_not() -> None:
    there, elsewhere = touches(Pointer(120, 120), Pointer(10, 10))
    assert there.hot and not elsewhere.hot


def test_press_and_release_in_place_is_a_click() -> None:
    press, hold, release = touches(
        Pointer(120, 120, down=True, presses=1), Pointer(121, 120, down=True), Pointer(121, 120)
    )
    assert press.pressed and press.held and hold.held and not hold.pressed
    assert release.clicked and release.released and not release.held


def test_a_drag_is_no_click() -> None:
    *_, drag, release = touches(Pointer(120, 120, True, 1), Pointer(120, 130, True), Pointer(120, 130))
    assert drag.dragging and (drag.dx, drag.dy) == (0, 10)
    assert release.released and not release.clicked


def test_the_last_of_a_way_may_come_with_the_release() -> None:
    _, release = touches(Pointer(120, 120, True, 1), Pointer(120, 150))
    assert release.moved and release.dy == 30 and not release.held and not release.clicked


def test_a_release_elsewhere_is_no_click() -> None:
    *_, release = touches(Pointer(120, 120, True, 1), Pointer(121, 120, True), Pointer(500, 500))
    assert release.released and not release.clicked


def test_what_is_held_stays_held_outside_its_area() -> None:
    _, outside = touches(Pointer(120, 120, True, 1), Pointer(900, 900, True))
    assert outside.held and outside.dragging


def test_a_second_press_soon_after_is_a_double_click_and_no_press() -> None:
    (touch,) = touches(Pointer(120, 120, True, presses=2))
    assert touch.double and not touch.pressed


def test_the_first_area_asked_for_has_the_pointer() -> None:
    tracker = PointerTracker()
    tracker.begin(Pointer(112, 112), 0.0)
    inner, outer = tracker.area("inner", INNER), tracker.area("outer", BOX)
    assert inner.hot and not outer.hot


def test_nothing_else_is_hot_while_something_is_held() -> None:
    tracker = PointerTracker()
    tracker.begin(Pointer(112, 112, True, 1), 0.0)
    tracker.area("inner", INNER)
    tracker.begin(Pointer(140, 140, True), 0.1)
    assert tracker.area("inner", INNER).held and not tracker.area("outer", BOX).hot


def test_a_menu_in_between_keeps_the_pointer_from_the_panels() -> None:
    (touch,) = touches(Pointer(120, 120, True, presses=1, free=False))
    assert not touch.hot and not touch.pressed


def test_hover_time_counts_from_when_the_pointer_came() -> None:
    *_, last = touches(Pointer(0, 0), *[Pointer(120, 120)] * 31)
    assert abs(last.hot_for - 0.5) < 1e-9


def test_the_keyboard_walks_through_the_controls_and_round() -> None:
    tracker = PointerTracker()
    for expected in ("a", "b", "a"):
        tracker.begin(Pointer(), 0.0)
        for key in ("a", "b"):
            tracker.area(key, BOX, focusable=True)
        tracker.move_focus(1)
        assert tracker.focus == expected and tracker.focus_seen


def test_a_press_moves_the_focus_without_showing_it() -> None:
    (touch,) = touches(Pointer(120, 120, True, presses=1), focusable=True)
    assert touch.focused and not touch.keyboard
