"""TUIO 1.1 as tables send it: frames, late ones, several tables, and whatever else may come to the port."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from frontend.inputs.osc.tuio import MAX_CURSORS, MAX_TABLES, PROFILE, Tuio

PATIENCE = 10.0


def message(*arguments: str | float, address: str = PROFILE) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return bytes(builder.build().dgram)


def bundle(*elements: bytes) -> bytes:
    return b"#bundle\0" + bytes(7) + b"\1" + b"".join(struct.pack(">i", len(each)) + each for each in elements)


def frame(number: int, alive: Sequence[int], moved: dict[int, tuple[float, float]], source: str | None = None) -> bytes:
    """A frame as trackers send it."""
    named = [message("source", source)] if source else []
    sets = [message("set", session, x, y, 0.0, 0.0, 0.0) for session, (x, y) in moved.items()]
    return bundle(*named, message("alive", *alive), *sets, message("fseq", number))


def hear(tuio: Tuio, *datagrams: bytes, now: float = 0.0) -> None:
    for datagram in datagrams:
        tuio.take(datagram, "127.0.0.1", now)


def places(tuio: Tuio, now: float = 0.0) -> dict[int, tuple[float, float]]:
    return {touch.session: (round(touch.x, 3), round(touch.y, 3)) for touch in tuio.touches(now, PATIENCE)}


def test_a_finger_comes_moves_and_is_lifted_by_being_alive_no_more() -> None:
    tuio = Tuio()
    hear(tuio, frame(1, [7], {7: (0.2, 0.4)}))
    assert places(tuio) == {7: (0.2, 0.4)}
    hear(tuio, frame(2, [7, 8], {8: (0.9, 0.9)}), frame(3, [7, 8], {7: (0.3, 0.4)}))
    assert places(tuio) == {7: (0.3, 0.4), 8: (0.9, 0.9)}
    hear(tuio, frame(4, [8], {}))
    assert places(tuio) == {8: (0.9, 0.9)}
    hear(tuio, frame(5, [], {}))
    assert places(tuio) == {}


def test_a_late_frame_is_dropped_and_one_in_two_datagrams_is_whole() -> None:
    tuio = Tuio()
    hear(tuio, frame(10, [1], {1: (0.5, 0.5)}), frame(9, [1, 2], {1: (0.1, 0.1)}))
    assert places(tuio) == {1: (0.5, 0.5)} and tuio.late == 1
    hear(tuio, frame(11, [1, 2], {1: (0.6, 0.5)}), frame(11, [1, 2], {2: (0.7, 0.7)}))
    assert places(tuio) == {1: (0.6, 0.5), 2: (0.7, 0.7)}


def test_a_redundant_frame_says_again_what_was_lost_and_numbers_nothing() -> None:
    tuio = Tuio()
    hear(tuio, frame(5, [1], {1: (0.5, 0.5)}), frame(-1, [1, 2], {1: (0.5, 0.5), 2: (0.6, 0.6)}))
    assert places(tuio) == {1: (0.5, 0.5), 2: (0.6, 0.6)}
    hear(tuio, frame(6, [2], {}))
    assert places(tuio) == {2: (0.6, 0.6)}


@pytest.mark.parametrize(("number", "now"), [(1, 0.1), (90_000, 5.0)])
def test_a_table_that_began_again_is_heard_at_once(number: int, now: float) -> None:
    tuio = Tuio()
    hear(tuio, frame(90_001, [1], {1: (0.5, 0.5)}))
    hear(tuio, frame(number, [2], {2: (0.1, 0.2)}), now=now)
    assert places(tuio, now) == {2: (0.1, 0.2)}


def test_two_tables_are_told_apart_by_their_source() -> None:
    tuio = Tuio()
    hear(tuio, frame(1, [1], {1: (0.1, 0.1)}, "left"), frame(500, [1], {1: (0.9, 0.9)}, "right"))
    hear(tuio, frame(2, [], {}, "left"))
    assert [(touch.source, round(touch.x, 3)) for touch in tuio.touches(0.0, PATIENCE)] == [("right", 0.9)]


def test_a_table_that_falls_silent_is_forgotten_with_its_fingers() -> None:
    tuio = Tuio()
    hear(tuio, frame(1, [1], {1: (0.1, 0.1)}))
    assert tuio.touches(PATIENCE - 0.1, PATIENCE) and not tuio.touches(PATIENCE, PATIENCE)


@pytest.mark.parametrize(
    ("datagram", "complaint"),
    [
        (b"garbage!", "no OSC message"),
        (bundle(message("alive", "two"), message("fseq", 1)), "whole numbers"),
        (bundle(message("set", 1, float("nan"), 0.5, 0.0, 0.0, 0.0)), "places from 0 to 1"),
        (bundle(message("set", 1)), "not understood"),
        (message("alive", *range(MAX_CURSORS + 1)), "more than"),
        (message(1.0, address="/mix/rate"), "is not TUIO"),
    ],
)
def test_what_is_broken_is_told_and_the_fingers_stay(datagram: bytes, complaint: str) -> None:
    tuio = Tuio()
    hear(tuio, frame(1, [1], {1: (0.1, 0.1)}), datagram)
    assert complaint in tuio.complaint
    assert places(tuio) == {1: (0.1, 0.1)}
    hear(tuio, frame(2, [1], {1: (2.0, -1.0)}))
    assert places(tuio) == {1: (1.0, 0.0)} and tuio.complaint == ""


def test_objects_and_blobs_are_passed_over_in_silence() -> None:
    tuio = Tuio()
    hear(tuio, bundle(message("alive", 3, address="/tuio/2Dobj"), message("fseq", 3, address="/tuio/2Dobj")))
    assert tuio.complaint == "" and places(tuio) == {}


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(
                lambda n, alive, source: frame(n, alive, dict.fromkeys(alive, (0.5, 0.5)), source),
                st.integers(-5, 3_000),
                st.lists(st.integers(0, 300), max_size=40),
                st.text("abcdefghijkl", min_size=1, max_size=2),
            ),
        ),
        max_size=40,
    )
)
def test_whatever_comes_nothing_breaks_and_nothing_grows(datagrams: list[bytes]) -> None:
    tuio = Tuio()
    hear(tuio, *datagrams)
    assert len(tuio.touches(0.0, PATIENCE)) <= MAX_TABLES * MAX_CURSORS
    assert all(0.0 <= touch.x <= 1.0 and 0.0 <= touch.y <= 1.0 for touch in tuio.touches(0.0, PATIENCE))
