"""Bytes of unknown origin are read as the text that they are, or refused with what to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import StyleError
from styles.decoding import decode

TEXT = "Caf\u00e9 \u201cnoir\u201d\r\n\t\u4e2d"


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-32", "utf-32")]
)
def test_unicode_is_read_in_all_its_encodings(encoding: str, name: str) -> None:
    assert decode(TEXT.encode(encoding)) == (TEXT, name)


def test_big_endian_marks_are_heeded() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == (TEXT, "utf-16")


def test_bytes_that_are_no_utf_8_are_windows_1252() -> None:
    assert decode(b"\x93na\xefve\x94 \x81") == ("\u201cna\u00efve\u201d \x81", "windows-1252")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_utf_8_comes_back_as_it_was(text: str) -> None:
    data = text.encode()
    if not data.startswith((b"{\\rtf", b"PK\x03\x04", b"%PDF-", b"\xef\xbb\xbf")):
        assert decode(data) == (text, "utf-8")


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
