"""Pucks besides the one, on the server: in force with the controls, held with them, told, gone with their sender."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.messages import CrowdPucks, MorePucks
from protocol.puck import CROWD, MORE, MOST_MORE, PUCK_FADE_S, PUCK_LIFETIME_S
from protocol.tree import ParameterTree
from server.engine.parameter_store import ParameterStore

TREE = ParameterTree(["austen", "bible"])
TEXTS = {"ada": "abcdefghij", "bob": "0123456789"}
HERE, THERE = ("127.0.0.1", 9_000), ("127.0.0.1", 9_001)
FINGER = (0.5, 0.0, 1.0)


def test_they_are_among_the_values_in_force_and_no_parameters() -> None:
    parameters = ParameterStore(TREE)
    parameters.add_pucks(MorePucks(0, (FINGER,)), HERE, 0.0)
    parameters.add_pucks(CrowdPucks(0, (FINGER, FINGER)), THERE, 0.0)
    assert parameters.values()[MORE] == FINGER
    assert parameters.values()[CROWD] == FINGER * 2
    assert not {MORE, CROWD} & parameters.controls().keys()


def test_all_are_told_of_a_change_once_and_of_what_there_is_whenever_the_state_is() -> None:
    parameters = ParameterStore(TREE)
    parameters.add_pucks(MorePucks(7, (FINGER,)), HERE, 0.0)
    assert parameters.pucks(whole=True) == [MorePucks(1, (FINGER,))]
    assert parameters.pucks() == [MorePucks(2, (FINGER,))]
    assert parameters.pucks() == []
    parameters.add_pucks(MorePucks(8, ()), HERE, 0.1)
    assert parameters.pucks() == [MorePucks(3, ())]
    assert parameters.pucks(whole=True) == []


def test_a_hold_keeps_them_as_they_were_and_foresees_those_to_come() -> None:
    parameters = ParameterStore(TREE)
    parameters.put("/transport/hold", True)
    parameters.add_pucks(MorePucks(0, (FINGER,)), HERE, 0.0)
    assert parameters.values()[MORE] == ()
    coming = parameters.coming()
    assert coming is not None and coming[MORE] == FINGER
    parameters.put("/transport/hold", False)
    parameters.put("/transport/hold", True)
    parameters.add_pucks(MorePucks(1, ()), HERE, 0.1)
    assert parameters.values()[MORE] == FINGER


def test_they_go_with_time_when_their_sender_falls_silent() -> None:
    parameters = ParameterStore(TREE)
    parameters.add_pucks(MorePucks(0, (FINGER,)), HERE, 0.0)
    parameters.expire_pucks(PUCK_LIFETIME_S + PUCK_FADE_S / 2)
    assert parameters.values()[MORE] == (0.5, 0.0, 0.5)
    parameters.expire_pucks(PUCK_LIFETIME_S + PUCK_FADE_S)
    assert MORE not in parameters.values()


def test_fingers_of_several_tables_are_never_more_than_there_may_be() -> None:
    parameters = ParameterStore(TREE)
    for source in (HERE, THERE):
        parameters.add_pucks(MorePucks(0, (FINGER,) * MOST_MORE), source, 0.0)
    assert parameters.values()[MORE] == FINGER * MOST_MORE


@pytest.mark.parametrize(("share", "written"), [(1.0, str.isdigit), (0.0, str.isalpha)])
def test_a_crowd_that_stands_at_one_voice_has_its_share_of_the_text(stage: Any, share: float, written: Any) -> None:
    played = stage({"ada": 1.0, "bob": 1.0}, TEXTS)
    played.parameters.put("/puck/lifted", False)
    played.parameters.put("/puck", (0.0, 1.0))
    played.parameters.put("/crowd/share", share)
    for seconds in range(3):
        played.at(
            seconds,
            lambda number=seconds: played.parameters.add_pucks(
                CrowdPucks(number, ((0.0, -1.0, 1.0),) * 9), HERE, played.clock.now()
            ),
        )
    played.play(3.0)
    assert len(played.text) > 20
    assert all(map(written, played.text[1:]))
