"""From words to letters and nothing lost: against sums over all words, taken one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.evaluation import foreseen
from models.words.choir import WordChoir
from models.words.reading import Reading, WordVoice
from models.words.tokens import UNKNOWN, Token, may_begin, tokens
from models.words.weights_file import WordWeights
from models.words.whole_text import likelihoods
from tests.models.words.tiny import SPELLED, weights

TINY = weights()
VOICE = WordVoice(TINY)
NO_BLANK = WordVoice(weights(words=(b" a", b" an", b"the")))  # a lone blank and a line's end are unknown to it
TEXTS = st.text(alphabet=" ant,the\nbx'.-", max_size=24).map(str.encode)
LONG = b"a" * 70


def words_after(voice: WordWeights, read: list[Token]) -> NDArray[np.float64]:
    """The probability of the unknown word and of all others behind the words that were read."""
    network, numbers = voice.network(), voice.vocabulary.numbers([b"\n", *read])
    with torch.inference_mode():
        found, _ = network.read(torch.from_numpy(numbers[:, None]), network.zero_state(1))
        return np.asarray(network.logits(found[-1, 0]).double().softmax(0).numpy())


def spelled(voice: WordWeights, letters: bytes) -> float:
    """The probability that an unknown word begins with these letters."""
    return float(np.prod([voice.spelling.after(letters[:place])[code] for place, code in enumerate(letters)]))


def weigh(voice: WordWeights, p: NDArray[np.float64], begun: bytes) -> float:
    """Of all words that begin so, one by one, and of the unknown ones."""
    known = sum(q for q, word in zip(p[1:], voice.vocabulary.words, strict=True) if word.startswith(begun))
    return float(known + p[UNKNOWN] * spelled(voice, begun))


def by_hand(voice: WordWeights, text: bytes) -> NDArray[np.float64]:
    """What comes behind ``text``, from the definition."""
    *read, begun = tokens(text) if text else [b""]
    p = words_after(voice, read)
    if not begun:
        return np.array([weigh(voice, p, bytes([code])) for code in range(128)]) / sum(
            weigh(voice, p, bytes([code])) for code in range(128)
        )
    may = may_begin(begun)
    longer = [weigh(voice, p, begun + bytes([code])) for code in range(128)]
    unknown = float(p[UNKNOWN]) * spelled(voice, begun)
    letters = unknown * voice.spelling.after(begun)
    known = voice.vocabulary.words
    if begun in known:
        then = words_after(voice, [*read, begun])
        first = np.array([weigh(voice, then, bytes([code])) for code in range(128)]) * may
        letters = letters + p[1 + known.index(begun)] * first / first.sum()
    for code in range(128):
        if not may[code]:
            letters[code] = longer[code]
    return np.asarray(letters / letters.sum())


def after(voice: WordVoice, text: bytes) -> Reading:
    reading = Reading(voice)
    for code in text:
        reading.read(code)
        reading.expected()
    return reading


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_what_is_expected_is_the_sum_over_all_words(text: bytes) -> None:
    assert after(VOICE, text).expected() == pytest.approx(by_hand(TINY, text), abs=1e-6)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_what_is_expected_sums_to_one_even_where_no_word_is_known(text: bytes) -> None:
    for voice in (VOICE, NO_BLANK):
        expected = after(voice, text + LONG).expected()
        assert expected.sum() == pytest.approx(1.0, abs=1e-12) and expected.min() >= 0.0


@pytest.mark.parametrize("word", [b"an", b"the", b"\n", b",", b" and", b" the"])
def test_the_product_over_the_letters_of_a_word_is_what_its_words_weigh(word: bytes) -> None:
    p = words_after(TINY, [])
    reading, product = Reading(VOICE), 1.0
    for code in word:
        product *= reading.expected()[code]
        reading.read(code)
    begin = sum(weigh(TINY, p, bytes([code])) for code in range(128))
    assert product == pytest.approx(weigh(TINY, p, word) / begin, rel=1e-6)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_a_whole_text_is_read_as_letter_by_letter(text: bytes) -> None:
    text = b"x" + text
    stepped = foreseen(WordChoir([VOICE]), np.frombuffer(text, np.uint8))
    assert likelihoods(TINY, text) == pytest.approx(stepped, rel=1e-4, abs=1e-7)


@given(TEXTS, TEXTS)
@settings(max_examples=40, deadline=None)
def test_a_reading_that_goes_back_expects_what_it_expected(text: bytes, more: bytes) -> None:
    reading = after(VOICE, text)
    position, expected = reading.position, reading.expected()
    for code in more:
        reading.read(code)
    reading.go_to(position)
    assert reading.expected() == pytest.approx(expected, abs=1e-12)


def test_a_reading_goes_on_from_within_a_word_longer_than_any() -> None:
    reading = after(VOICE, LONG)
    other = Reading(VOICE)
    other.go_to(reading.position)
    for code in b"a the":
        reading.read(code)
        other.read(code)
        assert np.array_equal(reading.expected(), other.expected())


def test_unknown_words_are_spelled_by_what_was_rare() -> None:
    letters = TINY.spelling.after(b" ant")
    assert chr(int(letters.argmax())) == "i" and letters.sum() == pytest.approx(1.0)
    assert TINY.spelling.spelled == SPELLED
