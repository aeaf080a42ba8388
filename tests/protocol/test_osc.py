"""Every message crosses the wire unchanged and fits a datagram; what cannot cross is refused in one line."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from protocol.errors import MessageError
from protocol.formats import FORMATS, MOST_STEPS, PRIME_CHARS, PRIME_DATAGRAM_BYTES, pack_tints, unpack_tints
from protocol.messages import (
    DATAGRAM_BYTES,
    MAIN,
    TAIL_CHARS,
    Arrive,
    Card,
    Char,
    ChooseLikely,
    Distributions,
    FinishSentence,
    Follow,
    Joint,
    Message,
    Panic,
    PerformanceListing,
    Ping,
    Pong,
    Prime,
    Query,
    ResendText,
    Reset,
    ReturnTo,
    Rewind,
    Set,
    Status,
    Step,
    Subscribe,
    TextExcerpt,
    ToFront,
    ToServer,
    WriteWord,
)
from protocol.osc import Decoded, decode_to_front, decode_to_server, encode, encode_bundle
from protocol.tree import ParameterTree

SLUGS = ("austen", "bible", "linux")
TREE = ParameterTree(SLUGS)

# ---- what there is to say

int32 = st.integers(-(2**31), 2**31 - 1)
counts = st.integers(0, 2**31 - 1)
floats32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
ascii_text = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=TAIL_CHARS)
any_text = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20)
tints = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=3).map(tuple)


@st.composite
def chars(draw: st.DrawFn) -> Char:
    tail = draw(ascii_text.filter(bool))
    length = draw(st.integers(len(tail), 2**31 - 1))
    surprises = draw(st.just(b"") | st.binary(min_size=len(tail), max_size=len(tail)))
    return Char(draw(counts), tail[-1], tail, length, draw(counts), tuple(draw(tints) for _ in tail), surprises)


@st.composite
def pasts(draw: st.DrawFn) -> TextExcerpt:
    text = draw(ascii_text)
    surprises = draw(st.just(b"") | st.binary(min_size=len(text), max_size=len(text)))
    return TextExcerpt(draw(counts), draw(counts), text, tuple(draw(tints) for _ in text), surprises)


@st.composite
def distributions(draw: st.DrawFn) -> Distributions:
    voices = draw(st.lists(st.integers(0, 255), min_size=1, max_size=10, unique=True))
    parts = draw(st.integers(1, 24))
    levels = np.random.default_rng(draw(st.integers(0, 9))).bytes(128 * len(voices))
    return Distributions(draw(counts), draw(st.integers(0, parts - 1)), parts, tuple(voices), levels)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    count = draw(st.integers(1, 256))
    slug = draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True))
    colour = draw(st.from_regex(r"#[0-9A-F]{6}", fullmatch=True))
    name, line, works, licence = (draw(any_text) for _ in range(4))
    index, fusible = draw(st.integers(0, count - 1)), draw(st.booleans())
    bits = draw(st.floats(0.0, 8.0, width=32))
    tongues = draw(st.sampled_from(["", "words", "words memory"]))
    return Card(index, count, slug, name, "Xy", colour, "prose", line, works, licence, bits, fusible, tongues)


@st.composite
def settings_in(draw: st.DrawFn, tree: ParameterTree) -> Set:
    parameter = tree[draw(st.sampled_from(sorted(tree)))]
    number = st.floats(parameter.low, parameter.high).map(lambda value: float(np.float32(value)))
    kinds = {"T": st.booleans(), "s": st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)}
    raw = [draw(kinds.get(tag, number)) for tag in parameter.tags]
    return Set(parameter.address, parameter.accept(raw))


statuses = st.builds(
    Status,
    counts,
    counts,
    counts,
    floats32,
    floats32,
    int32,
    any_text,
    counts,
    counts,
    counts,
    floats32,
    floats32,
    st.booleans(),
)
names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True)
to_server: st.SearchStrategy[ToServer] = st.one_of(
    st.builds(Subscribe, st.integers(0, 65_535)),
    st.builds(Follow, st.integers(0, 65_535)),
    st.builds(Query, st.sampled_from(sorted(TREE))),
    st.builds(Step, st.integers(1, MOST_STEPS)),
    st.sampled_from([WriteWord(), FinishSentence(), Panic()]),
    st.builds(Rewind, counts),
    st.builds(Prime, any_text),
    st.builds(Reset, st.none() | int32.filter(bool)),
    st.builds(ResendText, counts),
    st.builds(Ping, int32),
    settings_in(TREE),
)
to_front: st.SearchStrategy[ToFront] = st.one_of(
    chars(),
    pasts(),
    distributions(),
    st.builds(Joint, counts, st.binary(min_size=128, max_size=128)),
    cards(),
    statuses,
    st.builds(Pong, int32),
    st.builds(lambda count, name: PerformanceListing(count - 1, count, name), st.integers(1, 99), names),
    settings_in(TREE),
)


def rounded(message: Message) -> Message:
    """``message`` with its floats as 32 bits hold them and, for a parameter, clamped."""
    if not isinstance(message, Set) or isinstance(message.value, (bool, int, str)):
        return message
    values = message.value if isinstance(message.value, tuple) else (message.value,)
    return Set(message.address, TREE[message.address].accept([float(np.float32(value)) for value in values]))


def built(address: str, *arguments: tuple[object, str]) -> bytes:
    builder = OscMessageBuilder(address)
    for value, tag in arguments:
        builder.add_arg(value, tag)  # type: ignore[arg-type]
    return builder.build().dgram


# ---- there and back


@given(to_server)
def test_what_is_said_to_the_server_arrives_as_it_was_said(message: ToServer) -> None:
    decoded = decode_to_server(encode(message, TREE), TREE)
    assert decoded.messages == (rounded(message),)
    assert decoded.complaints == ()


@given(to_front)
def test_what_is_said_to_subscribers_arrives_as_it_was_said(message: ToFront) -> None:
    datagram = encode(message, TREE)
    assert len(datagram) <= DATAGRAM_BYTES
    for tree in (TREE, None):
        decoded = decode_to_front(datagram, tree)
        assert decoded.messages == (rounded(message),)
        assert decoded.complaints == ()


@given(st.lists(to_front, max_size=30))
def test_a_bundle_carries_all_in_order_in_datagrams_that_fit(messages: list[ToFront]) -> None:
    datagrams = encode_bundle(messages, TREE)
    assert all(len(datagram) <= DATAGRAM_BYTES for datagram in datagrams)
    arrived = [message for datagram in datagrams for message in decode_to_front(datagram, TREE).messages]
    assert arrived == [rounded(message) for message in messages]


@given(st.lists(to_front, min_size=1, max_size=30))
def test_no_two_neighbouring_datagrams_of_a_bundle_would_fit_in_one(messages: list[ToFront]) -> None:
    encoded = [encode(message, TREE) for message in messages]
    datagrams = encode_bundle(messages, TREE)
    firsts = [len(decode_to_front(datagram, TREE).messages) for datagram in datagrams]
    start = 0
    for count in firsts[:-1]:
        assert 16 + sum(4 + len(one) for one in encoded[start : start + count + 1]) > DATAGRAM_BYTES
        start += count


def test_a_message_alone_is_no_bundle_and_no_messages_are_no_datagram() -> None:
    assert encode_bundle([Step()]) == [encode(Step())]
    assert encode_bundle([]) == []


def test_the_whole_state_of_twenty_four_voices_takes_five_datagrams() -> None:
    tree = ParameterTree(f"voice{number:02}" for number in range(24))
    assert len(encode_bundle((Set(address, value) for address, value in tree.defaults().items()), tree)) == 5


# ---- how it looks to others


def test_a_character_says_its_number_itself_and_the_tail_first() -> None:
    sent = OscMessage(encode(Char(41, "e", "the", 3, 0, (((5, 255),), ((5, 155), (2, 100)), ()))))
    assert sent.address == "/text/char"
    assert sent.params == [41, "e", "the", 3, 0, bytes([1, 5, 255, 2, 5, 155, 2, 100, 0])]


@pytest.mark.parametrize(
    ("message", "params"),
    [
        (Set("/style/bible/weight", 0.5), [0.5]),
        (Set("/style/bible/on", True), [True]),
        (Set("/transport/run", False), [False]),
        (Set("/puck", (0.25, -1.0)), [0.25, -1.0]),
        (Set("/mix/rate", 20), [20.0]),
    ],
)
def test_a_parameter_is_said_at_its_own_address(message: Set, params: list[object]) -> None:
    sent = OscMessage(encode(message, TREE))
    assert (sent.address, sent.params) == (message.address, params)
    assert all(type(one) is type(other) for one, other in zip(sent.params, params, strict=True))


def test_every_message_has_one_form_and_every_form_one_address() -> None:
    assert len({form.address for form in FORMATS.values()}) == len(FORMATS)
    assert {form.address for form in FORMATS.values()} & set(TREE) == set()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_form_is_what_the_messages_docstring_says(kind: type) -> None:
    form = FORMATS[kind]
    tags = [tag if place < form.needed else f"[{tag}]" for place, tag in enumerate(form.tags)]
    assert str(kind.__doc__).startswith(f"`{' '.join([form.address, *tags])}`: ")


def test_a_full_tail_in_three_colours_fits_a_datagram() -> None:
    worst = Char(
        2**31 - 1, "~", "~" * TAIL_CHARS, 2**31 - 1, 2**31 - 1, (((255, 255),) * 3,) * TAIL_CHARS, b"~" * TAIL_CHARS
    )
    assert len(encode(worst)) <= DATAGRAM_BYTES


def test_a_card_that_says_as_much_as_it_can_fits_a_datagram() -> None:
    long = "\u20ac" * 1_000
    assert (
        len(encode(Card(255, 256, "s" * 64, long, long, "#FFFFFF", long, long, long, long, 1.5, True)))
        <= DATAGRAM_BYTES
    )


# ---- several performances


@given(to_server, names)
def test_a_message_reaches_the_performance_that_it_is_meant_for(message: ToServer, name: str) -> None:
    decoded = decode_to_server(encode(message, TREE, name), TREE)
    assert decoded.messages == (rounded(message),)
    assert decoded.performances == (name,)


def test_an_address_that_names_no_performance_means_the_main_one() -> None:
    assert decode_to_server(encode(Step()), TREE).performances == (MAIN,)
    assert encode(Step(), TREE, MAIN) == encode(Step())
    assert decode_to_server(built("/performance/main/transport/step"), TREE).performances == (MAIN,)


def test_a_bundle_may_speak_to_several() -> None:
    (one,), (other,) = encode_bundle([Step()], TREE, "foyer"), encode_bundle([Step(), Step()], TREE, "attic")
    size = struct.pack(">i", len(one))
    decoded = decode_to_server(other + size + one, TREE)
    assert decoded.performances == ("attic", "attic", "foyer")


@pytest.mark.parametrize(
    "address",
    [
        "/performance/",
        "/performance/foyer",
        "/performance//mix/rate",
        "/performance/The Foyer/mix/rate",
        "/performance/-/mix/rate",
        f"/performance/{'x' * 33}/mix/rate",
    ],
)
def test_a_name_that_none_can_have_is_one_line(address: str) -> None:
    decoded = decode_to_server(built(address, (5.0, "f")), TREE)
    assert decoded.messages == ()
    assert len(decoded.complaints) == 1 and "names no performance" in decoded.complaints[0]


@pytest.mark.parametrize("name", ["", "The Foyer", "../main", "x" * 33])
def test_nothing_is_sent_to_a_name_that_none_can_have(name: str) -> None:
    with pytest.raises(MessageError, match="cannot be called"):
        encode(Step(), TREE, name)


def test_what_is_unknown_in_a_performance_is_called_by_its_name_there() -> None:
    (line,) = decode_to_server(built("/performance/foyer/mix/colour", (1.0, "f")), TREE).complaints
    assert line == "nothing here is called /mix/colour"


# ---- what foreign senders may say


@pytest.mark.parametrize(
    ("datagram", "message"),
    [
        (built("/style/bible/weight", (1, "i")), Set("/style/bible/weight", 1.0)),
        (built("/style/bible/weight", (0.25, "d")), Set("/style/bible/weight", 0.25)),
        (built("/style/bible/weight", (7.0, "f")), Set("/style/bible/weight", 1.0)),
        (built("/style/bible/on", (1, "i")), Set("/style/bible/on", True)),
        (built("/style/bible/on", (0.0, "f")), Set("/style/bible/on", False)),
        (built("/transport/run", (False, "F")), Set("/transport/run", False)),
        (built("/puck", (-1, "i"), (0.5, "f")), Set("/puck", (-1.0, 0.5))),
        (built("/transport/rewind", (5.0, "f")), Rewind(5)),
        (built("/ping", (12, "h")), Ping(12)),
        (built("/subscribe"), Subscribe(0)),
        (built("/subscribe", (9_000, "i")), Subscribe(9_000)),
        (built("/subscribe", (0, "i"), ("phone", "s")), Subscribe(0, "phone")),
        (built("/text/reset"), Reset(None)),
        (built("/text/prime", ("Größe — 無", "s")), Prime("Größe — 無")),
    ],
)
def test_numbers_pass_for_one_another_where_nothing_is_lost(datagram: bytes, message: ToServer) -> None:
    decoded = decode_to_server(datagram, TREE)
    assert decoded.messages == (message,)
    assert decoded.complaints == ()


@pytest.mark.parametrize(
    ("datagram", "line"),
    [
        (built("/style/kafka/weight", (0.5, "f")), "nothing here is called /style/kafka/weight"),
        (built("/puck", (0.5, "f")), "/puck takes 2 value(s), not 1"),
        (built("/mix/rate", ("fast", "s")), "/mix/rate takes finite numbers, not 'fast'"),
        (built("/ping", (2**40, "h")), "/ping takes integers of 32 bits, not 1099511627776"),
        (built("/ping", (0.5, "f")), "/ping takes a whole number, not 0.5"),
        (built("/ping", (float("inf"), "f")), "/ping takes a whole number, not inf"),
        (built("/text/prime", (3, "i")), "/text/prime takes a text, not 3"),
        (built("/text/prime", ("x" * 4_001, "s")), "/text/prime takes at most 4000 characters"),
        (built("/transport/rewind", (-1, "i")), "/transport/rewind takes a number of characters, 0 or more"),
        (built("/text/since", (-1, "i")), "/text/since takes a position, 0 or more"),
        (built("/subscribe", (70_000, "i")), "/subscribe takes a port from 0 to 65535"),
        (built("/transport/step", (-1, "i")), "/transport/step takes a number of characters from 1 to 10000"),
        (built("/text/reset", (0.5, "f")), "/text/reset takes a whole number, not 0.5"),
        (built("/text/likely"), "/text/likely takes 1 value(s), not 0"),
        (built("/1/fader1", (0.5, "f")), "nothing here is called /1/fader1"),
    ],
)
def test_what_cannot_be_meant_is_one_line(datagram: bytes, line: str) -> None:
    decoded = decode_to_server(datagram, TREE)
    assert decoded.messages == ()
    assert decoded.complaints == (line,)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/panic", Panic()),
        ("/transport/word", WriteWord()),
        ("/transport/finish", FinishSentence()),
        ("/transport/step", Step()),
        ("/text/reset", Reset()),
        ("/text/likely", ChooseLikely(1)),
        ("/branch/return", ReturnTo(1)),
    ],
)
@pytest.mark.parametrize(("press", "release"), [((1.0, "f"), (0.0, "f")), ((True, "T"), (False, "F"))])
def test_a_button_asks_when_it_is_pressed_and_not_when_it_is_let_go(
    address: str, message: ToServer, press: tuple[Any, str], release: tuple[Any, str]
) -> None:
    # CasparCG/client, pull request 196: TouchOSC sends 1.0 for the press and 0.0 for the release, and both did the same
    assert decode_to_server(built(address, press), TREE) == Decoded((message,), (), (MAIN,))
    assert decode_to_server(built(address, release), TREE) == Decoded((), (), ())
    assert decode_to_server(built(address, (0, "i")), TREE) == Decoded((), (), ())


@pytest.mark.parametrize(
    ("datagram", "message"),
    [
        (built("/panic", (1, "i")), Panic()),
        (built("/panic", ("bang", "s")), Panic()),
        (built("/transport/step", (5, "i")), Step(5)),
        (built("/text/reset", (1, "i")), Reset(1)),  # a whole number is a seed
        (built("/text/reset", (42.0, "f")), Reset(42)),  # Pure Data has no other numbers
        (built("/ping"), Ping(0)),  # TouchOSC
        (built("/ping", ("me", "s"), (1, "i")), None),
        (built("/mix/rate", (25.0, "f"), ("me", "s")), Set("/mix/rate", 25.0)),  # bitfocus/companion, issue 1076
        (built("/panic", (1, "i"), (b"blob", "b")), Panic()),
        (built("/puck", (0.25, "f"), (0.5, "f"), (0.75, "f")), Set("/puck", (0.25, 0.5))),
        (b"/puck\0\0\0,[ff]\0\0\0" + struct.pack(">ff", 0.25, 0.5), Set("/puck", (0.25, 0.5))),
        (built("/mix/rate/", (25.0, "f")), Set("/mix/rate", 25.0)),
        (built("/mix/rate", ("25", "s")), Set("/mix/rate", 25.0)),
        (built("/style/bible/on", ("true", "s")), Set("/style/bible/on", True)),
        (built("/text/prime", ("three", "s"), ("loose", "s"), ("words", "s")), Prime("three loose words")),
        (built("/text/prime", (3, "i"), ("words", "s")), Prime("3 words")),
        (built("/text/prime", *[("word", "s")] * 40), Prime(" ".join(["word"] * 40))),
        (built("/text/prime", ("", "s"), ("word", "s"), ("", "s")), Prime("word")),
        (built("/text/opening", ("Call", "s"), ("me", "s"), (7, "i")), Set("/text/opening", "Call me 7")),
        (built("/aim/arrive", ("the", "s"), ("end", "s"), (40, "i")), Arrive("the end", 40)),
        (built("/aim/arrive", ("the", "s"), ("end", "s")), Arrive("the end")),
        (built("/aim/arrive", ("the end", "s"), (40, "i"), ("me", "s")), Arrive("the end 40 me")),
    ],
)
def test_more_than_is_wanted_is_passed_over_and_a_text_may_come_word_by_word(
    datagram: bytes, message: ToServer | None
) -> None:
    decoded = decode_to_server(datagram, TREE)
    assert decoded.messages == (() if message is None else (message,))
    assert len(decoded.complaints) == (message is None)


@pytest.mark.parametrize(
    "address",
    [
        "/1",  # TouchOSC: another page
        "/3/xy1/z",  # git-moss/DrivenByMoss, issue 250: TouchOSC tells that a control is touched, and let go
        "/accxyz",
        "/style/bible/weight/z",
        "/xremote",
        "/thump",
        "/eos/ping",
    ],
)
def test_what_a_known_program_says_of_itself_is_no_trouble(address: str) -> None:
    assert decode_to_server(built(address, (1.0, "f")), TREE) == Decoded((), (), ())
    assert decode_to_server(built(address), TREE) == Decoded((), (), ())


@pytest.mark.parametrize(
    "datagram",
    [
        built("/text/char", (0, "i"), ("ab", "s"), ("ab", "s"), (2, "i"), (0, "i"), (b"\0\0", "b")),
        built("/text/char", (0, "i"), ("a", "s"), ("ab", "s"), (2, "i"), (0, "i"), (b"\0\0", "b")),
        built("/text/char", (0, "i"), ("b", "s"), ("ab", "s"), (1, "i"), (0, "i"), (b"\0\0", "b")),
        built("/text/char", (0, "i"), ("b", "s"), ("ab", "s"), (2, "i"), (0, "i"), (b"\0", "b")),
        built("/text/char", (-1, "i"), ("b", "s"), ("ab", "s"), (2, "i"), (0, "i"), (b"\0\0", "b")),
        built("/text/char", (0, "i"), ("é", "s"), ("é", "s"), (1, "i"), (0, "i"), (b"\0", "b")),
        built("/text/past", (0, "i"), (0, "i"), ("ab", "s"), (b"\0\4\1\2\3\4\5\6\7\x08", "b")),
        built("/text/past", (0, "i"), (0, "i"), ("a", "s"), (b"\1\1\2\0", "b")),
        built("/voice/distributions", (0, "i"), (1, "i"), (1, "i"), (b"\0", "b"), (bytes(128), "b")),
        built("/voice/distributions", (0, "i"), (0, "i"), (1, "i"), (b"\0\0", "b"), (bytes(256), "b")),
        built("/voice/distributions", (0, "i"), (0, "i"), (1, "i"), (b"\0\1", "b"), (bytes(128), "b")),
        built("/mix/joint", (0, "i"), (bytes(127), "b")),
        built("/voice/card", (3, "i"), (3, "i"), *[(word, "s") for word in ("a", "A", "A", "#123456", "", "")]),
        built("/voice/card", (0, "i"), (3, "i"), *[(word, "s") for word in ("a/b", "A", "A", "#123456", "", "")]),
        built("/voice/card", (0, "i"), (3, "i"), *[(word, "s") for word in ("a", "A", "A", "mauve", "", "")]),
        built("/server/status", *[(0, "i")] * 3, (float("nan"), "f"), (0.0, "f"), (0, "i"), ("", "s")),
    ],
)
def test_a_front_end_takes_nothing_that_contradicts_itself(datagram: bytes) -> None:
    decoded = decode_to_front(datagram, TREE)
    assert decoded.messages == ()
    assert len(decoded.complaints) == 1


def test_before_the_cards_have_come_any_voices_parameters_are_taken() -> None:
    datagram = encode(Set("/style/kafka/weight", 0.5))
    assert decode_to_front(datagram, None).messages == (Set("/style/kafka/weight", 0.5),)
    assert decode_to_front(datagram, TREE).complaints == ("nothing here is called /style/kafka/weight",)


# ---- what cannot be sent


@pytest.mark.parametrize(
    "message",
    [
        Ping(2**31),
        Set("/mix/rate", float("nan")),
        Set("/mix/rate", 1e300),
        Set("/puck", 0.5),
        Char(0, "\ud800", "\ud800", 1, 0, ((),)),
        TextExcerpt(0, 0, "x" * 1_400, ((),) * 1_400),
        TextExcerpt(0, 0, "x", (((256, 0),),)),
        Distributions(0, 0, 1, (256,), bytes(128)),
        Prime("x" * (PRIME_CHARS + 1)),
        Prime("無" * PRIME_CHARS),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_the_wire_cannot_carry_is_refused(message: Message) -> None:
    with pytest.raises(MessageError):
        encode(message, TREE)


def test_a_long_prime_is_one_long_datagram() -> None:
    message = Prime("x" * PRIME_CHARS)
    datagram = encode(message)
    assert DATAGRAM_BYTES < len(datagram) <= PRIME_DATAGRAM_BYTES
    assert decode_to_server(datagram, TREE).messages == (message,)


@given(st.text(max_size=3_000), st.text(max_size=3_000))
def test_a_card_and_a_status_always_fit_however_much_their_authors_wrote(name: str, line: str) -> None:
    (card,) = decode_to_front(encode(Card(0, 1, "x", name, "Xy", "#123456", "prose", line)), None).messages
    (status,) = decode_to_front(encode(Status(0, 0, 0, 0.0, 0.0, 0, line)), None).messages
    assert isinstance(card, Card)
    assert isinstance(status, Status)
    clean = line.replace("\0", "").encode("utf-8", "replace").decode()
    assert clean.startswith(card.description)
    assert status.trouble == card.description


# ---- tints


@given(st.lists(tints, max_size=200))
def test_tints_come_back_as_they_were(several: list[tuple[tuple[int, int], ...]]) -> None:
    assert unpack_tints(pack_tints(several), len(several)) == tuple(several)


@given(st.binary(max_size=40), st.integers(0, 20))
def test_any_bytes_are_tints_or_refused(blob: bytes, count: int) -> None:
    with suppress(MessageError):
        assert len(unpack_tints(blob, count)) == count


def test_a_bundle_is_tagged_immediately() -> None:
    (datagram,) = encode_bundle([Step(), Step()])
    assert datagram[:16] == b"#bundle\0" + struct.pack(">Q", 1)
