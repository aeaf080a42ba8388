"""Any text becomes the 97 characters that voices write, once and for all, and the report says what it cost."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol.errors import StyleError
from styles.cleaning import (
    LONG_TEXT_CHARS,
    MIN_TEXT_CHARS,
    clean,
    normalise_layout,
    prepare_user_text,
    replacements,
    transliterate,
)
from styles.gutenberg import strip_frames

WRITTEN = {"\n", "\t", *map(chr, range(32, 127))}
START = "*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK EMMA ***"

anything = st.text(st.characters())  # surrogates and all
layout = st.text(st.sampled_from("ab \t\n\r\v\f\x85\u2028\xa0\u00ad-*\u2014"), max_size=60)
frames = st.lists(
    st.sampled_from(
        [
            START,
            END,
            START.replace(" P", "\xa0P"),
            "Produced by A",
            "",
            "  ",
            "words\t",
            "\n",
            "*** START OF THIS PROJECT GUTENBERG",
            "E ***",
            "End of Project Gutenberg's E",
        ]
    ),
    max_size=12,
).map("\n".join)


def lines(count: int) -> str:
    """``count`` different lines of 40 letters."""
    generator = random.Random(count)
    return "".join("".join(generator.choices(string.ascii_lowercase, k=40)) + "\n" for _ in range(count))


@given(anything)
def test_transliteration_takes_anything_and_gives_seven_bits(text: str) -> None:
    assert set(transliterate(text)) <= WRITTEN


@given(st.text(st.sampled_from(sorted(WRITTEN))))
def test_what_voices_can_write_is_left_alone(text: str) -> None:
    assert transliterate(text) == text


@given(st.one_of(anything, layout, frames))
@example(START + "\n" + END)
@example("\xa0")
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once


@given(st.one_of(anything, layout, frames))
def test_a_cleaned_text_is_tidy(text: str) -> None:
    cleaned = clean(text).text
    assert set(cleaned) <= WRITTEN
    assert cleaned == "" or (cleaned.endswith("\n") and not cleaned.startswith("\n") and not cleaned.endswith("\n\n"))
    assert "\n\n\n\n" not in cleaned
    assert all(line == line.rstrip() for line in cleaned.split("\n"))


@given(layout, st.integers(0, 3))
def test_tidying_is_done_once_for_any_number_of_blank_lines(text: str, blank_lines: int) -> None:
    plain = transliterate(text)
    assert normalise_layout(normalise_layout(plain, blank_lines), blank_lines) == normalise_layout(plain, blank_lines)
    assert "\n" * (blank_lines + 2) not in normalise_layout(plain, blank_lines)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\u201cNo\u201d\u2014it\u2019s \u2018mine\u2019\u2026", "\"No\"--it's 'mine'..."),
        ("caf\u00e9 cafe\u0301 \ufb01ne \u0153uvre Stra\u00dfe", "cafe cafe fine oeuvre Strasse"),
        ("1914\u201318 \u2014 \u2e3a", "1914-18 -- ----"),
        ("a\r\nb\rc\vd\fe\u2028f\u0085g", "a\nb\nc\nd\ne\nf\ng"),
        ("\ttab kept", "\ttab kept"),
        ("be\u00adtween\u200b \ufeffnow\xa0then", "between now then"),
        ("bell\x07 nul\x00 del\x7f esc\x1b", "bell nul del esc"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442", "Privet"),
        ("\ud83d alone", " alone"),
        ("at 45\u00b0 for \u00a320", "at 45 deg. for L20"),
    ],
)
def test_each_character_becomes_its_nearest(text: str, plain: str) -> None:
    assert transliterate(text) == plain


@pytest.mark.parametrize("unit", [" ", "\n", "\t", "*** ", "(", "\u2014", "\n \n"])
def test_a_million_of_anything_is_no_trap(unit: str) -> None:
    assert clean(f"a{unit * 1_000_000}b").text.endswith("b\n")


def test_gutenberg_s_frame_is_cut_and_nothing_else() -> None:
    body = "EMMA\n\nEmma Woodhouse, handsome\n"
    credits = "Produced by An Anonymous Volunteer\nand another\n\n"
    end = f"End of Project Gutenberg's Emma\n{END}\nLicence"
    framed = f"The Project Gutenberg EBook of Emma\n\n{START}\n\n{credits}\n{body}\n{end}"
    assert strip_frames(framed).strip() == body.strip()
    assert strip_frames(body) == body
    assert strip_frames("She said: START OF THE PROJECT GUTENBERG EBOOK") != ""


def test_of_several_books_in_a_row_none_is_lost() -> None:
    books = "".join(f"Title: {body}\n{START}\n{body}\nEnd of Project Gutenberg\n{END}\nlicence\n" for body in "ABC")
    assert clean(books).text == "A\n\n\nB\n\n\nC\n"


@pytest.mark.parametrize(
    "start",
    [
        "*** START OF THIS PROJECT GUTENBERG EBOOK THE ART OF WAR ***",
        "***START OF THE PROJECT GUTENBERG EBOOK A VERY LONG\nTITLE IN TWO LINES***",
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
    ],
)
def test_frames_of_all_ages_are_known(start: str) -> None:
    assert strip_frames(f"header\n{start}\nbody\n").strip() == "body"


def test_the_report_counts_what_was_done() -> None:
    report = clean(f"head\n{START}\n\u201cYes\u201d \u2014 \ue000\ue000\n" + ("x" * 40 + "\n") * 3 + END).report
    assert report.characters_out == len('"Yes" --\n') + 3 * 41
    assert report.lost == 2
    assert {(one.character, one.by, one.times) for one in report.replaced} == {
        ("\u201c", '"', 1),
        ("\u201d", '"', 1),
        ("\u2014", "--", 1),
        ("\ue000", "", 2),
    }
    assert report.repeated == 80
    assert not report.long_enough
    assert any("2 characters were lost ('\\ue000' 2 times)" in line for line in report.lines())
    assert all("\n" not in line and line.isascii() for line in report.lines())


def test_marks_without_a_shape_are_no_loss() -> None:
    assert clean("be\u00adtween e\u0301").report.lost == 0
    assert replacements("a\r\nb\u2028") == ()


def test_a_long_text_is_long_enough_and_says_little() -> None:
    report = prepare_user_text(lines(LONG_TEXT_CHARS // 41 + 1).encode()).report
    assert report.long_enough and report.lost == 0 and report.repeated == 0
    assert len(report.lines()) == 1


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "mine.txt is empty: a voice needs 2,000 characters or more"),
        (b" \n\t\r\n", "mine.txt is empty"),
        (b"\xef\xbb\xbf ", "mine.txt has only 0 characters after cleaning: a voice needs 2,000 or more"),
        (lines(40).encode(), "mine.txt has only 1,640 characters after cleaning"),
        (b"All work and no play makes Jack a dull boy.\n" * 5_000, "says the same over and over"),
        (b"All work and no play makes Jack a dull boy. " * 5_000, "says the same over and over"),
        ((lines(30) * 300).encode(), "says the same over and over"),
        (bytes(range(256)) * 100, "mine.txt is no text but binary data"),
    ],
)
def test_a_text_that_no_voice_could_learn_from_is_refused_in_one_line(data: bytes, complaint: str) -> None:
    with pytest.raises(StyleError, match=complaint) as raised:
        prepare_user_text(data, "mine.txt")
    assert "\n" not in str(raised.value)


def test_the_least_text_is_taken() -> None:
    text = lines(49)  # 2,009 characters
    assert len(text) >= MIN_TEXT_CHARS
    assert prepare_user_text(text.encode()).text == text
