"""A file of a user is read by its types, and what is wrong in it is one line that says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Interval, Len, Predicate, doc

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
        ({}, "name is missing: text of at most 8 characters"),
        ({"name": ""}, "name is to be text of at most 8 characters, not ''"),
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
        ({"name": float("nan")}, "it holds a number that is not finite"),
    ],
)
def test_what_does_not_fit_is_one_line(told: dict[str, Any], line: str) -> None:
    with pytest.raises(ParameterError) as caught:
        DESK.read(told)
    assert str(caught.value) == line


def test_a_line_begins_with_where_it_stands_and_the_error_is_the_rooms_own() -> None:
    with pytest.raises(StyleError, match=r"^desk\.toml: name is to be text of at most 8 characters, not '5'$"):
        Shape(Desk, StyleError).read({"name": 5}, "desk.toml")


def test_what_is_unknown_may_be_passed_over() -> None:
    assert Shape(Key, unknown="ignore").read({"number": 1, "newer": True}) == Key(1)


def test_one_bad_entry_of_a_list_costs_only_itself() -> None:
    good, complaints = Shape(Key).read_each([{"number": 1}, {"number": -1}, {"number": 2}], "key", 3)
    assert good == [Key(1), Key(2)]
    assert complaints == ["key 2: number is to be a whole number from 0 to 127, not '-1'"]


@pytest.mark.parametrize("told", [{}, "ab", [1, 2, 3, 4]])
def test_what_is_no_list_or_too_long_a_one_is_refused_whole(told: object) -> None:
    with pytest.raises(ParameterError, match=r"^keys are to be a list of at most 3$"):
        Shape(Key).read_each(told, "key", 3)
