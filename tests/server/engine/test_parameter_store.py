"""The board: the last value wins, the queue is bounded, changes are told once."""

import sys
import threading

import pytest

from protocol.errors import ParameterError
from protocol.messages import FinishSentence, Panic, ParameterHolder, Rewind, Set, Step
from protocol.tree import ParameterTree
from server.engine.parameter_store import MOST_QUEUED_ACTIONS, ActionRequest, ParameterStore

HERE = ("127.0.0.1", 1)


@pytest.fixture
def parameters() -> ParameterStore:
    return ParameterStore(ParameterTree(["ada", "bob"]), {"/mix/rate": 20.0})


def test_the_last_value_wins_and_its_change_is_told_once(parameters: ParameterStore) -> None:
    for weight in (0.1, 0.7, 0.4):
        parameters.put("/style/bob/weight", weight)
    assert parameters.values()["/style/bob/weight"] == 0.4
    assert parameters.changes() == [Set("/style/bob/weight", 0.4)]
    assert parameters.changes() == []


def test_what_stays_as_it_was_is_no_change(parameters: ParameterStore) -> None:
    parameters.put("/mix/rate", 20.0)
    parameters.put("/transport/run", True)
    assert parameters.changes() == []


def test_values_are_clamped_and_rubbish_is_refused(parameters: ParameterStore) -> None:
    parameters.put("/mix/temperature", 99.0)
    assert parameters.values()["/mix/temperature"] == 2.0
    with pytest.raises(ParameterError, match="finite"):
        parameters.put("/mix/temperature", float("nan"))
    with pytest.raises(ParameterError, match="no parameter /style/eve/weight"):
        parameters.put("/style/eve/weight", 0.5)


def test_values_taken_away_are_a_copy(parameters: ParameterStore) -> None:
    parameters.values()["/mix/rate"] = 1.0
    assert parameters.values()["/mix/rate"] == 20.0


def test_actions_come_out_in_their_order_and_once(parameters: ParameterStore) -> None:
    parameters.submit(ActionRequest(Step(), HERE))
    parameters.submit(ActionRequest(Rewind(3), HERE))
    assert [request.action for request in parameters.take_requests()] == [Step(), Rewind(3)]
    assert parameters.take_requests() == []


def test_more_actions_than_can_wait_are_refused(parameters: ParameterStore) -> None:
    accepted = [parameters.submit(ActionRequest(Step(), HERE)) for _ in range(MOST_QUEUED_ACTIONS + 5)]
    assert accepted == [True] * MOST_QUEUED_ACTIONS + [False] * 5
    assert len(parameters.take_requests()) == MOST_QUEUED_ACTIONS


def test_hands_on_many_threads_lose_no_change(parameters: ParameterStore) -> None:
    told: dict[str, object] = {}

    def raise_slowly(slug: str) -> None:
        for n in range(501):
            parameters.put(f"/style/{slug}/weight", n / 500)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        hands = [threading.Thread(target=raise_slowly, args=(slug,)) for slug in ("ada", "bob")]
        for hand in hands:
            hand.start()
        while any(hand.is_alive() for hand in hands):
            told |= {change.address: change.value for change in parameters.changes()}
    finally:
        sys.setswitchinterval(before)
    told |= {change.address: change.value for change in parameters.changes()}
    assert told == {"/style/ada/weight": 1.0, "/style/bob/weight": 1.0}


# ---- hold and panic


def test_while_the_mix_is_held_the_controls_move_and_nothing_else_does(parameters: ParameterStore) -> None:
    parameters.put("/style/ada/weight", 0.5)
    parameters.put("/transport/hold", True)
    parameters.changes()
    parameters.put("/style/ada/weight", 0.9)
    parameters.put("/puck", (0.5, 0.5))
    parameters.put("/mix/alloy", 1.0)
    values, coming = parameters.values(), parameters.coming()
    assert (values["/style/ada/weight"], values["/puck"], values["/mix/alloy"]) == (0.5, (0.0, 0.0), 0.0)
    assert coming == parameters.controls() and coming["/style/ada/weight"] == 0.9
    assert [change.address for change in parameters.changes()] == ["/mix/alloy", "/puck", "/style/ada/weight"]


def test_let_go_all_that_was_moved_enters_at_once(parameters: ParameterStore) -> None:
    parameters.put("/transport/hold", True)
    parameters.put("/style/ada/weight", 0.9)
    parameters.put("/style/bob/weight", 0.1)
    parameters.put("/transport/hold", False)
    assert parameters.coming() is None
    assert parameters.values() == parameters.controls()
    assert parameters.values()["/style/ada/weight"] == 0.9


def test_a_hold_leaves_time_alone(parameters: ParameterStore) -> None:
    parameters.put("/transport/hold", True)
    parameters.put("/mix/rate", 5.0)
    parameters.put("/transport/run", False)
    assert (parameters.values()["/mix/rate"], parameters.values()["/transport/run"]) == (5.0, False)


def test_a_hold_said_twice_keeps_what_it_kept(parameters: ParameterStore) -> None:
    parameters.put("/transport/hold", True)
    parameters.put("/mix/alloy", 0.5)
    parameters.put("/transport/hold", True)
    assert parameters.values()["/mix/alloy"] == 0.0


def test_a_panic_puts_everything_back_as_at_the_start_and_what_is_set_after_it_holds(
    parameters: ParameterStore,
) -> None:
    opening = parameters.values()
    for address, value in {"/mix/rate": 3.0, "/transport/run": False, "/transport/hold": True}.items():
        parameters.put(address, value)
    parameters.changes()
    parameters.submit(ActionRequest(Panic(), HERE))
    assert parameters.values() == parameters.controls() == opening
    assert {change.address for change in parameters.changes()} == {"/mix/rate", "/transport/run", "/transport/hold"}
    parameters.put("/mix/rate", 7.0)
    assert [request.action for request in parameters.take_requests()] == [Panic()]
    assert parameters.values()["/mix/rate"] == 7.0


def test_who_wants_a_sentence_finished_wants_it_written_and_a_pause_after_that_holds(
    parameters: ParameterStore,
) -> None:
    parameters.put("/transport/run", False)
    parameters.submit(ActionRequest(FinishSentence(), HERE))
    assert parameters.values()["/transport/run"] is True
    parameters.put("/transport/run", False)
    assert parameters.values()["/transport/run"] is False


def test_whoever_sets_a_parameter_is_told_when_it_passes_into_other_hands() -> None:
    parameters = ParameterStore(ParameterTree(["austen"]))
    for value, port in ((11.0, 1), (12.0, 1), (13.0, 2), (14.0, None)):
        parameters.put("/mix/rate", value, None if port is None else ("10.0.0.7", port))
    assert parameters.holders() == [ParameterHolder("/mix/rate", "10.0.0.7:2")]
    assert parameters.holders() == []
    assert parameters.holders(whole=True) == [ParameterHolder("/mix/rate", "10.0.0.7:2")]
