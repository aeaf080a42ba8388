"""Bytes of unknown origin are read as the text that they are, or refused with what to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import StyleError
from styles.cleaning import decode

TEXT = "Caf\u00e9 \u201cnoir\u201d\r\n\t\u4e2d"


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-32", "utf-32")]
)
def test_unicode_is_read_in_all_its_encodings(encoding: str, name: str) -> None:
    assert decode(TEXT.encode(encoding)) == (TEXT, name, 0)


def test_big_endian_marks_are_heeded() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == (TEXT, "utf-16", 0)


def test_bytes_that_are_no_utf_8_are_windows_1252() -> None:
    assert decode(b"\x93na\xefve\x94 \x81") == ("\u201cna\u00efve\u201d \x81", "windows-1252", 0)


LONG = TEXT * 300  # nearly all of it is well


@pytest.mark.parametrize(
    ("bad", "read"),
    [
        (b"caf\xe9 ", "caf\u00e9 "),  # a paragraph pasted from Windows
        (b"don\x92t", "don\u2019t"),  # ml5js/training-charRNN, issue 5: one such byte ended the training
        (b"\xed\xa0\xbd\xed\xb8\x80", "\U0001f600"),  # surrogates, as Java and MySQL write them
        (b"\0", "\0"),
    ],
)
def test_a_bad_byte_in_a_text_of_utf_8_costs_no_other(bad: bytes, read: str) -> None:
    found = decode(LONG.encode() + bad + LONG.encode())
    assert found.text == LONG + read + LONG
    assert found.encoding == "utf-8"
    assert found.damaged == (0 if bad == b"\0" else sum(byte >= 128 for byte in bad))


def test_a_character_that_the_end_of_the_file_cuts_off_is_left_out() -> None:
    assert decode((LONG + "\u2014").encode()[:-1]) == (LONG, "utf-8", 2)
    assert decode(LONG.encode("utf-16")[:-1]) == (LONG[:-1], "utf-16", 1)


def test_files_that_were_joined_keep_their_marks_inside_and_their_text() -> None:
    one = b"\xef\xbb\xbf" + LONG.encode()
    assert decode(one + one + b"\xe9t\xe9.") == (LONG + "\ufeff" + LONG + "\u00e9t\u00e9.", "utf-8", 2)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_windows_1252_is_not_taken_for_damaged_utf_8(text: str) -> None:
    data = b"na\xefve " + text.encode("cp1252", "ignore")
    assert decode(data).text.startswith("na\u00efve ")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_utf_8_comes_back_as_it_was(text: str) -> None:
    data = text.encode()
    if not data.startswith((b"{\\rtf", b"PK\x03\x04", b"%PDF-", b"\xef\xbb\xbf")):
        assert decode(data) == (text, "utf-8", 0)


@given(st.binary())
def test_any_bytes_are_a_text_or_one_clear_line(data: bytes) -> None:
    try:
        assert isinstance(decode(data)[0], str)
    except StyleError as error:
        assert ("\n" not in str(error) and "save" in str(error)) or "give" in str(error)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"%PDF-1.7 ...", "is a PDF: save it as plain text"),
        (b"PK\x03\x04rest", "is a zip archive, as Word"),
        (b"{\\rtf1\\ansi", r"is a rich-text \(RTF\) file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is no text but binary data"),
        (b"\x01\x02\x03" * 20, "is no text but binary data"),
        (b"\xff\xfea", "begins as utf-16 but is damaged"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(StyleError, match=f"^notes {complaint}"):
        decode(data, "notes")
