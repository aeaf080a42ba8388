"""Less of a voice: one whose weight is below zero is kept away from, and owns nothing."""

from __future__ import annotations

import pytest

from protocol.measures import NO_SURPRISE, surprise_level
from server.engine.performance import Performance
from tests.server.engine.test_performance import always, written


def test_a_voice_below_zero_is_awake_and_kept_away_from_and_owns_nothing(fakes, mixed) -> None:
    voices = fakes({"ada": "a", "bob": "b", "cy": "ab"}, certainty=0.5)
    performance = Performance(voices, 1)
    values = mixed({"ada": 0.5, "bob": 0.4, "cy": -0.6}, mix_temperature=1.0)
    character = performance.write(values)
    assert performance.awake == (0, 1, 2)
    assert character.weights.tolist() == pytest.approx([1 / 3, 4 / 15, -0.4])
    assert character.joint[ord("a")] < 0.2 < character.joint[ord("b")]
    assert character.shares[2] == 0.0 and character.shares.sum() == pytest.approx(1.0)


def test_a_voice_below_zero_puts_nobody_to_sleep(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    performance.settle(mixed({"ada": 0.07, "bob": 0.06, "cy": -1.0}))
    assert performance.awake == (0, 1, 2)


def test_with_nothing_above_zero_the_last_mix_goes_on(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    assert written(performance, mixed({"bob": 0.8}), 3) == "012"
    assert written(performance, mixed({"bob": -0.8, "ada": -1.0}), 3) == "345"


def test_the_old_mix_goes_on_while_only_a_voice_below_zero_is_ready(fakes, mixed) -> None:
    performance = Performance(fakes(), 1)
    written(performance, mixed({"ada": 1.0}), 100)
    performance.settle(mixed({"ada": -0.5, "bob": 1.0}))
    assert (performance.awake, performance.waking) == ((0,), (1,))
    assert written(performance, mixed({"ada": -0.5, "bob": 1.0}), 1) in "0123456789"


def test_how_surprising_each_character_was_stands_on_the_page(fakes, mixed) -> None:
    performance = Performance(fakes({"ada": "ab", "bob": "ab"}, certainty=0.5), 1)
    performance.prime("x")
    performance.settle(mixed({"ada": 1.0}, ("ada", "bob")))
    performance.catch_up(always)
    character = performance.write(mixed({"ada": 1.0}, ("ada", "bob")))
    level = surprise_level(character.joint[ord(character.character)])
    assert list(performance.buffer.tail(2).surprises) == [NO_SURPRISE, level]
