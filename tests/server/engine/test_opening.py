"""The first line: a performance begins with one that is named, else with one that ships, and never from nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest

from protocol.messages import Reset
from protocol.tree import AIM_CHARS, OPENING
from server.engine.opening import OPENINGS, first_line


def test_the_line_that_is_named_comes_before_those_that_ship() -> None:
    assert first_line({OPENING: "Call me "}, 1, OPENINGS) == "Call me "
    assert first_line({OPENING: "  "}, 1, OPENINGS) == first_line({}, 1, OPENINGS) == OPENINGS[1]


def test_another_seed_begins_with_another_line_and_the_same_seed_with_the_same() -> None:
    lines = [first_line({}, seed, OPENINGS) for seed in range(len(OPENINGS) + 1)]
    assert all(a != b for a, b in pairwise(lines))
    assert lines[0] == lines[-1]


def test_where_nothing_ships_and_nothing_is_named_a_text_begins_empty() -> None:
    assert first_line({}, 1, ()) == ""


@pytest.mark.parametrize("line", OPENINGS)
def test_a_shipped_line_fits_its_parameter_and_breaks_off_behind_a_blank(line: str) -> None:
    assert line.isascii() and len(line) <= AIM_CHARS
    assert line.endswith(" ") and not line.startswith(" ")


def test_a_reset_puts_the_first_line_on_the_page_and_the_voices_go_on_from_there(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.parameters.put(OPENING, "Call me ")
    on_stage.play(0.35)
    on_stage.ask(Reset())
    on_stage.play(0.75)
    assert on_stage.performance.buffer.tail(20).text == "Call me ijab"
