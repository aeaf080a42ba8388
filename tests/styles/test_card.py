"""A card says all that the house needs to know of a style, and a wrong one says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import StyleError
from styles.card import Card, Source, Work, dump_card, load_card, parse_card

CARD = Card("austen", "Jane Austen", "Novels.", "#50ABFF", "Au", "prose", "0" * 64, 10)
FULL = Card(
    "bible",
    "Bible",
    "Verses.",
    "#EFBC3A",
    "Bi",
    "verse",
    "ab" * 32,
    2_699_177,
    works=(
        Work("Bible", "various", year=1611, licence="PD", url="https://a.org/10"),
        Work("Odes", "", "X", year=-23, licence="PD"),
    ),
    sources=(
        Source(
            ("https://a.org/10.txt", "https://b.org/10.txt"),
            "wrapped",
            begin=r"^1:1 \w",
            keep="^P: ",
            replace=((r"\s*\d+:\d+\s", "\n"), ("'", '"')),
            most=5,
        ),
        Source(("https://a.org/x.tar.gz",), members=tuple(f"kernel/{n}.c" for n in range(40)), omit=("*/y.c",)),
    ),
    sketch=tuple(range(0, 3000, 7)),
)


@pytest.mark.parametrize("card", [CARD, FULL], ids=["least", "full"])
def test_a_written_card_is_read_as_it_was(card: Card) -> None:
    assert parse_card(dump_card(card)) == card
    assert all(len(line) <= 130 for line in dump_card(card).splitlines())


words = st.text(min_size=1, max_size=40).map(str.strip).filter(bool)


@given(words, words, words, st.lists(st.tuples(st.just(r"\d"), st.text(max_size=10)), max_size=2))
def test_no_words_of_a_user_break_the_file(name: str, line: str, title: str, pairs: list[tuple[str, str]]) -> None:
    work = Work(title, year=2026, licence="mine")
    source = Source(("http://host/file",), replace=tuple(pairs))
    card = Card("mine", name, line, "#FFFFFF", "Mi", "code", "0" * 64, 1, (work,), (source,))
    assert parse_card(dump_card(card)) == card


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("#50ABFF", "blue"), "colour is to be a colour such as #7DE4FF, not 'blue'"),
        (("austen", "../etc"), "slug is to be 1 to 32 small letters, digits and hyphens, not '../etc'"),
        (('"prose"', '"song"'), "kind is to be one of prose, verse, code, not 'song'"),
        (("characters = 10", "characters = 0"), "characters is to be a whole number of 1 or more, not '0'"),
        (("characters = 10", "characters = true"), "characters is to be a whole number of 1 or more, not 'true'"),
        (('name = "Jane Austen"\n', ""), "name is missing: text that is not blank"),
        (("Jane Austen", " "), "name is to be text that is not blank, not ' '"),
        (('"Au"', '"A1"'), "monogram is to be two letters such as Ap, not 'A1'"),
        (("characters = 10", "characters = 10\nfont = 1"), "there is no 'font'; there are slug, name, "),
        (("characters = 10", "characters = "), "is not TOML"),
        (("characters = 10", 'characters = 10\n[[work]]\ntitle = "x"'), "work 1: year is missing: a whole number"),
        (("characters = 10", "characters = 10\nwork = [1]"), "work 1 is to be a table, not '1'"),
        (("characters = 10", "characters = 10\n[[source]]\naddresses = []"), "source 1: addresses is to be a list of"),
        (
            ("characters = 10", 'characters = 10\n[[source]]\naddresses = ["ftp://a/b"]'),
            "source 1: addresses 1 is to be an address such as https://www.gutenberg.org/files/1.txt, not 'ftp://a/b'",
        ),
        (
            ("characters = 10", 'characters = 10\n[[source]]\naddresses = ["http://a/b"]\nonly = "("'),
            r"source 1: '\(' is no regular expression",
        ),
        (("characters = 10", 'characters = 10\nsketch = "0f zz"'), "sketch is to be hexadecimal numbers, not '0f zz'"),
    ],
)
def test_a_wrong_field_is_one_line_that_names_it(change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(StyleError, match=complaint) as raised:
        parse_card(dump_card(CARD).replace(*change), "cards/austen.toml")
    assert str(raised.value).startswith("cards/austen.toml")
    assert "\n" not in str(raised.value)


def test_a_card_stands_in_a_file_of_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(dump_card(CARD))
    with pytest.raises(StyleError, match=r"name the file austen\.toml"):
        load_card(path)
    with pytest.raises(StyleError, match="cannot be read"):
        load_card(tmp_path / "none.toml")
    path.write_text(dump_card(CARD).replace("austen", "other"), "utf-8-sig")
    assert load_card(path).slug == "other"
    path.write_bytes(b"\xc3(")
    with pytest.raises(StyleError, match="is not UTF-8 text"):
        load_card(path)
