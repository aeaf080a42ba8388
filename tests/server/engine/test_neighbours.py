"""Voices near the puck are awake before it comes to them."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.puck import position
from server.engine.neighbours import nearest_to_puck
from server.engine.performance import Performance

SLUGS = tuple(f"v{n}" for n in range(8))
MANY = {slug: chr(97 + n) for n, slug in enumerate(SLUGS)}


def values(mixed: Any, at: int, **others: Any) -> Any:
    """All eight in play, the puck on one of them."""
    found = mixed(dict.fromkeys(SLUGS, 1.0), SLUGS, puck_lifted=False)
    return found | {"/puck": position(at, len(SLUGS)), "/puck/falloff": 6.0} | others


@pytest.mark.parametrize("at", [0, 3, 7])
def test_the_next_voices_on_either_side_of_the_puck_are_nearest(mixed, at: int) -> None:
    assert sorted(nearest_to_puck(values(mixed, at), SLUGS)) == sorted({(at - 1) % 8, at, (at + 1) % 8})


def test_a_voice_whose_fader_is_down_and_one_below_zero_are_none_of_them(mixed) -> None:
    found = nearest_to_puck(values(mixed, 0, **{"/style/v1/weight": 0.0, "/style/v7/weight": -0.5}), SLUGS)
    assert sorted(found) == [0, 2, 6]


def test_a_lifted_puck_has_no_neighbours(mixed) -> None:
    assert nearest_to_puck(values(mixed, 0, **{"/puck/lifted": True}), SLUGS) == []


def test_neighbours_of_the_puck_are_awake_without_a_share_that_is_heard(fakes, mixed) -> None:
    performance = Performance(fakes(MANY), seed=1)
    performance.settle(values(mixed, 3))
    performance.catch_up(lambda: True)
    assert performance.awake == (2, 3, 4)
    assert performance.write(values(mixed, 3)).weights[3] > 0.99
