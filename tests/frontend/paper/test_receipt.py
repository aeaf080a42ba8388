"""What stands on a receipt: the last whole sentence or stanza, in lines that fit, whose it is."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.session_state import SessionState
from frontend.paper.receipt import MAX_CHARS, newest, receipt_of, voices_of, wrapped
from protocol.errors import ParameterError
from protocol.messages import Card, Status, TextExcerpt

NOW = datetime(2026, 11, 30, 20, 15)


def passage(text: str, unit: str = "sentence") -> str:
    start, stop = newest(text, unit)  # type: ignore[arg-type]
    return text[start:stop]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("It was. It is not. And then", "It is not."),
        ("Mr. Gray came. He", "Mr. Gray came."),
        ("Only this one. ", "Only this one."),
        ("nothing has ended", ""),
        ("", ""),
        ("A verse\nwithout a stop\n\nand", "A verse\nwithout a stop"),
    ],
)
def test_the_last_whole_sentence_is_printed(text: str, last: str) -> None:
    assert passage(text) == last


def test_the_last_whole_stanza_is_printed() -> None:
    assert passage("one\ntwo\n\n  three\nfour\n\nfive", "stanza") == "  three\nfour"
    assert passage("no gap", "stanza") == ""


@given(st.text("ab. \n", max_size=300))
def test_what_is_printed_stands_in_the_text_and_is_bounded(text: str) -> None:
    for unit in ("sentence", "stanza"):
        found = passage(text * 20, unit)
        assert found in text * 20 and len(found) <= MAX_CHARS


@given(st.text("abcdefg   \n\t", max_size=200), st.integers(8, 40))
def test_lines_fit_and_no_letter_is_lost(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert all(len(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_line_break_that_was_written_stays_and_a_long_word_is_cut() -> None:
    assert wrapped("one two three\n  four", 9) == ["one two", "three", "  four"]
    assert wrapped("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]


def test_voices_are_named_by_their_share() -> None:
    tints = [((0, 255),), ((1, 255),), ((1, 128), (0, 127))]
    assert voices_of(tints, ["Ada", "Bob"]) == (
        ("Bob", pytest.approx(0.5, abs=0.01)),
        ("Ada", pytest.approx(0.5, abs=0.01)),
    )  # type: ignore[comparison-overlap]
    assert voices_of([()], ["Ada"]) == ()


def session(text: str) -> SessionState:
    state = SessionState()
    state.apply(Card(0, 1, "ada", "Ada", "Ad", "#FF8800", "prose", "a paragraph"), 0.0)
    state.apply(Status(len(text), len(text), 0, 10.0, 1.0, 1, "", take="tonight-1"), 0.0)
    state.apply(TextExcerpt(0, 0, text, (((0, 255),),) * len(text)), 0.0)
    return state


def test_a_receipt_names_its_take_in_the_code() -> None:
    receipt = receipt_of(session("It was. It is"), "sentence", NOW, "https://example.org/{take}.html")
    assert (receipt.text, receipt.take, receipt.voices) == ("It was.", "tonight-1", (("Ada", 1.0),))
    assert receipt.link == "https://example.org/tonight-1.html"


def test_before_anything_has_ended_there_is_nothing_to_print() -> None:
    with pytest.raises(ParameterError, match="no sentence has ended yet"):
        receipt_of(session("It is"), "sentence", NOW)
