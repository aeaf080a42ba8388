"""The window as a performer arranges it: hidden and enlarged panels, memory, drawers, the tour, the last line."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgui_bundle import imgui

from frontend.control.control_panels import POINTER_GONE
from frontend.control.drawers.settings import TABS, FilterSettingsSource
from frontend.control.drawers.tour import STOPS, card_rect, place_of
from frontend.control.drawing.layout import PanelLayout, Rect, plan_panels
from frontend.control.state.preferences import ENLARGEABLE, PANELS, TABLE, Arrangement, ControlSettings, Preferences
from protocol.messages import Set
from tests.frontend.control.conftest import Instrument, written
from tests.frontend.control.drawing.test_layout import everything, heights, overlap, widths
from tests.frontend.control.test_control_panels import row, weight

arrangements = st.builds(
    Arrangement, st.frozensets(st.sampled_from(PANELS)), st.none() | st.sampled_from(PANELS), st.booleans()
)


@given(widths, heights, arrangements)
def test_whatever_is_hidden_or_enlarged_nothing_overlaps_and_all_is_inside(
    width: int, height: int, arrangement: Arrangement
) -> None:
    layout = plan_panels(width, height, 11.0, arrangement)
    rects = everything(layout)
    assert not [pair for pair in combinations(rects, 2) if overlap(*pair)]
    for rect in rects:
        assert rect.x >= 0 and rect.y >= 0 and rect.right <= layout.width + 1e-6 and rect.bottom <= layout.height
        assert rect.w > 0 and rect.h > 0


@given(widths, heights, arrangements)
def test_just_what_is_shown_has_a_place(width: int, height: int, arrangement: Arrangement) -> None:
    line = {"text"} if arrangement.enlarged is not None else set()  # the line that is written is always there
    assert set(plan_panels(width, height, 11.0, arrangement).panels) == set(arrangement.shown) | line


@given(widths, heights, st.sampled_from(PANELS))
def test_the_neighbours_of_a_hidden_panel_take_its_room(width: int, height: int, name: str) -> None:
    def area(layout: PanelLayout) -> float:
        return sum(rect.w * rect.h for rect in layout.panels.values())

    whole, without = plan_panels(width, height), plan_panels(width, height, 11.0, Arrangement(frozenset([name])))
    assert area(without) > 0.93 * area(whole)


def test_large_type_is_the_compact_layout_on_a_large_screen() -> None:
    layout = plan_panels(1920, 1080, 11.0, Arrangement(large=True))
    assert layout.compact and layout.scale == pytest.approx(1.2)
    assert layout.least_type * layout.scale >= 16


def test_a_double_click_on_its_name_gives_a_panel_the_window_and_escape_gives_it_back(instrument: Instrument) -> None:
    rect = instrument.layout.puck
    instrument.click((rect.x + 30, rect.y + 20), times=2)
    assert set(instrument.layout.panels) == {"puck", "text"}
    instrument.run(0.2)
    instrument.key(imgui.Key.escape)
    assert set(instrument.layout.panels) == set(PANELS)


def test_keys_enlarge_and_hide_the_panel_under_the_pointer(instrument: Instrument) -> None:
    instrument.move(*instrument.layout.histogram.centre)
    instrument.type("z")
    assert set(instrument.layout.panels) == {"histogram", "text"}
    instrument.type("z")
    instrument.type("x")
    assert "histogram" not in instrument.layout.panels
    instrument.run(0.3)


@pytest.mark.parametrize("name", ENLARGEABLE)
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_every_panel_can_be_played_alone_over_the_line_that_is_written(
    instrument: Instrument, name: str, size: tuple[int, int]
) -> None:
    instrument.size = size
    instrument.controller.preferences.enlarge(name)
    instrument.frames(2)
    instrument.move(*instrument.layout.panels[name].centre)
    instrument.run(0.7)
    assert set(instrument.layout.panels) == {name, "text"}


# ---- remembered --------------------------------------------------------------------------------------------------


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "contrast": st.sampled_from(["normal", "high"]),
            "letters": st.integers(18, 44).map(float),
            "puck": st.booleans(),
            "enlarged": st.sampled_from(["none", *ENLARGEABLE]),
            "fade": st.floats(0, 2_000).map(lambda n: float(f"{n:g}")),
        },
    )
)
def test_what_was_set_is_there_again_the_next_time(values: dict[str, object]) -> None:
    settings = TABLE.changed(ControlSettings(), values)
    assert TABLE.parse(TABLE.render(settings)) == (settings, [])


def test_preferences_are_written_a_moment_after_the_last_change(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "control.toml"
    preferences = Preferences(path)
    preferences.poll(0.0)
    preferences.enlarge("puck")
    preferences.poll(0.5)
    assert not path.exists()
    preferences.poll(1.5)
    assert Preferences(path).settings.arrangement.enlarged == "puck"


def test_a_file_that_is_no_toml_is_kept_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "control.toml"
    path.write_text("contrast: high")
    preferences = Preferences(path)
    assert preferences.settings == ControlSettings() and "could not be read" in preferences.trouble
    assert (tmp_path / "control.unreadable").read_text() == "contrast: high"


def test_an_entry_that_makes_no_sense_is_told_and_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "control.toml"
    path.write_text('contrast = "loud"\nstill = true\n')
    preferences = Preferences(path)
    assert preferences.settings == ControlSettings(still=True) and "contrast" in preferences.trouble


# ---- drawers -----------------------------------------------------------------------------------------------------


def test_manners_are_set_for_the_text_and_not_for_this_window(instrument: Instrument) -> None:
    instrument.type(",")
    for name in ("words", "circles", "layout"):
        instrument.click(_control(instrument, f"set filters {name}", 0.05))
    assert Set("/guard/words", True) in instrument.link.sent
    assert Set("/guard/circles", False) in instrument.link.sent
    assert Set("/guard/layout", False) in instrument.link.sent


@pytest.mark.parametrize(("wished", "held"), [(40.0, 0), (59.0, 0), (60.0, 60), (120.0, 120)])
def test_a_quotation_shorter_than_the_shortest_means_none_is_kept_short(
    instrument: Instrument, wished: float, held: int
) -> None:
    FilterSettingsSource(instrument.controller).set("quotation", wished)
    assert instrument.controller.link.session.values["/guard/quotation"] == held
    assert FilterSettingsSource(instrument.controller).settings.quotation == held


def test_the_settings_change_the_look_while_it_plays(instrument: Instrument) -> None:
    instrument.type(",")
    drawer = instrument.layout.drawer
    assert instrument.panels.settings.open
    instrument.click(_control(instrument, "set window contrast", 0.75))
    assert instrument.panels.canvas.chrome.bg1 == "#000000"
    instrument.click(_control(instrument, "set window puck", 0.05))
    assert "puck" not in instrument.layout.panels
    instrument.click((drawer.right - 26, drawer.y + 26))
    assert not instrument.panels.settings.open


def test_under_an_open_drawer_nothing_is_touched_and_beside_it_everything_is(instrument: Instrument) -> None:
    before = instrument.controller.puck
    instrument.type("l")
    drawer = instrument.layout.drawer
    instrument.click((drawer.x + 300, drawer.bottom - 30))
    assert instrument.controller.puck == before and instrument.link.session.values["/puck/lifted"] is True
    instrument.click(row(instrument, "kant"))
    instrument.run(0.3)
    assert weight(instrument, "kant") == 0.5


def test_the_stage_is_set_in_the_same_drawer(instrument: Instrument) -> None:
    instrument.type(",")
    assert instrument.controller.staging.settings.names is False
    instrument.click(_control(instrument, "set stage names", 0.05))
    assert instrument.controller.staging.settings.names is True


def _control(instrument: Instrument, key: str, share: float) -> tuple[float, float]:
    """A place in the control of a settings' row."""
    drawer = instrument.panels.settings
    found = ((tab, row) for tab in TABS for row in drawer.rows(instrument.layout, tab) if row.key == key)
    tab, row = next(found)
    instrument.click(drawer.tabs(instrument.layout)[tab])
    rect = row.control
    return rect.x + rect.w * share, rect.y + rect.h / 2


