"""Phones that are measured: their websockets speak as the RFC says, and what is found of a crowd fits together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from benchmarks import phones
from benchmarks.phones import LINE_STEPS, masked_frame, place_of, step_of, take_frame
from protocol.puck import UNITS_A_RADIUS


@given(st.binary(max_size=400))
def test_a_thin_phones_message_is_one_to_a_real_server(payload: bytes) -> None:
    server = ServerProtocol()
    server.state = server.state.OPEN
    server.parser = server.parse()
    next(server.parser)
    server.receive_data(masked_frame(Opcode.BINARY, payload))
    (frame,) = server.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, frame.data) == (Opcode.BINARY, payload)


@given(st.lists(st.binary(max_size=70_000), max_size=3), st.integers(1, 50_000))
def test_what_a_server_says_is_taken_whole_however_it_comes(payloads: list[bytes], cut: int) -> None:
    stream = b"".join(Frame(Opcode.TEXT, payload).serialize(mask=False) for payload in payloads)
    came, found = bytearray(), []
    for at in range(0, len(stream), cut):
        came += stream[at : at + cut]
        while (frame := take_frame(came)) is not None:
            found.append(frame)
    assert found == [(Opcode.TEXT, payload) for payload in payloads]
    assert not came


def test_every_step_of_a_puck_is_told_apart_on_the_wire() -> None:
    assert [
        step_of(round(round(place_of(step), 6) * UNITS_A_RADIUS) / UNITS_A_RADIUS) for step in range(LINE_STEPS)
    ] == list(range(LINE_STEPS))


def test_a_crowd_is_measured_all_the_way_to_the_board(spelling_voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(spelling_voices))
    monkeypatch.setattr(phones, "SETTLE_S", 1.0)
    figures = phones.measure(phones=5, seconds=2.0, tabs=1)
    rows = {row["way"]: row for row in figures["rows"]}
    assert (figures["lost"], figures["pucks_in_the_crowd"], figures["voices"]) == (0, 6, 4)
    assert set(rows) == {"audience", "applied", "page", "performer"}
    assert all(0.0 < row["p50_ms"] <= row["p99_ms"] <= row["most_ms"] for row in rows.values())
    assert rows["applied"]["p50_ms"] > rows["audience"]["p50_ms"]
    assert rows["audience"]["moves"] > 20
    assert figures["fewest_pictures_a_second"] > 0.0
