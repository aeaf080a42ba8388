"""A text is cut into words in one way only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.words.tokens import LONGEST_WORD, Vocabulary, lengthens, may_begin, tokens

SEVEN_BIT = st.binary(max_size=60).map(lambda data: bytes(code & 127 for code in data))


def test_a_word_takes_the_blank_before_it_and_a_sign_does_too() -> None:
    assert tokens(b'It\'s  a "b", 12.\n\t') == [
        b"It's",
        b" ",
        b" a",
        b' "',
        b"b",
        b'"',
        b",",
        b" 1",
        b"2",
        b".",
        b"\n",
        b"\t",
    ]


@given(SEVEN_BIT)
def test_the_tokens_of_any_text_are_the_text(text: bytes) -> None:
    assert b"".join(tokens(text)) == text


@given(SEVEN_BIT)
def test_letter_by_letter_the_same_tokens_are_found(text: bytes) -> None:
    found: list[bytes] = []
    for code in text:
        if found and lengthens(found[-1], code):
            found[-1] += bytes([code])
        else:
            found.append(bytes([code]))
    assert found == tokens(text)


def test_behind_a_lone_blank_only_white_space_begins_a_word() -> None:
    assert bytes(np.flatnonzero(may_begin(b" ")).tolist()) == b"\t\n\v\f\r "


def test_the_frequent_words_are_known_then_those_that_are_offered() -> None:
    read = [b" a", b" a", b" b", b" b", b" b", b" c", b" " + b"x" * LONGEST_WORD] * 2
    assert Vocabulary.of(read, 2).words == (b" a", b" b")
    assert Vocabulary.of([*read, b" once"], 5, [b" b", b" d", b" e", b" f"]).words == (
        b" a",
        b" b",
        b" c",
        b" d",
        b" e",
    )


def test_a_word_is_found_by_its_number_and_others_are_unknown() -> None:
    known = Vocabulary((b" a", b" b"))
    assert known.numbers([b" b", b" c", b" a"]).tolist() == [2, 0, 1]


def test_a_vocabulary_is_kept_as_bytes() -> None:
    known = Vocabulary((b"\n", b" a", b" b"))
    assert Vocabulary.unpacked(known.packed()) == known


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "not sorted"),
        (b"\x02 a\x02 ", "torn"),
        (b"\x00", "torn"),
        (b"\x01\xff", "not 7-bit"),
        (b"\x02 b\x02 a", "not sorted"),
        (b"\x01a\x01a", "not sorted"),
        (b"\x03 a,", "none"),
    ],
)
def test_bytes_that_are_no_vocabulary_are_refused(data: bytes, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Vocabulary.unpacked(data)
