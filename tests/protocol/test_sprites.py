"""Creatures on the wire: what is asked for and drawn comes back as it was, rubbish is told, a text has its creature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import MessageError
from protocol.messages import SpriteShown
from protocol.osc import decode_to_front, encode
from protocol.sprites import (
    NOISE_NUMBERS,
    Picture,
    SpriteFrame,
    SpriteRequest,
    SpriteSet,
    category_mix,
    drawn_of_line,
    mix_of_words,
    noise_of,
    request_of_shown,
    sentence_noise,
    shown,
    words_of_mix,
)

texts = st.text(max_size=60)
shares = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3)


def test_what_is_said_of_it_by_osc_is_enough_to_draw_it_again() -> None:
    request = SpriteRequest.of(
        7, {"undead": 0.8, "slimes": 0.2}, noise_of("night"), [(0.5, "#CC7203"), (0.4, "#FFFFFF")]
    )
    said = shown(request)
    assert (said.mix, said.tints) == ("undead 0.8 slimes 0.2", "#CC7203 0.5 #FFFFFF 0.4")
    decoded = decode_to_front(encode(said), None).messages
    assert decoded == (said,) and len(encode(said)) < 300
    assert request_of_shown(7, said) == request


@pytest.mark.parametrize("said", [SpriteShown(""), SpriteShown("undead 1", "red", b"abc")])
def test_what_is_no_creature_is_drawn_by_nobody(said: SpriteShown) -> None:
    with pytest.raises(MessageError):
        request_of_shown(1, said)


def test_noise_of_another_length_does_not_cross_the_wire() -> None:
    assert decode_to_front(encode(SpriteShown("undead 1", "", b"abc")), None).messages == ()


def asked() -> SpriteRequest:
    return SpriteRequest.of(7, {"undead": 0.8, "slimes": 0.2, "folk": 0.0}, noise_of("night"), [(0.5, "#CC7203")])


def test_a_request_comes_back_with_its_noise_to_a_64th() -> None:
    again = SpriteRequest.of_line(asked().line())
    assert again == asked() and again.mix == {"undead": 0.8, "slimes": 0.2}
    assert np.abs(again.numbers - noise_of("night")).max() <= 1 / 64


@given(texts)
def test_a_line_that_is_no_request_is_told(line: str) -> None:
    with pytest.raises(MessageError):
        SpriteRequest.of_line(line)


@pytest.mark.parametrize(
    "line",
    [
        '{"number":1,"mix":{"undead":2.0},"noise":"","tints":[]}',
        '{"number":1,"mix":{"Undead":1.0},"noise":"","tints":[]}',
        '{"number":1,"mix":{},"noise":"","tints":[[0.5,"red"]]}',
        '{"number":-1,"mix":{},"noise":"","tints":[]}',
        '{"number":1,"mix":{},"noise":"","tints":[],"more":1}',
    ],
)
def test_a_request_of_numbers_that_cannot_be_is_told(line: str) -> None:
    with pytest.raises(MessageError):
        SpriteRequest.of_line(line)


@pytest.mark.parametrize("noise", ["", "====", "AAAA"])
def test_noise_of_another_length_is_told(noise: str) -> None:
    with pytest.raises(MessageError):
        SpriteRequest(1, {}, noise, []).numbers  # noqa: B018  # it is worked out there


def test_of_many_voices_the_loudest_eight_colour_a_creature() -> None:
    tints = [(number / 20, "#CC7203") for number in range(20)]
    assert [share for share, _ in SpriteRequest.of(1, {}, noise_of("a"), tints).tints] == [
        number / 20 for number in range(19, 11, -1)
    ]


@given(st.integers(0, 2**32))
def test_a_picture_comes_back_as_it_was(seed: int) -> None:
    random = np.random.default_rng(seed)
    side = 2 * int(random.integers(1, 33))
    picture = Picture(random.integers(0, 16, (side, side), np.uint8), random.integers(0, 256, (16, 3), np.uint8))
    again = Picture.unpacked(picture.packed())
    assert np.array_equal(again.places, picture.places) and np.array_equal(again.palette, picture.palette)


@given(texts)
def test_what_is_no_picture_is_told(text: str) -> None:
    with pytest.raises(MessageError):
        Picture.unpacked(text)


def test_a_frame_of_32_pixels_a_side_is_under_a_thousand_bytes() -> None:
    picture = Picture(np.full((32, 32), 15, np.uint8), np.full((16, 3), 255, np.uint8))
    line = SpriteFrame(10**6, picture.packed()).line()
    assert len(line) < 1_000 and drawn_of_line(line) == SpriteFrame(10**6, picture.packed())


def test_who_draws_says_what_it_knows_and_other_lines_mean_nothing() -> None:
    assert drawn_of_line(SpriteSet(["undead"], "").line()) == SpriteSet(["undead"])
    assert drawn_of_line("Traceback (most recent call last):") is None


def test_the_same_sentence_has_the_same_noise_and_a_further_word_moves_it_a_little() -> None:
    noise = sentence_noise("It rained.", "The bones of the ")
    assert np.array_equal(noise, sentence_noise("It rained. ", "The bones of  the"))
    further, other = sentence_noise("It rained.", "The bones of the side"), sentence_noise("It shone.", "A light")
    assert np.linalg.norm(further - noise) < 0.6 * np.linalg.norm(other - noise)


@given(st.lists(st.sampled_from(["the", "sea", "and", "night", "bones"]), max_size=40))
def test_noise_stays_as_large_as_it_began_however_many_words_there_are(words: list[str]) -> None:
    size = np.linalg.norm(sentence_noise("", " ".join(words)))
    assert 0.6 * NOISE_NUMBERS**0.5 < size < 1.9 * NOISE_NUMBERS**0.5


@given(shares)
def test_a_mix_of_voices_sums_to_one_and_a_voice_without_a_creature_takes_nothing_away(parts: list[float]) -> None:
    mixes = [{"undead": 0.8, "slimes": 0.4}, {}, {"undead": 1.0}]
    mix = category_mix(parts, mixes)
    assert not mix or sum(mix.values()) == pytest.approx(1.0)
    assert mix == category_mix([parts[0], 0.0, parts[2]], mixes)


def test_a_card_says_its_mix_in_words_and_what_makes_no_sense_is_passed_over() -> None:
    assert mix_of_words("undead 0.8 slimes 0.2") == {"undead": 0.8, "slimes": 0.2}
    assert words_of_mix({"undead": 0.8, "slimes": 0.2}) == "undead 0.8 slimes 0.2"
    assert mix_of_words("much undead .5 of 9 !") == {"undead": 0.5, "of": 1.0}
