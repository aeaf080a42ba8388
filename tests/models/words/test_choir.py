"""Word voices keep what every voice promises: alone or together, forth and back, kept and taken up again."""

from __future__ import annotations

import numpy as np
import pytest

from models.interface import State
from models.words.choir import WordChoir
from models.words.reading import WordVoice
from protocol.errors import VoiceError
from tests.models.words.tiny import weights

VOICES = [WordVoice(weights("ada", 1)), WordVoice(weights("bea", 2))]
TEXT = b" and the ant, anxious"


def read(choir: WordChoir, text: bytes = TEXT, voices: tuple[int, ...] = (0, 1)) -> WordChoir:
    for code in text:
        choir.step(code, voices)
    return choir


def test_a_voice_answers_the_same_whoever_else_speaks() -> None:
    alone = read(WordChoir(VOICES[1:]), voices=(0,))
    together = read(WordChoir(VOICES))
    assert np.array_equal(alone.distributions[0], together.distributions[1])


def test_only_who_steps_moves() -> None:
    choir = WordChoir(VOICES)
    fresh = choir.distributions.copy()
    read(choir, voices=(1,))
    assert np.array_equal(choir.distributions[0], fresh[0]) and not np.array_equal(choir.distributions[1], fresh[1])


def test_a_trail_leads_back_to_any_letter_and_on_from_there_as_before() -> None:
    choir = WordChoir(VOICES)
    trail = choir.trail(len(TEXT) + 1)
    expected = []
    for place, code in enumerate(TEXT):
        trail.push(place, (0, 1))
        expected.append(choir.distributions.copy())
        choir.step(code, (0, 1))
    for place in (17, 6, 5, 0):
        assert trail.restore(place) == (0, 1)
        assert np.array_equal(choir.distributions, expected[place])
        choir.step(TEXT[place], (0, 1))
        assert np.array_equal(choir.distributions, expected[place + 1])
    assert trail.restore(9) == ()  # the text went on from place 0 in another way


def test_a_trail_forgets_its_oldest_place() -> None:
    choir = WordChoir(VOICES)
    trail = choir.trail(2)
    for place in (0, 1, 2):
        trail.push(place, (0,))
    assert [trail.restore(place) for place in (2, 1, 0)] == [(0,), (0,), ()]
    trail.push(0, (1,))
    trail.clear()
    assert trail.restore(0) == ()


@pytest.mark.parametrize("text", [b"", b" an", TEXT, b"x" * 50])
def test_a_state_that_was_kept_goes_on_as_if_nothing_had_been(text: bytes) -> None:
    choir, other = read(WordChoir(VOICES), text), WordChoir(VOICES)
    state = choir.save_state()
    assert all(len(array) == 2 for array in state.values())
    other.load_state(state)
    assert np.array_equal(other.distributions, choir.distributions)
    read(choir, b" the end"), read(other, b" the end")
    assert np.array_equal(other.distributions, choir.distributions)


def damaged(name: str, value: float) -> State:
    state = dict(WordChoir(VOICES).save_state())
    state[name] = np.full_like(state[name], value)
    return state


@pytest.mark.parametrize(("name", "value"), [("length", 99), ("length", -1), ("begun", 200)])
def test_a_state_that_is_damaged_is_refused(name: str, value: float) -> None:
    with pytest.raises(VoiceError, match="damaged"):
        WordChoir(VOICES).load_state(damaged(name, value))


def test_a_state_of_other_voices_is_refused() -> None:
    with pytest.raises(VoiceError, match="of others"):
        WordChoir(VOICES).load_state(WordChoir(VOICES[:1]).save_state())


def test_a_new_text_begins_afresh_and_takes_over_what_another_has_read() -> None:
    choir = read(WordChoir(VOICES))
    other = choir.for_new_text()
    assert np.array_equal(other.distributions, WordChoir(VOICES).distributions)
    other.copy_state(choir, [1])
    assert np.array_equal(other.distributions[1], choir.distributions[1])
    choir.reset([1])
    assert np.array_equal(choir.distributions[1], WordChoir(VOICES).distributions[1])
