"""The engine passes the turn at a sentence's end, and who waits is awake to answer with the very next letter."""

from typing import Any

from protocol.messages import Distributions, Set
from protocol.tree import ANTIPHONY, TURN, choir_address

VERSES = {"ada": "So it is. ", "bob": "But why?? "}


def in_antiphony(stage: Any) -> Any:
    on_stage = stage({"ada": 1.0, "bob": 1.0}, VERSES)
    for slug, choir in (("ada", 1), ("bob", 2)):
        on_stage.parameters.put(choir_address(slug), choir)
    on_stage.parameters.put(ANTIPHONY, True)
    return on_stage


def test_choirs_answer_each_other_sentence_by_sentence(stage: Any) -> None:
    on_stage = in_antiphony(stage)
    on_stage.play(4.5)
    assert on_stage.text.startswith("So it is. But why?? So it is. But why?? ")
    turns = [message.value for message in on_stage.told(Set) if message.address == TURN]
    assert [turn for turn, before in zip(turns, [0.0, *turns], strict=False) if turn != before][:3] == [1.0, 0.0, 1.0]


def test_the_choir_that_waits_stays_awake(stage: Any) -> None:
    on_stage = in_antiphony(stage)
    on_stage.play(0.5)
    assert on_stage.told(Distributions)[-1].voices == (0, 1)
    assert on_stage.text == "So it"


def test_the_turn_goes_on_while_the_mix_is_held(stage: Any) -> None:
    on_stage = in_antiphony(stage)
    on_stage.parameters.put("/transport/hold", True)
    on_stage.play(1.3)
    assert on_stage.parameters.values()[TURN] == 1.0
