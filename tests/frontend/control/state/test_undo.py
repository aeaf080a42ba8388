"""Undo: a line of states in which a gesture is one step."""

from __future__ import annotations

from operator import eq

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from frontend.control.state.undo import GESTURE_PAUSE_S, MAX_UNDO_STEPS, UndoHistory


def seen(*states: int) -> UndoHistory[int]:
    """Each state a gesture of its own."""
    history = UndoHistory(0, eq)
    for place, state in enumerate(states):
        history.record(state, f"gesture {place}", float(place))
    return history


@given(st.lists(st.integers(), min_size=1, max_size=30, unique=True))
def test_undoing_all_leads_back_through_every_step_and_redoing_forth_again(states: list[int]) -> None:
    states = [state for state in states if state != 0]
    history = seen(*states)
    assert [history.undo() for _ in states] == [0, *states][-2::-1]
    assert [history.redo() for _ in states] == states
    assert history.redo() is None


def test_a_drag_is_one_step_however_long_it_pauses_in_the_hand() -> None:
    history = UndoHistory(0, eq)
    for frame in range(200):
        history.record(min(frame, 50), "fader", 0.1 * frame, holding=True)
    history.record(60, "fader", 20.0, holding=True)
    assert history.undo() == 0 and history.undo() is None


def test_the_same_fader_taken_again_later_is_another_step() -> None:
    history = UndoHistory(0, eq)
    history.record(1, "fader", 0.0)
    history.record(2, "fader", GESTURE_PAUSE_S / 2)
    history.record(3, "fader", 3 * GESTURE_PAUSE_S)
    assert (history.undo(), history.undo(), history.undo()) == (2, 0, None)


def test_another_gesture_is_another_step_at_once() -> None:
    history = UndoHistory(0, eq)
    history.record(1, "fader", 0.0)
    history.record(2, "puck", 0.01)
    assert history.undo() == 1


def test_what_is_done_after_undoing_forgets_what_was_undone() -> None:
    history = seen(1, 2)
    history.undo()
    history.record(7, "other", 9.0)
    assert history.redo() is None and history.undo() == 1


def test_a_gesture_that_goes_on_after_undo_is_a_step_of_its_own() -> None:
    history = UndoHistory(0, eq)
    history.record(1, "fader", 0.0)
    history.undo()
    history.record(2, "fader", 0.1)
    assert history.undo() == 0


def test_no_more_than_so_many_steps_are_kept() -> None:
    history = seen(*range(1, MAX_UNDO_STEPS + 100))
    assert history.steps == (MAX_UNDO_STEPS, 0)


class AgainstALine(RuleBasedStateMachine):
    """A list and an index are what a history is."""

    def __init__(self) -> None:
        super().__init__()
        self.history = UndoHistory(0, eq)
        self.line, self.at, self.now = [0], 0, 0.0

    @rule(state=st.integers(0, 5))
    def do(self, state: int) -> None:
        self.now += 2 * GESTURE_PAUSE_S
        self.history.record(state, "hand", self.now)
        if state != self.line[self.at]:
            self.line[self.at + 1 :] = [state]
            self.at += 1

    @rule()
    def undo(self) -> None:
        assert (self.history.undo() is not None) is (self.at > 0)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        assert (self.history.redo() is not None) is (self.at + 1 < len(self.line))
        self.at = min(len(self.line) - 1, self.at + 1)

    @invariant()
    def the_present_is_the_same(self) -> None:
        assert self.history.present == self.line[self.at]
        assert self.history.steps == (self.at, len(self.line) - self.at - 1)


TestAgainstALine = AgainstALine.TestCase
