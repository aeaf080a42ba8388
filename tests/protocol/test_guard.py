"""No datagram from anywhere hangs, crashes or silences the server: each ends in messages and plain lines."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from protocol.errors import MessageError
from protocol.guard import LONGEST_DATAGRAM_BYTES, MOST_BUNDLE_LEVELS, MOST_ELEMENTS, elements, read, shown
from protocol.messages import Ping, Set
from protocol.osc import decode_to_front, decode_to_server, encode
from protocol.tree import ParameterTree

TREE = ParameterTree(("austen", "bible"))
HEADER = b"#bundle\0" + bytes(8)
PING = encode(Ping(7))

pytestmark = pytest.mark.timeout(30)  # what these bytes do to an unguarded parser is to hang it for ever


def text(characters: bytes) -> bytes:
    return characters + bytes(4 - len(characters) % 4)


def bundle(*messages: bytes, tag: bytes = bytes(8)) -> bytes:
    return b"#bundle\0" + tag + b"".join(struct.pack(">i", len(message)) + message for message in messages)


def nested(depth: int, kernel: bytes) -> bytes:
    return kernel if depth == 0 else bundle(nested(depth - 1, kernel))


def floats(address: bytes, *values: float) -> bytes:
    return text(address) + text(b"," + b"f" * len(values)) + struct.pack(f">{len(values)}f", *values)


TRAPS = {
    "a bundle's element claims -4 bytes": (
        HEADER + struct.pack(">i", -4),
        "a bundle was cut off at an element that claims -4 bytes",
    ),
    "a bundle's element claims no bytes": (HEADER + bytes(4), "a bundle was cut off at an element that claims 0 bytes"),
    "a bundle's element claims 2 GB": (
        HEADER + b"\x7f\xff\xff\xfc",
        "a bundle was cut off at an element that claims 2147483644 bytes",
    ),
    "a bundle's element claims 5 bytes": (
        HEADER + struct.pack(">i", 5) + bytes(8),
        "a bundle was cut off at an element that claims 5 bytes",
    ),
    "a bundle ends in a size": (HEADER + b"\0\0", "a bundle was cut off at an element that claims 0 bytes"),
    "a bundle has no time tag": (b"#bundle\0" + bytes(4), "a bundle without a time tag was dropped"),
    "bundles are nested too deep": (
        nested(MOST_BUNDLE_LEVELS + 1, PING),
        "bundles nested more than 8 deep were dropped",
    ),
    "an address has thirty stars": (
        floats(b"/mix/" + b"*" * 30 + b"x", 1.0),
        f"nothing here is called /mix/{'*' * 30}x",
    ),
    "an address is a pattern that would fit": (floats(b"/mix/r?te", 9.0), "nothing here is called /mix/r?te"),
    "an address is no UTF-8": (floats(b"/mix/\xff\xfe", 1.0), "/mix/\\xff\\xfe is no address"),
    "an address holds a line's end": (floats(b"/mix\nrate", 1.0), "/mix?rate is no address"),
    "an address never ends": (b"/mix" * 4, "an address never ends"),
    "an address is very long": (floats(b"/" + b"a" * 999, 1.0), f"/{'a' * 56}... is no address"),
    "a text never ends": (text(b"/text/prime") + text(b",s") + b"abcd", "a text of /text/prime never ends"),
    "a blob claims 2 GB": (
        text(b"/session/prove") + text(b",b") + b"\x7f\xff\xff\xff",
        "/session/prove has a blob that claims 2147483647 bytes",
    ),
    "a blob claims -1 byte": (
        text(b"/session/prove") + text(b",b") + b"\xff\xff\xff\xff",
        "/session/prove has a blob that claims -1 bytes",
    ),
    "a weight is NaN": (
        floats(b"/style/bible/weight", float("nan")),
        "/style/bible/weight takes finite numbers, not 'nan'",
    ),
    "a rate is infinite": (floats(b"/mix/rate", float("-inf")), "/mix/rate takes finite numbers, not '-inf'"),
    "an argument is missing": (text(b"/ping") + text(b",i"), "/ping ends before its arguments do"),
    "bytes are left over": (PING + b"left", "/ping has 4 bytes too many"),
    "a type is unknown": (text(b"/ping") + text(b",Z"), "/ping has an argument of a type that is not understood: Z"),
    "types lack their comma": (
        text(b"/ping") + text(b"i") + bytes(4),
        "/ping has no type tags, or more than 64 arguments",
    ),
    "arguments are too many": (floats(b"/puck", *[0.5] * 65), "/puck has no type tags, or more than 64 arguments"),
    "it is no OSC at all": (b"GET / HTTP/1.1\r\n", "16 bytes were dropped that are no OSC message"),
    "it is cut in the middle of a word": (PING[:-1], "15 bytes were dropped that are no OSC message"),
    "it is the longest that UDP carries": (
        random.Random(1).randbytes(65_507),
        f"a datagram of 65507 bytes was dropped; the most is {LONGEST_DATAGRAM_BYTES}",
    ),
}


@pytest.mark.parametrize(("datagram", "line"), TRAPS.values(), ids=TRAPS)
def test_a_trap_costs_one_plain_line(datagram: bytes, line: str) -> None:
    decoded = decode_to_server(datagram, TREE)
    assert decoded.messages == ()
    assert decoded.complaints == (line,)


def test_a_bad_element_does_not_lose_the_good_ones_around_it() -> None:
    decoded = decode_to_server(bundle(PING, floats(b"/mix/rate", float("nan")), bundle(PING), b"rubbish!"), TREE)
    assert decoded.messages == (Ping(7), Ping(7))
    assert decoded.complaints == (
        "/mix/rate takes finite numbers, not 'nan'",
        "8 bytes were dropped that are no OSC message",
    )


def test_what_came_before_a_broken_size_is_kept() -> None:
    decoded = decode_to_server(bundle(PING) + struct.pack(">i", -4), TREE)
    assert decoded.messages == (Ping(7),)
    assert len(decoded.complaints) == 1


@pytest.mark.parametrize("tag", [b"\0\0\0\0\0\0\0\1", b"\xff" * 8, struct.pack(">II", 4_000_000_000, 0)])
def test_whatever_its_time_tag_a_bundle_is_meant_for_now(tag: bytes) -> None:
    assert decode_to_server(bundle(PING, tag=tag), TREE).messages == (Ping(7),)


def test_bundles_may_be_nested_eight_deep() -> None:
    assert decode_to_server(nested(MOST_BUNDLE_LEVELS, PING), TREE).messages == (Ping(7),)


def test_a_datagram_has_only_so_many_messages() -> None:
    decoded = decode_to_server(bundle(*[PING] * (MOST_ELEMENTS + 9)), TREE)
    assert decoded.messages == (Ping(7),) * MOST_ELEMENTS
    assert decoded.complaints == ("a datagram with more than 128 messages was cut off there",)


def test_a_flood_of_faults_in_one_datagram_costs_a_bounded_number_of_lines() -> None:
    assert len(decode_to_server(bundle(*[b"rubbish!"] * 1_000), TREE).complaints) == MOST_ELEMENTS + 1


def test_old_senders_may_leave_out_the_type_tags_of_no_arguments() -> None:
    assert read(text(b"/transport/step")) == ("/transport/step", [])


def test_every_type_that_is_understood_is_read() -> None:
    builder = OscMessageBuilder("/all")
    arguments: list[Any] = [1, 2.5, "ü", b"abc", True, False, 3, 0.1]
    for argument, tag in zip(arguments, "ifsbTFhd", strict=True):
        builder.add_arg(argument, tag)
    assert read(builder.build().dgram) == ("/all", arguments)


ARGUMENTS = st.lists(
    st.one_of(
        st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1)),
        st.tuples(st.just("h"), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just("f"), st.floats(width=32, allow_nan=False)),
        st.tuples(st.just("d"), st.floats(allow_nan=False)),
        st.tuples(st.just("s"), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)),
        st.tuples(st.just("b"), st.binary(min_size=1, max_size=9)),
        st.sampled_from([("T", True), ("F", False)]),
    ),
    max_size=16,
)


@given(ARGUMENTS)
def test_what_another_library_makes_is_read_as_it_was_meant(arguments: list[tuple[str, Any]]) -> None:
    builder = OscMessageBuilder("/all")
    for tag, argument in arguments:
        builder.add_arg(argument, tag)
    assert read(builder.build().dgram) == ("/all", [argument for _, argument in arguments])


def test_a_nil_and_an_impulse_are_no_arguments() -> None:
    assert read(text(b"/panic") + text(b",I")) == ("/panic", [])
    assert read(text(b"/panic") + text(b",N")) == ("/panic", [])
    assert read(text(b"/mix/rate") + text(b",NiI") + struct.pack(">i", 20)) == ("/mix/rate", [20])


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([[0.25, 0.5]], [0.25, 0.5]),
        ([[[0.25], [0.5, 1.0]], 2.0], [0.25, 0.5, 1.0, 2.0]),
        (["nose", [0.5]], ["nose", 0.5]),
        ([[]], []),
    ],
)
def test_an_array_is_its_members(given: list[Any], meant: list[Any]) -> None:
    builder = OscMessageBuilder("/all")  # python-osc sends nested lists so
    for argument in given:
        builder.add_arg(argument)
    assert read(builder.build().dgram) == ("/all", meant)


def test_a_symbol_is_a_text() -> None:
    assert read(text(b"/a") + text(b",Si") + text(b"word") + struct.pack(">i", 3)) == ("/a", ["word", 3])


@given(st.binary(max_size=400))
def test_random_bytes_are_never_more_than_a_line(datagram: bytes) -> None:
    for decoded in (decode_to_server(datagram, TREE), decode_to_front(datagram, TREE), decode_to_front(datagram, None)):
        assert all(line and line.isprintable() and len(line) < 200 for line in decoded.complaints)
        assert decoded.messages or decoded.complaints or datagram.startswith(b"#bundle\0") or not datagram


@given(st.binary(max_size=200).map(lambda tail: bytes(-len(tail) % 4) + tail))
def test_random_bytes_behind_a_true_address_are_never_more_than_a_line(tail: bytes) -> None:
    for address in (b"/text/char", b"/text/prime", b"/voice/card", b"/puck", b"/subscribe"):
        for decoded in (decode_to_server(text(address) + tail, TREE), decode_to_front(text(address) + tail, None)):
            assert len(decoded.messages) + len(decoded.complaints) == 1


@given(st.data())
def test_a_damaged_message_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(bundle(PING, encode(Set("/puck", (0.25, -0.5)), TREE), floats(b"/style/austen/weight", 0.5)))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    decoded = decode_to_server(bytes(whole[: data.draw(st.integers(0, len(whole)))]), TREE)
    assert len(decoded.messages) <= 3


@given(st.lists(st.binary(min_size=4, max_size=24), max_size=12), st.integers(0, MOST_BUNDLE_LEVELS))
def test_flattening_keeps_every_element_in_its_order(raw: list[bytes], depth: int) -> None:
    kernels = [b"/" + item[1 : len(item) // 4 * 4] for item in raw]
    assert elements(nested(depth, bundle(*kernels)) if depth < MOST_BUNDLE_LEVELS else bundle(*kernels)) == (
        kernels,
        [],
    )


@given(st.text())
def test_what_is_shown_of_a_strangers_text_is_short_and_printable(foreign: str) -> None:
    line = shown(foreign)
    assert len(line) <= 60
    assert line.isascii()
    assert line.isprintable()


def test_reading_complains_by_a_message_error() -> None:
    with pytest.raises(MessageError, match=r"^/ping has 4 bytes too many$"):
        read(PING + b"left")


def test_zeros_behind_a_message_are_the_rest_of_its_senders_buffer() -> None:
    assert read(PING + bytes(1_000)) == ("/ping", [7])


def test_an_empty_datagram_says_nothing() -> None:
    assert elements(b"") == ([], [])


def test_a_text_that_is_no_utf_8_is_read_as_older_programs_mean_it() -> None:
    assert read(text(b"/a") + text(b",s") + text(b"Caf\xe9")) == ("/a", ["Caf\u00e9"])
