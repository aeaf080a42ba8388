"""Fingers as pucks: what they say together never jumps, whoever comes, goes or takes the lead."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.osc.tuio import FALL, RISE, Finger, Fingers, Played
from protocol.puck import MOST_MORE, mean_influence

FRAME = 1 / 120
A, B = Finger("a", 0.8, 0.0), Finger("b", -0.8, 0.0)


class Table:
    """A puck that is where the fingers put it."""

    def __init__(self, puck: tuple[float, float] = (0.0, 0.9), lifted: bool = False) -> None:
        self.fingers, self.puck, self.lifted, self.now = Fingers(), puck, lifted, 10.0
        self.played = Played(None, False, (), False)

    def hold(self, *down: Finger, seconds: float = FRAME) -> None:
        for _ in range(max(1, round(seconds / FRAME))):
            self.now += FRAME
            self.played = self.fingers.step(down, self.puck, self.lifted, self.now)
            self.puck = self.played.puck or self.puck
            self.lifted = self.lifted and not self.played.lay

    @property
    def said(self) -> tuple[float, ...]:
        return mean_influence([(*self.puck, 1.0), *self.played.more], 5, 2.0)


def test_a_finger_becomes_the_puck_and_leaves_it_where_it_lifts() -> None:
    table = Table()
    table.hold(A, seconds=RISE + FALL + 0.1)
    assert table.puck == A.place and table.played.more == ()
    table.hold(seconds=1.0)
    assert table.puck == A.place and table.played.more == ()


def test_the_second_finger_is_a_puck_besides_and_inherits_the_puck_when_the_first_lifts() -> None:
    table = Table()
    table.hold(A, seconds=1.0)
    table.hold(A, B, seconds=1.0)
    assert (table.puck, table.played.more) == (A.place, ((*B.place, 1.0),))
    table.hold(B)
    assert (table.puck, table.played.more[-1][:2]) == (B.place, A.place)
    table.hold(B, seconds=1.0)
    assert (table.puck, table.played.more) == (B.place, ())


def test_a_finger_lays_a_lifted_puck_down_under_itself_at_once() -> None:
    table = Table(lifted=True)
    table.hold(A)
    assert table.puck == A.place and not table.lifted and table.played.more == ()


def test_when_the_mouse_takes_the_puck_a_resting_finger_lets_it_go_until_it_moves() -> None:
    table = Table()
    table.hold(A, seconds=1.0)
    table.puck = (0.0, -0.5)
    table.hold(A, seconds=1.0)
    assert table.puck == (0.0, -0.5) and table.played.more == ()
    table.hold(Finger("a", 0.9, 0.0), seconds=1.0)
    assert table.puck == (0.9, 0.0)


places = st.tuples(st.floats(-0.7, 0.7), st.floats(-0.7, 0.7))
gestures = st.lists(st.tuples(st.sets(st.integers(0, 4), max_size=4), st.integers(1, 30)), max_size=12)


@given(st.lists(places, min_size=5, max_size=5), places, gestures)
def test_nothing_jumps_while_fingers_that_rest_come_and_go(
    where: list[tuple[float, float]], puck: tuple[float, float], gestures: list[tuple[set[int], int]]
) -> None:
    table = Table(puck)
    table.hold()
    before = table.said
    for down, frames in gestures:
        for _ in range(frames):
            table.hold(*(Finger(key, *where[key]) for key in sorted(down)))
            assert table.said == pytest.approx(before, abs=5 * FRAME / RISE + 1e-9)
            before = table.said
            assert all(0.0 <= weight <= 1.0 for *_, weight in table.played.more)


@given(
    st.lists(
        st.lists(
            st.builds(Finger, st.integers(0, 40), st.floats(-1, 1), st.floats(-1, 1)),
            max_size=30,
            unique_by=lambda finger: finger.key,
        ),
        max_size=20,
    )
)
def test_whatever_fingers_do_the_pucks_are_bounded(frames: list[list[Finger]]) -> None:
    table = Table()
    for down in frames:
        table.hold(*down)
        assert len(table.played.more) <= MOST_MORE
        assert all(math.hypot(x, y) <= 1.5 for x, y, _ in table.played.more)
