"""A show's deeds as desks send them: numbers, names, buttons; each crosses the wire unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from protocol.deeds import DEEDS, WHAT_CHARS
from protocol.formats import TO_SERVER
from protocol.messages import Deed
from protocol.osc import decode_to_server, encode
from protocol.tree import ParameterTree

TREE = ParameterTree(["ada", "bob"])


def sent(address: str, *arguments: Any) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return bytes(builder.build().dgram)


@pytest.mark.parametrize(
    ("address", "arguments", "deed"),
    [
        ("/scene/recall", (3,), Deed("/scene/recall", "3")),
        ("/scene/recall", (3.0, 2.5), Deed("/scene/recall", "3", 2.5)),  # all floats, as Eos sends
        ("/scene/recall", ("storm", 2), Deed("/scene/recall", "storm", 2.0)),
        ("/scene/recall", ("the", "storm"), Deed("/scene/recall", "the storm")),  # word by word
        ("/scene/recall", ("3",), Deed("/scene/recall", "3")),
        ("/scene/recall", (1, 9_999.0), Deed("/scene/recall", "1", 120.0)),
        ("/cue/go", (), Deed("/cue/go")),
        ("/cue/go", (1,), Deed("/cue/go", "1")),
        ("/cue/go", (1.0,), Deed("/cue/go")),  # a button of TouchOSC
        ("/cue/go", ("finale", 4.0), Deed("/cue/go", "finale", 4.0)),
        ("/cue/next", (1,), Deed("/cue/next")),
        ("/stage/black", (1,), Deed("/stage/black", "1")),
        ("/stage/black", (0.0,), Deed("/stage/black", "0")),
        ("/stage/freeze", ("on",), Deed("/stage/freeze", "1")),
        ("/stage/theme", ("paper",), Deed("/stage/theme", "paper")),
        ("/stage/size", (9.0,), Deed("/stage/size", "1.6")),
        ("/setlist/open", ("tonight",), Deed("/setlist/open", "tonight")),
    ],
)
def test_what_desks_send_is_understood(address: str, arguments: tuple[Any, ...], deed: Deed) -> None:
    assert decode_to_server(sent(address, *arguments), TREE).messages == (deed,)


@pytest.mark.parametrize(
    ("address", "arguments"),
    [("/cue/next", (0,)), ("/cue/go", (0.0,)), ("/cue/go", (False,)), ("/scene/recall", (0.0,))],
)
def test_a_button_that_is_let_go_does_nothing(address: str, arguments: tuple[Any, ...]) -> None:
    decoded = decode_to_server(sent(address, *arguments), TREE)
    assert (decoded.messages, decoded.complaints) == ((), ())


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("/scene/recall", ()),
        ("/scene/recall", (-2,)),
        ("/scene/recall", (2.5,)),
        ("/scene/recall", ("",)),
        ("/scene/recall", ("a\x07b",)),
        ("/scene/recall", ("x" * (WHAT_CHARS + 1),)),
        ("/scene/recall", (float("nan"),)),
        ("/cue/go", (2, float("inf"))),
        ("/stage/theme", (3,)),
        ("/stage/size", ("large",)),
    ],
)
def test_what_makes_no_sense_costs_one_line(address: str, arguments: tuple[Any, ...]) -> None:
    decoded = decode_to_server(sent(address, *arguments), TREE)
    assert decoded.messages == () and len(decoded.complaints) == 1
    assert decoded.complaints[0].startswith(f"{address} takes ")


NAMES = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=WHAT_CHARS)
WHICH = NAMES | st.integers(1, 9_999).map(str)
SECONDS = st.just(-1.0) | st.floats(0.0, 120.0, width=32)


@given(
    st.builds(Deed, st.sampled_from(["/scene/recall", "/cue/go"]), WHICH, SECONDS)
    | st.builds(Deed, st.sampled_from(["/setlist/open", "/stage/theme"]), NAMES)
    | st.builds(Deed, st.sampled_from(["/stage/black", "/stage/freeze"]), st.sampled_from(["0", "1"]))
    | st.builds(Deed, st.sampled_from(["/cue/go", "/cue/next", "/cue/back"]))
)
def test_a_deed_crosses_the_wire_unchanged(deed: Deed) -> None:
    assert decode_to_server(encode(deed, TREE), TREE).messages == (deed,)


def test_every_deed_has_an_address_of_its_own() -> None:
    assert set(DEEDS) & (set(TREE) | set(TO_SERVER)) == set()
