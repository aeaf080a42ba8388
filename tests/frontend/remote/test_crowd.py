"""The audience's pucks: one a phone, each at its place, coming and going little by little."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.remote.guests import IDLE_AFTER_S, PUCK_FALL_S, PUCK_RISE_S, Crowd
from protocol.puck import MOST_CROWD


def touched(now: float = 0.0, phones: int = 1) -> Crowd:
    """So many phones whose pucks were touched long enough ago to weigh in full at ``now``."""
    crowd = Crowd()
    for slot in range(phones):
        assert crowd.enter() == slot
        crowd.move(slot, (slot / 10, 0.0), now - PUCK_RISE_S)
    return crowd


def test_a_puck_counts_from_the_first_touch_on_and_rises() -> None:
    crowd = Crowd()
    assert crowd.enter() == 0
    assert crowd.pucks(0.0) == ()
    crowd.move(0, (0.5, 0.5), 1.0)
    assert crowd.holds(0, 1.0)
    assert [crowd.pucks(1.0 + PUCK_RISE_S * share)[0][2] for share in (0.25, 0.5, 2.0)] == pytest.approx(
        [0.25, 0.5, 1.0]
    )


def test_a_puck_left_alone_fades_and_comes_back_with_the_next_touch() -> None:
    crowd = touched()
    idle = IDLE_AFTER_S - PUCK_RISE_S
    assert crowd.pucks(idle)[0][2] == 1.0
    assert crowd.pucks(idle + PUCK_FALL_S / 2)[0][2] == pytest.approx(0.5)
    assert not crowd.holds(0, idle)
    crowd.move(0, (1.0, 0.0), idle + PUCK_FALL_S / 2)
    assert crowd.pucks(idle + PUCK_FALL_S / 2)[0] == pytest.approx((1.0, 0.0, 0.5))
    assert crowd.pucks(idle + PUCK_FALL_S / 2 + PUCK_RISE_S)[0][2] == 1.0


def test_others_keep_their_places_when_a_phone_vanishes_and_nobody_takes_it_too_soon() -> None:
    crowd = touched(phones=3)
    crowd.leave(1, 0.0)
    assert crowd.pucks(PUCK_FALL_S / 2)[1] == pytest.approx((0.1, 0.0, 0.5))
    assert crowd.enter() == 3
    assert crowd.pucks(PUCK_FALL_S) == ((0.0, 0.0, 1.0), (0.0, 0.0, 0.0), (0.2, 0.0, 1.0))
    assert crowd.enter() == 1


def test_a_puck_that_is_put_away_fades() -> None:
    crowd = touched()
    crowd.move(0, None, 0.0)
    assert crowd.pucks(PUCK_FALL_S / 3)[0][2] == pytest.approx(2 / 3)
    assert crowd.pucks(PUCK_FALL_S) == ()


def test_there_is_an_end_to_it() -> None:
    crowd = Crowd()
    assert [crowd.enter() for _ in range(MOST_CROWD)] == list(range(MOST_CROWD))
    assert crowd.enter() is None


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["enter", "leave", "move", "away"]), st.integers(0, 5), st.floats(0, 30)), max_size=30
    )
)
def test_no_weight_ever_jumps(commands: list[tuple[str, int, float]]) -> None:
    crowd, now, here = Crowd(), 0.0, set[int]()
    for command, slot, passing in commands:
        now += passing
        before = crowd.pucks(now)
        if command == "enter":
            new = crowd.enter()
            assert new is not None
            assert new not in here
            here.add(new)
        elif slot in here and command == "leave":
            crowd.leave(slot, now)
            here.discard(slot)
        elif slot in here:
            crowd.move(slot, (0.1, 0.2) if command == "move" else None, now)
        after = crowd.pucks(now)
        weights = [[pucks[at][2] if at < len(pucks) else 0.0 for at in range(8)] for pucks in (before, after)]
        assert weights[0] == pytest.approx(weights[1], abs=1e-9)
