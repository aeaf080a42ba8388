"""A performance, note by note: what fake voices write, who is awake, and what happens when the text is handled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fake_voices import FakeVoices
from protocol.mixing import WRITABLE
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.engine.catch_up import PRIMING_CHARS, SLICE_VOICES, WAKING_CHARS
from server.engine.performance import PRIMED_CHARS, Performance
from server.engine.text_buffer import NEUTRAL

Values = Mapping[str, Value]
MANY = {f"v{n:02}": chr(97 + n) for n in range(24)}


def always() -> bool:
    return True


def written(performance: Performance, values: Values, chars: int) -> str:
    """The next characters, every voice given all the time it wants."""
    text = ""
    for _ in range(chars):
        performance.settle(values)
        assert performance.catch_up(always)
        text += performance.write(values).character
        performance.listen()
    return text


def slices(count: int) -> Callable[[], bool]:
    left = iter([True] * count)
    return lambda: next(left, False)


# ---- mixing ------------------------------------------------------------------------------------------------------


def test_one_voice_alone_writes_its_own_line(fakes, mixed) -> None:
    assert written(Performance(fakes(), 1), mixed({"bob": 0.3}), 25) == "0123456789012345678901234"


def test_one_hot_weights_give_exactly_the_single_voices_text(fakes, mixed) -> None:
    line = {"bob": "0123456789"}
    alone = Performance(fakes(line, certainty=0.4), 7)
    among = Performance(fakes(certainty=0.4), 7)
    values = mixed({"ada": 0.0, "bob": 0.8, "cy": 0.0})
    assert written(among, values, 200) == written(alone, mixed({"bob": 0.8}, ["bob"]), 200)


def test_a_mix_of_two_is_what_float64_arithmetic_gives(fakes, mixed) -> None:
    voices = fakes(certainty=0.7)
    expected = voices.distributions[:2].astype(np.float64)
    expected = 0.75 * expected[0] + 0.25 * expected[1]
    expected = np.where(WRITABLE, expected, 0.0) ** (1 / 0.7)
    character = Performance(voices, 1).write(mixed({"ada": 0.9, "bob": 0.3}, mix_temperature=0.7, guard_layout=False))
    assert np.abs(character.joint - expected / expected.sum()).max() < 1e-5


def test_the_same_seed_writes_the_same_text_and_another_seed_another(fakes, mixed) -> None:
    values = mixed({"ada": 1.0, "bob": 1.0})
    one, again, other = (written(Performance(fakes(certainty=0.5), seed), values, 200) for seed in (3, 3, 4))
    assert one == again != other


def test_the_weights_of_the_last_moment_decide(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    assert written(performance, mixed({"ada": 0.9, "bob": 0.1}, mix_temperature=0.05), 3) == "abc"
    assert performance.write(mixed({"ada": 0.1, "bob": 0.9}, mix_temperature=0.05)).character == "3"


def test_one_number_is_drawn_for_each_character_whatever_the_mix(fakes, mixed) -> None:
    """So that a take needs to know no more than seed and controls: the n-th character always meets the n-th number."""
    straight, winding = (Performance(fakes({"ada": "a", "bob": "b", "cy": "c"}, certainty=0.2), 9) for _ in range(2))
    text = written(straight, mixed({"ada": 1.0}), 60)
    assert written(winding, mixed({"bob": 0.5, "cy": 0.5}), 40) != text[:40]
    assert written(winding, mixed({"ada": 1.0}), 20) == text[40:]


def test_who_is_responsible_is_told_strongest_first(fakes, mixed) -> None:
    voices = fakes({"ada": "aaaa", "bob": "aaaa", "cy": "b"})
    character = Performance(voices, 1).write(mixed({"ada": 0.2, "bob": 0.6, "cy": 0.1}, mix_temperature=0.05))
    assert character.character == "a"
    assert character.tint == ((1, 191), (0, 64))
    assert character.shares.tolist() == pytest.approx([0.25, 0.75, 0.0])


@given(st.integers(0, 127), st.floats(0.05, 1.0), st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]))
@settings(max_examples=40, deadline=None)
def test_control_characters_are_never_written(code: int, certainty: float, alloy: float) -> None:
    voices = FakeVoices({"ada": chr(code), "bob": chr(127 - code)}, certainty)
    values = {on_address("ada"): True, on_address("bob"): True, weight_address("ada"): 1.0, weight_address("bob"): 1.0}
    performance = Performance(voices, code)
    text = written(performance, {**values, "/mix/alloy": alloy, "/mix/temperature": 2.0}, 20)
    assert all(character in "\n\t" or " " <= character <= "~" for character in text)


# ---- who is awake ------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.0, 1.0), min_size=24, max_size=24))
@settings(deadline=None)
def test_awake_are_those_with_a_twentieth_or_half_the_greatest_share(weights: list[float]) -> None:
    values: dict[str, Value] = {}
    for slug, weight in zip(MANY, weights, strict=True):
        values |= {on_address(slug): True, weight_address(slug): weight}
    performance = Performance(FakeVoices(MANY), 1)
    performance.settle(values)
    total = math.fsum(weights)
    if total < 1e-300:
        return
    shares = [weight / total for weight in weights]
    threshold = min(0.05, max(shares) / 2)
    certain = {n for n, share in enumerate(shares) if share > threshold * (1 + 1e-9)}
    possible = {n for n, share in enumerate(shares) if share > threshold * (1 - 1e-9)}
    assert certain and certain <= set(performance.awake) <= possible


def test_twenty_four_equal_faders_keep_all_awake(fakes, mixed) -> None:
    performance = Performance(fakes(MANY), 1)
    text = written(performance, mixed(dict.fromkeys(MANY, 0.4), tuple(MANY)), 500)
    assert performance.awake == tuple(range(24))
    assert set(text) == set(MANY.values())


def test_with_all_weights_at_zero_from_the_start_everybody_speaks(fakes, mixed) -> None:
    performance = Performance(fakes(MANY), 1)
    assert set(written(performance, mixed({}, tuple(MANY)), 500)) == set(MANY.values())


def test_with_all_weights_taken_to_zero_the_last_mix_goes_on(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    assert written(performance, mixed({"bob": 0.8}), 3) == "012"
    assert written(performance, mixed({"bob": 0.0, "ada": 0.0}), 3) == "345"
    assert written(performance, mixed({}), 3) == "678"


def test_a_mix_that_never_wrote_does_not_go_on(fakes, mixed) -> None:
    """Else it would depend on when the engine happened to look, and no take could be played again."""
    performance = Performance(fakes(), 1)
    assert written(performance, mixed({"bob": 0.8}), 2) == "01"
    performance.settle(mixed({"ada": 1.0}))
    assert written(performance, mixed({}), 2) == "23"


def test_a_voice_under_the_threshold_has_no_part_in_the_mix(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    character = performance.write(mixed({"ada": 1.0, "bob": 0.5, "cy": 0.02}))
    assert performance.awake == (0, 1)
    assert character.weights.tolist() == pytest.approx([2 / 3, 1 / 3, 0.0])


# ---- waking ------------------------------------------------------------------------------------------------------


def test_a_voice_that_slept_long_reads_the_last_eighty_characters(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    text = written(performance, mixed({"ada": 1.0}), 200)
    voices.steps.clear()
    performance.settle(mixed({"ada": 1.0, "bob": 1.0}))
    assert (performance.awake, performance.waking) == ((0,), (1,))
    assert performance.catch_up(always)
    assert performance.awake == (0, 1)
    assert voices.steps == [("\n", (1,)), *((character, (1,)) for character in text[-WAKING_CHARS:])]


def test_a_voice_that_dozed_reads_only_what_it_missed(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    written(performance, mixed({"ada": 1.0, "bob": 1.0}), 10)
    missed = written(performance, mixed({"ada": 1.0}), WAKING_CHARS)
    voices.steps.clear()
    performance.settle(mixed({"bob": 1.0}))
    performance.catch_up(always)
    assert voices.steps == [(character, (1,)) for character in missed]


def test_the_old_mix_goes_on_until_the_wanted_voice_has_read(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    written(performance, mixed({"ada": 1.0}), 100)
    text, values = "", mixed({"bob": 1.0})
    for _ in range(10):
        performance.settle(values)
        performance.catch_up(slices(20))
        assert performance.ready
        text += performance.write(values).character
        performance.listen()
    # 80 to read and one more a turn, twenty at a time, the first to forget: ready when 84 were read, the next is "4"
    assert text == "abcd" + "456789"


def test_of_many_that_wake_a_few_read_at_a_time_and_come_one_after_the_other(fakes, mixed) -> None:
    voices = fakes(MANY)
    performance = Performance(voices, 1)
    slugs = tuple(MANY)
    written(performance, mixed({"v00": 1.0}, slugs), 100)
    performance.settle(mixed(dict.fromkeys(slugs[:11], 1.0), slugs))
    voices.steps.clear()
    performance.catch_up(slices(1 + WAKING_CHARS))  # one to forget
    assert performance.awake == (0, 1, 2, 3, 4)
    assert performance.waking == (5, 6, 7, 8, 9, 10)
    assert {len(readers) for _, readers in voices.steps} == {SLICE_VOICES}
    assert performance.catch_up(always)
    assert performance.awake == tuple(range(11))


def test_a_voice_that_wakes_slowly_is_not_sent_back_to_begin_again(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    written(performance, mixed({"ada": 1.0}), 100)
    voices.steps.clear()
    values = mixed({"ada": 1.0, "bob": 1.0})
    performance.settle(values)
    performance.catch_up(slices(2))
    for _ in range(50):
        performance.write(values)
        performance.listen()
    assert performance.catch_up(always)
    assert [readers for _, readers in voices.steps].count((1,)) == 1 + WAKING_CHARS + 50


def test_a_voice_sent_away_while_it_wakes_is_forgotten(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    written(performance, mixed({"ada": 1.0}), 100)
    performance.settle(mixed({"ada": 1.0, "bob": 1.0}))
    performance.catch_up(slices(10))
    performance.settle(mixed({"ada": 1.0}))
    assert (performance.awake, performance.waking) == ((0,), ())
    assert performance.catch_up(slices(0))


# ---- handling the text -------------------------------------------------------------------------------------------


def test_primed_text_is_shown_at_once_and_read_before_the_next_character(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    written(performance, mixed({"ada": 1.0}), 5)
    voices.steps.clear()
    performance.prime("Call me\tIshmael.\n")
    assert performance.buffer.tail(99).text == "abcdeCall me\tIshmael.\n"
    assert set(performance.buffer.tail(17).tints) == {NEUTRAL}
    assert (performance.buffer.sequence, performance.buffer.epoch, performance.ready) == (22, 0, False)
    assert not performance.catch_up(slices(16))
    assert performance.catch_up(always) and performance.ready
    assert voices.steps == [(character, (0,)) for character in "Call me\tIshmael.\n"]


def test_primed_before_anybody_is_awake_the_text_waits_for_all_who_are_wanted(fakes, mixed) -> None:
    voices = fakes(MANY)
    performance = Performance(voices, 1)
    performance.prime("x" * 300)
    performance.settle(mixed(dict.fromkeys(MANY, 1.0), tuple(MANY)))
    voices.steps.clear()
    assert (performance.awake, performance.waking, performance.ready) == (tuple(range(24)), (), False)
    performance.catch_up(always)
    assert voices.steps == [("x", tuple(range(24)))] * 300


def test_where_the_text_waits_all_who_are_awake_read_in_one_step(fakes, mixed) -> None:
    voices = fakes(MANY)
    performance = Performance(voices, 1)
    performance.settle(mixed(dict.fromkeys(MANY, 1.0), tuple(MANY)))
    voices.steps.clear()
    performance.prime("abc")
    performance.catch_up(always)
    everyone = tuple(range(24))
    assert voices.steps == [(character, everyone) for character in "abc"]


def test_odd_characters_are_primed_as_their_nearest(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    performance.prime("“Ca\u0000fé”\r\n\x1b[0m…\x7f")
    assert performance.buffer.tail(99).text == '"Cafe"\n[0m...'


@given(st.text(max_size=50))
@settings(deadline=None)
def test_whatever_is_primed_only_what_can_be_written_stands_on_the_page(text: str) -> None:
    performance = Performance(FakeVoices({"ada": "a"}), 1)
    performance.prime(text)
    assert all(WRITABLE[ord(character)] for character in performance.buffer.tail(PRIMED_CHARS).text)


def test_of_a_long_text_the_end_is_kept_and_its_end_is_read(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    performance.settle(mixed({"ada": 1.0}))
    voices.steps.clear()
    performance.prime("x" * 500 + "y" * PRIMED_CHARS)
    assert performance.buffer.length == PRIMED_CHARS
    assert performance.buffer.tail(PRIMED_CHARS).text == "y" * PRIMED_CHARS
    performance.catch_up(always)
    assert len(voices.steps) == PRIMING_CHARS


@pytest.mark.parametrize("nothing", ["", "\0\x07"])
def test_nothing_that_can_be_written_primes_nothing(fakes, mixed, nothing: str) -> None:
    performance = Performance(fakes(), 1)
    written(performance, mixed({"ada": 1.0}), 5)
    performance.prime(nothing)
    assert performance.ready and performance.buffer.length == 5


def test_after_a_rewind_the_voices_know_what_they_knew_and_read_nothing_again(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    values = mixed({"ada": 1.0, "bob": 1.0}, mix_temperature=0.5)
    written(performance, values, 1_200)
    voices.steps.clear()
    performance.rewind(1_000)
    assert (performance.buffer.length, performance.ready, voices.steps) == (200, True, [])
    assert [chr(row.argmax()) for row in performance.distributions] == ["a", "0"]


def test_a_voice_that_slept_where_the_text_goes_back_to_does_not_hold_it_up(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    written(performance, mixed({"ada": 1.0}), 200)
    written(performance, mixed({"ada": 0.5, "bob": 0.5}), 50)
    performance.rewind(200)
    assert (performance.awake, performance.waking, performance.ready) == ((0,), (1,), True)
    assert performance.catch_up(always)
    assert performance.awake == (0, 1)


def test_where_only_a_voice_that_is_kept_away_from_remembers_the_text_waits_for_the_others(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    written(performance, mixed({"bob": 1.0}), 200)
    written(performance, mixed({"ada": 1.0, "bob": -0.5}), 50)
    performance.rewind(100)
    assert (performance.awake, performance.ready) == ((0, 1), False)
    assert performance.catch_up(always)
    assert set(written(performance, mixed({"ada": 1.0, "bob": -0.5}), 10)) <= set("abcdefghij")


def test_who_sleeps_where_the_text_went_back_to_knows_it_too(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    written(performance, mixed({"ada": 1.0, "bob": 1.0}), 10)
    written(performance, mixed({"ada": 1.0}), 150)
    performance.rewind(155)
    voices.steps.clear()
    assert written(performance, mixed({"bob": 1.0}), 1) == "5"
    assert voices.steps == [("5", (1,))]


def test_beyond_what_is_remembered_the_voices_read_the_last_eighty_again(fakes, mixed) -> None:
    voices = fakes()
    performance = Performance(voices, 1, remembered=4)
    text = written(performance, mixed({"ada": 1.0}), 205)
    voices.steps.clear()
    performance.rewind(5)
    buffer = performance.buffer
    assert (buffer.length, buffer.sequence, buffer.epoch, performance.ready) == (200, 205, 1, False)
    assert performance.catch_up(always) and performance.ready
    assert [character for character, _ in voices.steps] == ["\n", *text[120:200]]


def test_a_rewind_beyond_the_beginning_is_an_empty_page(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    written(performance, mixed({"ada": 1.0}), 7)
    performance.rewind(1000)
    assert performance.buffer.length == 0
    assert written(performance, mixed({"ada": 1.0}), 3) == "abc"


def test_rewinding_nothing_disturbs_nobody(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    written(performance, mixed({"ada": 1.0}), 7)
    performance.rewind(0)
    assert (performance.buffer.epoch, performance.ready) == (0, True)


def test_a_rewound_text_branches(fakes, mixed) -> None:
    performance, values = Performance(fakes(certainty=0.3), 1), mixed({"ada": 1.0})
    first = written(performance, values, 60)
    performance.rewind(50)
    assert written(performance, values, 50) != first[10:]
    assert performance.buffer.tail(60).text[:10] == first[:10]


def test_a_reset_gives_the_same_text_again_or_with_a_new_seed_another(fakes, mixed) -> None:
    performance, values = Performance(fakes(certainty=0.3), 5), mixed({"ada": 1.0, "bob": 0.4})
    first = written(performance, values, 60)
    performance.reset()
    assert (performance.buffer.length, performance.buffer.sequence, performance.buffer.epoch) == (0, 60, 1)
    assert written(performance, values, 60) == first
    performance.reset(6)
    assert written(performance, values, 60) != first
    assert performance.seed == 6


def test_after_a_reset_no_mix_goes_on(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    written(performance, mixed({"ada": 1.0}), 3)
    performance.reset()
    written(performance, mixed({}), 1)
    assert performance.awake == (0, 1, 2)


def test_chosen_letters_come_next_whatever_the_voices_expect_and_then_the_text_is_theirs_again() -> None:
    performance = Performance(FakeVoices({"parrot": "abc"}), 1)
    values = ParameterTree(["parrot"]).defaults() | {"/style/parrot/on": True, "/style/parrot/weight": 1.0}
    performance.choose("zy\x00")
    text = ""
    for _ in range(4):
        performance.settle(values)
        performance.catch_up(lambda: True)
        text += performance.write(values).character
        performance.listen()
    assert text[:2] == "zy"
    assert performance.chosen == ""
    assert set(text[2:]) <= set("abc")


def test_what_a_rewind_left_can_be_returned_to_and_what_it_replaces_is_kept_in_its_turn() -> None:
    performance = Performance(FakeVoices({"ada": "abcdefgh"}), 1)
    values = ParameterTree(["ada"]).defaults() | {"/style/ada/on": True, "/style/ada/weight": 1.0}

    def write(chars: int) -> None:
        for _ in range(chars):
            performance.settle(values)
            performance.catch_up(lambda: True)
            performance.write(values)
            performance.listen()

    write(20)
    first = performance.buffer.tail(20)
    performance.rewind(12)
    performance.choose("XYZ")
    write(5)
    performance.return_to(1)
    assert performance.buffer.tail(20) == first
    assert ["".join(letter[0] for letter in branch.items)[:3] for branch in performance.branches.all()] == ["XYZ"]
    write(3)
    assert performance.buffer.length == 23


def test_a_kept_performance_goes_on_under_the_same_threshold_of_surprise(fakes, mixed) -> None:
    line = {"ada": "abcdefghij"}
    values = mixed({"ada": 1.0}, ["ada"], mix_surprise=1.0)
    first, second = Performance(fakes(line, certainty=0.6), 1), Performance(fakes(line, certainty=0.6), 2)
    written(first, values, 50)
    assert first.threshold > 0.0
    second.restore(*first.snapshot())
    assert second.threshold == first.threshold
    assert written(second, values, 50) == written(first, values, 50)


def test_without_the_surprise_fader_there_is_no_threshold(fakes, mixed) -> None:
    performance = Performance(fakes(certainty=0.6), 1)
    written(performance, mixed({"ada": 1.0}), 20)
    assert performance.threshold == 0.0
