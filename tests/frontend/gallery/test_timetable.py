"""Opening hours, and the file that they stand in."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.gallery.settings import TEMPLATE, GallerySettings, hours_of, is_open, read_settings, settings_of

TUESDAY = {1: hours_of("10:00-13:00, 14:00-18:30")}


@pytest.mark.parametrize(
    ("clock", "opened"),
    [("09:59", False), ("10:00", True), ("12:59", True), ("13:00", False), ("18:29", True), ("18:30", False)],
)
def test_it_is_open_from_the_first_minute_to_the_last(clock: str, opened: bool) -> None:
    assert is_open(TUESDAY, datetime.fromisoformat(f"2026-11-24T{clock}")) is opened


def test_a_day_that_is_not_named_is_open_and_one_without_hours_is_not() -> None:
    assert is_open(TUESDAY, datetime(2026, 11, 25, 3, 0))
    assert not is_open({2: hours_of("")}, datetime(2026, 11, 25, 12, 0))


def test_a_long_night_goes_on_after_midnight() -> None:
    night = {4: hours_of("20:00-02:00"), 5: hours_of("")}
    assert is_open(night, datetime(2026, 11, 27, 23, 0))
    assert is_open(night, datetime(2026, 11, 28, 1, 59))
    assert not is_open(night, datetime(2026, 11, 28, 2, 0))


def test_what_a_settings_file_says_holds_and_the_template_changes_nothing(tmp_path: Path) -> None:
    assert read_settings(None) == read_settings(tmp_path / "none") == (GallerySettings(), [])
    file = tmp_path / "gallery.toml"
    file.write_text(TEMPLATE)
    assert read_settings(file) == (GallerySettings(), [])
    file.write_text('idle = 5\nfresh = ""\n[hours]\nmonday = ""\n[stage]\ntheme = "paper"\nsize = 1.2\n')
    settings, complaints = read_settings(file)
    assert complaints == []
    assert settings == GallerySettings(idle=5.0, fresh="", hours={"monday": ""}, stage={"theme": "paper", "size": 1.2})
    assert (settings.starts_afresh, settings.opening) == (None, {0: ()})


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"idel": 3}, "there is no 'idel'; there are idle, round, swap, fresh, health, record, hours, stage, screen"),
        ({"idle": "long"}, "idle is to be a number from 1 to 86400, not 'long'"),
        ({"hours": {"moonday": ""}}, "hours: a name is to be one of monday, tuesday, "),
        ({"hours": {"monday": "ten to six"}}, 'hours: monday is to be hours such as "10:00-13:00, 14:00-22:00", not '),
        ({"hours": {"monday": "10:00-25:00"}}, "hours: monday is to be hours such as "),
        ({"record": 1}, "record is to be true or false, not '1'"),
        ({"fresh": 4}, "fresh is to be a time of day such as 18:00, or \"\", not '4'"),
        ({"stage": {"theme": []}}, "stage: theme is to be a word or a number, not '[]'"),
        ({"stage": {"siz": 1}}, "the stage has no setting 'siz'; there are "),
        ({"screen": {"off": "a"}}, "screen: [screen] needs both off and on"),
        ({"screen": {"off": 1}}, "screen: off is to be a command line, not '1'"),
    ],
)
def test_what_makes_no_sense_costs_one_line_and_only_itself(told: dict[str, object], line: str) -> None:
    settings, complaints = settings_of({"swap": 20, **told})
    assert (settings, len(complaints)) == (GallerySettings(swap=20.0), 1)
    assert complaints[0].startswith(line)


@pytest.mark.parametrize(
    "broken", ["swap == 20", 'fresh = "04:00', "[hours\nmonday = 1", "idle = 40", "gr\u00fc\u00df = 1"]
)
def test_a_gallery_begins_although_a_line_of_its_file_is_broken(tmp_path: Path, broken: str) -> None:
    (tmp_path / "gallery.toml").write_text(f"idle = 30\n{broken}\n[screen]\n", "utf-8")
    settings, complaints = read_settings(tmp_path / "gallery.toml")
    assert settings == GallerySettings(idle=30.0)
    assert len(complaints) == 1 and "gallery.toml: line 2 is left out: " in complaints[0]


def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "gallery.toml").write_text("idle = 30\n", "utf-8-sig")
    assert read_settings(tmp_path / "gallery.toml") == (GallerySettings(idle=30.0), [])


LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=9)
ANYTHING = st.recursive(LEAVES, lambda inner: st.dictionaries(st.text(max_size=9), inner))


@given(st.dictionaries(st.sampled_from(["idle", "fresh", "health", "record", "hours", "stage", "screen"]), ANYTHING))
def test_whatever_stands_there_it_is_settings_or_one_line(told: dict[str, object]) -> None:
    _, complaints = settings_of(told)
    assert not any("\n" in line for line in complaints)


def test_hours_that_end_where_they_begin_are_all_day() -> None:
    assert hours_of("00:00-24:00") == ((time(0, 0), time(0, 0)),)
    assert is_open({2: hours_of("00:00-24:00")}, datetime(2026, 11, 25, 12, 0))
