"""Pucks besides the one, on the server: in force with the controls, held with them, told, gone with their sender."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.messages import CrowdPucks, MorePucks
from protocol.pucks import CROWD, FADES, LASTS, MORE, MOST_MORE
from protocol.tree import ParameterTree
from server.engine.parameter_store import ParameterStore

TREE = ParameterTree(["austen", "bible"])
TEXTS = {"ada": "abcdefghij", "bob": "0123456789"}
HERE, THERE = ("127.0.0.1", 9_000), ("127.0.0.1", 9_001)
FINGER = (0.5, 0.0, 1.0)


def test_they_are_among_the_values_in_force_and_no_parameters() -> None:
    board = ParameterStore(TREE)
    board.gather(MorePucks(0, (FINGER,)), HERE, 0.0)
    board.gather(CrowdPucks(0, (FINGER, FINGER)), THERE, 0.0)
    assert board.values()[MORE] == FINGER
    assert board.values()[CROWD] == FINGER * 2
    assert not {MORE, CROWD} & board.controls().keys()


def test_all_are_told_of_a_change_once_and_of_what_there_is_whenever_the_state_is() -> None:
    board = ParameterStore(TREE)
    board.gather(MorePucks(7, (FINGER,)), HERE, 0.0)
    assert board.pucks(whole=True) == [MorePucks(1, (FINGER,))]
    assert board.pucks() == [MorePucks(2, (FINGER,))]
    assert board.pucks() == []
    board.gather(MorePucks(8, ()), HERE, 0.1)
    assert board.pucks() == [MorePucks(3, ())]
    assert board.pucks(whole=True) == []


def test_a_hold_keeps_them_as_they_were_and_foresees_those_to_come() -> None:
    board = ParameterStore(TREE)
    board.put("/transport/hold", True)
    board.gather(MorePucks(0, (FINGER,)), HERE, 0.0)
    assert board.values()[MORE] == ()
    coming = board.coming()
    assert coming is not None and coming[MORE] == FINGER
    board.put("/transport/hold", False)
    board.put("/transport/hold", True)
    board.gather(MorePucks(1, ()), HERE, 0.1)
    assert board.values()[MORE] == FINGER


def test_they_go_with_time_when_their_sender_falls_silent() -> None:
    board = ParameterStore(TREE)
    board.gather(MorePucks(0, (FINGER,)), HERE, 0.0)
    board.pass_time(LASTS + FADES / 2)
    assert board.values()[MORE] == (0.5, 0.0, 0.5)
    board.pass_time(LASTS + FADES)
    assert MORE not in board.values()


def test_fingers_of_several_tables_are_never_more_than_there_may_be() -> None:
    board = ParameterStore(TREE)
    for source in (HERE, THERE):
        board.gather(MorePucks(0, (FINGER,) * MOST_MORE), source, 0.0)
    assert board.values()[MORE] == FINGER * MOST_MORE


@pytest.mark.parametrize(("share", "written"), [(1.0, str.isdigit), (0.0, str.isalpha)])
def test_a_crowd_that_stands_at_one_voice_has_its_share_of_the_text(stage: Any, share: float, written: Any) -> None:
    played = stage({"ada": 1.0, "bob": 1.0}, TEXTS)
    played.board.put("/puck/lifted", False)
    played.board.put("/puck", (0.0, 1.0))
    played.board.put("/crowd/share", share)
    for seconds in range(3):
        played.at(
            seconds,
            lambda number=seconds: played.board.gather(
                CrowdPucks(number, ((0.0, -1.0, 1.0),) * 9), HERE, played.clock.now()
            ),
        )
    played.play(3.0)
    assert len(played.text) > 20
    assert all(map(written, played.text[1:]))
