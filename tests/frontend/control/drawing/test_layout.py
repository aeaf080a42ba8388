"""Every window size has a plan in which nothing overlaps and nothing is too small."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.control.drawing.layout import COMPACT_TYPE_DP, GAP, PanelLayout, Rect, plan_panels
from frontend.control.state.preferences import PANELS, Arrangement

widths = st.integers(960, 5120)
heights = st.integers(540, 2880)


def everything(layout: PanelLayout) -> list[Rect]:
    return [
        *layout.panels.values(),
        layout.run,
        *layout.keys.values(),
        layout.settings,
        *layout.scenes,
        layout.fade,
        layout.book,
        *layout.corner.values(),
    ]


def overlap(a: Rect, b: Rect) -> bool:
    return min(a.right, b.right) > max(a.x, b.x) and min(a.bottom, b.bottom) > max(a.y, b.y)


@given(widths, heights)
def test_nothing_overlaps_at_any_size(width: int, height: int) -> None:
    assert not [pair for pair in combinations(everything(plan_panels(width, height)), 2) if overlap(*pair)]


@given(widths, heights)
def test_everything_is_inside_the_window_at_any_size(width: int, height: int) -> None:
    layout = plan_panels(width, height)
    for rect in everything(layout):
        assert rect.x >= 0 and rect.y >= 0 and rect.right <= layout.width and rect.bottom <= layout.height
        assert rect.w > 0 and rect.h > 0


@given(widths, heights)
def test_columns_stand_under_each_other(width: int, height: int) -> None:
    layout = plan_panels(width, height)
    right = layout.book.right
    assert layout.faders.x == layout.histogram.x == layout.text.x == layout.run.x
    assert layout.faders.right == layout.histogram.right
    for rect in (layout.puck, layout.entropy, layout.prime, layout.stage):
        assert rect.right == pytest.approx(right)


def test_the_design_size_is_the_design() -> None:
    layout = plan_panels(1920, 1080)
    assert (layout.scale, layout.compact) == (1.0, False)
    assert layout.panels == {
        "voices": Rect(16, 16, 264, 1020),
        "faders": Rect(296, 92, 880, 300),
        "puck": Rect(1188, 92, 716, 610),
        "histogram": Rect(296, 404, 880, 298),
        "text": Rect(296, 714, 1096, 322),
        "entropy": Rect(1404, 714, 500, 92),
        "prime": Rect(1404, 818, 500, 76),
        "stage": Rect(1404, 906, 500, 130),
    }
    assert (layout.settings, layout.setting_pitch) == (Rect(664, 16, 650, 64), 634.0 / 7)
    assert (layout.run, layout.keys["char"]) == (Rect(296, 16, 72, 64), Rect(376, 16, 66, 30))
    assert layout.status_baseline == 1065


def test_a_screen_twice_as_large_shows_the_same_at_twice_the_scale() -> None:
    small, large = plan_panels(1920, 1080), plan_panels(3840, 2160)
    assert large.scale == 2.0
    assert large.panels == small.panels


def test_spare_width_goes_to_faders_and_text_and_spare_height_to_histogram_and_puck() -> None:
    design, wide, high = plan_panels(1920, 1080), plan_panels(2320, 1080), plan_panels(1920, 1280)
    assert wide.faders.w == design.faders.w + 400 and wide.text.w == design.text.w + 400
    assert wide.puck.w == design.puck.w
    assert high.histogram.h == design.histogram.h + 200 and high.faders == design.faders
    assert high.puck.h == design.puck.h + 200


@pytest.mark.parametrize(("size", "compact"), [((1767, 994), False), ((1766, 993), True), ((1280, 720), True)])
def test_below_point_92_the_compact_layout_takes_over(size: tuple[int, int], compact: bool) -> None:
    assert plan_panels(*size).compact is compact


def test_a_small_laptop_has_the_compact_layout_with_readable_type() -> None:
    layout = plan_panels(1280, 720)
    assert layout.scale == 0.8
    assert layout.least_type == COMPACT_TYPE_DP
    assert (layout.voices.w, layout.faders.w, layout.faders.h, layout.puck.w) == (88, 804, 262, 652)


@given(widths, heights)
def test_neighbours_keep_their_distance(width: int, height: int) -> None:
    layout = plan_panels(width, height)
    least = 8.0 if layout.compact else GAP
    assert layout.puck.x - layout.faders.right >= least - 1e-6
    assert layout.histogram.y - layout.faders.bottom >= least - 1e-6
    assert layout.text.y - layout.histogram.bottom >= least - 1e-6
    assert layout.text.y - layout.puck.bottom >= least - 1e-6


hidings = st.frozensets(st.sampled_from(PANELS))


@given(widths, heights, hidings)
def test_whatever_is_hidden_the_rest_neither_overlaps_nor_leaves_the_window(
    width: int, height: int, hidden: frozenset[str]
) -> None:
    layout = plan_panels(width, height, arrangement=Arrangement(hidden))
    assert set(layout.panels) == set(PANELS) - hidden
    assert not [pair for pair in combinations(layout.panels.values(), 2) if overlap(*pair)]
    assert all(rect.w > 0 and rect.h > 0 and rect.bottom <= layout.height for rect in layout.panels.values())


def test_a_rectangle_has_its_left_and_top_edges_but_not_its_right_and_bottom_ones() -> None:
    rect = Rect(10, 20, 30, 40)
    assert rect.has(10, 20) and rect.has(39.9, 59.9)
    assert not rect.has(40, 30) and not rect.has(20, 60)
