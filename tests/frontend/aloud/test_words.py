"""What is said and how fast: each word once, at most one behind, and what was left out is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.aloud.voices import VoiceRow, cast
from frontend.aloud.words import FASTEST, HURRY, USUAL, Collector, Pacer, Saying, Unit
from protocol.messages import Tint

ADA: Tint = ((0, 255),)
BOB: Tint = ((1, 200), (0, 55))


def said(text: str, unit: Unit = "word", tint: Tint = ADA) -> list[str]:
    collector = Collector(unit, 2)
    found = [collector.take(character, tint, float(at)) for at, character in enumerate(text)]
    return [saying.text for saying in found if saying is not None]


def test_a_word_is_said_when_it_has_ended() -> None:
    assert said("It was, once:  3 -- x") == ["It", "was,", "once:", "3"]


def test_a_phrase_is_said_at_its_stop_or_when_it_grows_long() -> None:
    assert said("It was, in truth, so. And", "phrase") == ["It was,", "in truth,", "so."]
    assert said("a " * 13, "phrase") == [" ".join("a" * 12)]
    assert said("a verse\nand", "phrase") == ["a verse"]


def test_a_word_is_said_by_whoever_wrote_most_of_it_and_when() -> None:
    collector = Collector("word", 2)
    for at, (character, tint) in enumerate([("a", ADA), ("b", BOB), ("c", BOB)]):
        collector.take(character, tint, at)
    assert collector.take(" ", (), 3.5) == Saying("abc", 3.5, 1)
    collector.take("x", (), 4.0)
    primed = collector.take("\n", (), 5.0)
    assert primed is not None and primed.voice is None


def test_a_word_without_end_is_said_in_pieces() -> None:
    assert [len(each) for each in said("x" * 450)] == [200, 200]


@given(st.text("ab ,.\n-", max_size=120))
def test_every_word_is_said_once_in_its_order(text: str) -> None:
    words = [word for word in text.split() if any(letter.isalnum() for letter in word)]
    ended = said(text + " ")
    assert ended == words


def test_at_most_one_word_waits_and_the_others_are_counted() -> None:
    pacer = Pacer()
    for at, text in enumerate(("one", "two", "three")):
        pacer.put(Saying(text, float(at), 0))
    first = pacer.next()
    assert first is not None and first.text == "three"
    assert (pacer.dropped, pacer.next(), pacer.waiting) == (2, None, False)


@pytest.mark.parametrize(("seconds", "speed"), [(1.0, USUAL), (0.25, HURRY * 240.0), (0.01, FASTEST)])
def test_speech_quickens_as_words_do(seconds: float, speed: float) -> None:
    pacer = Pacer()
    assert pacer.words_per_minute == USUAL
    for place in range(9):
        pacer.put(Saying("word", place * seconds, 0))
    assert pacer.words_per_minute == pytest.approx(speed)


def test_every_style_has_a_voice_of_its_own_and_a_file_may_say_which() -> None:
    voices = cast(["ada", "bob", "cy"], [VoiceRow("bob", voice="de", place=0.1)])
    assert [voice.place for voice in voices] == [-0.8, 0.1, 0.8]
    assert voices[1].voice == "de" and len({voice.pitch for voice in voices}) == 3
    many = cast([f"v{n}" for n in range(24)])
    assert len({(voice.voice, voice.pitch) for voice in many}) == 24
