"""Time in the performer's hands: steps, words, the end of a sentence, a mix that is held and a panic."""

from __future__ import annotations

from protocol.messages import Char, FinishSentence, Panic, Set, Status, Step, WriteWord

LINES = {"ada": "So it ended. And on ", "bob": "0123456789"}


def test_so_many_characters_are_written_at_once_while_the_text_rests(stage) -> None:
    on_stage = stage({"ada": 1.0}, texts=LINES)
    on_stage.parameters.put("/transport/run", False)
    on_stage.at(1.0, lambda: on_stage.ask(Step(5)))
    on_stage.play(1.02)
    assert on_stage.text == "So it"


def test_a_word_is_written_at_once_with_the_blank_behind_it(stage) -> None:
    on_stage = stage({"ada": 1.0}, texts=LINES)
    on_stage.parameters.put("/transport/run", False)
    for second, text in enumerate(["So ", "So it ", "So it ended. "], start=1):
        on_stage.at(float(second), lambda: on_stage.ask(WriteWord()))
        on_stage.play(second + 0.02)
        assert on_stage.text == text


def test_a_sentence_is_finished_at_the_rate_it_had_and_then_the_text_rests(stage) -> None:
    on_stage = stage({"ada": 1.0}, texts=LINES)
    on_stage.at(0.45, lambda: on_stage.ask(FinishSentence()))
    on_stage.play(1.15)
    assert on_stage.text == "So it ended."
    on_stage.play(9.0)
    assert on_stage.text == "So it ended. "
    assert on_stage.parameters.values()["/transport/run"] is False
    assert Set("/transport/run", False) in on_stage.told(Set)


def test_a_text_that_rests_goes_on_to_the_end_of_its_sentence(stage) -> None:
    on_stage = stage({"ada": 1.0}, texts=LINES)
    on_stage.at(0.45, lambda: on_stage.parameters.put("/transport/run", False))
    on_stage.at(2.0, lambda: on_stage.ask(FinishSentence()))
    on_stage.play(9.0)
    assert on_stage.text == "So it ended. "


def test_a_sentence_that_was_to_be_finished_can_be_broken_off_and_taken_up_for_good(stage) -> None:
    on_stage = stage({"ada": 1.0}, texts=LINES)
    on_stage.at(0.45, lambda: on_stage.ask(FinishSentence()))
    on_stage.at(0.65, lambda: on_stage.parameters.put("/transport/run", False))
    on_stage.at(1.0, lambda: on_stage.parameters.put("/transport/run", True))
    on_stage.play(4.0)
    assert len(on_stage.text) > len("So it ended. And on ")


def test_a_mix_made_ready_while_another_is_held_enters_whole_in_the_next_character(stage) -> None:
    """Without a hold ``bob`` would have to read 80 characters first, and his weight would come before ada's goes."""
    on_stage = stage({"ada": 1.0}, texts=LINES, seconds=0.001)
    on_stage.at(20.0, lambda: on_stage.parameters.put("/transport/hold", True))
    for address, value in {"/style/bob/on": True, "/style/bob/weight": 1.0, "/style/ada/weight": 0.0}.items():
        on_stage.at(20.1, lambda address=address, value=value: on_stage.parameters.put(address, value))
    on_stage.at(29.95, lambda: on_stage.parameters.put("/transport/hold", False))
    on_stage.play(29.92)
    assert on_stage.performance.awake == (0, 1)
    assert not set(on_stage.text) & set(LINES["bob"])
    tints = [message.tints[-1] for message in on_stage.told(Char)]
    assert set(tints) == {((0, 255),)}
    held = len(on_stage.text)
    on_stage.play(31.0)
    assert set(on_stage.text[held:]) <= set(LINES["bob"])


def test_a_panic_calls_everything_off_and_the_text_stays(stage) -> None:
    on_stage = stage({"ada": 1.0}, texts=LINES)
    on_stage.at(0.45, lambda: on_stage.parameters.put("/transport/run", False))
    on_stage.at(0.46, lambda: on_stage.parameters.put("/style/bob/on", True))
    on_stage.at(0.47, lambda: on_stage.ask(Step(9_000)))
    on_stage.at(0.47, lambda: on_stage.ask(Panic()))
    on_stage.play(0.7)
    assert on_stage.text == "So it e"
    on_stage.play(1.5)
    assert on_stage.text == "So it ended. An"
    assert on_stage.performance.buffer.epoch == 0


def test_the_status_tells_who_is_awake_how_late_it_was_and_that_a_sentence_is_being_finished(stage) -> None:
    on_stage = stage({"ada": 1.0, "bob": 0.0}, texts=LINES, seconds=0.04)
    on_stage.at(10.095, lambda: on_stage.clock.advance(0.065))
    on_stage.at(10.5, lambda: on_stage.parameters.put("/style/bob/weight", 1.0))
    on_stage.at(11.9, lambda: on_stage.ask(FinishSentence()))
    on_stage.play(12.3)
    *_, before, after = on_stage.told(Status)
    assert (before.awake, before.waking, before.late, before.finishing) == (1, 1, 1, False)
    assert (after.awake, after.waking, after.late, after.finishing) == (1, 1, 1, True)
    assert after.commit_ms == 0.0 and 5.0 < after.late_ms < 65.0
