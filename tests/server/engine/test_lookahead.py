"""Looking ahead: what would most likely come is told in spare time, delays no character and changes no text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from protocol.messages import THE_MIX, Ahead, Char, Choose, Prime, Rewind
from protocol.tree import LOOKAHEAD
from server.engine.lookahead import LEADING_VOICES

MANY = {f"v{n:02}": chr(97 + n) * 3 + chr(65 + n) for n in range(12)}


def looking(stage: Any, *arguments: Any, chars: int = 6, **others: Any) -> Any:
    on_stage = stage(*arguments, **others)
    on_stage.parameters.put(LOOKAHEAD, chars)
    return on_stage


def last_told(on_stage: Any) -> dict[int, Ahead]:
    return {message.voice: message for message in on_stage.told(Ahead)}


def test_each_leading_voice_and_the_mix_tell_the_letters_that_they_would_write_next(stage) -> None:
    on_stage = looking(stage, {"ada": 0.6, "bob": 0.4})
    on_stage.play(0.05)
    told = last_told(on_stage)
    assert {voice: told[voice].letters for voice in told} == {THE_MIX: "bcdefg", 0: "bcdefg", 1: "123456"}
    assert {message.sequence for message in told.values()} == {2}


def test_what_is_told_goes_on_from_each_letter_that_is_written(stage) -> None:
    on_stage = looking(stage, {"ada": 1.0})
    on_stage.play(0.95)
    told = {(message.sequence, message.letters) for message in on_stage.told(Ahead) if message.voice == 0}
    assert {(2, "bcdefg"), (3, "cdefgh"), (10, "jabcde"), (11, "abcdef")} <= told


def test_a_letter_that_was_foreseen_costs_one_step_more_and_not_a_new_way(stage) -> None:
    on_stage = looking(stage, {"ada": 1.0})
    on_stage.play(0.95)
    began = len(on_stage.voices.steps)
    on_stage.play(1.05)
    assert len(on_stage.voices.steps) - began == 3  # ada's own, and one of each course


def test_nothing_is_told_and_nothing_rolled_out_where_nobody_asked(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.play(0.55)
    assert not on_stage.told(Ahead)
    assert len(on_stage.voices.steps) == 2 + len(on_stage.text)  # two resets, and each letter


@pytest.mark.parametrize("certainty", [0.4, 0.9])
def test_the_text_is_the_same_whether_or_not_anybody_looks_ahead(stage, certainty: float) -> None:
    texts = [stage({"ada": 0.6, "bob": 0.4}, certainty=certainty) for _ in range(2)]
    texts[1].parameters.put(LOOKAHEAD, 20)
    for each in texts:
        each.ask(Prime("once "))
        each.at(5.05, lambda each=each: each.ask(Rewind(7)))
        each.play(6.0)
    assert texts[0].text == texts[1].text
    assert texts[1].told(Ahead)


@pytest.mark.parametrize("seconds", [0.0005, 0.002])
def test_looking_ahead_delays_no_character(stage, seconds: float) -> None:
    """Twelve voices need half of the time between two characters at most; what is left never lasts for all courses."""
    on_stage = looking(stage, dict.fromkeys(MANY, 1.0), texts=MANY, seconds=seconds, chars=24, certainty=0.6)
    on_stage.parameters.put("/mix/rate", 20.0)
    heard: list[float] = []
    broadcast = on_stage.sink.broadcast

    def overhear(messages: Any) -> None:
        heard.extend(on_stage.clock.now() for message in messages if isinstance(message, Char))
        broadcast(messages)

    on_stage.sink.broadcast = overhear
    on_stage.play(4.0)
    assert np.diff(heard) == pytest.approx(np.full(len(heard) - 1, 0.05), abs=1e-9)
    assert len(heard) >= 79


def test_only_the_heaviest_voices_are_looked_ahead_for(stage) -> None:
    weights = {slug: 1.0 - 0.05 * place for place, slug in enumerate(MANY)}
    on_stage = looking(stage, weights, texts=MANY)
    on_stage.play(0.05)
    assert set(last_told(on_stage)) == {THE_MIX, *range(LEADING_VOICES)}


def test_letters_that_were_chosen_are_what_the_mix_will_write(stage) -> None:
    on_stage = looking(stage, {"ada": 1.0})
    on_stage.at(0.02, lambda: on_stage.ask(Choose("Zz")))
    on_stage.play(0.05)
    assert last_told(on_stage)[THE_MIX].letters == "Zzdefg"
    assert last_told(on_stage)[0].letters == "bcdefg"


def test_after_a_rewind_what_was_told_is_of_another_text(stage) -> None:
    on_stage = looking(stage, {"ada": 1.0})
    on_stage.at(0.52, lambda: on_stage.ask(Rewind(3)))
    on_stage.play(0.58)
    told = last_told(on_stage)[0]
    assert (told.epoch, told.letters) == (1, "defghi")


def test_it_is_said_again_with_the_state_while_the_text_rests(stage) -> None:
    on_stage = looking(stage, {"ada": 1.0})
    on_stage.parameters.put("/transport/run", False)
    on_stage.play(3.0)
    assert sum(message.voice == 0 for message in on_stage.told(Ahead)) >= 5


def test_where_the_mix_moves_its_way_is_looked_for_again(stage) -> None:
    on_stage = looking(stage, {"ada": 0.6, "bob": 0.4})
    on_stage.parameters.put("/transport/run", False)
    on_stage.at(0.5, lambda: on_stage.parameters.put("/style/ada/weight", 0.2))
    on_stage.play(0.6)
    assert last_told(on_stage)[THE_MIX].letters == "012345"
