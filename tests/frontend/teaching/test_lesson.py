"""A lesson: poses and what they mean, kept in a file that may have been written by anybody."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.teaching.lesson import (
    MAX_EXAMPLES,
    MAX_FILE_BYTES,
    MAX_TARGETS,
    Example,
    Lesson,
    PoseTarget,
    aim_of_values,
    aim_of_voice,
    parse,
    render,
)
from protocol.errors import ParameterError
from protocol.tree import ParameterTree, Value

BIBLE, LINUX = aim_of_voice("bible", "bible"), aim_of_voice("linux", "linux")
OPEN, SHUT = {"face/mouth": 0.9}, {"face/mouth": 0.1}


def two_voices() -> Lesson:
    return Lesson().shown("bible", BIBLE, OPEN).shown("linux", LINUX, SHUT)


def test_what_the_aims_differ_in_is_led_and_a_weight_that_is_not_named_is_nothing() -> None:
    lesson = two_voices()
    assert lesson.led == ("/style/bible/weight", "/style/linux/weight")
    assert lesson.table() == [[1.0, 0.0], [0.0, 1.0]]


def test_what_all_scenes_agree_about_is_left_alone() -> None:
    warm = PoseTarget("warm", {"/mix/temperature": 1.2, "/mix/alloy": 0.0, "/style/bible/weight": 0.5})
    cold = PoseTarget("cold", {"/mix/temperature": 0.4, "/mix/alloy": 0.0, "/style/bible/weight": 0.5})
    assert Lesson().shown("1", warm, OPEN).shown("2", cold, SHUT).led == ("/mix/temperature",)


def test_an_aim_that_says_nothing_of_a_parameter_says_the_mean_of_those_that_do() -> None:
    warm, cold = PoseTarget("warm", {"/mix/temperature": 1.2}), PoseTarget("cold", {"/mix/temperature": 0.4})
    lesson = Lesson().shown("1", warm, OPEN).shown("2", cold, SHUT).shown("bible", BIBLE, OPEN)
    assert lesson.led == ("/mix/temperature", "/style/bible/weight")
    assert lesson.table() == [[1.2, 0.0], [0.4, 0.0], [0.8, 1.0]]


def test_a_scenes_levels_are_its_aim_and_its_switches_and_places_are_not() -> None:
    tree = ParameterTree(["bible"])
    values: dict[str, Value] = {"/style/bible/weight": 0.5, "/style/bible/on": True, "/puck": (0.25, -0.5)}
    assert aim_of_values("x", {**values, "/style/bible/place": 3, "/style/gone/weight": 1.0}, tree).values == {
        "/style/bible/weight": 0.5,
        "/puck.x": 0.25,
        "/puck.y": -0.5,
    }


def test_showing_again_adds_an_example_and_renews_the_aim() -> None:
    lesson = two_voices().shown("bible", PoseTarget("Bible", {"/style/bible/weight": 0.6}), OPEN)
    assert (lesson.count("bible"), lesson.aims["bible"].name, len(lesson.aims)) == (2, "Bible", 2)


def test_an_aim_goes_with_its_last_example() -> None:
    assert two_voices().without(0) == Lesson({"linux": LINUX}, (Example("linux", SHUT),))
    assert two_voices().without_aim("linux").without_aim("bible") == Lesson()


def test_a_lesson_is_bounded_and_an_empty_pose_is_told() -> None:
    with pytest.raises(ParameterError, match="no input says anything"):
        Lesson().shown("bible", BIBLE, {})
    full = Lesson({"bible": BIBLE}, tuple(Example("bible", OPEN) for _ in range(MAX_EXAMPLES)))
    with pytest.raises(ParameterError, match="at most"):
        full.shown("bible", BIBLE, OPEN)
    many = Lesson({str(n): BIBLE for n in range(MAX_TARGETS)})
    with pytest.raises(ParameterError, match="at most"):
        many.shown("one more", BIBLE, OPEN)


names = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=12)
levels = st.floats(-1e6, 1e6).map(lambda level: float(f"{level:.6g}"))


@given(st.lists(st.tuples(names, st.dictionaries(names, levels, min_size=1, max_size=5)), max_size=6))
def test_a_lesson_is_read_as_it_was_written(shown: list[tuple[str, dict[str, float]]]) -> None:
    lesson = Lesson(method="nearest")
    for key, features in shown:
        lesson = lesson.shown(key, PoseTarget(key, {f"/style/{len(key)}/weight": 0.5}), features)
    assert parse(render(lesson)) == (lesson, [])


BROKEN = [
    "",
    "[]",
    "{}",
    "null",
    "[" * 50_000,
    "9" * 5_000,
    '{"aims": {}, "examples": []}',
    '{"aims": {}, "examples": [], "method": "magic"}',
    '{"aims": [], "examples": {}, "method": "nearest"}',
    '{"aims": {"x": {"name": "x", "values": {"/w": NaN}}}, "examples": [], "method": "nearest"}',
    json.dumps({"aims": {str(n): {"name": "x", "values": {}} for n in range(99)}, "examples": [], "method": "nearest"}),
]


PARTLY = [
    '{"aims": {}, "examples": [{"aim": "x", "features": {"a": 1}}], "method": "nearest"}',
    '{"aims": {"x": {"name": "x", "values": {"weight": 1}}}, "examples": [], "method": "nearest"}',
    '{"aims": {"x": {"name": "x", "values": {"/w": 1e400}}}, "examples": [], "method": "nearest"}',
    '{"aims": {"x": {"name": "\\u0007", "values": {}}}, "examples": [], "method": "nearest"}',
]


@pytest.mark.parametrize("text", PARTLY)
def test_a_part_that_makes_no_sense_is_left_out_and_told(text: str) -> None:
    lesson, complaints = parse(text)
    assert (lesson, len(complaints)) == (Lesson(method="nearest"), 1)


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ParameterError):
        parse(text)


def test_a_file_that_is_too_long_is_not_read() -> None:
    with pytest.raises(ParameterError, match="more than"):
        parse(" " * (MAX_FILE_BYTES + 1))
