"""DMX over the network, byte for byte as two other libraries have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.inputs.dmx.packets import ARTNET, DmxPacket, artnet_packet, is_late, multicast, read_packet, sacn_packet

CID = "00112233445566778899aabbccddeeff"
SLOTS = st.binary(min_size=1, max_size=512)


@given(SLOTS, st.integers(1, 63_999), st.integers(0, 255), st.integers(0, 200), st.booleans())
def test_sacn_is_read_as_it_was_sent(slots: bytes, universe: int, sequence: int, priority: int, ends: bool) -> None:
    packet = DmxPacket("sacn", universe, slots, sequence, CID, priority, ends)
    assert read_packet(sacn_packet(packet), "10.0.0.1") == packet


@given(SLOTS, st.integers(0, 32_767), st.integers(0, 254))
def test_artnet_is_read_as_it_was_sent(slots: bytes, universe: int, sequence: int) -> None:
    sent = artnet_packet(DmxPacket("artnet", universe, slots, sequence, "me"))
    even = slots + b"\0" * (len(slots) % 2)
    assert read_packet(sent, "10.0.0.1") == DmxPacket("artnet", universe, even, sequence + 1, "10.0.0.1")


@given(SLOTS, st.integers(1, 63_999), st.integers(0, 255))
def test_another_library_reads_our_sacn_and_we_read_its(slots: bytes, universe: int, sequence: int) -> None:
    data_packet = pytest.importorskip("sacn.messages.data_packet", reason="the package sacn is not installed")
    ours = sacn_packet(DmxPacket("sacn", universe, slots, sequence, CID))
    theirs = data_packet.DataPacket.make_data_packet(ours)
    assert (theirs.universe, theirs.sequence, theirs.priority) == (universe, sequence, 100)
    assert bytes(theirs.dmxData[: len(slots)]) == slots
    made = data_packet.DataPacket(tuple(bytes.fromhex(CID)), "desk", universe, tuple(slots), 150, sequence)
    read = read_packet(bytes(made.getBytes()), "10.0.0.1")
    assert read is not None
    assert (read.universe, read.sequence, read.priority, read.source) == (universe, sequence, 150, CID)
    assert read.slots[: len(slots)] == slots


@given(SLOTS, st.integers(0, 15))
def test_another_library_makes_the_same_artnet(slots: bytes, universe: int) -> None:
    library = pytest.importorskip("stupidArtnet", reason="the package stupidArtnet is not installed")
    even = slots + b"\0" * (len(slots) % 2)
    node = library.StupidArtnet("127.0.0.1", universe, len(even), 30, True, False)
    try:
        node.set(bytearray(even))
        header = bytes(node.packet_header)
    finally:
        node.close()
    ours = artnet_packet(DmxPacket("artnet", universe, slots, 0, "me"))
    assert ours[:12] == header[:12] and ours[13:] == header[13:] + even


@given(st.binary(max_size=700), SLOTS)
def test_whatever_comes_is_slots_or_nothing(noise: bytes, slots: bytes) -> None:
    good = sacn_packet(DmxPacket("sacn", 1, slots, 0, CID))
    for datagram in (noise, ARTNET + noise, good[: len(noise)] + noise, good[: len(noise)]):
        found = read_packet(datagram, "10.0.0.1")
        assert found is None or 0 <= len(found.slots) <= 512


@pytest.mark.parametrize("at", [0, 20, 43, 112, 117, 125])
def test_a_header_that_says_something_else_is_no_level(at: int) -> None:
    good = bytearray(sacn_packet(DmxPacket("sacn", 1, b"\1" * 512, 0, CID)))
    good[at] ^= 0xFF
    assert read_packet(bytes(good), "10.0.0.1") is None


def test_late_is_what_comes_a_little_behind() -> None:
    assert is_late(5, 5, "sacn") and is_late(250, 3, "sacn")
    assert not is_late(6, 5, "sacn") and not is_late(3, 250, "sacn") and not is_late(5, 100, "sacn")
    assert not is_late(0, 9, "artnet")


def test_a_universe_has_a_group_of_its_own() -> None:
    assert multicast(1) == "239.255.0.1" and multicast(63_999) == "239.255.249.255"
