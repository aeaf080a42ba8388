"""The layout guard: what may follow a text, by its end, the rate and who has the say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.layout import LONGEST_SILENCE_CHARS, LOOKED_AT_CHARS, Place
from protocol.mixing import WRITABLE
from protocol.tree import LAYOUT, ParameterTree

FAST, PROSE, CODE = 60.0, 0.0, 1.0
ANYTHING = [chr(code) for code in range(128) if WRITABLE[code]]


def may(text: str, sign: str, code: float = PROSE, rate: float = FAST) -> bool:
    return bool(Place.behind(text).allowed(code, rate)[ord(sign)])


def worst_text(wanted: str, code: float, rate: float, chars: int = 400) -> str:
    """What a voice writes that wants the first of ``wanted`` that it may have, and else any character."""
    text = ""
    for _ in range(chars):
        allowed = Place.behind(text).allowed(code, rate)
        text += next(sign for sign in (*wanted, "x", "y") if allowed[ord(sign)])
    return text


@pytest.mark.parametrize(("code", "indent"), [(PROSE, "   "), (0.49, "   "), (0.5, "\t   "), (CODE, "\t   ")])
def test_an_indent_is_wider_where_voices_of_code_have_half_of_the_say(code: float, indent: str) -> None:
    assert may(f"x\n{indent}", " ", code)
    assert not may(f"x\n{indent} ", " ", code)


def test_no_more_than_eight_characters_of_white_stand_side_by_side_the_lines_ends_among_them() -> None:
    assert may("x\n\n     ", " ", CODE) and not may("x\n\n      ", " ", CODE)


def test_a_tab_counts_as_the_columns_up_to_the_next_fourth() -> None:
    assert may("x\n\t", "\t", CODE) and not may("x\n\t\t", "\t", CODE)
    assert may("x\n   ", "\t") and not may("x\n\t", " ")


def test_inside_a_line_two_blanks_stand_side_by_side_and_no_third() -> None:
    assert may("the ", " ")
    assert not may("the  ", " ") and not may("the  ", "\t")


def test_one_line_may_be_empty_and_not_the_next() -> None:
    assert may("the", "\n") and may("the\n", "\n")
    assert not may("the\n\n", "\n")


def test_a_line_ends_with_a_sign_and_the_text_begins_with_one() -> None:
    assert not may("the ", "\n") and not may("the\n  ", "\n")
    assert not any(may("", white) for white in " \t\n")


@pytest.mark.parametrize("row", ["****", "- - - -", "*\n*\n * *", "    ....", "xxxx", "0000"])
def test_a_fifth_equal_sign_does_not_follow_four(row: str) -> None:
    assert not may(f"the {row}", row[-1], CODE)
    assert may(f"the {row[:-1].rstrip()}", row[-1], CODE)


def test_blanks_between_equal_letters_make_them_no_row() -> None:
    assert may("a a a a", "a") and may("x 1 1 1 1 ", "1")


@pytest.mark.parametrize(("text", "sign"), [("the\n ", "*"), ("the\n", "#"), ("the\n/", "/"), ("the /", "*")])
def test_a_comment_begins_only_where_voices_of_code_have_half_of_the_say(text: str, sign: str) -> None:
    assert may(text, sign, 0.5)
    assert not may(text, sign, 0.49)


def test_a_star_or_a_slash_inside_a_line_is_no_comment() -> None:
    assert may("two ", "*") and may("and/or", "/") and may("number ", "#")


@pytest.mark.parametrize(("rate", "signs"), [(1.0, 1), (2.0, 4), (5.0, 13), (60.0, LONGEST_SILENCE_CHARS - 2)])
def test_a_letter_comes_in_time_for_three_seconds(rate: float, signs: int) -> None:
    text = "x" + "12" * 50
    assert may(text[: 1 + signs], ".", rate=rate)
    assert not may(text[: 2 + signs], ".", rate=rate)
    assert may(text[: 2 + signs], "x", rate=rate)


@given(st.text(st.sampled_from(ANYTHING), max_size=100), st.floats(0.0, 1.0), st.floats(1.0, 60.0))
def test_whatever_stands_there_a_letter_may_follow_and_only_what_can_be_written(
    text: str, code: float, rate: float
) -> None:
    allowed = Place.behind(text).allowed(code, rate)
    assert allowed[[ord("x"), ord("y")]].any() or (text.endswith("\n ") and allowed[ord(" ")])
    assert not allowed[~WRITABLE].any()


def test_a_line_of_prose_is_indented_by_two_columns_or_not_at_all() -> None:
    assert may("x\n ", " ") and not may("x\n ", "x")
    assert may("x\n  ", "x") and may("x\n", "x")
    assert may("x\n ", "x", CODE)


@given(st.text(st.sampled_from(ANYTHING), max_size=200))
def test_only_the_end_of_the_text_decides(text: str) -> None:
    assert Place.behind("x" * LOOKED_AT_CHARS + text) == Place.behind(("x" * LOOKED_AT_CHARS + text)[-LOOKED_AT_CHARS:])


@given(st.permutations(list(" \t\n*#/-.0")), st.sampled_from([PROSE, CODE]), st.sampled_from([1.0, 15.0, 60.0]))
def test_a_voice_that_wants_no_letters_writes_no_long_white_and_a_letter_in_time(
    wanted: list[str], code: float, rate: float
) -> None:
    text = worst_text("".join(wanted), code, rate)
    white = longest(text, str.isspace)
    assert white <= (8 if code else 6)
    assert (longest(text, lambda sign: not sign.isalpha()) + 1) / rate <= 3.0


def test_the_switch_is_on_at_the_start_and_off_where_a_table_of_values_lacks_it() -> None:
    assert ParameterTree([]).defaults()[LAYOUT] is True
    assert Place.behind("").permits({}, PROSE) is WRITABLE
    assert not Place.behind("").permits(ParameterTree([]).defaults(), PROSE)[ord(" ")]


def longest(text: str, holds: Callable[[str], bool]) -> int:
    """The length of the longest run of characters of which that holds."""
    best = run = 0
    for character in text:
        run = run + 1 if holds(character) else 0
        best = max(best, run)
    return best
