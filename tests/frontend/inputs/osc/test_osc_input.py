"""Numbers from other programs, by real UDP; and Wekinator, both ways round."""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from frontend.client.fake_link import FakeLink
from frontend.config.setting_fields import SettingsTable
from frontend.inputs.hub import Hub
from frontend.inputs.interface import Input
from frontend.inputs.osc.osc_input import GONE_AFTER_S, MAX_OSC_CHANNELS, Numbers, OscIn, numbers
from frontend.inputs.osc.wekinator import Wekinator, floats_of
from protocol.errors import MessageError
from tests.frontend.inputs.fake_input import FakeInput
from tests.frontend.inputs.test_leap import wait


def osc(address: str, *arguments: Any) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build().dgram


def heard(numbers: Numbers, datagram: bytes, now: float = 0.0) -> dict[str, float | None]:
    return {str(reading.source): reading.level for reading in numbers.hear(datagram, now)}


# ---- what becomes of a number ----------------------------------------------------------------------------------------


def test_one_number_has_the_name_of_its_address_and_several_are_counted() -> None:
    assert heard(Numbers(), osc("/smile", 0.25)) == {"osc/smile": 0.25}
    assert heard(Numbers(), osc("/nose", 0.25, 0.75)) == {"osc/nose/1": 0.25, "osc/nose/2": 0.75}


def test_texts_and_blobs_are_passed_over_and_every_kind_of_number_counts() -> None:
    message = osc("/mixed", "words", 1, 0.5, b"blob", True, False)
    assert numbers(message) == ("/mixed", [1.0, 0.5, 1.0, 0.0])


@pytest.mark.parametrize(
    ("datagram", "levels"),
    [
        (osc("/hand", [0.1, 0.2]), [0.1, 0.2]),
        (osc("/face", [[0.1, 0.2], [0.3, 0.4]]), [0.1, 0.2, 0.3, 0.4]),
        (osc("/pose", "nose", [0.5, 0.6]), [0.5, 0.6]),
        (b"/a\0\0,Sf\0word\0\0\0\0" + struct.pack(">f", 0.5), [0.5]),
    ],
)
def test_an_array_is_its_members_and_a_symbol_a_text(datagram: bytes, levels: list[float]) -> None:
    assert numbers(datagram)[1] == pytest.approx(levels)


def test_pixels_are_read_on_a_scale_that_holds_them_and_stays() -> None:
    scale = Numbers()
    assert heard(scale, osc("/nose", 320.0, 240.0)) == {"osc/nose/1": 0.66, "osc/nose/2": 0.62}
    assert heard(scale, osc("/nose", 0.0, 0.0)) == {"osc/nose/1": 0.5, "osc/nose/2": 0.5}


def test_faceosc_is_known() -> None:
    bundle = OscBundleBuilder(IMMEDIATELY)
    for address, value in (("/found", 1), ("/gesture/mouth/height", 5.0)):
        builder = OscMessageBuilder(address)
        builder.add_arg(value)
        bundle.add_content(builder.build())
    known = Numbers()
    assert heard(known, bundle.build().dgram) == {"osc/gesture/mouth/height": 0.5}
    assert heard(known, osc("/found", 0)) == {"osc/gesture/mouth/height": None}


def test_a_whole_face_of_landmarks_is_taken_as_far_as_there_is_room() -> None:
    known = Numbers()
    assert len(heard(known, floats_of("/landmarks", [0.5] * 1_434))) == MAX_OSC_CHANNELS
    assert "the rest is left out" in known.complaint(0.0)
    assert heard(known, osc("/more", 0.5)) == {}


def test_an_address_that_falls_silent_is_gone() -> None:
    known = Numbers()
    heard(known, osc("/smile", 0.5), 10.0)
    assert list(known.gone(10.0 + GONE_AFTER_S)) == []
    assert [(gone.source, gone.level) for gone in known.gone(10.1 + GONE_AFTER_S)] == [("osc/smile", None)]
    assert known.heard == 0


def test_numbers_that_are_none_are_passed_over() -> None:
    assert heard(Numbers(), floats_of("/a", [math.nan, 0.5, math.inf])) == {"osc/a/2": 0.5}


