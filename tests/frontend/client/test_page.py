"""The page: pieces of the text that come late, twice, torn or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from frontend.client.session_state import TEXT_KEPT_CHARS, ReceivedText
from protocol.messages import TAIL_CHARS, Tint


def tints(text: str) -> list[Tint]:
    return [((ord(character), 255),) for character in text]


def insert(page: ReceivedText, start: int, text: str) -> None:
    page.insert(start, text, tints(text))


def page_of(text: str) -> ReceivedText:
    page = ReceivedText()
    page.announce_length(len(text))
    insert(page, 0, text)
    return page


def test_a_piece_at_the_end_is_appended_without_a_new_revision() -> None:
    page = page_of("In the ")
    revision = page.revision
    insert(page, 3, "the beginning")
    assert page.text == "In the beginning"
    assert page.tints == tints(page.text)
    assert page.revision == revision


def test_a_gap_is_blank_and_asked_for_until_its_piece_comes() -> None:
    page = page_of("In the ")
    page.announce_length(16)
    insert(page, 12, "ning")
    assert (page.text, page.missing()) == ("In the      ning", 7)
    insert(page, 7, "begin")
    assert (page.text, page.missing()) == ("In the beginning", None)


def test_a_piece_that_fills_part_of_a_gap_leaves_the_rest_to_ask_for() -> None:
    page = page_of("ab")
    insert(page, 8, "ij")
    insert(page, 2, "cd")
    assert page.missing() == 4
    insert(page, 5, "f")
    assert (page.text, page.missing()) == ("abcd f  ij", 4)


def test_who_joins_late_sees_the_tail_at_once_and_asks_for_what_is_kept() -> None:
    page = ReceivedText()
    page.announce_length(25_000)
    insert(page, 24_990, "0123456789")
    assert (page.text, page.dropped, page.missing()) == ("0123456789", 24_990, 15_000)
    insert(page, 15_000, "a" * 9_990)
    assert (page.text, page.missing()) == ("a" * 9_990 + "0123456789", None)


def test_the_page_keeps_its_last_characters_only() -> None:
    page = page_of("x" * TEXT_KEPT_CHARS)
    insert(page, TEXT_KEPT_CHARS, "the end")
    assert page.text == "x" * (TEXT_KEPT_CHARS - 7) + "the end"
    assert (page.dropped, page.end, len(page.tints)) == (7, TEXT_KEPT_CHARS + 7, TEXT_KEPT_CHARS)


def test_a_promise_longer_than_what_is_held_is_asked_for() -> None:
    page = page_of("abc")
    page.announce_length(9)
    assert page.missing() == 3


def test_text_taken_away_is_gone_at_once_and_the_rest_is_shown_while_it_is_asked_for_again() -> None:
    page = page_of("It is a truth universally acknowledged")
    page.truncate(14)
    assert (page.text, page.missing()) == ("It is a truth ", 0)
    insert(page, 8, "truth ")
    assert (page.text, page.missing()) == ("It is a truth ", 0)
    insert(page, 0, "It is a truth ")
    assert (page.text, page.missing()) == ("It is a truth ", None)


def test_text_from_before_a_reset_is_asked_for_again_when_a_piece_disagrees() -> None:
    page = page_of("It is a truth universally acknowledged")
    page.truncate(20)
    insert(page, 10, "beginning.")
    assert (page.text[10:], page.missing()) == ("beginning.", 0)
    insert(page, 0, "And in the beginning.")
    assert (page.text[:10], page.missing()) == ("And in the", None)


def test_an_empty_page_after_a_reset_waits_for_nothing() -> None:
    page = page_of("It is a truth")
    page.truncate(0)
    assert (page.text, page.tints, page.missing()) == ("", [], None)
    insert(page, 0, "A")
    assert (page.text, page.missing()) == ("A", None)


WHOLE = "".join(chr(32 + place * 7 % 95) for place in range(400))
PIECES = st.lists(st.tuples(st.integers(0, 399), st.integers(1, TAIL_CHARS)), max_size=40)


@given(PIECES)
def test_whatever_comes_stands_in_its_place_until_nothing_is_missing(pieces: list[tuple[int, int]]) -> None:
    page = ReceivedText()
    page.announce_length(len(WHOLE))
    given_places = set()
    for start, size in pieces:
        insert(page, start, WHOLE[start : start + size])
        given_places |= set(range(start, min(start + size, len(WHOLE))))
    for place in range(page.dropped, page.end):
        expected = (WHOLE[place], tints(WHOLE[place])[0]) if place in given_places else (" ", ())
        assert (page.text[place - page.dropped], page.tints[place - page.dropped]) == expected
    assert (page.missing() is None) == (len(given_places) == len(WHOLE))
    while (missing := page.missing()) is not None:
        insert(page, missing, WHOLE[missing : missing + TAIL_CHARS])
    assert page.text == WHOLE


@given(st.text("ab", max_size=200), st.text("ab", max_size=200), st.lists(st.integers(0, 200), max_size=4))
def test_after_any_turns_the_end_of_the_page_is_the_end_of_the_text(before: str, after: str, cuts: list[int]) -> None:
    page = page_of(before)
    for cut in cuts:
        page.truncate(cut)
    page.truncate(len(after))
    while (missing := page.missing()) is not None:
        for start in range(missing, len(after), 50):
            insert(page, start, after[start : start + 50])
    assert page.text[-TAIL_CHARS:] == after[-TAIL_CHARS:]
    assert page.end == len(after)
