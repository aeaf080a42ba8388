"""A light desk as an input: by real UDP into the hub, and what becomes of desks that flood, fall silent or quarrel."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from frontend.client.fake_link import FakeLink
from frontend.inputs.dmx.dmx_input import GONE_AFTER_S, MAX_DMX_CHANNELS, DmxInput, Universe
from frontend.inputs.dmx.packets import DmxPacket, artnet_packet, sacn_packet
from frontend.inputs.hub import Hub
from tests.frontend.inputs.test_leap import wait

DESK, OTHER = "00" * 16, "11" * 16


def sacn(slots: bytes, sequence: int = 1, source: str = DESK, priority: int = 100, ends: bool = False) -> bytes:
    return sacn_packet(DmxPacket("sacn", 1, slots, sequence, source, priority, ends))


def levels(universe: Universe, now: float = 0.0) -> dict[str, float | None]:
    return {str(reading.source): reading.level for reading in universe.readings(now)}


def test_a_slot_is_a_channel_once_it_speaks_and_is_read_when_it_changes() -> None:
    universe = Universe("sacn", 1)
    universe.hear(sacn(bytes([0, 255, 51])), "", 0.0)
    assert levels(universe) == {"dmx/2": 1.0, "dmx/3": 0.2}
    assert levels(universe) == {}
    universe.hear(sacn(bytes([0, 255, 0]), 2), "", 0.1)
    assert levels(universe) == {"dmx/3": 0.0}


def test_a_flood_is_one_reading_a_slot_and_the_last_one() -> None:
    universe = Universe("sacn", 1)
    for sequence in range(200):
        universe.hear(sacn(bytes([sequence]), sequence), "", 0.0)
    assert levels(universe) == {"dmx/1": 199 / 255}


def test_a_late_packet_another_universe_and_noise_are_passed_over() -> None:
    universe = Universe("sacn", 1)
    universe.hear(sacn(b"\x80", 9), "", 0.0)
    universe.hear(sacn(b"\xff", 8), "", 0.0)
    universe.hear(sacn_packet(DmxPacket("sacn", 2, b"\xff", 10, DESK)), "", 0.0)
    universe.hear(artnet_packet(DmxPacket("artnet", 1, b"\xff", 10, DESK)), "", 0.0)
    universe.hear(b"noise", "", 0.0)
    assert levels(universe) == {"dmx/1": 128 / 255} and universe.late == 1


def test_the_desk_of_the_highest_priority_is_heard_and_the_other_when_it_has_ended() -> None:
    universe = Universe("sacn", 1)
    universe.hear(sacn(b"\x33"), "", 0.0)
    universe.hear(sacn(b"\xff", source=OTHER, priority=150), "", 0.0)
    assert levels(universe) == {"dmx/1": 1.0}
    universe.hear(sacn(b"", 2, OTHER, 150, ends=True), "", 0.1)
    assert levels(universe) == {"dmx/1": 0.2}


def test_a_desk_that_falls_silent_is_gone() -> None:
    universe = Universe("sacn", 1)
    universe.hear(sacn(b"\xff"), "", 0.0)
    levels(universe)
    assert levels(universe, GONE_AFTER_S + 0.1) == {"dmx/1": None}
    assert universe.desks == 0


def test_slots_and_desks_are_bounded() -> None:
    universe = Universe("sacn", 1)
    universe.hear(sacn(b"\xff" * 512), "", 0.0)
    assert len(levels(universe)) == MAX_DMX_CHANNELS
    assert universe.complaint == f"more than {MAX_DMX_CHANNELS} slots speak: the rest is left out"
    for desk in range(99):
        universe.hear(sacn(b"\xff", source=f"{desk:032x}"), "", 0.0)
    assert universe.desks == 16


@pytest.fixture
def desk() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sending:
        yield sending


def test_a_desks_fader_moves_a_parameter(desk: socket.socket) -> None:
    link, dmx = FakeLink.demo(), DmxInput()
    link.pump(time.monotonic())
    hub = Hub(link)
    hub.add(dmx)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hub.begin()
    try:
        hub.change("dmx", on=True, port=port, smoothing=0.0)
        hub.bind("dmx/7", "/mix/alloy")
        sequence = 0

        def say(level: int) -> None:
            nonlocal sequence
            sequence += 1  # a desk repeats what it says
            desk.sendto(sacn(bytes(6) + bytes([level]), sequence & 0xFF), ("127.0.0.1", port))
            time.sleep(0.02)

        def raised() -> bool:
            for level in (96, 128, 160, 255):  # past where the parameter stands, which picks it up
                say(level)
            return float(link.session.values["/mix/alloy"]) > 0.98  # type: ignore[arg-type]

        wait(raised, 60.0)
        assert hub.complaint == ""
    finally:
        hub.close()
