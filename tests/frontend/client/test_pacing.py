"""Pacing: no value is lost, none is sent too often, and questions become rarer."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.link import RESEND_AFTER_S, SET_SPACING_S, MissingTextRequests, PacedSets, UnconfirmedSets
from protocol.messages import ResendText, Set


def test_the_first_value_leaves_at_once_and_the_last_of_a_flurry_a_moment_later() -> None:
    outbox = PacedSets()
    assert outbox.put("/mix/rate", 1.0, now=0.0) == [Set("/mix/rate", 1.0)]
    assert outbox.put("/mix/rate", 2.0, now=SET_SPACING_S / 8) == []
    assert outbox.put("/mix/rate", 3.0, now=SET_SPACING_S / 4) == []
    assert outbox.due(now=SET_SPACING_S) == [Set("/mix/rate", 3.0)]
    assert outbox.due(now=1.0) == []


def test_addresses_do_not_wait_for_each_other() -> None:
    outbox = PacedSets()
    outbox.put("/mix/rate", 1.0, now=0.0)
    assert outbox.put("/mix/alloy", 0.5, now=0.001) == [Set("/mix/alloy", 0.5)]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 0.02)), min_size=1))
def test_the_wire_sees_at_most_one_value_a_spacing_and_always_the_last(moves: list[tuple[str, float]]) -> None:
    outbox, now = PacedSets(), 0.0
    sent: dict[str, list[tuple[float, object]]] = {"a": [], "b": []}
    last: dict[str, int] = {}
    for number, (address, wait) in enumerate(moves):
        now += wait
        last[address] = number
        for message in outbox.put(address, number, now):
            sent[message.address].append((now, message.value))
    for message in outbox.due(now + 2 * SET_SPACING_S):
        sent[message.address].append((now + 2 * SET_SPACING_S, message.value))
    assert {address: values[-1][1] for address, values in sent.items() if values} == last
    for values in sent.values():
        assert all(later[0] - earlier[0] >= SET_SPACING_S for earlier, later in pairwise(values))


def test_missing_text_is_asked_for_at_once_and_then_ever_more_seldom() -> None:
    asking = MissingTextRequests()
    asked = [now / 100 for now in range(200) if asking.due(50, now / 100) == ResendText(50)]
    assert asked == pytest.approx([0.0, 0.1, 0.3, 0.7, 1.1, 1.5, 1.9], abs=0.09)


def test_while_pieces_come_nothing_more_is_asked() -> None:
    asking = MissingTextRequests()
    assert asking.due(50, 0.0) == ResendText(50)
    assert [asking.due(50 + 10 * step, step / 20) for step in range(1, 40)] == [None] * 39
    assert asking.due(440, 2.06) == ResendText(440)


def test_a_new_gap_is_asked_for_at_once() -> None:
    asking = MissingTextRequests()
    assert asking.due(50, 0.0) == ResendText(50)
    assert asking.due(None, 0.01) is None
    assert asking.due(90, 0.02) == ResendText(90)


def test_a_value_that_nobody_echoes_is_said_again_for_a_while() -> None:
    insisting = UnconfirmedSets()
    insisting.sent("/mix/rate", 20.0, now=0.0)
    said = [now / 100 for now in range(200) if insisting.due(now / 100) == [Set("/mix/rate", 20.0)]]
    assert said == pytest.approx(RESEND_AFTER_S) and insisting.due_at == float("inf")


def test_a_value_that_is_heard_back_is_not_said_again() -> None:
    insisting = UnconfirmedSets()
    insisting.sent("/mix/alloy", 0.1, now=0.0)
    insisting.confirmed("/mix/alloy", 0.5)
    assert insisting.due_at == RESEND_AFTER_S[0], "that was somebody else's, or an older one"
    insisting.confirmed("/mix/alloy", 0.10000000149011612)  # as 32 bits have it
    assert insisting.due(10.0) == []


def test_only_the_last_value_is_said_again_and_none_after_an_order_that_moves_controls() -> None:
    insisting = UnconfirmedSets()
    insisting.sent("/puck", (0.1, 0.2), now=0.0)
    insisting.sent("/puck", (0.3, 0.4), now=0.01)
    assert insisting.due(1.0) == [Set("/puck", (0.3, 0.4))]
    insisting.clear()
    assert insisting.due(10.0) == []