BROKEN = [
    b"/",
    b"/abc",
    b"\xff" * 8,
    b"/a\0\0f\0\0\0",
    b"/a\0\0,f\0\0",
    b"/a\0\0,fff\0\0\0\0" + b"\0" * 8,
    b"/a\0\0,b\0\0" + struct.pack(">i", -4),
    b"/a\0\0,s\0\0abcd",
    b"/a\0\0,q\0\0" + b"\0" * 8,
    b"#bundle\0" + b"\0" * 8 + struct.pack(">i", -4) + b"\0" * 4,
    floats_of("/" + "x" * 200, [0.5]),
]


@pytest.mark.parametrize("datagram", BROKEN)
def test_what_is_no_message_costs_a_line(datagram: bytes) -> None:
    known = Numbers()
    assert heard(known, datagram) == {}
    assert known.refused == 1
    assert "\n" not in known.complaint(0.0) != ""


@given(st.binary(max_size=64) | st.binary(max_size=60).map(lambda tail: b"/a\0\0," + tail))
def test_no_bytes_do_harm(datagram: bytes) -> None:
    levels = heard(Numbers(), datagram).values()
    assert all(level is None or math.isfinite(level) for level in levels)
    with suppress(MessageError):
        numbers(datagram)


# ---- by real UDP -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        yield sending


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def at_work(each: Input, **settings: object) -> Input:
    each.table = SettingsTable(
        each.name, replace(each.table.defaults, on=True, smoothing=0.0, **settings), f"[{each.key}]", each.table.fields
    )
    return each


def test_landmarks_from_elsewhere_are_channels(sender: socket.socket) -> None:
    hub, port = Hub(FakeLink.demo()), free_port()
    hub.add(at_work(OscIn(), port=port))
    hub.begin()
    with closing(hub):
        wait(lambda: "nothing yet" in hub.status)
        sender.sendto(osc("/face/smile", 0.75), ("127.0.0.1", port))
        wait(lambda: hub.features() == {"osc/face/smile": 0.75})
        assert "1 numbers at port" in hub.status
        for _ in range(300):
            sender.sendto(b"/nonsense", ("127.0.0.1", port))
        wait(lambda: hub.complaint.startswith("OSC: "))
        wait(lambda: hub.features() == {})


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        hub = Hub(FakeLink.demo())
        hub.add(at_work(OscIn(), port=other.getsockname()[1]))
        hub.turn(0.0)
        assert "choose another" in hub.complaint
        hub.close()


def test_our_features_go_to_a_wekinator_and_its_outputs_come_back(sender: socket.socket) -> None:
    hub, back = Hub(FakeLink.demo()), free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wekinator, closing(hub):
        wekinator.bind(("127.0.0.1", 0))
        wekinator.settimeout(20)
        hand = FakeInput("hand")
        hub.add(hand, at_work(Wekinator(hub.features), inputs_port=wekinator.getsockname()[1], outputs_port=back))
        hub.begin()
        hand.say("hand/x", 0.25)
        assert wekinator.recv(4096) == osc("/wekinator/control/setInputNames", "hand/x")
        assert numbers(wekinator.recv(4096)) == ("/wek/inputs", [0.25])
        sender.sendto(floats_of("/wek/outputs", [0.5, 1.0]), ("127.0.0.1", back))
        wait(lambda: hub.features() == {"hand/x": 0.25, "wek/1": 0.5, "wek/2": 1.0})


class Listener:
    """Somebody who learns here."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    def parts(self) -> Sequence[float]:
        return (0.25, 0.75)

    def follow_server(self, order: str) -> None:
        self.orders.append(order)


def test_in_wekinators_place_inputs_come_outputs_go_and_orders_are_obeyed(sender: socket.socket) -> None:
    hub, here, pupil = Hub(FakeLink.demo()), free_port(), Listener()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as synthesiser, closing(hub):
        synthesiser.bind(("127.0.0.1", 0))
        synthesiser.settimeout(20)
        out = synthesiser.getsockname()[1]
        hub.add(at_work(Wekinator(hub.features, pupil), learns="here", inputs_port=here, outputs_port=out))
        hub.begin()
        assert numbers(synthesiser.recv(4096)) == ("/wek/outputs", [0.25, 0.75])
        sender.sendto(floats_of("/wek/inputs", [0.1]), ("127.0.0.1", here))
        wait(lambda: "wek" in hub.features())
        for order in ("train", "launchMissiles", "stopRunning"):
            sender.sendto(osc(f"/wekinator/control/{order}"), ("127.0.0.1", here))
        wait(lambda: len(pupil.orders) == 2)
        assert pupil.orders == ["train", "stopRunning"]
