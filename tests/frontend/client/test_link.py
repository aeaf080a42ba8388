"""The link: the real one against a real socket, and the fake one that plays by itself."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from frontend.client.fake_link import OPENING_WEIGHTS, FakeLink, demo_cards
from frontend.client.link import AnyLink, Link
from protocol.errors import LinkError, MessageError
from protocol.messages import (
    Char,
    ParameterHolder,
    Ping,
    Pong,
    Prime,
    ResendText,
    Reset,
    Rewind,
    Set,
    Status,
    Step,
    Subscribe,
    ToFront,
    ToServer,
)
from protocol.osc import decode_to_server, encode, encode_bundle
from protocol.tree import ParameterTree

TREE = ParameterTree(card.slug for card in demo_cards())


class Peer:
    """The server's end of the wire, by hand."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5.0)
        self.port: int = self.socket.getsockname()[1]
        self.front: tuple[str, int] = ("", 0)

    def hear(self, kind: type) -> ToServer:
        """The next message of one kind; others are passed over."""
        while True:
            datagram, self.front = self.socket.recvfrom(65_536)
            for message in decode_to_server(datagram, TREE).messages:
                if isinstance(message, kind):
                    return message

    def say(self, *messages: ToFront) -> None:
        for datagram in encode_bundle(messages, TREE):
            self.socket.sendto(datagram, self.front)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.socket.close()


@pytest.fixture
def link(peer: Peer) -> Iterator[Link]:
    link = Link("127.0.0.1", peer.port)
    yield link
    link.close()


