"""Leap Motion through a real websocket: frames are replayed, the service dies and comes back, nonsense is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from frontend.client.fake_link import FakeLink
from frontend.config.setting_fields import SettingsTable
from frontend.inputs.hub import Hub
from frontend.inputs.leap import Leap
from tests.frontend.inputs.leap_stream import Service, frame, hand, recorded


def wait(true: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    with found.running():
        yield found


def hub_for(service: Service, link: FakeLink) -> Hub:
    leap = Leap()
    settings = replace(leap.table.defaults, on=True, address=service.address, smoothing=0.0, hold=0.2, fade=0.3)
    leap.table = SettingsTable("Leap Motion", settings, "[leap]", leap.table.fields)
    hub = Hub(link)
    hub.add(leap)
    hub.begin()
    return hub


def test_a_hand_that_moves_in_the_air_moves_the_puck(service: Service) -> None:
    link = FakeLink.demo()
    link.pump(time.monotonic())
    service.playing = list(recorded(60.0))
    with closing(hub_for(service, link)) as hub:
        places = set()

        def has_gone_round() -> bool:
            places.add(link.session.values["/puck"])
            xs = [x for x, _ in places]  # type: ignore[misc, str-unpack]
            return float(max(xs)) - float(min(xs)) > 1.0

        wait(has_gone_round)
        assert not link.session.values["/puck/lifted"]
        assert hub.holders.of("/puck").who == "Leap Motion"  # type: ignore[union-attr]
        wait(lambda: "leap/left/x" in hub.features())
        assert "two hands" in hub.status
    assert service.heard == ['{"background": true}']


def test_a_lost_hand_holds_then_goes_to_rest(service: Service) -> None:
    link = FakeLink.demo()
    link.pump(time.monotonic())
    still = [frame(n, hand(1, "left", (100.0 + (n % 2), 300.0, -60.0))) for n in range(40)]
    service.playing = [*(frame(n, hand(1, "left", (0, 200, 0))) for n in range(20)), *still, frame(99)]
    with closing(hub_for(service, link)) as hub:
        wait(lambda: link.session.values["/puck"][0] > 0.6)  # type: ignore[index, operator]
        wait(lambda: "leap/hand/x" not in hub.features())
        wait(lambda: abs(link.session.values["/puck"][0]) < 0.1)  # type: ignore[index, arg-type]
        assert "no hand" in hub.status


def test_the_service_may_die_in_the_middle_and_come_back() -> None:
    service, link = Service(), FakeLink.demo()
    service.playing = [frame(n, hand(1, "right", (0, 200, 0))) for n in range(2_000)]
    with service.running():
        hub = hub_for(service, link)
        wait(lambda: "leap/hand/x" in hub.features())
    with closing(hub):
        wait(lambda: "leap/hand/x" not in hub.features())
        wait(lambda: "waiting" in hub.status)
        with service.running():
            wait(lambda: "leap/hand/x" in hub.features())


def test_broken_frames_are_told_and_the_good_ones_between_them_count(service: Service) -> None:
    good = frame(1, hand(1, "right", (0, 200, 0)))
    service.playing = [each for _ in range(500) for each in ("{", good, '{"hands": 7}', good)]
    with closing(hub_for(service, FakeLink.demo())) as hub:
        wait(lambda: "leap/hand/x" in hub.features() and hub.complaint.startswith("Leap Motion: "))
