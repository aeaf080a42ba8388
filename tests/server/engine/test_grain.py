"""A performance with grain: who keeps a word, when the vote is free again, what happens when the text is handled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fake_voices import FakeVoices, FusibleFakeVoices
from protocol.errors import VoiceError
from protocol.grain import evidence
from protocol.tree import Value
from server.engine.evidence import Evidence
from server.engine.performance import Performance

LINES = {"ada": "abcdefgh ", "bob": "01234567 ", "cy": "ABCDEFGH "}
HALF = {"ada": 0.5, "bob": 0.5}


def written(performance: Performance, values: dict[str, Value], chars: int) -> str:
    """The next characters, every voice given all the time it wants."""
    text = ""
    for _ in range(chars):
        performance.settle(values)
        performance.catch_up(lambda: True)
        text += performance.write(values).character
        performance.listen()
    return text


def weights(performance: Performance, values: dict[str, Value], letter: str) -> list[float]:
    """The weights of the mix that the next character, ``letter``, is drawn from."""
    performance.settle(values)
    performance.catch_up(lambda: True)
    told: list[float] = performance.write(values, letter).weights.tolist()
    performance.listen()
    return told


def test_a_voice_that_began_a_word_ends_it(mixed) -> None:
    text = written(Performance(FakeVoices(LINES, 0.9), 4), mixed(HALF, mix_grain=1.0, mix_temperature=0.3), 900)
    words = set(text.split(" "))
    assert {"abcdefgh", "01234567"} <= words
    assert not any(set(word) & set("01234567") and set(word) & set("abcdefgh") for word in words)


def test_without_grain_a_text_is_the_one_of_values_that_know_no_grain(mixed) -> None:
    knowing = mixed(HALF, mix_grain=0.0)
    older = {address: value for address, value in knowing.items() if not address.startswith("/mix/grain")}
    assert written(Performance(FakeVoices(LINES, 0.5), 2), knowing, 200) == written(
        Performance(FakeVoices(LINES, 0.5), 2), older, 200
    )


def test_weights_follow_the_letters_of_a_word_and_are_the_faders_again_behind_it(mixed) -> None:
    performance, values = Performance(FakeVoices(LINES, 0.9), 1), mixed(HALF, mix_grain=1.0)
    none = 0.1 / 127
    assert weights(performance, values, "a") == [0.5, 0.5, 0.0]
    assert weights(performance, values, "1") == pytest.approx([0.9 / (0.9 + none), none / (0.9 + none), 0.0])
    assert weights(performance, values, "x") == pytest.approx([0.5, 0.5, 0.0])  # each said one of the two
    assert weights(performance, values, " ") == pytest.approx([0.5, 0.5, 0.0])
    assert weights(performance, values, "e") == [0.5, 0.5, 0.0]


def test_the_boundary_says_where_the_faders_hold_again(mixed) -> None:
    performance = Performance(FakeVoices(LINES, 0.9), 1)
    by_word, by_line = (mixed(HALF, mix_grain=1.0, mix_grain_boundary=unit) for unit in (0, 2))
    for letter in "ab ":
        weights(performance, by_word, letter)
    assert weights(performance, by_word, "d") == [0.5, 0.5, 0.0]
    performance.rewind(1)
    assert weights(performance, by_line, "d")[0] > 0.99


def test_a_rewind_knows_again_what_was_foreseen_there(mixed) -> None:
    performance, values = Performance(FakeVoices(LINES, 0.9), 1), mixed(HALF, mix_grain=0.5)
    seen = [weights(performance, values, letter) for letter in "a1c3"]
    performance.rewind(2)
    assert weights(performance, values, "y") == seen[2]
    assert weights(performance, values, "z") != seen[3]


def test_a_primed_text_is_evidence_as_soon_as_it_is_read(mixed) -> None:
    performance, values = Performance(FakeVoices(LINES, 0.9), 1), mixed(HALF, mix_grain=1.0)
    performance.settle(values)
    performance.prime("abc")
    assert weights(performance, values, "d")[0] > 0.99


def test_a_voice_below_zero_is_kept_away_from_as_before(mixed) -> None:
    performance, values = Performance(FakeVoices(LINES, 0.9), 1), mixed({**HALF, "cy": -0.5}, mix_grain=1.0)
    before = weights(performance, values, "a")
    after = weights(performance, values, "b")
    assert after[2] == before[2] < 0.0
    assert after[0] + after[1] == pytest.approx(before[0] + before[1]) and after[0] > 0.99 * (after[0] + after[1])


def test_the_fused_network_keeps_a_word_like_any_voice(mixed) -> None:
    performance = Performance(FusibleFakeVoices(LINES, 0.9), 1)
    values = mixed(HALF, mix_grain=1.0, mix_fusion=0.5)
    assert weights(performance, values, "A") == pytest.approx([0.25, 0.25, 0.0, 0.5])
    assert weights(performance, values, "B")[3] > 0.99


def test_who_joins_inside_a_word_has_read_it_and_is_judged_by_it(mixed) -> None:
    performance, values = Performance(FakeVoices(LINES, 0.9), 1), mixed({"ada": 1.0}, mix_grain=1.0)
    for letter in "AB":
        weights(performance, values, letter)
    assert weights(performance, mixed({"ada": 1.0, "cy": 1.0}, mix_grain=1.0), "C")[2] > 0.99


def test_shares_are_of_the_weights_with_grain(mixed) -> None:
    performance, values = Performance(FakeVoices(LINES, 0.9), 1), mixed(HALF, mix_grain=1.0)
    weights(performance, values, "a")
    performance.settle(values)
    character = performance.write(values, "7")  # which neither expects there
    assert character.shares[0] > 0.99


@given(st.integers(0, 40), st.integers(0, 3))
def test_what_is_kept_goes_on_to_the_letter(mixed, chars: int, boundary: int) -> None:
    values = mixed(HALF, mix_grain=0.5, mix_grain_boundary=boundary)
    first, second = Performance(FakeVoices(LINES, 0.5), 9), Performance(FakeVoices(LINES, 0.5), 9)
    written(first, values, chars)
    second.restore(*first.snapshot())
    assert written(first, values, 40) == written(second, values, 40)


def test_what_was_kept_of_other_voices_is_refused() -> None:
    for shape in ((4, 2), (3, 9), (3,)):
        with pytest.raises(VoiceError, match="have to read again"):
            Evidence(3, 10).restore(np.zeros(shape, np.float32), 5)


def test_the_ring_holds_the_last_places_and_no_others() -> None:
    ring = Evidence(2, 0)
    for place in range(1_000):
        ring.note(place, [0, 1], np.array([0.5, 1.0], np.float32))
    assert evidence(ring.chances(1_000, 400))[0] == pytest.approx(400 * np.log(0.5))
    ring.cut(700)
    assert evidence(ring.chances(700, 100))[0] == pytest.approx(100 * np.log(0.5))
    assert evidence(ring.chances(700, 200))[0] == pytest.approx(100 * np.log(0.5))  # what is not held counts for nobody
    ring.note(700, [0], np.array([0.5], np.float32))
    assert evidence(ring.chances(701, 1)).tolist() == [0.0, 0.0]
