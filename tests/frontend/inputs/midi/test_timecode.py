"""MIDI timecode and transport, from the bytes that mido makes to a position in seconds."""

from __future__ import annotations

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.midi.ports import parse_message
from frontend.inputs.midi.timecode import FRAMES_PER_S, STOPPED_AFTER_S, MidiTimecode, parse_timecode

Time = tuple[int, int, int, int, int]  # kind, hours, minutes, seconds, frames


def quarters(kind: int, hours: int, minutes: int, seconds: int, frames: int) -> list[list[int]]:
    """The eight quarter frames of a time, as mido writes them."""
    numbers = (frames, seconds, minutes, hours | kind << 5)
    nibbles = [nibble for number in numbers for nibble in (number & 0x0F, number >> 4)]
    return [
        mido.Message("quarter_frame", frame_type=piece, frame_value=value).bytes()
        for piece, value in enumerate(nibbles)
    ]


def hear(timecode: MidiTimecode, data: list[int], now: float, port: str = "desk") -> None:
    said = parse_timecode(data)
    assert said is not None
    timecode.hear(*said, port, now)


@st.composite
def times(draw: st.DrawFn) -> Time:
    kind = draw(st.integers(0, 3))
    frames = draw(st.integers(0, FRAMES_PER_S[kind] - 1))
    return kind, draw(st.integers(0, 23)), draw(st.integers(0, 59)), draw(st.integers(0, 59)), frames


@given(times())
def test_eight_quarter_frames_tell_the_time_of_two_frames_ago(time: Time) -> None:
    timecode = MidiTimecode()
    for data in quarters(*time):
        assert timecode.position(10.0) is None
        hear(timecode, data, 10.0)
    kind, hours, minutes, seconds, frames = time
    told = 3600 * hours + 60 * minutes + seconds + (frames + 2) / FRAMES_PER_S[kind]
    assert timecode.position(10.0) == pytest.approx(told)
    assert timecode.position(10.1) == pytest.approx(told + 0.1)


def test_a_timecode_that_stops_stands_nowhere_and_goes_on() -> None:
    timecode = MidiTimecode()
    for data in quarters(1, 1, 0, 0, 0):
        hear(timecode, data, 0.0)
    assert timecode.position(STOPPED_AFTER_S + 0.01) is None
    for data in quarters(1, 1, 0, 9, 0):
        hear(timecode, data, 9.0)
    assert timecode.position(9.0) == pytest.approx(3609.08)


def test_a_lost_quarter_costs_one_time_and_not_the_next() -> None:
    timecode = MidiTimecode()
    first, second = quarters(1, 0, 0, 1, 0), quarters(1, 0, 0, 1, 2)
    for data in (*first[:3], *first[4:], *second):
        hear(timecode, data, 0.0)
    assert timecode.position(0.0) == pytest.approx(1.16)


def test_a_tape_that_is_wound_tells_where_and_does_not_run() -> None:
    timecode = MidiTimecode()
    full = mido.Message("sysex", data=[0x7F, 0x7F, 0x01, 0x01, 0x21, 2, 3, 5]).bytes()
    assert parse_timecode(full) == ("wound", 3_723_200, 0)
    hear(timecode, full, 0.0)
    assert timecode.position(0.0) is None


def test_a_second_device_is_not_followed_while_the_first_one_runs() -> None:
    timecode = MidiTimecode()
    for data in quarters(1, 0, 0, 1, 0):
        hear(timecode, data, 0.0)
    for data in quarters(1, 5, 0, 0, 0):
        hear(timecode, data, 0.1, "other")
    assert timecode.position(0.1) == pytest.approx(1.18)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([0x7F, 0x7F, 0x06, 0x02], ("play", 0, 0)),
        ([0x7F, 0x01, 0x06, 0x01], ("pause", 0, 0)),
        ([0x7F, 0x7F, 0x06, 0x09], ("pause", 0, 0)),
        ([0x7F, 0x7F, 0x06, 0x44, 0x06, 0x01, 0x21, 0, 0, 0, 0], ("wound", 3_600_000, 0)),
        ([0x7F, 0x7F, 0x06, 0x04], None),
        ([0x7F, 0x7F, 0x01, 0x01, 0x21, 99, 0, 0], None),
        ([0x7F, 0x7F, 0x01, 0x01, 0x3F, 0, 0, 0], None),
        ([0x41, 0x10], None),
        ([], None),
    ],
)
def test_a_transport_is_read_or_passed_over(data: list[int], said: tuple[str, int, int] | None) -> None:
    assert parse_timecode(mido.Message("sysex", data=data).bytes()) == said


def test_starts_and_stops_are_told_once() -> None:
    timecode = MidiTimecode()
    for kind in ("play", "pause", "start", "continue", "stop"):
        timecode.hear(kind, 0, 0, "desk", 0.0)
    assert timecode.turns() == [True, False, True, True, False]
    assert timecode.turns() == []


@given(st.lists(st.integers(-1, 300), max_size=14))
def test_whatever_comes_is_a_message_or_nothing(tail: list[int]) -> None:
    for data in (tail, [0xF1, *tail], [0xF0, 0x7F, *tail, 0xF7]):
        parse_timecode(data)
        parse_message(data, "desk")
