"""The short way in says what the long way says, or nothing."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from protocol.errors import ParameterError
from protocol.messages import Set, Step
from protocol.osc import FastSetReader, decode_to_server, encode, plain
from protocol.tree import ParameterTree

TREE = ParameterTree(["ada", "bob"])
SHORTCUT = FastSetReader(TREE)
FLOATS = st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf])
ARGUMENTS = st.lists(
    FLOATS.map(lambda value: (value, "f"))
    | st.integers(-(2**31), 2**31 - 1).map(lambda value: (value, "i"))
    | st.booleans().map(lambda value: (value, "T" if value else "F"))
    | st.just(("x", "s")),
    max_size=3,
)


def message(address: str, arguments: list[tuple[Any, str]]) -> bytes:
    builder = OscMessageBuilder(address)
    for value, tag in arguments:
        builder.add_arg(value, tag)
    datagram: bytes = builder.build().dgram
    return datagram


@given(address=st.sampled_from([*TREE, "/nothing", "/mix"]), arguments=ARGUMENTS)
def test_both_ways_agree_on_whatever_the_short_one_takes(address: str, arguments: list[tuple[Any, str]]) -> None:
    datagram = message(address, arguments)
    long = decode_to_server(datagram, TREE)
    try:
        short = SHORTCUT.read(datagram)
    except ParameterError as error:
        assert long.complaints == (str(error),)
    else:
        assert short is None or long.messages == (short,)


@given(datagram=st.binary(max_size=64))
def test_the_short_way_leaves_to_the_long_one_what_it_does_not_know(datagram: bytes) -> None:
    assert SHORTCUT.read(datagram) is None


@pytest.mark.parametrize("address", [each for each, parameter in TREE.items() if parameter.tags != "s"])
def test_what_a_front_end_sends_goes_the_short_way(address: str) -> None:
    datagram = encode(Set(address, TREE[address].default), TREE)
    assert (SHORTCUT.read(datagram),) == decode_to_server(datagram, TREE).messages


@pytest.mark.parametrize("cut", [1, 4, 8])
def test_half_a_message_is_none(cut: int) -> None:
    for address in TREE:
        assert SHORTCUT.read(encode(Set(address, TREE[address].default), TREE)[:-cut]) is None


def test_an_action_is_left_to_the_long_way() -> None:
    assert SHORTCUT.read(encode(Step())) is None


@given(address=st.sampled_from([*TREE]), data=st.data())
def test_the_short_way_out_is_the_long_one(address: str, data: st.DataObject) -> None:
    parameter = TREE[address]
    drawn = st.text(max_size=30) if parameter.tags == "s" else st.floats(-9, 300, width=32)
    value = parameter.accept([data.draw(drawn) for _ in parameter.tags])
    assert plain(address, parameter, value) == encode(Set(address, value), TREE)
    named = f"/performance/blue{address}"
    assert plain(named, parameter, value) == encode(Set(address, value), TREE, "blue")
