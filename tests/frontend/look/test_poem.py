"""The last letters of a text stand where the puck lay when they were written, and can be read there."""

from __future__ import annotations

from itertools import pairwise

import pytest

from frontend.look.poem import BESIDE, CELL, LEADING, LETTERS_KEPT, MapBounds, PoemMap, place_of_mix

WIDE = MapBounds(-2.0, -1.0, 2.0, 1.0)


def written(poem: PoemMap) -> str:
    return "".join(letter.character for letter in poem.letters)


def lines(poem: PoemMap) -> dict[float, str]:
    """What stands at each height."""
    found: dict[float, str] = {}
    for letter in poem.letters:
        found[round(letter.y, 3)] = found.get(round(letter.y, 3), "") + letter.character
    return found


def test_what_stood_there_before_is_not_on_the_map() -> None:
    poem = PoemMap()
    poem.follow("In the beginning", 0, 1, (0.0, 0.0), WIDE)
    assert poem.letters == ()


def test_a_word_begins_where_the_puck_lies_and_is_not_cut_when_it_moves() -> None:
    poem, text = PoemMap(), " "
    poem.follow(text, 0, 1, (0.0, 0.0), WIDE)
    way = [(0.5, 0.5), (0.5, 0.5), (-0.5, 0.0), (-0.5, 0.0), (-0.5, -0.5), (0.0, 0.0)]
    for letter, place in zip("was is", way, strict=True):
        text += letter
        poem.follow(text, 0, 1, place, WIDE)
    first, second = poem.letters[:3], poem.letters[3:]
    assert [letter.x for letter in first] == pytest.approx([0.5 + BESIDE + CELL * n for n in range(3)])
    assert {letter.y for letter in first} == {0.5}
    assert (second[0].x, second[0].y) == pytest.approx((-0.5 + BESIDE, -0.5))
    assert written(poem) == "wasis"


def test_where_the_puck_rests_words_make_a_paragraph_in_which_none_stands_over_another() -> None:
    poem, text = PoemMap(), " "
    poem.follow(text, 0, 1, (0.0, 0.6), WIDE)
    for letter in "and the rest of it is silence " * 5:
        text += letter
        poem.follow(text, 0, 1, (0.0, 0.6), WIDE)
    heights = sorted(lines(poem), reverse=True)
    assert len(heights) > 3 and written(poem) == ("andtherestofitissilence" * 5)[-LETTERS_KEPT:]
    assert {round((a - b) / LEADING, 3) for a, b in pairwise(heights)} == {1.0}


def test_only_the_last_letters_are_kept_and_what_is_written_over_is_gone() -> None:
    poem = PoemMap()
    poem.follow(" ", 0, 1, (0.0, 0.0), WIDE)
    poem.follow(" " + "a" * 300, 0, 1, (-1.5, 0.0), MapBounds(-20.0, -1.0, 20.0, 1.0))
    assert len(poem.letters) == LETTERS_KEPT
    assert poem.opacities()[-1] == 1.0 and poem.opacities()[0] == pytest.approx(0.3)


def test_what_a_rewind_takes_back_leaves_the_map() -> None:
    poem = PoemMap()
    poem.follow(" ", 0, 1, (0.0, 0.0), WIDE)
    poem.follow(" one two", 0, 1, (0.0, 0.0), WIDE)
    poem.follow(" one ", 0, 2, (0.0, 0.0), WIDE)
    poem.follow(" one way", 0, 2, (0.0, 0.0), WIDE)
    assert written(poem) == "oneway"


def test_a_lifted_puck_is_in_the_middle_of_those_who_speak() -> None:
    assert place_of_mix((0.3, 0.4), False, (0, 1), {0: 1.0, 1: 0.0}) == (0.3, 0.4)
    assert place_of_mix((0.3, 0.4), True, (0, 1), {0: 1.0, 1: 0.0}) == pytest.approx((0.0, 1.0))
    assert place_of_mix((0.3, 0.4), True, (0, 1), {0: 0.5, 1: 0.5}) == pytest.approx((0.0, 0.0))