def pump_until(link: AnyLink, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5.0
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        link.pump(time.monotonic())
        time.sleep(0.005)


def test_a_link_with_a_name_subscribes_by_it_and_takes_it_for_its_own(peer: Peer) -> None:
    with closing(Link("127.0.0.1", peer.port, name="phone")) as link:
        assert peer.hear(Subscribe) == Subscribe(0, "phone")
        link.session.apply(ParameterHolder("/puck", "phone"), 1.0)
        link.session.apply(ParameterHolder("/mix/rate", "127.0.0.1:9000"), 1.0)
        assert link.session.taken == {"/mix/rate": "127.0.0.1:9000"}


def test_a_link_subscribes_and_mirrors_what_it_is_told(peer: Peer, link: Link) -> None:
    assert peer.hear(Subscribe) == Subscribe(0)
    peer.say(*demo_cards(), Set("/style/bible/weight", 0.5), Char(1, "I", "I", 1, 0, (((5, 255),),)))
    pump_until(link, lambda: link.session.text == "I" and link.session.values.get("/style/bible/weight") == 0.5)
    assert link.session.cards == demo_cards()


def test_a_value_is_shown_here_at_once_and_sent(peer: Peer, link: Link) -> None:
    peer.hear(Subscribe)
    link.set("/mix/rate", 500.0)
    assert link.session.values["/mix/rate"] == 60.0
    assert peer.hear(Set) == Set("/mix/rate", 60.0)


def test_the_round_trip_is_measured(peer: Peer, link: Link) -> None:
    ping = peer.hear(Ping)
    assert isinstance(ping, Ping) and link.latency_ms is None
    peer.say(Pong(ping.token))
    pump_until(link, lambda: link.latency_ms is not None)
    assert link.latency_ms is not None and 0.0 < link.latency_ms < 5_000.0


def test_missing_text_is_asked_for(peer: Peer, link: Link) -> None:
    peer.hear(Subscribe)
    peer.say(Status(9, 9, 0, 15.0, 1.0, 1, ""))
    pump_until(link, lambda: link.session.status is not None)
    assert peer.hear(ResendText) == ResendText(0)


def test_bytes_that_are_no_message_are_counted_and_the_next_is_heard(peer: Peer, link: Link) -> None:
    peer.hear(Subscribe)
    peer.socket.sendto(b"#bundle\0" + b"\xff" * 12, peer.front)
    peer.say(Set("/mix/rate", 20.0))
    pump_until(link, lambda: link.session.values["/mix/rate"] == 20.0)
    assert link.refused == 1 and link.complaint


def test_a_stranger_on_the_wire_is_not_heard(peer: Peer, link: Link) -> None:
    peer.hear(Subscribe)
    stranger = Peer()
    stranger.front = peer.front
    stranger.say(Set("/mix/rate", 1.0))
    stranger.socket.close()
    peer.say(Set("/mix/alloy", 0.5))
    pump_until(link, lambda: link.session.values["/mix/alloy"] == 0.5)
    assert link.session.values["/mix/rate"] == 15.0


def test_a_link_knocks_until_a_server_is_there() -> None:
    early = Peer()
    early.socket.close()
    link = Link("127.0.0.1", early.port)
    try:
        time.sleep(0.2)  # the first knocks are refused
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", early.port))
        server.settimeout(5.0)
        assert decode_to_server(server.recv(65_536), TREE).messages
        server.close()
    finally:
        link.close()


def test_a_machine_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(LinkError, match=r"cannot reach nowhere.invalid:7424 .*; give the server's place as HOST:PORT"):
        Link("nowhere.invalid", 7424)


def test_too_long_a_text_to_prime_with_is_refused_and_the_link_lives(peer: Peer, link: Link) -> None:
    with pytest.raises(MessageError):
        link.send(Prime("x" * 100_000))
    link.send(Step())
    assert peer.hear(Step) == Step()


def test_closing_twice_is_closing_once(peer: Peer) -> None:
    link = Link("127.0.0.1", peer.port)
    link.close()
    link.close()
    link.set("/mix/rate", 3.0)


# ---- the fake ----------------------------------------------------------------------------------------------------


def play(link: FakeLink, seconds: float, start: float = 0.0) -> float:
    now = start
    while now < start + seconds:
        link.pump(now)
        now += 1 / 60
    return now


def demo(seed: int = 1) -> FakeLink:
    return FakeLink.demo(seed, clock=lambda: -1.0)


def test_the_fake_keeps_what_is_sent_and_shows_what_is_delivered() -> None:
    link = FakeLink()
    link.deliver([*demo_cards(), Set("/mix/rate", 20.0)])
    link.pump(0.0)
    link.set("/style/bible/weight", 0.5)
    assert link.session.values["/mix/rate"] == 20.0
    assert link.sent == [Set("/style/bible/weight", 0.5)]


def test_the_demo_writes_at_its_rate_the_same_text_for_the_same_seed() -> None:
    one, same, other = demo(1), demo(1), demo(2)
    for link in (one, same, other):
        play(link, 10.0)
    assert one.session.length == 150
    assert one.session.text == same.session.text != other.session.text
    assert one.session.missing() is None and one.session.lost == 0


def test_everything_that_the_demo_says_fits_the_wire() -> None:
    from frontend.client.fake_link import DemoServer

    demo = DemoServer()
    for tick in range(100):
        for message in demo.advance(tick / 10):
            assert encode(message, demo.tree)


def test_the_demo_plays_its_voices_and_lights_what_it_drew() -> None:
    link = demo()
    play(link, 3.0)
    session = link.session
    assert {session.cards[voice].slug for voice in session.distributions} == set(OPENING_WEIGHTS) - {"latex"}
    assert session.lit is not None and session.lit.character == session.text[-1]
    assert sorted(session.lit.distributions) == sorted(session.distributions)


def test_the_demo_answers_as_a_server_does() -> None:
    link = demo()
    now = play(link, 2.0)
    link.set("/transport/run", False)
    now = play(link, 1.0, now)
    standing = link.session.text
    link.send(Step())
    now = play(link, 0.1, now)
    assert link.session.text[:-1] == standing
    link.send(Rewind(6))
    now = play(link, 0.1, now)
    assert link.session.text == standing[:-5]
    link.send(Prime("Once upon"))
    now = play(link, 0.1, now)
    assert link.session.text == standing[:-5] + "Once upon"
    link.send(Reset(7))
    play(link, 0.1, now)
    assert link.session.text == "" and link.session.status is not None and link.session.status.seed == 7
