"""Signals on the wire: declared once, encoded as any OSC program reads them, and read back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from protocol.errors import MessageError
from protocol.messages import Query, Set, Signal
from protocol.osc import decode_to_front, decode_to_server, encode, encode_bundle
from protocol.signals import ENTROPY, SENTENCE, WORD, encode_signal, share_of, signals
from protocol.tree import ParameterTree

TREE = ParameterTree(["ada", "bob"])
NUMBERS = st.integers(-(2**31), 2**31 - 1) | st.floats(width=32, allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(st.lists(NUMBERS | TEXTS, max_size=8).map(tuple))
def test_what_is_sent_is_what_python_osc_and_we_read(arguments: tuple[float | str, ...]) -> None:
    datagram = encode(Signal("/signal/x", arguments))
    assert list(OscMessage(datagram)) == list(arguments)
    assert decode_to_front(datagram, None).messages == (Signal("/signal/x", arguments),)


def test_a_place_may_want_a_prefix_before_every_address() -> None:
    sent = OscMessage(encode_signal(Signal("/signal/entropy", (2.5,)), "/antiphon"))
    assert sent.address == "/antiphon/signal/entropy"


@pytest.mark.parametrize("argument", [math.nan, math.inf, 2**31])
def test_what_no_lamp_can_show_is_refused(argument: float) -> None:
    with pytest.raises(MessageError, match="/signal/x"):
        encode_signal(Signal("/signal/x", (argument,)))


def test_every_signal_has_a_place_of_its_own_beside_the_parameters() -> None:
    forms = signals(TREE.slugs)
    assert {"/signal/share/ada", "/signal/share/bob", "/signal/entropy", "/signal/sentence"} <= set(forms)
    assert set(forms) & set(TREE) == set()
    assert all(len(form.tags) == len(form.arguments.split(", ")) for form in forms.values())


def test_the_level_of_a_signal_lies_in_its_range() -> None:
    assert ENTROPY.level((3.5,)) == 0.5
    assert WORD.level(("the", 20.0)) == 1.0
    assert SENTENCE.level(()) == 0.0
    assert share_of("ada").level((math.nan,)) == 0.0


def test_thirty_signals_are_few_datagrams() -> None:
    many = [Signal(f"/signal/share/voice-{n}", (0.5,)) for n in range(30)]
    assert len(encode_bundle(many)) == 1


@pytest.mark.parametrize("tags", [b"", b",\0\0\0", b",N\0\0", b",I\0\0", b",II\0"])
def test_an_address_without_a_value_asks_for_it(tags: bytes) -> None:
    assert decode_to_server(b"/mix/rate\0\0\0" + tags, TREE).messages == (Query("/mix/rate"),)
    assert decode_to_server(b"/mix/none\0\0\0" + tags, TREE).messages == ()


def test_a_buttons_impulse_is_no_argument() -> None:
    assert [type(each).__name__ for each in decode_to_server(b"/panic\0\0,I\0\0", TREE).messages] == ["Panic"]
    assert [type(each).__name__ for each in decode_to_server(b"/panic\0\0,IT\0", TREE).messages] == ["Panic"]


def test_a_pair_has_a_second_name_and_nothing_else_has() -> None:
    pair, asked = b"/puck/xy\0\0\0\0,ff\0\x3f\0\0\0\xbf\0\0\0", b"/puck/xy\0\0\0\0,\0\0\0"
    assert decode_to_server(pair, TREE).messages == (Set("/puck", (0.5, -0.5)),)
    assert decode_to_server(asked, TREE).messages == (Query("/puck"),)
    assert decode_to_server(b"/mix/rate/xy\0\0\0\0,f\0\0\x3f\0\0\0", TREE).messages == ()
