"""A downloaded file becomes plain text by its form and its card's rules, on samples of the real forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import StyleError
from styles.card import Form, Source
from styles.extraction import extract, markdown_text, wrapped_text, xhtml_text

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
\t<head><title>Chapter 1</title><link href="core.css"/></head>
\t<body>
\t\t<section id="chapter-1" epub:type="chapter">
\t\t\t<h2 epub:type="title z3998:roman">I</h2>
\t\t\t<p>\u201cMy dear <abbr>Mr.</abbr>\xa0Bennet,\u201d said she,
\t\t\t<em>again</em>.<a href="endnotes.xhtml#n1" epub:type="noteref">1</a></p>
\t\t\t<p><span>Sing the wrath</span><br/>
\t\t\t<span class="i1">of Peleus\u2019 son</span></p>
\t\t\t<hr/>
\t\t\t<p>End &amp; out.</p>
\t\t</section>
\t</body>
</html>
"""
KORAN = """001.001
Y: In the name of Allah, the Most Beneficent, the Most Merciful.

P: The path of those whom Thou hast favoured; Not the (path) of those
who earn Thine anger nor of those who go astray.

S: The path of those upon whom Thou hast bestowed favors.
"""
BIBLE = """The First Book of Moses

1:1 In the beginning God created the heaven and the earth.

1:2 And the earth was without form, and void; and darkness was upon
the face of the deep. 1:3 And God said, Let there be light.

The Third Book of Moses

1:1 And the LORD called unto Moses.
"""
AGC = """# Copyright:\tPublic domain.
# Filename:\tALARM.agc

# Page 1493
# THE FOLLOWING SUBROUTINE MAY BE CALLED
ALARM\t\tINHINT

# Page 1494
\t\tCA\tQ
"""


def source(form: Form = "plain", **rules: object) -> Source:
    return Source(("http://host/file",), form, **rules)  # type: ignore[arg-type]


def test_a_page_of_an_e_book_is_its_paragraphs() -> None:
    assert extract(PAGE.encode(), source("xhtml"), "page") == (
        'I\n\n"My dear Mr. Bennet," said she, again.\n\nSing the wrath\nof Peleus\' son\n\nEnd & out.\n'
    )


def test_only_the_paragraphs_that_are_free_are_kept() -> None:
    rules = source("wrapped", keep="^P: ", replace=(("^P: ", ""),))
    assert extract(KORAN.encode(), rules, "koran") == (
        "The path of those whom Thou hast favoured; Not the (path) of those "
        "who earn Thine anger nor of those who go astray.\n"
    )


def test_a_span_of_a_text_is_taken_and_its_verses_stand_alone() -> None:
    rules = source(
        "wrapped", begin="^1:1 In the beginning", end="^The Third Book", replace=((r"\s*\b\d{1,3}:\d{1,3}\s+", "\n"),)
    )
    assert extract(BIBLE.replace("\n", "\r\n").encode(), rules, "bible").split("\n") == [
        "In the beginning God created the heaven and the earth.",
        "And the earth was without form, and void; and darkness was upon the face of the deep.",
        "And God said, Let there be light.",
        "",
    ]


def test_transcribers_notes_in_code_go_and_tabs_stay() -> None:
    rules = source(replace=((r"\A(?:#[^\n]*\n)+", ""), (r"^# Page .*\n", "")))
    assert extract(AGC.encode(), rules, "agc") == (
        "# THE FOLLOWING SUBROUTINE MAY BE CALLED\nALARM\t\tINHINT\n\n\t\tCA\tQ\n"
    )


def test_a_file_of_someone_else_is_left_out() -> None:
    rules = source(only=r"\APresident: Donald", replace=((r"\APresident: .*\n+", ""),))
    assert extract(b"President: Barack Obama\n\nHello.", rules, "speech") == ""
    assert extract(b"President: Donald Trump\n\nThank you.", rules, "speech") == "Thank you.\n"


def test_margins_are_undone_and_verse_stands() -> None:
    prose = "It is a truth universally acknowledged, that a single man in possession\nof a fortune"
    verse = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:"
    table = "Soup ....................................................... 5d\n    with bread ......... 6d"
    assert wrapped_text(f"{prose}\n \n{verse}\n\n{table}") == f"{prose.replace(chr(10), ' ')}\n\n{verse}\n\n{table}"


def test_editors_marks_are_taken_out() -> None:
    assert wrapped_text("_Very_ true.[12] [Illustration: a\ncat] [Footnote 3: no.]") == "Very true.  "


def test_markdown_is_read_without_its_marks() -> None:
    page = "---\ntitle: x\n---\n## On 2003\n1\\. In **2003**, [the UK](http://x) _took_ part.[^3]\n\n*  One.\n*  Two.\n"
    assert markdown_text(page) == "On 2003\n1. In 2003, the UK took part.\n\n- One.\n- Two.\n"


def test_what_is_no_text_is_refused_by_its_name() -> None:
    with pytest.raises(StyleError, match=r"chapter-1\.xhtml is no text but binary data"):
        extract(b"\0\1\2", source(), "chapter-1.xhtml")


@given(st.text())
def test_any_text_can_be_read_in_every_form(text: str) -> None:
    for form in ("plain", "wrapped", "xhtml", "markdown"):
        try:
            assert extract(text.encode("utf-8", "replace"), source(form), "x").isascii()
        except StyleError as error:
            assert str(error).startswith("x is ")


def test_a_page_that_is_cut_short_gives_what_it_has() -> None:
    assert xhtml_text("<body><p>One<br>two<p>three<script>no") == "One\ntwo\n\nthree"
