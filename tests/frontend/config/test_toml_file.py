"""What we write into a file of the user's leaves their comments and their order as they are."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.config.toml_file import settled, write_settled

FRESH = """\
# Ours.

# how large (1 to 2)
size = 2.0

# whether (on or off)
lit = true

[leap]

# how much
gain = 1.5
"""


def test_values_are_put_where_they_stand_and_comments_stay() -> None:
    standing = '# mine\nlit = false   # too bright\n\nsize = 1.0 # so\n[leap]  # left\ngain = 1.0\nother = "x"\n'
    assert settled(FRESH, standing) == (
        '# mine\nlit = true   # too bright\n\nsize = 2.0 # so\n[leap]  # left\ngain = 1.5\nother = "x"\n'
    )


def test_what_is_missing_comes_with_the_comment_that_explains_it() -> None:
    made = settled(FRESH, "size = 1.0\n")
    assert made.startswith("size = 2.0\n\n# whether (on or off)\nlit = true\n")
    assert tomllib.loads(made) == tomllib.loads(FRESH)


def test_a_key_that_is_missing_before_a_table_comes_before_it() -> None:
    made = settled(FRESH, "[leap]\ngain = 1.0\n")
    assert tomllib.loads(made) == tomllib.loads(FRESH)


def test_an_unchanged_value_keeps_the_way_it_was_written() -> None:
    assert settled("size = 2000.0\nlit = true\n", "size = 2e3\nlit = false\n") == "size = 2e3\nlit = true\n"


def test_one_is_not_true() -> None:
    assert settled("lit = true\n", "lit = 1\n") == "lit = true\n"


@pytest.mark.parametrize("standing", ["", "\n", "size = \n", "size = 1\nsize = 2\n"])
def test_where_nothing_of_sense_stands_ours_is_written(standing: str) -> None:
    assert settled(FRESH, standing) == FRESH


ROW = "[[map]]\nchannel = {}\n"


def rows(*channels: int) -> str:
    return "on = true\n\n" + "\n".join(ROW.format(channel) for channel in channels)


def test_a_row_that_stays_keeps_its_place_and_its_comment() -> None:
    standing = "on = true\n\n[[map]] # my left hand\nchannel = 2\n\n[[map]]\nchannel = 1\n"
    made = settled(rows(1, 3, 2), standing, ["map"])
    assert "[[map]] # my left hand\nchannel = 2\n" in made
    assert [row["channel"] for row in tomllib.loads(made)["map"]] == [2, 1, 3]


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_the_rows_are_ours_whatever_stood_there(ours: list[int], before: list[int]) -> None:
    made = tomllib.loads(settled(rows(*ours), rows(*before), ["map"]))
    assert sorted(row["channel"] for row in made.get("map", [])) == sorted(ours)


def test_a_file_is_made_settled_and_replaced_where_it_made_no_sense(tmp_path: Path) -> None:
    path = tmp_path / "a" / "window.toml"
    write_settled(path, "size = 1\n")
    path.write_text("size = 1  # mine\n", "utf-8")
    write_settled(path, "size = 2\n")
    assert path.read_text("utf-8") == "size = 2  # mine\n"
    path.write_bytes(b"\xff")
    write_settled(path, "size = 2\n")
    assert path.read_text("utf-8") == "size = 2\n"
