"""The board: the last value wins, the queue is bounded, changes are told once."""

import sys
import threading

import pytest

from protocol.errors import ParameterError
from protocol.messages import Finish, Held, Panic, Rewind, Set, Step
from protocol.tree import ParameterTree
from server.engine.parameter_store import WAITING, ActionRequest, ParameterStore

HERE = ("127.0.0.1", 1)


@pytest.fixture
def board() -> ParameterStore:
    return ParameterStore(ParameterTree(["ada", "bob"]), {"/mix/rate": 20.0})


def test_the_last_value_wins_and_its_change_is_told_once(board: ParameterStore) -> None:
    for weight in (0.1, 0.7, 0.4):
        board.put("/style/bob/weight", weight)
    assert board.values()["/style/bob/weight"] == 0.4
    assert board.changes() == [Set("/style/bob/weight", 0.4)]
    assert board.changes() == []


def test_what_stays_as_it_was_is_no_change(board: ParameterStore) -> None:
    board.put("/mix/rate", 20.0)
    board.put("/transport/run", True)
    assert board.changes() == []


def test_values_are_clamped_and_rubbish_is_refused(board: ParameterStore) -> None:
    board.put("/mix/temperature", 99.0)
    assert board.values()["/mix/temperature"] == 2.0
    with pytest.raises(ParameterError, match="finite"):
        board.put("/mix/temperature", float("nan"))
    with pytest.raises(ParameterError, match="no parameter /style/eve/weight"):
        board.put("/style/eve/weight", 0.5)


def test_values_taken_away_are_a_copy(board: ParameterStore) -> None:
    board.values()["/mix/rate"] = 1.0
    assert board.values()["/mix/rate"] == 20.0


def test_actions_come_out_in_their_order_and_once(board: ParameterStore) -> None:
    board.ask(ActionRequest(Step(), HERE))
    board.ask(ActionRequest(Rewind(3), HERE))
    assert [action.deed for action in board.actions()] == [Step(), Rewind(3)]
    assert board.actions() == []


def test_more_actions_than_can_wait_are_refused(board: ParameterStore) -> None:
    accepted = [board.ask(ActionRequest(Step(), HERE)) for _ in range(WAITING + 5)]
    assert accepted == [True] * WAITING + [False] * 5
    assert len(board.actions()) == WAITING


def test_hands_on_many_threads_lose_no_change(board: ParameterStore) -> None:
    told: dict[str, object] = {}

    def raise_slowly(slug: str) -> None:
        for n in range(501):
            board.put(f"/style/{slug}/weight", n / 500)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        hands = [threading.Thread(target=raise_slowly, args=(slug,)) for slug in ("ada", "bob")]
        for hand in hands:
            hand.start()
        while any(hand.is_alive() for hand in hands):
            told |= {change.address: change.value for change in board.changes()}
    finally:
        sys.setswitchinterval(before)
    told |= {change.address: change.value for change in board.changes()}
    assert told == {"/style/ada/weight": 1.0, "/style/bob/weight": 1.0}


# ---- hold and panic


def test_while_the_mix_is_held_the_controls_move_and_nothing_else_does(board: ParameterStore) -> None:
    board.put("/style/ada/weight", 0.5)
    board.put("/transport/hold", True)
    board.changes()
    board.put("/style/ada/weight", 0.9)
    board.put("/puck", (0.5, 0.5))
    board.put("/mix/alloy", 1.0)
    values, coming = board.values(), board.coming()
    assert (values["/style/ada/weight"], values["/puck"], values["/mix/alloy"]) == (0.5, (0.0, 0.0), 0.0)
    assert coming == board.controls() and coming["/style/ada/weight"] == 0.9
    assert [change.address for change in board.changes()] == ["/mix/alloy", "/puck", "/style/ada/weight"]


def test_let_go_all_that_was_moved_enters_at_once(board: ParameterStore) -> None:
    board.put("/transport/hold", True)
    board.put("/style/ada/weight", 0.9)
    board.put("/style/bob/weight", 0.1)
    board.put("/transport/hold", False)
    assert board.coming() is None
    assert board.values() == board.controls()
    assert board.values()["/style/ada/weight"] == 0.9


def test_a_hold_leaves_time_alone(board: ParameterStore) -> None:
    board.put("/transport/hold", True)
    board.put("/mix/rate", 5.0)
    board.put("/transport/run", False)
    assert (board.values()["/mix/rate"], board.values()["/transport/run"]) == (5.0, False)


def test_a_hold_said_twice_keeps_what_it_kept(board: ParameterStore) -> None:
    board.put("/transport/hold", True)
    board.put("/mix/alloy", 0.5)
    board.put("/transport/hold", True)
    assert board.values()["/mix/alloy"] == 0.0


def test_a_panic_puts_everything_back_as_at_the_start_and_what_is_set_after_it_holds(board: ParameterStore) -> None:
    opening = board.values()
    for address, value in {"/mix/rate": 3.0, "/transport/run": False, "/transport/hold": True}.items():
        board.put(address, value)
    board.changes()
    board.ask(ActionRequest(Panic(), HERE))
    assert board.values() == board.controls() == opening
    assert {change.address for change in board.changes()} == {"/mix/rate", "/transport/run", "/transport/hold"}
    board.put("/mix/rate", 7.0)
    assert [action.deed for action in board.actions()] == [Panic()]
    assert board.values()["/mix/rate"] == 7.0


def test_who_wants_a_sentence_finished_wants_it_written_and_a_pause_after_that_holds(board: ParameterStore) -> None:
    board.put("/transport/run", False)
    board.ask(ActionRequest(Finish(), HERE))
    assert board.values()["/transport/run"] is True
    board.put("/transport/run", False)
    assert board.values()["/transport/run"] is False


def test_whoever_sets_a_parameter_is_told_when_it_passes_into_other_hands() -> None:
    board = ParameterStore(ParameterTree(["austen"]))
    for value, port in ((11.0, 1), (12.0, 1), (13.0, 2), (14.0, None)):
        board.put("/mix/rate", value, None if port is None else ("10.0.0.7", port))
    assert board.holders() == [Held("/mix/rate", "10.0.0.7:2")]
    assert board.holders() == []
    assert board.holders(whole=True) == [Held("/mix/rate", "10.0.0.7:2")]
