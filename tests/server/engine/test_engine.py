"""The engine on a clock that nobody waits for: every character at its time, whatever else is going on."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from protocol.measures import NO_SURPRISE
from protocol.messages import (
    TAIL_CHARS,
    ArrivalForecast,
    Arrive,
    Card,
    Char,
    Choose,
    Distributions,
    EndPart,
    Joint,
    Narrator,
    PerformanceListing,
    Prime,
    ResendText,
    Reset,
    Rewind,
    Set,
    ShowAnswer,
    StartPart,
    Status,
    Step,
    TextExcerpt,
)
from server.engine.parameter_store import MOST_QUEUED_ACTIONS, ActionRequest
from server.engine.subscribers import MOST_SUBSCRIBERS
from server.engine.text_buffer import NEUTRAL
from tests.server.conftest import SOURCE

MANY = {f"v{n:02}": chr(97 + n) for n in range(24)}


def intervals(stage: Any) -> np.ndarray:
    """Seconds between the characters, from when each was told."""
    return np.diff(np.array([at for at, _ in stage.heard]))


def listened(stage: Any) -> Any:
    """``stage`` with ``heard``: each ``Char`` and when it was told."""
    stage.heard = []
    broadcast = stage.sink.broadcast

    def overhear(messages: Any) -> None:
        stage.heard.extend((stage.clock.now(), message) for message in messages if isinstance(message, Char))
        broadcast(messages)

    stage.sink.broadcast = overhear
    return stage


# ---- time --------------------------------------------------------------------------------------------------------


def test_a_line_is_indented_in_the_tick_of_its_first_sign(stage) -> None:
    on_stage = listened(stage({"ada": 1.0}, {"ada": "ab\n  cd"}))
    on_stage.play(0.65)
    assert on_stage.text == "ab\n  cdab"
    assert np.round(intervals(on_stage), 3).tolist() == [0.1, 0.1, 0.1, 0.0, 0.0, 0.1, 0.1, 0.1]


def test_where_the_layout_is_free_a_blank_takes_as_long_as_a_letter(stage) -> None:
    on_stage = listened(stage({"ada": 1.0}, {"ada": "ab\n  cd"}))
    on_stage.parameters.put("/guard/layout", False)
    on_stage.play(0.65)
    assert on_stage.text == "ab\n  cd"


def test_a_step_writes_one_character_of_an_indent(stage) -> None:
    on_stage = stage({"ada": 1.0}, {"ada": "a\n   b"})
    on_stage.parameters.put("/transport/run", False)
    on_stage.ask(Step(3))
    on_stage.play(1.0)
    assert on_stage.text == "a\n "


def test_ten_characters_a_second_are_written_at_ten_a_second(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.play(2.0)
    assert on_stage.text == "abcdefghijabcdefghij"


def test_the_time_that_voices_need_delays_no_character(stage) -> None:
    on_stage = listened(stage({"ada": 1.0, "bob": 1.0}, seconds=0.02))
    on_stage.play(20.0)
    assert intervals(on_stage) == pytest.approx(np.full(199, 0.1), abs=1e-9)


@pytest.mark.parametrize("waking", [1, 10, 23])
def test_waking_voices_delay_no_character_however_many(stage, waking: int) -> None:
    """Reading 80 characters takes each of them 160 ms here, and there are 100 ms from one character to the next."""
    on_stage = listened(stage({"v00": 1.0}, texts=MANY, seconds=0.002))
    on_stage.at(
        10.05, lambda: [on_stage.parameters.put(f"/style/{slug}/weight", 1.0) for slug in list(MANY)[: waking + 1]]
    )
    on_stage.at(
        10.05, lambda: [on_stage.parameters.put(f"/style/{slug}/on", True) for slug in list(MANY)[: waking + 1]]
    )
    on_stage.play(20.0)
    assert on_stage.performance.awake == tuple(range(waking + 1))
    assert intervals(on_stage) == pytest.approx(np.full(199, 0.1), abs=1e-9)


def test_telling_takes_no_time_from_a_character_while_voices_wake(stage) -> None:
    on_stage = listened(stage({"v00": 1.0}, texts=MANY, seconds=0.002))
    broadcast = on_stage.sink.broadcast

    def take_time(messages: Any) -> None:
        broadcast(messages)
        if any(isinstance(message, Set) for message in messages):
            on_stage.clock.advance(0.003)

    on_stage.sink.broadcast = take_time
    for slug in list(MANY)[:11]:
        on_stage.at(10.05, lambda slug=slug: on_stage.parameters.put(f"/style/{slug}/weight", 1.0))
        on_stage.at(10.05, lambda slug=slug: on_stage.parameters.put(f"/style/{slug}/on", True))
    for millisecond in range(1_000):
        on_stage.at(10.5 + millisecond / 1000, lambda n=millisecond: on_stage.parameters.put("/puck", (n / 1000, 0.0)))
    on_stage.play(13.0)
    assert intervals(on_stage) == pytest.approx(np.full(129, 0.1), abs=1e-9)


def test_voices_that_wake_are_not_judged_by_how_long_all_together_took(stage) -> None:
    """Twenty voices need 40 of 50 ms; what is left is four times what a single one needs, and the text was primed."""
    on_stage = stage(dict.fromkeys(list(MANY)[:20], 1.0), texts=MANY, seconds=0.002)
    on_stage.parameters.put("/mix/rate", 20.0)
    on_stage.at(5.01, lambda: on_stage.ask(Prime("x" * 50)))
    on_stage.at(8.0, lambda: on_stage.parameters.put("/style/v23/weight", 1.0))
    on_stage.at(8.0, lambda: on_stage.parameters.put("/style/v23/on", True))
    on_stage.play(10.0)
    assert on_stage.performance.awake == (*range(20), 23)


def test_a_machine_without_a_moment_to_spare_still_wakes_a_voice(stage) -> None:
    on_stage = stage({"ada": 1.0, "bob": 0.0}, seconds=0.07)
    on_stage.play(10.0)
    on_stage.parameters.put("/style/bob/weight", 1.0)
    on_stage.play(80.0)
    assert on_stage.performance.awake == (0, 1)


def test_a_stall_is_not_made_up_for(stage) -> None:
    on_stage = listened(stage({"ada": 1.0}))
    on_stage.at(0.95, lambda: on_stage.clock.advance(5.0))
    on_stage.play(8.0)
    assert len(on_stage.text) == pytest.approx(10 + 20, abs=1)
    assert intervals(on_stage).min() >= 0.05 - 1e-9


def test_a_new_rate_holds_from_the_next_character(stage) -> None:
    on_stage = listened(stage({"ada": 1.0}))
    on_stage.at(0.95, lambda: on_stage.parameters.put("/mix/rate", 50.0))
    on_stage.play(2.0)
    assert intervals(on_stage)[:9] == pytest.approx(np.full(9, 0.1))
    assert intervals(on_stage)[10:] == pytest.approx(np.full(len(intervals(on_stage)) - 10, 0.02))


def test_paused_nothing_is_written_and_then_it_goes_on_where_it_was(stage) -> None:
    on_stage = listened(stage({"ada": 1.0}))
    on_stage.at(0.45, lambda: on_stage.parameters.put("/transport/run", False))
    on_stage.at(1.95, lambda: on_stage.parameters.put("/transport/run", True))
    on_stage.play(1.9)
    assert on_stage.text == "abcde"
    on_stage.play(3.2)
    assert on_stage.text == "abcdefghijabcdefgh"
    assert np.delete(intervals(on_stage), 4) == pytest.approx(np.full(16, 0.1))
    assert {round(status.rate, 3) for status in on_stage.told(Status)} == {0.0, 10.0}


def test_one_step_while_paused_writes_exactly_one_character(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.parameters.put("/transport/run", False)
    on_stage.at(0.5, lambda: on_stage.ask(Step()))
    on_stage.play(1.0)
    assert on_stage.text == "a"
    on_stage.ask(Step())
    on_stage.ask(Step())
    on_stage.play(2.0)
    assert on_stage.text == "abc"


def test_a_step_while_running_is_one_character_more_and_none_follows_at_its_heels(stage) -> None:
    on_stage = listened(stage({"ada": 1.0}))
    on_stage.at(0.35, lambda: on_stage.ask(Step()))
    on_stage.play(1.0)
    assert on_stage.text == "abcdefghija"
    assert intervals(on_stage)[3] < 0.06
    assert np.delete(intervals(on_stage), 3) == pytest.approx(np.full(9, 0.1))


def test_the_engine_measures_itself(stage) -> None:
    on_stage = stage({"ada": 1.0}, seconds=0.01)
    on_stage.play(5.0)
    timing = on_stage.engine.timing
    assert (timing.commits.count, timing.lateness.count) == (50, 50)
    assert timing.lateness.percentile(99) == pytest.approx(0.0, abs=1e-9)
    assert on_stage.told(Status)[-1].rate == pytest.approx(10.0)


def test_too_slow_a_machine_is_told_of_and_the_text_goes_on(stage) -> None:
    on_stage = stage({"ada": 1.0}, seconds=0.3)
    on_stage.play(5.0)
    assert "too much for this machine" in on_stage.told(Status)[-1].trouble
    assert len(on_stage.text) >= 15
    on_stage.parameters.put("/mix/rate", 2.0)
    on_stage.play(9.0)
    assert on_stage.told(Status)[-1].trouble == ""


# ---- late commitment ---------------------------------------------------------------------------------------------


def test_a_weight_that_arrives_just_before_the_tick_decides_that_character(stage) -> None:
    on_stage = stage({"ada": 0.9, "bob": 0.1})
    on_stage.parameters.put("/mix/temperature", 0.05)
    for slug, weight in (("ada", 0.1), ("bob", 0.9)):
        on_stage.at(0.4999, lambda slug=slug, weight=weight: on_stage.parameters.put(f"/style/{slug}/weight", weight))
    on_stage.play(1.0)
    assert on_stage.text == "abcde56789"


def test_the_distributions_told_before_are_those_that_the_joint_was_mixed_from(stage) -> None:
    on_stage = stage({"ada": 1.0}, certainty=0.5)
    on_stage.play(1.0)
    expected = {message.sequence: message.levels for message in on_stage.told(Distributions)}
    joints = {message.sequence: message.levels for message in on_stage.told(Joint)}
    shared = sorted(expected.keys() & joints.keys())
    assert len(shared) >= 9
    for sequence in shared:  # one voice at temperature 1: the same but for what cannot be written
        levels, joint = (np.frombuffer(told[sequence], np.uint8).astype(int) for told in (expected, joints))
        assert levels.argmax() == joint.argmax()
        assert np.abs(levels - joint)[32:127].max() <= 40


# ---- telling -----------------------------------------------------------------------------------------------------


def test_each_character_carries_the_end_of_the_text_with_its_tints(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.play(10.0)
    last = on_stage.told(Char)[-1]
    assert (last.sequence, last.length, last.epoch, len(last.tail)) == (100, 100, 0, TAIL_CHARS)
    assert on_stage.text.endswith(last.tail)
    assert last.tints == (((0, 255),),) * TAIL_CHARS


def test_distributions_are_told_once_a_character_and_again_when_a_voice_joins(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.at(0.35, lambda: on_stage.parameters.put("/style/bob/weight", 1.0))
    on_stage.at(0.35, lambda: on_stage.parameters.put("/style/bob/on", True))
    on_stage.play(0.55)
    told = [(message.sequence, message.voices) for message in on_stage.told(Distributions)]
    assert told == [(2, (0,)), (3, (0,)), (4, (0,)), (5, (0,)), (5, (0, 1)), (6, (0, 1)), (7, (0, 1))]


def test_a_changed_parameter_is_echoed_within_twenty_milliseconds_and_once(stage) -> None:
    on_stage = stage({"ada": 1.0})
    echoed: list[float] = []

    def overhear(messages: Any) -> None:
        echoed.extend(on_stage.clock.now() for message in messages if message == Set("/mix/alloy", 0.5))

    on_stage.sink.broadcast = overhear
    for step in range(6):
        on_stage.at(0.55, lambda step=step: on_stage.parameters.put("/mix/alloy", step / 10))
    on_stage.play(0.95)
    assert len(echoed) == 1
    assert 0.55 <= echoed[0] <= 0.57


def test_the_state_is_told_twice_a_second_how_long_the_text_is_more_often_the_cards_every_five_seconds(stage) -> None:
    card = Card(0, 3, "ada", "Ada", "Ad", "#FF0000", "prose", "")
    on_stage = stage({"ada": 1.0})
    on_stage.engine._publisher._cards = [card]
    on_stage.play(10.5)
    assert len(on_stage.told(Status)) == 42
    assert on_stage.sink.broadcasts.count(card) == 3
    told = [message.address for message in on_stage.told(Set)]
    assert {told.count(address) for address in on_stage.parameters.tree} == {21}


def test_a_newcomer_is_told_everything_and_nobody_else_is(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.parameters.put("/transport/run", False)
    on_stage.play(0.55)
    on_stage.sink.arriving.append(("10.0.0.7", 70))
    told = len(on_stage.sink.broadcasts)
    on_stage.play(0.65)
    kinds = {type(message) for target, message in on_stage.sink.letters if target == ("10.0.0.7", 70)}
    assert kinds == {PerformanceListing, Set, Status, Distributions, Narrator}
    assert len(on_stage.sink.broadcasts) == told


# ---- what is asked for -------------------------------------------------------------------------------------------


def test_old_text_is_sent_to_who_asks_and_in_pieces_that_fit(stage) -> None:
    on_stage = stage({"ada": 0.5, "bob": 0.5})
    on_stage.parameters.put("/mix/rate", 60.0)
    on_stage.play(30.0)
    on_stage.ask(ResendText(50))
    on_stage.ask(ResendText(100))
    on_stage.play(31.0)
    pieces = [message for _, message in on_stage.sink.letters]
    assert all(isinstance(piece, TextExcerpt) for piece in pieces)
    assert (pieces[0].position, pieces[0].epoch) == (50, 0)
    assert "".join(piece.text for piece in pieces) in on_stage.text
    assert pieces[-1].position + len(pieces[-1].text) >= 1_800
    assert [piece.position + len(piece.text) for piece in pieces[:-1]] == [piece.position for piece in pieces[1:]]


def test_who_asks_for_more_than_is_held_is_sent_what_is(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.parameters.put("/transport/run", False)
    for letter in "xyz":
        on_stage.ask(Prime(letter * 4_000))
    on_stage.ask(ResendText(0))
    on_stage.play(1.0)
    pieces = [message for _, message in on_stage.sink.letters]
    assert pieces[0].position == 2_000
    assert "".join(piece.text for piece in pieces) == "x" * 2_000 + "y" * 4_000 + "z" * 4_000


def test_more_who_ask_at_once_than_can_listen_are_not_remembered(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.at(
        0.55,
        lambda: [
            on_stage.parameters.submit(ActionRequest(ResendText(0), ("10.0.0.1", port)))
            for port in range(MOST_QUEUED_ACTIONS)
        ],
    )
    on_stage.play(5.0)
    assert len({target for target, _ in on_stage.sink.letters}) == MOST_SUBSCRIBERS


def test_a_part_of_the_take_is_answered_with_where_it_begins_and_ends(stage) -> None:
    stage = stage({"ada": 1.0})
    stage.performance.take = "tonight-1"
    stage.at(0.25, lambda: stage.ask(StartPart()))
    stage.at(0.55, lambda: stage.ask(EndPart()))
    stage.play(until=1.0)
    words = [message.words for _, message in stage.sink.letters if isinstance(message, ShowAnswer)]
    assert words == ["a part begins behind character 3 of tonight-1", "a part ends behind character 6 of tonight-1"]


def test_where_no_take_is_recorded_no_part_of_it_begins(stage) -> None:
    stage = stage({"ada": 1.0})
    stage.ask(StartPart())
    stage.play(until=0.1)
    answer = ShowAnswer("/take/start", False, "no take is recorded: play without --no-take")
    assert stage.sink.letters == [(SOURCE, answer)]


def test_primed_text_is_told_at_once_and_continued(stage) -> None:
    on_stage = stage({"ada": 1.0}, seconds=0.001)
    on_stage.at(0.45, lambda: on_stage.ask(Prime("Ishmael")))
    on_stage.play(0.5)
    assert on_stage.told(TextExcerpt) == [TextExcerpt(0, 5, "Ishmael", (NEUTRAL,) * 7, bytes([NO_SURPRISE]) * 7)]
    assert (on_stage.told(Status)[-1].sequence, on_stage.told(Status)[-1].length) == (12, 12)
    on_stage.play(1.0)
    assert on_stage.text == "abcde" + "cdefg"
    assert on_stage.told(Char)[-1].tail == "abcdeIshmaelcdefg"


def test_the_text_waits_for_voices_that_read_what_was_primed_and_then_goes_on_at_once(stage) -> None:
    on_stage = listened(stage({"ada": 1.0}, seconds=0.01))
    on_stage.at(0.45, lambda: on_stage.ask(Prime("x" * 100)))
    on_stage.play(3.0)
    gaps = intervals(on_stage)
    assert gaps[4] == pytest.approx(1.06, abs=0.03)
    assert np.delete(gaps, [4, 5]) == pytest.approx(np.full(len(gaps) - 2, 0.1))


def test_a_rewind_is_told_with_its_epoch_and_what_is_left(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.at(0.75, lambda: on_stage.ask(Rewind(3)))
    on_stage.play(0.79)
    assert (on_stage.told(Status)[-1].epoch, on_stage.told(Status)[-1].length) == (1, 5)
    assert on_stage.told(TextExcerpt)[-1].text == "abcde"
    on_stage.play(1.0)
    assert on_stage.told(Char)[-1].tail == "abcdefg"


def test_a_reset_begins_the_same_text_again_and_forgets_steps_that_waited(stage) -> None:
    on_stage = stage({"ada": 0.5, "bob": 0.5}, certainty=0.5)
    on_stage.play(2.0)
    on_stage.parameters.put("/transport/run", False)
    on_stage.ask(Step())
    on_stage.ask(Reset())
    on_stage.play(3.0)
    assert (len(on_stage.text), on_stage.told(Status)[-1].length) == (20, 0)
    on_stage.parameters.put("/transport/run", True)
    on_stage.play(5.0)
    assert on_stage.text[20:40] == on_stage.text[:20]


def test_what_is_expected_after_a_reset_is_told_though_the_text_pauses(stage) -> None:
    on_stage = stage({"ada": 1.0, "bob": 1.0})
    on_stage.play(1.0)
    on_stage.parameters.put("/transport/run", False)
    on_stage.play(1.2)
    on_stage.sink.broadcasts.clear()
    on_stage.ask(Reset())
    on_stage.play(1.5)
    assert [(told.sequence, told.voices) for told in on_stage.told(Distributions)] == [(11, (0, 1))]


def test_a_flood_of_steps_is_written_and_no_more(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.parameters.put("/transport/run", False)
    for _ in range(MOST_QUEUED_ACTIONS):
        on_stage.ask(Step())
    on_stage.play(1.0)
    assert len(on_stage.text) == MOST_QUEUED_ACTIONS


def test_a_broken_voice_is_named_in_the_state(stage) -> None:
    on_stage = stage({"ada": 1.0, "bob": 1.0})
    on_stage.at(0.55, lambda: on_stage.voices._distributions.__setitem__((1, 3), np.nan))
    on_stage.at(0.55, lambda: on_stage.voices.__setattr__("_certainty", np.nan))
    on_stage.play(3.0)
    assert "silent for broken numbers: " in on_stage.told(Status)[-1].trouble


def test_garbage_is_collected_as_before_when_the_engine_has_ended(stage) -> None:
    stage({"ada": 1.0}).play(0.5)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


# ---- chosen letters and arrivals ---------------------------------------------------------------------------------


def test_a_chosen_letter_is_the_very_next_and_comes_at_once_while_the_text_rests(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.at(0.95, lambda: on_stage.parameters.submit(ActionRequest(Choose("Zz"), ("here", 1))))
    on_stage.play(1.45)
    assert on_stage.text[9:13] == "Zzjk" or "Zz" in on_stage.text
    on_stage.parameters.put("/transport/run", False)
    on_stage.at(1.6, lambda: on_stage.parameters.submit(ActionRequest(Choose("Q"), ("here", 1))))
    on_stage.play(2.0)
    assert on_stage.text.endswith("Q")


def test_the_text_comes_to_the_phrase_and_listeners_see_it_coming(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.parameters.submit(ActionRequest(Arrive("Big sea", 30), ("here", 1)))
    on_stage.play(8.0)
    assert "Big sea" in on_stage.text
    seen = [m for m in on_stage.sink.broadcasts if isinstance(m, ArrivalForecast)]
    assert seen[0].phrase == "Big sea"
    assert any(message.chars > 0 for message in seen)
    assert seen[-1].phrase == ""


def test_a_phrase_with_an_avoided_letter_is_refused_in_one_line(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.parameters.put("/aim/avoid", "e")
    on_stage.at(0.5, lambda: on_stage.parameters.submit(ActionRequest(Arrive("sea", 30), ("here", 1))))
    on_stage.play(2.0)
    told = [m.trouble for m in on_stage.sink.broadcasts if isinstance(m, Status)]
    assert "the text cannot arrive at 'sea': e is to be avoided" in told
