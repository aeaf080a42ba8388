"""Several performances by one clock: each its own text and values, none late for another, none played to nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.fake_voices import FakeVoices
from protocol.errors import ParameterError
from protocol.messages import MAIN, Char, PerformanceListing, Prime
from protocol.tree import ParameterTree
from server.engine.parameter_store import PerformanceRegistry
from server.server import seed_of

BLUE = "blue"


def text(sink: Any) -> str:
    return "".join(message.character for message in sink.broadcasts if isinstance(message, Char))


def times(stage: Any, sink: Any) -> list[float]:
    """From now on, when each character is told by ``sink``."""
    heard: list[float] = []
    broadcast = sink.broadcast

    def overhear(messages: Any) -> None:
        heard.extend(stage.clock.now() for message in messages if isinstance(message, Char))
        broadcast(messages)

    sink.broadcast = overhear
    return heard


def test_another_performance_begins_with_the_opening_and_goes_its_own_way(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.at(0.52, lambda: on_stage.registry.open(BLUE))
    on_stage.play(1.0)
    assert text(on_stage.others[BLUE])[:4] == "abcd"
    blue = on_stage.registry.parameters(BLUE)
    blue.put("/style/bob/weight", 1.0)
    blue.put("/style/bob/on", True)
    blue.put("/style/ada/on", False)
    on_stage.play(2.0)
    assert on_stage.text == "abcdefghijabcdefghij"
    assert text(on_stage.others[BLUE])[-5:].isdigit()


def test_everybody_is_told_which_performances_there_are(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.registry.open(BLUE)
    on_stage.play(6.0)
    for sink in (on_stage.sink, on_stage.others[BLUE]):
        assert {PerformanceListing(0, 2, MAIN), PerformanceListing(1, 2, BLUE)} <= set(sink.broadcasts)


def test_a_performance_that_nobody_listens_to_rests_and_goes_on_where_it_was(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.registry.open(BLUE)
    on_stage.play(1.0)
    blue = on_stage.others[BLUE]
    written = text(blue)
    blue.heard = False
    on_stage.play(5.0)
    assert text(blue) == written
    blue.heard = True
    heard = times(on_stage, blue)
    on_stage.play(6.0)
    assert ("abcdefghij" * 3).startswith(text(blue))
    assert len(text(blue)) == pytest.approx(len(written) + 10, abs=1)
    assert np.diff(heard).min() >= 0.05 - 1e-9


def test_main_plays_on_though_nobody_listens(stage) -> None:
    on_stage = stage({"ada": 1.0})
    on_stage.sink.heard = False
    on_stage.play(1.0)
    assert len(on_stage.text) == 10


def test_a_character_waits_for_other_performances_at_most_while_their_voices_read_one_or_two(stage) -> None:
    """Five rooms in which three voices need 6 ms for a character, and one room whose voices have much to read."""
    on_stage = stage({"ada": 1.0, "bob": 1.0, "cy": 1.0}, seconds=0.002)
    rooms = [f"room-{number}" for number in range(5)]
    for number, room in enumerate(rooms):
        on_stage.at(0.37 * (number + 1), lambda room=room: on_stage.registry.open(room))
    on_stage.play(3.0)
    heard = [times(on_stage, sink) for sink in (on_stage.sink, *map(on_stage.others.get, rooms[:4]))]
    on_stage.at(3.33, lambda: on_stage.ask_in(rooms[4], Prime("x" * 300)))
    on_stage.play(10.0)
    for one in heard:
        assert len(one) == pytest.approx(70, abs=1)
        assert np.abs(np.diff(one) - 0.1).max() <= 0.012 + 1e-9


def test_the_names_given_at_the_start_are_there_and_those_that_are_none_are_refused() -> None:
    tree = ParameterTree(["ada"])
    assert PerformanceRegistry(tree, names=(BLUE, "red")).names() == (MAIN, BLUE, "red")
    with pytest.raises(ParameterError, match="no name for a performance"):
        PerformanceRegistry(tree, names=("No Name!",))


def test_every_performance_has_its_own_seed_and_always_the_same() -> None:
    assert seed_of(7, MAIN) == 7
    assert seed_of(7, BLUE) == seed_of(7, BLUE) != seed_of(7, "red")
    assert 0 <= seed_of(2**31 - 1, BLUE) < 2**31


def test_another_text_shares_what_was_learnt_and_nothing_that_was_read() -> None:
    fakes = FakeVoices({"ada": "abc"}, certainty=1.0)
    fakes.step(ord("a"), [0])
    other = fakes.for_new_text()
    assert chr(other.distributions[0].argmax()) == "a"
    other.step(ord("a"), [0])
    other.step(ord("b"), [0])
    assert [chr(voices.distributions[0].argmax()) for voices in (fakes, other)] == ["b", "c"]
