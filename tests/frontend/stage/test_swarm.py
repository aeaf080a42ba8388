"""The swarm: points that glide at any frame rate, each in its own place of the list."""

from __future__ import annotations

import numpy as np
import pytest

from frontend.stage.crowd import HALF_LIFE, CrowdPoints, nearness

HERE, THERE = (-0.5, 0.0, 1.0), (0.5, 0.0, 1.0)


def test_a_point_comes_where_it_is_and_then_glides() -> None:
    swarm = CrowdPoints()
    assert swarm.follow([HERE], 0.0).tolist() == [list(HERE)]
    assert swarm.follow([THERE], HALF_LIFE)[0, 0] == pytest.approx(0.0)
    assert swarm.follow([THERE], 10.0)[0, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("rate", [10, 60, 144])
def test_it_glides_alike_at_every_frame_rate(rate: int) -> None:
    swarm = CrowdPoints()
    swarm.follow([HERE], 0.0)
    for frame in range(1, rate + 1):
        points = swarm.follow([THERE], 0.2 * frame / rate)
    assert points[0, 0] == pytest.approx(0.5 - 0.5 ** (0.2 / HALF_LIFE))


def test_whoever_takes_the_place_of_another_does_not_fly_in_from_there() -> None:
    swarm = CrowdPoints()
    swarm.follow([HERE, HERE], 0.0)
    assert swarm.follow([(0.0, 0.0, 0.0), HERE], 0.1).tolist() == [list(HERE)]
    assert swarm.follow([THERE, HERE], 0.2)[0, 0] == 0.5
    assert swarm.follow([], 0.3).shape == (0, 3)


def test_a_point_has_the_colour_of_where_it_is() -> None:
    shares = nearness(np.array([[0.0, 1.0], [0.0, 0.0]]), 4)
    assert shares.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert shares[0, 0] > 0.99
    assert shares[1] == pytest.approx([0.25] * 4)
