"""Signals as light: what the file says, on slots that a real socket hears; dark at the end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from frontend.client.fake_link import FakeLink, demo_cards
from frontend.inputs.dmx.packets import DmxPacket, read_packet
from frontend.outputs.light import LampRow, LightPlayer, Rig, UniverseRow, load_rig
from frontend.outputs.light_out import LightOut
from protocol.errors import LinkError, ParameterError
from protocol.messages import Follow, Signal

SLUGS, COLOURS = ("ada", "bob"), ("#FF0000", "#0000FF")
PATIENCE_S = 60.0


def player(*lamps: LampRow) -> LightPlayer:
    playing = LightPlayer(Rig((UniverseRow(1),), lamps))
    playing.introduce(SLUGS, COLOURS)
    return playing


def test_what_lasts_stays_and_what_happens_goes_out() -> None:
    playing = player(
        LampRow(1, 1, "agreement"), LampRow(1, 2, "surprise", fade=2.0), LampRow(1, 3, "running", low=255, high=0)
    )
    playing.take(Signal("/signal/agreement", (0.5,)), 0.0)
    playing.take(Signal("/signal/surprise", (16.0,)), 0.0)
    playing.take(Signal("/signal/running", (1,)), 0.0)
    assert playing.universes(0.0)[1][:4] == bytes([128, 255, 0, 0])
    assert playing.universes(1.0)[1][:4] == bytes([128, 128, 0, 0])
    assert playing.universes(9.0)[1][:4] == bytes([128, 0, 0, 0])


def test_colours_have_three_slots_and_shares_one_a_voice() -> None:
    playing = player(LampRow(1, 1, "voice"), LampRow(1, 4, "mix"), LampRow(1, 511, "share"))
    playing.take(Signal("/signal/voice", (1, "bob", 0.9)), 0.0)
    playing.take(Signal("/signal/share/ada", (1.0,)), 0.0)
    playing.take(Signal("/signal/share/bob", (0.0,)), 0.0)
    slots = playing.universes(0.0)[1]
    assert (slots[:3], slots[3:6], slots[510:]) == (bytes([0, 0, 255]), bytes([255, 0, 0]), bytes([255, 0]))


def test_a_signal_of_no_use_lights_nothing() -> None:
    playing = player(LampRow(1, 1, "voice"), LampRow(1, 4, "entropy"))
    for signal in (
        Signal("/signal/voice", (7, "eve", 1.0)),
        Signal("/signal/entropy", ("x",)),
        Signal("/signal/none", ()),
    ):
        playing.take(signal, 0.0)
    assert not any(playing.universes(0.0)[1])


def test_the_file_that_ships_is_a_rig() -> None:
    assert {lamp.shows for lamp in load_rig().lamp} >= {"voice", "mix", "share", "surprise", "agreement"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "universe is missing"),
        ("[[universe]]\nuniverse = 0\n", "a universe of sacn is 1 to 63999"),
        ("[[universe]]\nuniverse = 1\n[[universe]]\nuniverse = 1\n", "a universe is named twice"),
        ("[[universe]]\nuniverse = 1\n[[lamp]]\nuniverse = 2\nslot = 1\nshows = 'mix'\n", "universe 2, which is none"),
        ("[[universe]]\nuniverse = 1\n[[lamp]]\nuniverse = 1\nslot = 600\nshows = 'mix'\n", "from 1 to 512"),
        ("[[universe]]\nuniverse = 1\n[[lamp]]\nuniverse = 1\nslot = 6\nshows = 'sun'\n", "one of voice, mix"),
        ("nonsense", "rig.toml"),
    ],
)
def test_a_file_that_makes_no_sense_costs_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "rig.toml"
    path.write_text(text)
    with pytest.raises(ParameterError, match=words):
        load_rig(path)


@pytest.fixture
def node() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(PATIENCE_S)
        yield listening


@pytest.mark.parametrize("protocol", ["sacn", "artnet"])
def test_a_node_hears_the_light_and_in_the_end_that_it_is_over(node: socket.socket, protocol: str) -> None:
    link = FakeLink()
    link.deliver(demo_cards())
    row = UniverseRow(1, protocol, "127.0.0.1", node.getsockname()[1])  # type: ignore[arg-type]
    light = LightOut(link, Rig((row,), (LampRow(1, 1, "agreement"),)))

    def heard() -> DmxPacket:
        packet = read_packet(node.recv(2_000), "127.0.0.1")
        assert packet is not None
        return packet

    try:
        light.poll(time.monotonic())
        assert Follow() in link.sent and not any(heard().slots)
        link.deliver([Signal("/signal/agreement", (1.0,))])
        light.poll(time.monotonic() + 1.0)
        assert heard().slots[0] == 255
        light.poll(time.monotonic() + 1.1)
        light.poll(time.monotonic() + 2.5)  # nothing changed, and it is said again
        assert heard().slots[0] == 255
    finally:
        light.close()
        light.close()
    last = [heard() for _ in range(4)]
    assert not any(any(packet.slots) for packet in last)
    assert last[-1].ends is (protocol == "sacn")


def test_an_address_of_nobody_is_one_line() -> None:
    with pytest.raises(LinkError, match="universe 1 cannot be sent to"):
        LightOut(FakeLink(), Rig((UniverseRow(1, "sacn", "no such host."),)))
    with pytest.raises(LinkError, match="Art-Net is sent to an address"):
        LightOut(FakeLink(), Rig((UniverseRow(1, "artnet", "multicast"),)))
