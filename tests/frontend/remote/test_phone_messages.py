"""What a phone says is checked first, and nobody says too much."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.remote.links import Role
from frontend.remote.phone_messages import BURST_MESSAGES, MAX_EXCESS, RATE_PER_S, RateLimit, parse_message
from protocol.errors import MessageError
from protocol.messages import WriteWord

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYED = st.dictionaries(st.sampled_from(["set", "do", "puck", "x"]), JSON, max_size=3)


def test_a_performer_sets_values_and_asks_for_words() -> None:
    said = parse_message(
        '{"set": {"/puck": [0.5, -2], "/transport/run": false, "/mix/rate": 20}, "do": "word"}', Role.PERFORMER
    )
    assert said.values == {"/puck": (0.5, -2.0), "/transport/run": False, "/mix/rate": 20.0}
    assert said.acts == (WriteWord(),)
    assert not said.moved


def test_the_audience_has_a_puck_and_nothing_else() -> None:
    assert parse_message('{"puck": [3, 4]}', Role.AUDIENCE).puck == pytest.approx((0.6, 0.8))
    assert parse_message('{"puck": null}', Role.AUDIENCE).moved
    for forbidden in ('{"set": {"/mix/rate": 60}}', '{"do": "panic"}'):
        with pytest.raises(MessageError, match="there is no "):
            parse_message(forbidden, Role.AUDIENCE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        "null",
        '{"set": {"/mix/rate": NaN}}',
        '{"set": {"a": 1e999}}',
        '{"set": {"a": "1"}}',
        '{"set": {"a": [1, 2, 3]}}',
        '{"set": []}',
        '{"do": "sudo"}',
        '{"do": ["word", "word", "word", "word", "word"]}',
        '{"do": [["word"]]}',
        "[" * 2000,
        '{"set": {"a": ' + "9" * 2100 + "}}",
        json.dumps({"set": {f"/{i}": 1 for i in range(65)}}),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(MessageError):
        parse_message(text, Role.PERFORMER)


@settings(max_examples=60)
@given(st.text(max_size=60) | KEYED.map(json.dumps), st.sampled_from(Role))
def test_whatever_a_phone_says_is_understood_or_refused(text: str, role: Role) -> None:
    try:
        said = parse_message(text, role)
    except MessageError:
        return
    assert role is Role.PERFORMER or (not said.values and not said.acts)
    if said.puck is not None:
        assert said.puck[0] ** 2 + said.puck[1] ** 2 <= 1.0 + 1e-9


def test_a_finger_is_always_heard_and_a_flood_only_so_often() -> None:
    finger, flood = RateLimit(0.0), RateLimit(0.0)
    assert all(finger.allows(i / 30) for i in range(3_000))
    heard = sum(flood.allows(i / 5_000) for i in range(5_000))  # a second of it
    assert heard == pytest.approx(BURST_MESSAGES + RATE_PER_S, abs=2)
    assert not finger.flooded
    assert flood.flooded


def test_a_phone_that_was_too_eager_once_is_forgiven() -> None:
    budget = RateLimit(0.0)
    for _ in range(int(BURST_MESSAGES + MAX_EXCESS / 2)):
        budget.allows(0.0)
    assert not budget.allows(0.0)
    assert budget.allows(10.0)
    assert not budget.flooded
