"""A text of a user's own becomes a style with a name, a colour and letters that nobody else has."""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import StyleError
from styles.card import MONOGRAM, load_card
from styles.library import corpus_path, find, shipped
from styles.making import check_slug, free_monogram, guess_kind, make_card, save_style

PROSE = "".join(
    f"In year {year} it rained, and nobody in the village thought to write it down but me.\n\n" for year in range(100)
)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text(PROSE.replace("rained,", "rained \u2014"), "utf-16")
    return path


def test_a_text_becomes_a_card_with_what_is_free(notes: Path) -> None:
    card, cleaned = make_card("my-style", notes, others=shipped())
    assert (card.slug, card.name, card.monogram, card.kind) == ("my-style", "My Style", "My", "prose")
    assert card.colour not in {other.colour for other in shipped()}
    assert card.line == "A voice of your own, from notes.txt."
    assert "rained --" in cleaned.text and cleaned.report.encoding == "utf-16"
    assert card.checksum == sha256(cleaned.text.encode()).hexdigest() and card.characters == len(cleaned.text)


def test_what_the_user_says_is_taken(notes: Path) -> None:
    card, _ = make_card("diary", notes, name="My diary", line="Rain.", colour="#abcdef", kind="verse", others=())
    assert (card.name, card.line, card.colour, card.kind, card.monogram) == (
        "My diary",
        "Rain.",
        "#ABCDEF",
        "verse",
        "Di",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_text_whose_name_is_in_latin_1_becomes_a_style_like_any_other(notes: Path, tmp_path: Path) -> None:
    old = notes.rename(tmp_path / os.fsdecode(b"caf\xe9.txt"))
    card, cleaned = make_card("cafe", old, others=shipped())
    assert card.line == "A voice of your own, from caf\ufffd.txt."
    assert load_card(save_style(card, cleaned, tmp_path)) == card


def test_a_saved_style_is_found_with_its_text(notes: Path, tmp_path: Path) -> None:
    card, cleaned = make_card("diary", notes, others=shipped())
    path = save_style(card, cleaned, tmp_path)
    assert load_card(path) == card == find("diary", tmp_path)
    assert corpus_path("diary", tmp_path).read_text("ascii") == cleaned.text


@pytest.mark.parametrize("slug", ["", "Austen", "a b", "../up", "a/b", "ä", "x" * 33, "-rf", "a\n", ".", "a.b"])
def test_a_name_that_could_be_something_else_is_refused(slug: str) -> None:
    with pytest.raises(StyleError, match="use 1 to 32 small letters, digits and hyphens"):
        check_slug(slug)


def test_reserved_and_shipped_names_are_refused() -> None:
    for slug in ("nul", "com1", "all", "base"):
        with pytest.raises(StyleError, match="is a reserved word"):
            check_slug(slug)
    with pytest.raises(StyleError, match="'austen' comes with Antiphon"):
        check_slug("austen")
    assert check_slug("austen", replace=True) == "austen"


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StyleError, match=r"none\.txt cannot be read"):
        make_card("diary", tmp_path / "none.txt", others=())
    with pytest.raises(StyleError, match="cannot be read"):
        make_card("diary", tmp_path, others=())
    with pytest.raises(StyleError, match="'beige' is no colour"):
        make_card("diary", tmp_path / "none.txt", colour="beige", others=())


@pytest.mark.parametrize(
    ("name", "used", "pair"),
    [
        ("alice", (), "Al"),
        ("alice", ("Al", "Ai"), "Ac"),
        ("x-1", (), "Xa"),
        ("x-1", ("Xa",), "Xb"),
        ("1984", (), "Aa"),
        ("ab", ("Ab",), "Aa"),
    ],
)
def test_the_letters_are_the_first_free_pair_of_the_name(name: str, used: tuple[str, ...], pair: str) -> None:
    assert free_monogram(name, used) == pair


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True), st.sets(st.from_regex(r"[A-Z][a-z]", fullmatch=True)))
def test_there_are_always_letters_that_nobody_has(name: str, used: set[str]) -> None:
    pair = free_monogram(name, used)
    assert MONOGRAM.fullmatch(pair) and pair not in used


def test_when_every_pair_is_taken_a_line_says_so() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    with pytest.raises(StyleError, match="all 676 monograms are taken"):
        free_monogram("alice", (first.upper() + second for first in letters for second in letters))


def test_the_kind_is_guessed_from_the_look() -> None:
    assert guess_kind(PROSE) == "prose"
    assert guess_kind("static int f(void)\n{\n\treturn 0;\n}\n" * 5) == "code"
    assert guess_kind("Shall I compare thee to a summer's day?\nThou art more lovely\n" * 5) == "verse"
