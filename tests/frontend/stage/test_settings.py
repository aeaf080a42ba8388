"""What can be set about the stage: every field's range, the words of the command line, and a file that comes back."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.stage.look import StageLook, StageTheme
from frontend.stage.settings import DEFAULTS, TABLE, StageSettings, settings_of_words
from protocol.errors import ParameterError


def values(field_name: str) -> st.SearchStrategy[object]:
    """What a setting may be given, beyond its range too."""
    field = TABLE.named(field_name)
    numbers = st.floats(-3.0, 200.0).map(lambda number: float(f"{number:g}"))
    return {
        "number": numbers,
        "whole": st.integers(-9, 200),
        "flag": st.booleans(),
        "choice": st.sampled_from(field.choices) if field.choices else st.text(min_size=1),
        "corner": st.tuples(numbers, numbers),
    }[field.kind]


settings = st.fixed_dictionaries({}, optional={field.name: values(field.name) for field in TABLE.fields})


def test_there_is_a_field_for_every_setting_and_its_default_is_within_its_range() -> None:
    assert [field.name for field in TABLE.fields] == [field.name for field in fields(StageSettings)]
    for field in TABLE.fields:
        assert field.accept(TABLE.default(field.name)) == TABLE.default(field.name) and field.words


@given(settings)
def test_whatever_is_set_lies_within_its_range_and_its_file_gives_it_back(wanted: dict[str, object]) -> None:
    after = TABLE.changed(DEFAULTS, wanted)
    for field in TABLE.fields:
        value = getattr(after, field.name)
        for number in value if field.kind == "corner" else [value] if field.kind in ("number", "whole") else []:
            assert field.low <= number <= field.high
    assert TABLE.parse(TABLE.render(after)) == (after, [])


def test_an_entry_that_makes_no_sense_costs_only_itself() -> None:
    entries = ('size = "large"', "fade = 0.5", 'colour = "green"', "glitter = true", "top_left = [0.05, nan]")
    after, complaints = TABLE.parse("\n".join(entries))
    assert after == StageSettings(fade=0.5)
    assert [complaint.split(",")[0] for complaint in complaints] == [
        "the stage's size takes a number from 0.7 to 1.6",
        "the stage's colour takes one of theme",
        "the stage has no setting 'glitter'; there are theme",
        "the stage's top_left takes two numbers from -0.1 to 0.1",
    ]


def test_a_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        TABLE.parse("size: 1.2")


def test_the_command_line_sets_what_the_file_sets() -> None:
    words = ["size=1.2", "columns=60", "names=on", "histogram = OFF", "theme=paper", "top_left=0.02,-0.5"]
    assert settings_of_words(words) == {
        "size": 1.2,
        "columns": 60,
        "names": True,
        "histogram": False,
        "theme": "paper",
        "top_left": (0.02, -0.1),
    }


@pytest.mark.parametrize(
    "word",
    [
        "size",
        "size=",
        "size=nan",
        "size=big",
        "names=maybe",
        "columns=4.5",
        "top_left=1",
        "top_left=1,x",
        "glitter=1",
        "colour=green",
        "=",
        "theme=",
    ],
)
def test_a_word_that_makes_no_sense_is_refused_in_one_line(word: str) -> None:
    with pytest.raises(ParameterError, match=r"^[^\n]*stage[^\n]*$"):
        settings_of_words([word])


def test_letters_are_coloured_as_the_theme_has_it_unless_told_otherwise() -> None:
    plain = StageTheme(coloured=False)
    looks = [StageLook(StageSettings(colour=colour), plain).coloured for colour in ("theme", "voices", "plain")]
    assert looks == [False, True, False]


def test_old_lines_fade_as_far_as_it_is_set_but_never_below_the_theme() -> None:
    assert StageLook().alpha(0.1) == pytest.approx(0.1)
    assert StageLook(StageSettings(fade=0.5)).alpha(0.1) == pytest.approx(0.55)
    assert StageLook(StageSettings(fade=0.0)).alpha(0.1) == 1.0
    assert StageLook(theme=StageTheme(least_alpha=0.6)).alpha(0.1) == 0.6


def test_the_page_about_the_stage_tells_every_setting() -> None:
    page = (Path(__file__).parents[3] / "docs" / "stage.md").read_text("utf-8")
    table = page.split("<!-- settings")[1].split("<!-- end -->")[0].splitlines()[3:]
    rows = [(f"`{field.name}`", shown(TABLE.default(field.name)), field.takes, field.words) for field in TABLE.fields]
    assert table == [f"| {' | '.join(row)} |" for row in rows]


def shown(value: object) -> str:
    """A default as one would write it on the command line."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(f"{number:g}" for number in value) if isinstance(value, tuple) else str(value)
