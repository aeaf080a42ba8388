"""Losses become pictures that a browser opens and a terminal shows."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.loss_curve import Point, braille, clock, scale, svg

FALL = [Point(share / 10, 12.0 * share, 7.0 - share / 2, 6.5 - share / 2) for share in range(11)]
points = st.builds(Point, st.floats(0, 1), st.floats(0, 1e6), st.floats(0, 8), st.floats(0, 8))


def test_a_falling_loss_is_drawn_from_the_top_left_to_the_bottom_right() -> None:
    lines = braille(FALL, 10, 4)
    assert [len(line) for line in lines] == [10] * 4
    assert lines[0][0] != "\u2800" and lines[-1][-1] != "\u2800"
    assert lines[0][-1] == lines[-1][0] == "\u2800"


def test_what_is_still_to_come_is_left_empty() -> None:
    assert all(line[6:] == "\u2800" * 4 for line in braille(FALL[:6], 10, 4))


@given(st.lists(points, max_size=20), st.integers(1, 40), st.integers(1, 10))
def test_a_chart_has_its_size_whatever_the_losses(found: list[Point], width: int, height: int) -> None:
    lines = braille(found, width, height)
    assert [len(line) for line in lines] == [width] * height
    assert all("\u2800" <= cell <= "\u28ff" for line in lines for cell in line)


def test_the_scale_leaves_out_the_beginning_where_nothing_is_known() -> None:
    low, high = scale([Point(0.0, 0.0, 7.0, 7.0), Point(0.5, 1.0, 2.0, 2.5), Point(1.0, 2.0, 1.5, 2.0)])
    assert (low, high) == pytest.approx((1.42, 2.58))


@given(st.lists(points, min_size=1, max_size=20))
def test_the_picture_is_well_formed_and_names_both_losses(found: list[Point]) -> None:
    found.sort(key=lambda point: point.seconds)
    picture = ElementTree.fromstring(svg(found, "notes & <others>"))
    words = " ".join(element.text or "" for element in picture.iter())
    assert "notes & <others>" in words and "held out" in words and "and read" in words
    drawn = [element.attrib["points"] for element in picture.iter() if element.tag.endswith("polyline")]
    assert [len(line.split()) for line in drawn] == [len(found)] * 2
    places = [float(number) for line in drawn for pair in line.split() for number in pair.split(",")]
    assert all(0.0 <= place <= 720.0 for place in places)


def test_a_run_without_points_has_no_picture() -> None:
    with pytest.raises(ValueError, match="no curve"):
        svg([], "nothing")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.6, "1:00"), (754, "12:34"), (-3, "0:00")])
def test_time_is_told_in_minutes_and_seconds(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