# ---- the tour ----------------------------------------------------------------------------------------------------


@given(widths, heights)
def test_no_card_of_the_tour_covers_what_it_speaks_of(width: int, height: int) -> None:
    layout = plan_panels(width, height)
    for stop in STOPS:
        place, card = place_of(stop, layout), card_rect(stop, layout)
        assert place is not None and not overlap(card, place)
        assert card.x >= 0 and card.y >= 0 and card.right <= layout.width and card.bottom <= layout.height


def test_the_tour_goes_from_stop_to_stop_and_is_not_shown_again(instrument: Instrument) -> None:
    instrument.controller.preferences.set("toured", False)
    instrument.type("t")
    for _ in STOPS:
        assert instrument.panels.tour.at is not None
        card = card_rect(STOPS[instrument.panels.tour.at], instrument.layout)
        instrument.click((card.right - 60, card.bottom - 30))
    assert instrument.panels.tour.at is None and instrument.controller.preferences.settings.toured


def test_escape_skips_the_tour(instrument: Instrument) -> None:
    instrument.type("t")
    instrument.key(imgui.Key.escape)
    assert instrument.panels.tour.at is None and instrument.controller.preferences.settings.toured


# ---- tips of the last line -------------------------------------------------------------------------------------


def test_everything_that_can_be_touched_says_what_it_does(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    areas: dict[str, Rect] = {}
    tracker, touch = instrument.panels.tracker, type(instrument.panels.tracker).area

    def noted(key: str, rect: Rect, focusable: bool = False) -> object:
        areas[key] = rect
        return touch(tracker, key, rect, focusable)

    monkeypatch.setattr(tracker, "area", noted)
    instrument.frames(2)
    silent = []
    for key, rect in list(areas.items()):
        if rect.w <= 2 or key in ("puck", "circle"):
            continue
        instrument.move(rect.x + min(rect.w / 2, 12), rect.centre[1])
        if instrument.panels.tracker.hovered != key:
            continue  # another one lies over its middle
        instrument.clock.now += 1.0
        instrument.frames(2)
        if not instrument.panels.status.tip:
            silent.append(key)
    assert silent == []
    assert len(areas) > 60


def test_the_last_line_tells_of_what_the_pointer_rests_on_and_of_nothing_once_it_has_gone(
    instrument: Instrument,
) -> None:
    instrument.move(*instrument.layout.corner["panic"].centre)
    instrument.run(0.3)
    line = [each for each in written(instrument) if each.words == instrument.panels.status.tip]
    assert "Shift+Esc" in line[0].words and line[0].rect.bottom == instrument.layout.status_baseline
    imgui.get_io().add_mouse_pos_event(*POINTER_GONE)
    instrument.frames(2)
    assert instrument.panels.status.tip == ""
    assert "server ok" in {each.words for each in written(instrument)}
