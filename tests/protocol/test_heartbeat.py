"""The heartbeat: what is said, who is believed, and how one that stands ready is called in."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import ParameterError
from protocol.heartbeat import BEAT_INTERVAL_S, Heartbeat, read_beat
from server.supervisor.supervisor import HeartbeatSocket


def test_a_loop_that_turns_fast_says_so_five_times_a_second() -> None:
    beats = HeartbeatSocket()
    token, place = beats.expect()
    pulse = Heartbeat(place)
    until = time.monotonic() + 2.5 * BEAT_INTERVAL_S
    while time.monotonic() < until:
        pulse.beat()
    pulse.ending()
    pulse.close()
    heard = list(beats.listen(0.1))
    assert heard[-1] == (token, "ending")
    assert set(heard[:-1]) == {(token, "well")} and len(heard) <= 4
    beats.close()


def test_one_that_stands_ready_begins_when_it_is_called_and_hears_why() -> None:
    beats = HeartbeatSocket()
    token, place = beats.expect()
    heard: list[str] = []
    pulse = Heartbeat(place)
    waiting = threading.Thread(target=lambda: heard.append(pulse.wait()))
    waiting.start()
    assert next(beats.listen(10.0)) == (token, "ready")
    assert waiting.is_alive()
    beats.call(token, "the other fell over")
    waiting.join(10.0)
    assert heard == ["the other fell over"]
    pulse.close()
    beats.close()


def test_one_that_nobody_watches_any_more_ends() -> None:
    beats = HeartbeatSocket()
    gone: list[bool] = []
    pulse = Heartbeat(beats.expect()[1], lambda: gone.append(True))
    beats.close()
    until = time.monotonic() + 10.0
    while not gone and time.monotonic() < until:
        pulse.beat()
    pulse.close()
    assert gone


@pytest.mark.parametrize("place", ["", "7424", "0:0123456789abcdef", "70000:0123456789abcdef", "7424:0123456789ABCDEF"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(ParameterError, match="watcher"):
        Heartbeat(place)


@given(st.binary(max_size=2_000))
def test_nothing_but_a_beat_is_taken_for_one(datagram: bytes) -> None:
    beat = read_beat(datagram)
    assert beat is None or datagram == f"antiphon {beat[0]} {beat[1]}".encode()
