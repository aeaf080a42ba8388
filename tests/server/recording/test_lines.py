"""Lines of a take: every event comes back as it went, and whatever else stands there is one sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import TakeError
from server.recording.events import (
    HEADER,
    ActionRequested,
    AwakeVoicesDecided,
    CatchUpSlices,
    CharacterWritten,
    ControlsChanged,
    DeferredListen,
    Event,
    EventsLost,
    FusionWeights,
    GeneratorReseeded,
    Header,
    Identity,
    ListenDeferred,
    ServerResumed,
    TakeEnded,
    TextPrimed,
    TextReset,
    TextRewound,
    UpcomingControls,
    VoicesReplaced,
    event_of,
    header_of,
    line_of,
)

numbers = st.integers(0, 2**40)
seconds = st.floats(0.0, 1e8).map(lambda t: round(t, 4))
slugs = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)
values = st.dictionaries(
    slugs.map(lambda slug: f"/style/{slug}/weight"),
    st.none() | st.booleans() | st.integers(-100, 100) | st.floats(-2, 2) | st.lists(st.floats(-1, 1)).map(tuple),
)
tints = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=3).map(tuple)
characters = st.sampled_from([chr(code) for code in (*range(32, 127), 9, 10)])
checksums = st.just("") | st.text("0123456789abcdef", min_size=64, max_size=64).map(lambda digits: f"sha256:{digits}")
identities = st.builds(
    Identity, slugs, st.text(), st.text(), st.just("#FF8800"), checksums, st.sampled_from(["", "code"])
)
voices = st.lists(identities, max_size=3).map(tuple)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(ControlsChanged, numbers, seconds, values),
    st.builds(UpcomingControls, numbers, seconds, st.none() | values),
    st.just(AwakeVoicesDecided()),
    st.builds(CatchUpSlices, st.integers(1, 10_000)),
    st.just(ListenDeferred()),
    st.just(DeferredListen()),
    st.builds(TextPrimed, numbers, seconds, st.text()),
    st.builds(TextRewound, numbers, seconds, st.integers(-(2**31), 2**31 - 1)),
    st.builds(TextReset, numbers, seconds, st.none() | st.integers(-(2**31), 2**31 - 1)),
    st.builds(GeneratorReseeded, numbers, seconds, st.integers(-(2**31), 2**31 - 1)),
    st.builds(
        ActionRequested, numbers, seconds, st.sampled_from(["step", "word", "finish", "panic"]), st.integers(0, 100)
    ),
    st.builds(VoicesReplaced, numbers, seconds, voices, st.lists(st.integers(0, 99)).map(tuple)),
    st.builds(FusionWeights, st.dictionaries(slugs, st.floats(0, 1))),
    st.builds(CharacterWritten, st.integers(1, 2**40), seconds, characters, tints, st.integers(0, 255)),
    st.builds(ServerResumed, numbers, numbers, st.booleans()),
    st.builds(EventsLost, st.integers(1, 2**40)),
    st.builds(TakeEnded, seconds, st.text()),
)
HEADERS = st.builds(
    Header,
    st.text(),
    st.text(),
    st.integers(-(2**31), 2**31 - 1),
    voices,
    st.text(),
    st.dictionaries(st.text(), st.text(), max_size=5),
    st.dictionaries(st.text(), checksums, max_size=3),
    st.integers(1, 9),
    numbers,
)


@given(EVENTS)
def test_an_event_comes_back_from_its_line_as_it_went(event: Event) -> None:
    line = line_of(event)
    assert line.isascii() and line.count("\n") == 1 and line.endswith("\n")
    assert event_of(line.encode()) == event


@given(HEADERS)
def test_so_does_a_header(header: Header) -> None:
    assert header_of(line_of(header).encode()) == header


@given(st.one_of(st.binary(), EVENTS.flatmap(lambda event: st.permutations(line_of(event).encode()).map(bytes))))
def test_whatever_bytes_stand_there_are_an_event_or_one_sentence(line: bytes) -> None:
    try:
        event_of(line)
    except TakeError as error:
        assert str(error) and "\n" not in str(error)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.one_of(EVENTS, HEADERS), st.data())
def test_a_field_of_any_other_kind_is_one_sentence(event: Event | Header, data: st.DataObject) -> None:
    told = json.loads(line_of(event))
    told[data.draw(st.sampled_from(list(told)))] = data.draw(anything)
    line = json.dumps(told).encode()
    try:
        header_of(line) if isinstance(event, Header) else event_of(line)
    except TakeError as error:
        assert str(error) and "\n" not in str(error)


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        (b"", "no line of JSON"),
        (b"[" * 100_000, "no line of JSON"),
        (b'{"read":' + b"9" * 5_000 + b"}", "no line of JSON"),
        (b'{"set":{"/mix/rate":NaN},"at":1,"t":0}', "no line of JSON"),
        (b'{"set":{"/mix/rate":1e999},"at":1,"t":0}', "a value is a number"),
        (b'{"char":"\xc3\xa9","n":1,"t":0,"tint":[],"surprise":1}', "one character that can be written"),
        (b'{"char":"a","n":1,"t":-1,"tint":[],"surprise":1}', "seconds since the beginning"),
        (b'{"char":"a","n":1,"t":0,"tint":[[1]],"surprise":1}', "pairs"),
        (
            b'{"voices":[{"slug":"a","name":"A","monogram":"A","colour":"#000000","checksum":"sha256:../x"}],"kept":[],"at":1,"t":0}',
            "checksum",
        ),
        (b'{"explode":1}', "nothing is known of 'explode'"),
        (b"[]", "no JSON object"),
        (b"x" * 1_000_001, "longer than"),
        (json.dumps({HEADER: 1}).encode(), "in the middle"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: bytes, trouble: str) -> None:
    with pytest.raises(TakeError, match=trouble):
        event_of(line)


@pytest.mark.parametrize(
    ("line", "trouble"), [(b'{"scenes": 1}', "does not begin"), (b'{"antiphon take": 9}', "format 9")]
)
def test_what_is_no_take_is_refused_at_its_first_line(line: bytes, trouble: str) -> None:
    with pytest.raises(TakeError, match=trouble):
        header_of(line)
