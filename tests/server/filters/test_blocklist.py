"""The word guard: what it lets pass, what never, and that it is the language of its regular expressions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.mixing import WRITABLE
from server.filters.blocklist import MOST_ENTRIES, BlocklistFilter, Entry, parse, pattern
from server.filters.load import SHIPPED_WORDS, read_words

SPELLINGS = st.sampled_from(["ab", "aba", "aab", "ba", "bb", "a", "ab ba", "bbab"])
LISTS = st.lists(st.builds(Entry, SPELLINGS, st.booleans(), st.booleans()), max_size=4)


def guard(*lines: str) -> BlocklistFilter:
    return BlocklistFilter(parse("\n".join(lines))[0])


@pytest.mark.parametrize(
    ("entry", "text", "letter"),
    [
        ("duck*", "a duc", "k"),
        ("duck*", "a DUC", "K"),
        ("duck*", "a duuuc", "k"),
        ("duck*", "a d-u-c", "k"),
        ("duck*", "a d u c ", "k"),
        ("duck*", "a d.u.c.", "k"),
        ("duck*", "a d*c", "k"),
        ("goose*", "a g0os", "3"),
        ("*duck*", "an unduc", "k"),
        ("duck", "a duck", " "),
        ("duck", "a duck", "."),
        ("duck", "a duck", "\n"),
        ("wild duck*", "a wild  duc", "k"),
        ("wild duck*", "a wild\nduc", "k"),
    ],
)
def test_the_letter_that_would_complete_a_word_is_not_allowed(entry: str, text: str, letter: str) -> None:
    allowed = guard(entry).allowed(text)
    assert not allowed[ord(letter)]
    assert allowed[ord("z")]


@pytest.mark.parametrize(
    ("entry", "text", "letter"),
    [
        ("duck*", "an unduc", "k"),  # in the middle of another word
        ("duck", "a duck", "l"),  # a longer word
        ("duck*", "a d uc", "k"),  # neither joined nor spelled out
        ("duck*", "a du  c", "k"),
        ("duck*", "a dxc", "k"),
        ("wild duck*", "a wildduc", "k"),
    ],
)
def test_what_only_resembles_a_word_is_allowed(entry: str, text: str, letter: str) -> None:
    assert guard(entry).allowed(text)[ord(letter)]


def test_without_entries_everything_is_allowed() -> None:
    assert BlocklistFilter(()).allowed("whatever").all()


@given(LISTS, st.text("abAB4 -*8x\n", max_size=24))
def test_a_word_is_found_where_the_regular_expression_finds_it(entries: list[Entry], text: str) -> None:
    assert (BlocklistFilter(entries).found(text) is None) == (pattern(entries).search(text) is None)


@given(LISTS.filter(lambda entries: all(len(entry.letters) > 1 for entry in entries)), st.data())
def test_a_text_of_allowed_characters_never_holds_a_word(entries: list[Entry], data: st.DataObject) -> None:
    watching, text = BlocklistFilter(entries), ""
    for _ in range(30):
        allowed = [sign for sign in "abAB4 -*8x\n" if watching.allowed(text)[ord(sign)]]
        text += data.draw(st.sampled_from(allowed or ["z"]))
    assert pattern(entries).search(text + "zz") is None


def test_the_shipped_list_is_read_and_always_leaves_something_to_write() -> None:
    shipped, complaints = read_words(SHIPPED_WORDS)
    assert complaints == []
    random = np.random.default_rng(1)
    for _ in range(60):
        text = ""
        for _ in range(40):
            allowed = np.flatnonzero(shipped.allowed(text) & WRITABLE)
            assert len(allowed) > 20
            text += chr(random.choice(allowed))


@pytest.mark.parametrize("line", ["*", "du1ck", "ducks!", "-", "2 ducks 1 goose", "d" * 41])
def test_a_line_that_is_no_entry_is_left_out_and_told_with_its_number(line: str) -> None:
    entries, (complaint,) = parse(f"fine\n{line}\nduck")
    assert [entry.letters for entry in entries] == ["fine", "duck"]
    assert complaint.startswith("line 2: an entry is up to 40 letters")


def test_comments_and_empty_lines_are_no_entries() -> None:
    assert parse("# nothing\n\n  duck*  # a bird\n") == ([Entry("duck", onward=True)], [])


def test_more_entries_than_there_may_be_are_left_out_and_told() -> None:
    entries, (complaint,) = parse("\n".join(["duck"] * (MOST_ENTRIES + 2)))
    assert len(entries) == MOST_ENTRIES
    assert complaint.startswith(f"line {MOST_ENTRIES + 1}: a list has up to")


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("half-wit", "a half-wit ."),
        ("half-wit", "a halfwit ."),
        ("hurensöhne", "Hurensohne!"),
        ("m'as-tu-vu", "un m'as-tu-vu ."),
        ("m’as-tu-vu", "un mas-tu-vu ."),
        ("God-damned", "god-damned!"),  # nyvorin/badwords, issues 82 and 87: a hyphen hid the word from its filter
        ("kukš", "kuks ."),
        ("дурак*", "durak"),
    ],
)
def test_an_entry_is_written_as_the_text_is(line: str, written: str) -> None:
    entries, complaints = parse(line)
    assert complaints == []
    assert BlocklistFilter(entries).found(written) is not None
