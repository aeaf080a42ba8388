"""Characters, words and a sentence asked for: how far each goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.sentences import ends_sentence
from server.engine.pending_commands import (
    LONGEST_SENTENCE_CHARS,
    LONGEST_WORD_CHARS,
    MOST_QUEUED_STEPS,
    PendingCommands,
)


def spoken(pending: PendingCommands, text: str) -> str:
    """As much of ``text`` as is written at once."""
    for place, character in enumerate(text):
        if not pending.at_once:
            return text[:place]
        pending.wrote(character)
    return text


def finished(text: str, before: str = "") -> str:
    """As much of ``text`` as is written until the sentence that stands open in ``before`` is finished."""
    pending = PendingCommands()
    pending.finish()
    for place in range(len(text)):
        if pending.wrote(before + text[: place + 1]):
            assert not pending.finishing
            return text[: place + 1]
    return text


def test_as_many_characters_are_written_at_once_as_were_asked_for() -> None:
    pending = PendingCommands()
    pending.step(3)
    pending.step(1)
    assert spoken(pending, "abcdefg") == "abcd"


@pytest.mark.parametrize(
    ("text", "word"),
    [("king of", "king "), (" king of", " king "), ("\n\n king\tof", "\n\n king\t"), ("x = 1", "x "), ("--\n", "--\n")],
)
def test_a_word_goes_as_far_as_the_blank_behind_it(text: str, word: str) -> None:
    pending = PendingCommands()
    pending.word()
    assert spoken(pending, text) == word


def test_each_word_asked_for_is_written_and_what_has_no_blank_is_cut() -> None:
    pending = PendingCommands()
    pending.word()
    pending.word()
    assert spoken(pending, "a b c ") == "a b "
    pending.word()
    assert len(spoken(pending, "x" * 99)) == LONGEST_WORD_CHARS


@pytest.mark.parametrize(
    "sentence",
    [
        "so it ended. ",
        "did it? ",
        'she said "No!" ',
        "(as they say.) ",
        "well... ",
        "they cried.'\" ",
        "Amen.\n",
        "over\n\n",
        "over\n \t\n",
        "the year 1815. ",
    ],
)
def test_a_sentence_ends_behind_its_stop_its_closing_marks_and_a_blank_or_at_a_blank_line(sentence: str) -> None:
    assert finished(sentence + "And so on. ") == sentence


@pytest.mark.parametrize("going_on", ["Mr. Darcy ", "J. Austen ", "3.14 and ", "a.b ", "etc. and ", "St. Paul ", "i. "])
def test_a_full_stop_that_ends_nothing_is_passed(going_on: str) -> None:
    assert not any(ends_sentence(going_on[: place + 1]) for place in range(len(going_on)))


def test_blanks_left_of_the_sentence_before_end_nothing() -> None:
    assert finished("\n\nThen. So. ", before="It was.") == "\n\nThen. "


def test_a_sentence_that_never_ends_is_left_at_a_blank() -> None:
    endless = "word " * 200
    assert finished(endless) == endless[:LONGEST_SENTENCE_CHARS]
    assert len(finished("x" * 1_000)) == LONGEST_SENTENCE_CHARS + LONGEST_WORD_CHARS


def test_a_hand_that_pauses_lets_the_sentence_be() -> None:
    pending = PendingCommands()
    pending.finish()
    pending.rested()
    assert not pending.finishing and not pending.wrote("so it ended. ")


@given(st.lists(st.integers(1, MOST_QUEUED_STEPS), max_size=400))
def test_however_much_is_asked_for_it_ends(counts: list[int]) -> None:
    pending = PendingCommands()
    for count in counts:
        pending.step(count)
    assert len(spoken(pending, "x" * (MOST_QUEUED_STEPS + 1))) <= MOST_QUEUED_STEPS
