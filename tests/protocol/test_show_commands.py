"""A show's commands as desks send them: numbers, names, buttons; each crosses the wire unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from protocol.formats import TO_SERVER
from protocol.messages import HoldShow, ShowCommand, ShowDone
from protocol.osc import decode_to_server, encode
from protocol.show_commands import SHOW_COMMANDS, WHAT_CHARS
from protocol.tree import ParameterTree

TREE = ParameterTree(["ada", "bob"])


def sent(address: str, *arguments: Any) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return bytes(builder.build().dgram)


@pytest.mark.parametrize(
    ("address", "arguments", "command"),
    [
        ("/scene/recall", (3,), ShowCommand("/scene/recall", "3")),
        ("/scene/recall", (3.0, 2.5), ShowCommand("/scene/recall", "3", 2.5)),  # all floats, as Eos sends
        ("/scene/recall", ("storm", 2), ShowCommand("/scene/recall", "storm", 2.0)),
        ("/scene/recall", ("the", "storm"), ShowCommand("/scene/recall", "the storm")),  # word by word
        ("/scene/recall", ("3",), ShowCommand("/scene/recall", "3")),
        ("/scene/recall", (1, 9_999.0), ShowCommand("/scene/recall", "1", 120.0)),
        ("/cue/go", (), ShowCommand("/cue/go")),
        ("/cue/go", (1,), ShowCommand("/cue/go", "1")),
        ("/cue/go", (1.0,), ShowCommand("/cue/go")),  # a button of TouchOSC
        ("/cue/go", ("finale", 4.0), ShowCommand("/cue/go", "finale", 4.0)),
        ("/cue/next", (1,), ShowCommand("/cue/next")),
        ("/stage/black", (1,), ShowCommand("/stage/black", "1")),
        ("/stage/black", (0.0,), ShowCommand("/stage/black", "0")),
        ("/stage/freeze", ("on",), ShowCommand("/stage/freeze", "1")),
        ("/stage/theme", ("paper",), ShowCommand("/stage/theme", "paper")),
        ("/stage/size", (9.0,), ShowCommand("/stage/size", "1.6")),
        ("/setlist/open", ("tonight",), ShowCommand("/setlist/open", "tonight")),
    ],
)
def test_what_desks_send_is_understood(address: str, arguments: tuple[Any, ...], command: ShowCommand) -> None:
    assert decode_to_server(sent(address, *arguments), TREE).messages == (command,)


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
    st.builds(ShowCommand, st.sampled_from(["/scene/recall", "/cue/go"]), WHICH, SECONDS)
    | st.builds(ShowCommand, st.sampled_from(["/setlist/open", "/stage/theme"]), NAMES)
    | st.builds(ShowCommand, st.sampled_from(["/stage/black", "/stage/freeze"]), st.sampled_from(["0", "1"]))
    | st.builds(ShowCommand, st.sampled_from(["/cue/go", "/cue/next", "/cue/back"]))
)
def test_a_command_crosses_the_wire_unchanged(command: ShowCommand) -> None:
    assert decode_to_server(encode(command, TREE), TREE).messages == (command,)


def test_every_command_has_an_address_of_its_own() -> None:
    assert set(SHOW_COMMANDS) & (set(TREE) | set(TO_SERVER)) == set()


@pytest.mark.parametrize(
    "said",
    [
        HoldShow("tonight 3", 0, "paper"),
        HoldShow("tonight", 2),
        HoldShow("", 0, "show", True, False, "paper"),
        ShowDone(3, True, "a b"),
    ],
)
def test_what_front_ends_say_of_a_show_is_read_to_the_letter(said: HoldShow | ShowDone) -> None:
    decoded = decode_to_server(encode(said), TREE)
    assert (decoded.messages, decoded.complaints) == ((said,), ())


def test_a_front_end_that_says_less_than_it_must_is_told_so() -> None:
    datagram = sent("/show/hold", "tonight", "and", "tomorrow")
    decoded = decode_to_server(datagram, TREE)
    assert decoded.messages == () and "/show/hold" in decoded.complaints[0]
