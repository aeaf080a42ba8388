"""A finger's move is on the wire in the very look that finds its frame: by real UDP, by a clock that stands meanwhile.

A table speaks 60 or 120 times a second, not quite evenly, to the hub and the real link; between two frames the hub
looks once more, as its thread does. After each frame, and before the clock goes on, the server's socket has the place.
"""

import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

import frontend.client.link
from frontend.client.link import Link
from frontend.inputs.hub import Hub
from frontend.inputs.osc.tuio import FALL, RISE, TuioInput
from protocol.messages import MorePucks, Set
from protocol.osc import decode_to_server
from protocol.tree import ParameterTree
from tests.frontend.inputs.osc.test_tuio_frames import frame

UNEVEN = (0.0, 0.001, -0.001, 0.0005)  # seconds by which a frame is late
Place = tuple[float, float]


class Still:
    """A table, the hub, the link and a server that only listens, under one clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.number = 100.0, 0
        monkeypatch.setattr(frontend.client.link, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.server, self.table = _udp(), _udp()
        self.server.setblocking(False)
        self.link = Link(*self.server.getsockname())
        self.hub = Hub(self.link, clock=lambda: self.now)
        self.input = TuioInput(self.hub, self.link)
        self.hub.add(self.input)
        with _udp() as free:
            port = free.getsockname()[1]
        self.hub.change("tuio", on=True, port=port)
        self.hub.turn(self.now)
        self.table.connect(("127.0.0.1", port))

    def show(self, *places: Place) -> tuple[Place | None, tuple[Place, ...]]:
        """One frame and one look: the puck and the pucks besides that are on the wire then, where any are new."""
        self.number += 1
        self.table.send(frame(self.number, list(range(len(places))), dict(enumerate(places))))
        self.hub.turn(self.now)
        puck: Place | None = None
        more: tuple[Place, ...] = ()
        for message in self.arrived():
            match message:
                case Set("/puck", (float(x), float(y))):
                    puck = (round(x, 4), round(y, 4))
                case MorePucks(_, pucks):
                    more = tuple((round(x, 4), round(y, 4)) for x, y, _ in pucks)
        return puck, more

    def arrived(self) -> Iterator[object]:
        while True:
            try:
                yield from decode_to_server(self.server.recv(65_536), ParameterTree(())).messages
            except BlockingIOError:
                return

    def close(self) -> None:
        self.hub.close()
        self.link.close()
        self.server.close()
        self.table.close()


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Iterator[Still]:
    one = Still(monkeypatch)
    yield one
    one.close()


def _udp() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    return one


def _places(fingers: int, step: int) -> list[Place]:
    """Where the fingers are on the table; each moves a little with every frame."""
    return [(0.3 + 0.2 * finger, 0.5 + 0.001 * (step % 100)) for finger in range(fingers)]


def _meant(places: list[Place]) -> tuple[Place, tuple[Place, ...]]:
    """The puck and the others that these places mean."""
    first, *others = [(round(2 * x - 1, 4), round(1 - 2 * y, 4)) for x, y in places]
    return first, tuple(others)


@pytest.mark.parametrize("fingers", [1, 3])
@pytest.mark.parametrize("rate", [60, 120])
def test_every_frame_of_a_table_leaves_at_once(still: Still, rate: int, fingers: int) -> None:
    for _ in range(round((RISE + FALL + 0.2) * rate)):  # until the first is the puck, and its trace has faded
        still.now += 1 / rate
        still.show(*_places(fingers, 0))
    began = still.now
    for step in range(1, 2 * rate):
        still.now = began + step / rate + UNEVEN[step % len(UNEVEN)]
        assert still.show(*_places(fingers, step)) == _meant(_places(fingers, step)), f"frame {step}"
        still.now += 0.5 / rate
        still.hub.turn(still.now)


def test_the_first_move_after_a_pause_leaves_at_once(still: Still) -> None:
    for _ in range(60):
        still.now += 1 / 60
        still.show(*_places(3, 0))
    for pause in range(200):  # what stands is said again meanwhile, at any moment before the move
        for _ in range(4):
            still.now += (0.9 + pause / 1000) / 4
            still.hub.turn(still.now)
        list(still.arrived())
        assert still.show(*_places(3, 1 + pause)) == _meant(_places(3, 1 + pause)), f"after pause {pause}"
