"""After a bad wire the front end is right again. How soon is measured by `endure`; here the machine may be busy."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from benchmarks.endure.healing import LossyRelay, NetworkConditions, heal
from benchmarks.machine import server
from frontend.client.link import Link

FAIR = NetworkConditions()


def test_text_and_controls_are_the_servers_again(home: Path, spelling_voices: Path) -> None:
    with server("--no-precedence", weights=spelling_voices) as serving:
        for seed, weather in enumerate((NetworkConditions(0.2, 0.1, 0.1, 0.2), NetworkConditions(0.5))):
            assert heal(serving.address, weather, seconds=1.5, seed=seed) < 20.0  # 1 s on a machine that is not busy


@pytest.mark.parametrize(
    ("weather", "count"), [(FAIR, 50), (NetworkConditions(lost=1.0), 0), (NetworkConditions(doubled=1.0), 100)]
)
def test_a_wire_does_what_its_weather_says(weather: NetworkConditions, count: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(20.0 if count else 0.3)
        wire = LossyRelay(far.getsockname(), weather)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
            for number in range(50):
                near.sendto(bytes([number]), wire.address)
            came = list[int]()
            while len(came) < count:
                came += far.recv(9)
        wire.close()
    assert sorted(set(came)) == list(range(50))[: 50 if count else 0]


def test_a_lost_move_of_the_hand_is_said_again() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(20.0)
        wire = LossyRelay(far.getsockname(), NetworkConditions(lost=1.0))
        link = Link(*wire.address)
        link.set("/mix/rate", 33.0)
        time.sleep(0.1)
        wire.weather = FAIR
        came = b""
        while b"/mix/rate" not in came:
            link.pump(time.monotonic())
            far.settimeout(0.05)
            try:
                came = far.recv(2_000)
            except TimeoutError:
                continue
        link.close()
        wire.close()
