"""The stage's measures: the picture's numbers at 1920 x 1080, and what holds at every size."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.stage.faces import StageFont, inconsolata
from frontend.stage.layout import STRAIGHT, lay_out, mix_bars, projection
from frontend.stage.look import StageLook, StageTheme
from frontend.stage.settings import StageSettings

sizes = st.tuples(st.integers(320, 7680), st.integers(240, 4320))


def look(advance: float = 0.5, **settings: object) -> StageLook:
    face = StageFont("any", inconsolata().outlines, advance)
    return StageLook(StageSettings(**settings), face=face)  # type: ignore[arg-type]


def test_full_hd_is_set_as_the_picture() -> None:
    layout = lay_out(1920, 1080, look())
    assert (layout.em, layout.cell, layout.leading, layout.left, layout.columns) == (72, 36, 104, 168, 44)
    assert (layout.baseline, layout.lines, layout.bar, layout.gap) == (896, 8, 5, 2)
    assert layout.cursor == (5, -54, 11, 16)


def test_every_16_to_9_picture_has_the_same_lines() -> None:
    for width, height in ((1280, 720), (2560, 1440), (3840, 2160)):
        assert (lay_out(width, height, look()).columns, lay_out(width, height, look()).lines) == (44, 8)


def test_a_screen_that_stands_upright_has_more_lines_not_shorter_ones() -> None:
    layout = lay_out(1080, 1920, look())
    assert (layout.columns, layout.lines) == (31, 18)
    assert (lay_out(1024, 768, look()).columns, lay_out(1024, 768, look()).lines) == (32, 8)


def test_the_performers_size_is_that_of_the_type() -> None:
    assert lay_out(1920, 1080, look(size=1.6)).em == 116
    assert lay_out(1920, 1080, look(size=0.7)).em == 50


def test_fewer_columns_than_fit_make_a_narrower_page_and_more_make_smaller_type() -> None:
    narrow, wide = lay_out(1920, 1080, look(columns=30)), lay_out(1920, 1080, look(columns=88))
    assert (narrow.columns, narrow.em) == (30, 72)
    assert (wide.columns, wide.em) == (88, 36)


def test_a_face_may_be_wider_than_half_an_em() -> None:
    layout = lay_out(1920, 1080, look(advance=0.6))
    assert (layout.cell, layout.columns) == (43, 36)
    assert layout.em == pytest.approx(43 / 0.6)


def test_a_theme_may_widen_the_cursor_and_the_performer_choose_its_form() -> None:
    left, _, right, _ = lay_out(1920, 1080, StageLook(theme=StageTheme(cursor=10.0))).cursor
    assert right - left == 10
    assert lay_out(1920, 1080, look(cursor="block")).cursor == (0, -54, 36, 16)
    assert lay_out(1920, 1080, look(cursor="line")).cursor == (0, 9, 36, 15)
    assert lay_out(1920, 1080, look(cursor="none")).cursor == (0, 0, 0, 0)


@given(sizes, st.floats(0.7, 1.6), st.integers(0, 120), st.floats(0.45, 0.7))
def test_resting_lines_keep_out_of_the_margins(
    size: tuple[int, int], chosen: float, columns: int, advance: float
) -> None:
    width, height = size
    layout = lay_out(width, height, look(advance, size=chosen, columns=columns))
    assert layout.columns == max(8, columns) or not columns
    assert layout.left >= 0.08 * width - 1
    assert layout.left + layout.columns * layout.cell <= 0.92 * width + 1
    top = layout.baseline - (layout.lines - 1) * layout.leading - 0.65 * layout.em
    assert top >= 0.07 * height - 1
    assert layout.baseline + 0.2 * layout.em <= 0.88 * height + 1


# ---- the mix ---------------------------------------------------------------------------------------------------------


def test_the_mix_fills_the_width_with_a_gap_between_shares() -> None:
    assert mix_bars([0.0, 0.5, 0.25, 0.25], 1918, 2) == [(1, 0, 958), (2, 960, 1438), (3, 1440, 1918)]


def test_a_single_voice_has_the_whole_width_and_none_leaves_it_dark() -> None:
    assert mix_bars([0.0, 1.0], 1920, 2) == [(1, 0, 1920)]
    assert mix_bars([0.0, 0.0], 1920, 2) == []


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=24).filter(lambda w: sum(w) > 1e-3), st.integers(100, 4000))
def test_shares_of_the_mix_stand_in_order_apart_and_within_the_picture(weights: list[float], width: int) -> None:
    bars = mix_bars([weight / sum(weights) for weight in weights], width, 2)
    assert all(0 <= left < right <= width for _, left, right in bars)
    assert all(one[2] + 2 <= other[1] and one[0] < other[0] for one, other in pairwise(bars))


# ---- corner pins -----------------------------------------------------------------------------------------------------


def on_screen(matrix: np.ndarray, x: float, y: float) -> tuple[float, float]:
    u, v, w = matrix @ (x, y, 1.0)
    return u / w, v / w


def test_without_pins_pixels_stay_where_they_are() -> None:
    matrix = projection(1920, 1080)
    assert on_screen(matrix, 960, 540) == pytest.approx((0.0, 0.0))
    assert on_screen(matrix, 480, 1080) == pytest.approx((-0.5, -1.0))
    assert matrix[2] == pytest.approx(np.array([0.0, 0.0, 1.0]))


pins = st.tuples(*[st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))] * 4)


@given(pins, sizes)
def test_each_corner_goes_to_its_pin_and_nothing_lies_behind_the_audience(
    pins: tuple[tuple[float, float], ...], size: tuple[int, int]
) -> None:
    width, height = size
    matrix = projection(width, height, pins)  # type: ignore[arg-type]
    corners = ((0, 0), (width, 0), (width, height), (0, height))
    for (x, y), (dx, dy) in zip(corners, pins, strict=True):
        wanted = (2 * (x / width + dx) - 1, 1 - 2 * (y / height + dy))
        assert on_screen(matrix, x, y) == pytest.approx(wanted, abs=1e-6)
        assert (matrix @ (x, y, 1.0))[2] > 0


@given(pins)
def test_straight_lines_stay_straight(pins: tuple[tuple[float, float], ...]) -> None:
    matrix = projection(1920, 1080, pins)  # type: ignore[arg-type]
    (ax, ay), (bx, by), (cx, cy) = (on_screen(matrix, x, 0.3 * x + 100) for x in (0, 700, 1920))
    assert (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) == pytest.approx(0.0, abs=1e-9)


def test_a_pin_moves_a_corner_by_a_tenth_at_most() -> None:
    far = ((0.5, 0.5), *STRAIGHT[1:])
    assert on_screen(projection(100, 100, far), 0, 0) == pytest.approx((-0.8, 0.8))
