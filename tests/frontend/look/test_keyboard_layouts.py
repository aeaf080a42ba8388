"""The Latin letter of a key, from what the keyboards of other scripts type with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.control.drawing.keymap import BY_CHARACTER
from frontend.look.keyboard_layouts import KEYBOARDS, LATIN, elsewhere, latin

KEYS = LATIN.replace(" ", "")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ц", "w"),
        ("Ц", "W"),
        ("ф", "a"),
        ("х", "["),
        ("Х", "{"),
        ("Ж", ":"),
        ("і", "s"),  # Ukrainian
        ("σ", "s"),
        ("ς", "w"),
        ("ש", "a"),
        ("ק", "e"),
        ("ص", "w"),
        ("ㅈ", "w"),
        ("٣", "3"),
        ("w", "w"),
        ("é", "é"),  # of a Latin keyboard: a key of its own
        ("", ""),
    ],
)
def test_a_character_is_that_of_the_american_keyboard(typed: str, key: str) -> None:
    assert latin(typed) == key


@pytest.mark.parametrize("keyboard", KEYBOARDS)
def test_a_keyboard_is_described_key_by_key(keyboard: str) -> None:
    assert len(keyboard) == len(LATIN) and keyboard.count(" ") == LATIN.count(" ")


@pytest.mark.parametrize("keyboard", [KEYBOARDS[0], KEYBOARDS[4], KEYBOARDS[5]])
def test_every_letter_that_the_window_obeys_is_there_in_cyrillic_greek_and_hebrew(keyboard: str) -> None:
    obeyed = {letter for letter in BY_CHARACTER if letter.isalpha() and letter.islower()}
    missing = obeyed - {latin(typed) for typed in keyboard}
    assert missing <= {"q", "w"}, "a Greek and a Hebrew keyboard type a sign with these"


@given(st.sampled_from(KEYS))
def test_what_is_typed_elsewhere_is_this_key(key: str) -> None:
    assert all(latin(typed) == key for typed in elsewhere(key))
