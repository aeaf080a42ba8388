"""The last touch leads, and nothing jumps."""

from __future__ import annotations

from itertools import pairwise

import pytest

from frontend.teaching.taught import ValueOwnership

FRAME = 1 / 60


def follow(
    lead: ValueOwnership, wanted: float, standing: float, now: float, frames: int = 60
) -> tuple[float, list[float]]:
    """Where the parameter stands after so many frames in which nobody else moves it, and where it stood in each."""
    stood = []
    for _ in range(frames):
        to = lead.follow(wanted, standing, now)
        standing = standing if to is None else to
        stood.append(standing)
        now += FRAME
    return standing, stood


def test_a_parameter_glides_to_where_the_poses_want_it() -> None:
    standing, stood = follow(ValueOwnership(0.0, 1.0), 0.9, 0.1, 0.0)
    assert stood[0] == pytest.approx(0.1)
    assert max(after - before for before, after in pairwise(stood)) < 0.1
    assert standing == pytest.approx(0.9, abs=0.02)


def test_once_there_it_follows_at_once_and_says_nothing_while_all_rests() -> None:
    lead = ValueOwnership(0.0, 1.0)
    standing, _ = follow(lead, 0.9, 0.1, 0.0, frames=240)
    assert lead.follow(0.5, standing, 5.0) == pytest.approx(0.5, abs=0.001)
    assert lead.follow(0.5, 0.5, 5.1) is None


def test_a_hand_on_the_fader_has_it_until_the_poses_are_told_to_take_it_again() -> None:
    lead = ValueOwnership(0.0, 1.0)
    follow(lead, 0.9, 0.1, 0.0)
    assert lead.follow(0.9, 0.3, 1.1) is None
    assert lead.free
    assert lead.follow(0.2, 0.3, 1.2) is None
    lead.take()
    assert lead.follow(0.9, 0.3, 1.3) == pytest.approx(0.3)


def test_an_echo_of_what_was_said_a_moment_ago_is_no_other_hand() -> None:
    lead = ValueOwnership(0.0, 1.0)
    lead.follow(0.5, 0.5, 0.0)
    lead.follow(0.6, 0.5, 0.1)
    assert lead.follow(0.7, 0.5, 0.2) is not None
    assert not lead.free
    lead.follow(0.7, 0.7, 10.0)
    assert lead.follow(0.7, 0.5, 10.1) is None
    assert lead.free


def test_what_is_said_stays_in_range_so_that_it_is_known_again() -> None:
    lead = ValueOwnership(0.0, 1.0)
    standing, _ = follow(lead, 0.2, 1.0, 0.0, frames=6)
    standing, stood = follow(lead, 1.0, standing, 0.1, frames=6)
    assert max(stood) == 1.0
    assert lead.follow(0.5, 1.0, 0.3) is not None
