"""A file of a user is read by its types, and what is wrong in it is one line that says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Interval, Len, Predicate, doc
from hypothesis import given
from hypothesis import strategies as st

from protocol.alphabet import COLOUR
from protocol.documents import toml
from protocol.errors import ParameterError, StyleError
from protocol.validation import Shape


@dataclass(frozen=True)
class Key:
    number: Annotated[int, Interval(ge=0, le=127)]
    kind: Literal["cc", "note"] = "cc"


@dataclass(frozen=True)
class Desk:
    name: Annotated[str, Len(1, 8)]
    colour: Annotated[str, Predicate(COLOUR.fullmatch), doc("a colour such as #7DE4FF")] = "#FFFFFF"
    keys: tuple[Key, ...] = ()
    ends: tuple[float, float] = (0.0, 1.0)
    lit: bool = True
    levels: Mapping[str, Annotated[float, Interval(ge=-1, le=1)]] | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.ends[0] > self.ends[1]:
            raise ValueError("ends are given from low to high")


DESK = Shape(Desk)


def test_what_fits_becomes_the_values_that_the_types_say() -> None:
    told = toml('name = "desk"\nends = [0, 0.5]\nlit = false\n[[keys]]\nnumber = 3\nkind = "note"\n')
    assert DESK.read(told) == Desk("desk", keys=(Key(3, "note"),), ends=(0.0, 0.5), lit=False)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({}, "name is missing: text of 1 to 8 characters"),
        ({"name": ""}, "name is to be text of 1 to 8 characters, not ''"),
        ({"name": "a", "colour": "blue"}, "colour is to be a colour such as #7DE4FF, not 'blue'"),
        (
            {"name": "a", "keys": [{"number": 1}, {"number": 128}]},
            "keys 2: number is to be a whole number from 0 to 127, not '128'",
        ),
        ({"name": "a", "keys": [{"number": True}]}, "keys 1: number is to be a whole number from 0 to 127, not 'true'"),
        ({"name": "a", "keys": [{"number": "1"}]}, "keys 1: number is to be a whole number from 0 to 127, not '1'"),
        ({"name": "a", "keys": [{"number": 1, "kind": "bend"}]}, "keys 1: kind is to be one of cc, note, not 'bend'"),
        ({"name": "a", "keys": [7]}, "keys 1 is to be a table, not '7'"),
        ({"name": "a", "keys": "7"}, "keys is to be a list, not '7'"),
        ({"name": "a", "ends": [1]}, "ends 2 is missing: a number"),
        ({"name": "a", "ends": [1, 0]}, "ends are given from low to high"),
        ({"name": "a", "lit": 1}, "lit is to be true or false, not '1'"),
        ({"name": "a", "most": "x"}, "most is to be a whole number or nothing, not 'x'"),
        ({"name": "a", "size": 1}, "there is no 'size'; there are name, colour, keys, ends, lit, levels, most"),
        ({"name": "a", "ends": [0.0, float("nan")]}, "ends 2 is to be a number, not 'nan'"),
    ],
)
def test_what_does_not_fit_is_one_line(told: dict[str, Any], line: str) -> None:
    with pytest.raises(ParameterError) as caught:
        DESK.read(told)
    assert str(caught.value) == line


def test_half_a_pair_of_surrogates_is_a_question_mark() -> None:
    assert DESK.read({"name": "a\ud83d"}) == Desk("a?")


def test_a_line_begins_with_where_it_stands_and_the_error_is_the_rooms_own() -> None:
    with pytest.raises(StyleError, match=r"^desk\.toml: name is to be text of 1 to 8 characters, not '5'$"):
        Shape(Desk, StyleError).read({"name": 5}, "desk.toml")


def test_what_is_nested_too_deep_is_refused() -> None:
    told: object = 1
    for _ in range(5_000):
        told = [told]
    with pytest.raises(ParameterError, match="nested too deep"):
        DESK.read({"name": told})


def test_what_is_unknown_may_be_passed_over() -> None:
    assert Shape(Key, unknown="ignore").read({"number": 1, "newer": True}) == Key(1)


@dataclass(frozen=True)
class Box:
    desk: str = ""
    keys: tuple[Key, ...] = ()
    hours: Mapping[Literal["monday", "sunday"], Annotated[str, Len(5)]] | None = None


def test_one_bad_entry_costs_only_itself() -> None:
    told = {
        "desk": 4,
        "keys": [{"number": 1}, {"number": -1}, {}, {"number": 2}],
        "hours": {"monday": "12:00", "sunday": "12", "moonday": "12:00"},
        "size": 1,
    }
    box, complaints = Shape(Box).read_what_fits(told, "box.toml")
    assert box == Box("", (Key(1), Key(2)), {"monday": "12:00"})
    assert complaints == [
        "box.toml: desk is to be text, not '4'",
        "box.toml: keys 2: number is to be a whole number from 0 to 127, not '-1'",
        "box.toml: keys 3: number is missing: a whole number from 0 to 127",
        "box.toml: hours: sunday is to be text of 5 or more characters, not '12'",
        "box.toml: hours: a name is to be one of monday, sunday, not 'moonday'",
        "box.toml: there is no 'size'; there are desk, keys, hours",
    ]


@pytest.mark.parametrize("told", ["a", [1], None, 5])
def test_what_is_no_table_at_all_is_refused(told: object) -> None:
    with pytest.raises(ParameterError, match=r"^it is to be a table, not "):
        Shape(Box).read_what_fits(told)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["number", "monday", "x"]), inner),
)


@given(st.dictionaries(st.sampled_from(["desk", "keys", "hours", "size"]), ANYTHING))
def test_whatever_stands_in_a_table_what_fits_is_left_or_it_is_one_line(told: dict[str, object]) -> None:
    try:
        _, complaints = Shape(Box).read_what_fits(told)
    except ParameterError as error:
        complaints = [str(error)]
    assert not any("\n" in line for line in complaints)
