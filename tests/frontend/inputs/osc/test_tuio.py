"""A touch table over real UDP: fingers become pucks, floods and broken frames are told, a taken port is said."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from frontend.client.fake_link import FakeLink
from frontend.inputs.hub import Hub
from frontend.inputs.interface import Ellipse
from frontend.inputs.osc.tuio import BURST, TuioInput
from protocol.messages import MorePucks
from tests.frontend.inputs.osc.test_tuio_frames import frame

PATIENCE = 30.0  # seconds; never needed but on a machine that is busy with something else


class Table:
    """A tracker, and the hub's thread that hears it."""

    def __init__(self) -> None:
        self.link = FakeLink()
        self.hub = Hub(self.link)
        self.input = TuioInput(self.hub, self.link)
        self.hub.add(self.input)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.hub.change("tuio", on=True, port=self.port)
        self.hub.begin()
        self.until(lambda: self.input.port == self.port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.number = 0

    def throw(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, ("127.0.0.1", self.port))

    def touch(self, **fingers: tuple[float, float]) -> None:
        """Fingers called f1, f2 .. are down at these places."""
        self.number += 1
        places = {int(name[1:]): place for name, place in fingers.items()}
        self.throw(frame(self.number, list(places), places))

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    @property
    def puck(self) -> tuple[float, ...]:
        puck = self.link.session.values["/puck"]
        assert isinstance(puck, tuple)
        return tuple(round(part, 3) for part in puck)

    @property
    def more(self) -> tuple[tuple[float, float, float], ...]:
        """The further pucks that were last sent."""
        sent = [message for message in self.link.sent if isinstance(message, MorePucks)]
        return sent[-1].pucks if sent else ()

    def close(self) -> None:
        self.hub.close()
        self._socket.close()


@pytest.fixture
def table() -> Iterator[Table]:
    table = Table()
    yield table
    table.close()


def test_the_first_finger_is_the_puck_the_second_one_besides_and_both_go(table: Table) -> None:
    table.touch(f1=(0.75, 0.5))
    table.until(lambda: table.link.session.values["/puck"] == (0.5, 0.0))
    assert table.link.session.values["/puck/lifted"] is False
    holder = table.hub.holders.of("/puck")
    assert holder is not None and holder.who == "TUIO"
    table.touch(f1=(0.75, 0.5), f2=(0.5, 0.25))
    table.until(lambda: table.more == ((0.0, 0.5, 1.0),))
    assert table.hub.status == "TUIO: 2 fingers"
    table.touch()
    table.until(lambda: table.more == ())
    assert table.link.session.values["/puck"] == (0.5, 0.0)


def test_a_broken_frame_is_told_until_a_good_one_comes(table: Table) -> None:
    table.throw(b"#bundle\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
    table.until(lambda: table.hub.complaint.startswith("TUIO: a bundle was cut off"))
    table.touch()
    table.until(lambda: table.hub.complaint == "")


def test_a_flood_is_dropped_and_told_and_the_table_goes_on(table: Table) -> None:
    table.touch(f1=(0.25, 0.5))
    again = frame(table.number, [1], {1: (0.25, 0.5)})

    def flooded() -> bool:
        for _ in range(round(BURST)):
            table.throw(again)
        return "more is sent than can be read" in table.hub.complaint

    table.until(flooded)
    table.until(lambda: table.hub.complaint == "")
    table.touch(f1=(0.5, 0.5))
    table.until(lambda: table.link.session.values["/puck"] == (0.0, 0.0))


def test_a_port_that_is_taken_is_said_and_another_one_helps(table: Table) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        table.hub.change("tuio", port=taken.getsockname()[1])
        table.until(lambda: "another program has it" in table.hub.complaint)
        table.hub.change("tuio", port=table.port)
        table.until(lambda: table.input.port == table.port and table.hub.complaint == "")


def test_on_a_table_that_shows_the_window_a_finger_beside_the_circle_is_no_puck(table: Table) -> None:
    table.hub.circle = Ellipse(0.25, 0.5, 0.2, 0.3)
    table.hub.change("tuio", area="circle")
    table.touch(f1=(0.9, 0.5), f2=(0.25, 0.35))
    table.until(lambda: table.puck == (0.0, 0.5))
    assert table.more == ()
