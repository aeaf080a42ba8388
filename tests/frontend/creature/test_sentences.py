"""Which sentences a text has: the same ones however it came."""

from hypothesis import given
from hypothesis import strategies as st

from frontend.creature.sentences import Sentence, SentenceFollower

TEXT = 'It rained. "Who is there?" he said. Mr. Smith'
pieces = st.lists(st.sampled_from(["It ", "rained. ", "Who?\n", "\n\n", "Mr. ", "so "]), max_size=30)


def test_sentences_end_where_their_marks_are_and_not_at_an_abbreviation() -> None:
    follower = SentenceFollower()
    follower.follow(TEXT, 0, 1)
    assert follower.ended == [
        Sentence("", "It rained. ", 9),
        Sentence("It rained. ", '"Who is there?" ', 25),
        Sentence('"Who is there?" ', "he said. ", 34),
    ]
    assert (follower.before, follower.begun) == ("he said. ", "Mr. Smith")


def test_positions_are_those_of_the_whole_text_where_its_beginning_is_gone() -> None:
    follower = SentenceFollower()
    follower.follow(TEXT[11:], 11, 1)
    assert [sentence.last for sentence in follower.ended] == [25, 34]


@given(pieces)
def test_a_text_that_grows_has_the_sentences_of_one_that_is_there(parts: list[str]) -> None:
    growing, whole, text = SentenceFollower(), SentenceFollower(), ""
    for part in parts:
        text += part
        growing.follow(text, 0, 1)
    whole.follow(text, 0, 1)
    assert (growing.ended, growing.begun) == (whole.ended, whole.begun)


def test_a_text_that_was_taken_back_is_read_anew() -> None:
    follower = SentenceFollower()
    assert follower.follow("It rained. It ", 0, 1)
    assert not follower.follow("It rained. It poured. ", 0, 1)
    assert follower.follow("It rained. ", 0, 2)
    assert [sentence.text for sentence in follower.ended] == ["It rained. "]
