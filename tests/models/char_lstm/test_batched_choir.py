"""Many texts spoken by one ensemble are what each would be alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.char_lstm.batched_choir import BatchedChoir
from models.char_lstm.choir import Choir
from models.char_lstm.network import Shape
from models.char_lstm.packed_weights import PackedWeights
from tests.models.char_lstm.test_choir import voices

MADE = voices(3, Shape(2, 16))


@pytest.mark.parametrize("kind", ["few", "many", "exact"])
@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 127), st.sets(st.integers(0, 2))), min_size=9, max_size=9),
        min_size=1,
        max_size=5,
    )
)
def test_each_room_hears_what_its_choir_would_say_alone(kind: str, turns: list[list[tuple[int, set[int]]]]) -> None:
    ensemble = PackedWeights.of(MADE, exact=kind == "exact", many=kind == "many")
    rooms = BatchedChoir(ensemble, 9)
    alone = [Choir(ensemble) for _ in range(9)]
    for turn in turns:
        rooms.step([code for code, _ in turn], [sorted(awake) for _, awake in turn])
        for choir, (code, awake) in zip(alone, turn, strict=True):
            choir.step(code, sorted(awake))
    for room, choir in zip(rooms.choirs, alone, strict=True):
        np.testing.assert_allclose(room.distributions, choir.distributions, atol=2e-6)


def test_a_room_can_go_on_by_itself_and_disturbs_no_other() -> None:
    rooms = BatchedChoir(PackedWeights.of(MADE, many=True), 3)
    before = [choir.distributions.copy() for choir in rooms.choirs]
    rooms.choirs[1].step(ord("q"), [0, 2])
    trail = rooms.choirs[1].trail(4)
    trail.push(1, [0, 2])
    rooms.choirs[1].reset([0, 1, 2])
    assert all(np.array_equal(choir.distributions, was) for choir, was in zip(rooms.choirs, before, strict=True))
    assert trail.restore(1) == (0, 2)
    assert not np.array_equal(rooms.choirs[1].distributions[0], before[1][0])
    assert np.array_equal(rooms.choirs[1].distributions[1], before[1][1])


def test_no_room_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one text"):
        BatchedChoir(PackedWeights.of(MADE), 0)
