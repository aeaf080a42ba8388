"""Pucks on their way out: what is new leaves at once, at a bearable pace, and what stands is said again."""

import math

from frontend.inputs.multi_puck import EMPTY_REPEATS, PUCK_RESEND_S, PUCK_SPACING_S, PuckSender
from protocol.messages import MorePucks
from protocol.puck import MORE

HERE, THERE = (0.1, 0.2, 1.0), (0.3, 0.4, 1.0)


def test_what_is_new_leaves_at_once_and_what_follows_too_soon_a_moment_later() -> None:
    out = PuckSender(MORE)
    out.gather("tuio", (HERE,))
    assert out.due(10.0) == (MorePucks(1, (HERE,)), 10.0 + PUCK_RESEND_S)
    out.gather("tuio", (THERE,))
    assert out.due(10.001) == (None, 10.0 + PUCK_SPACING_S[MORE])
    assert out.due(10.0 + PUCK_SPACING_S[MORE])[0] == MorePucks(2, (THERE,))


def test_a_move_does_not_wait_for_what_was_only_said_again() -> None:
    out = PuckSender(MORE)
    out.gather("tuio", (HERE,))
    out.due(10.0)
    assert out.due(10.0 + PUCK_RESEND_S)[0] == MorePucks(2, (HERE,))
    out.gather("tuio", (THERE,))
    assert out.due(10.0 + PUCK_RESEND_S + 0.0001)[0] == MorePucks(3, (THERE,))


def test_that_none_is_left_is_said_more_than_once_and_then_no_more() -> None:
    out = PuckSender(MORE)
    out.gather("tuio", (HERE,))
    out.due(10.0)
    out.gather("tuio", ())
    said = [out.due(11.0 + PUCK_RESEND_S * place) for place in range(EMPTY_REPEATS + 1)]
    assert [message.pucks for message, _ in said if message is not None] == [()] * EMPTY_REPEATS
    assert said[-1] == (None, math.inf)
