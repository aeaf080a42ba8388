"""The door, with a real socket and a clock that is moved by hand."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from pythonosc.osc_message import OscMessage

from protocol.messages import (
    MAIN,
    AccessChallenge,
    AccessGranted,
    AccessProof,
    AccessRequest,
    Follow,
    ParameterHolder,
    Ping,
    Pong,
    Query,
    Rewind,
    Set,
    Signal,
    Status,
    Step,
    Subscribe,
    ToServer,
)
from protocol.osc import decode_to_front, encode
from protocol.sessions import SESSION_S, proof
from protocol.tree import ParameterTree
from server.engine.clock import FakeClock
from server.engine.parameter_store import MOST_PERFORMANCES as PERFORMANCES
from server.engine.parameter_store import MOST_QUEUED_ACTIONS, ActionRequest, PerformanceRegistry
from server.engine.status_line import StatusLine
from server.engine.subscribers import MOST_SUBSCRIBERS
from server.net.access_control import REMARK_INTERVAL_S, AccessControl
from server.net.udp_endpoint import RESERVED_SUBSCRIBERS, UdpEndpoint

PATIENCE = 10.0  # seconds
NEWS = [Set("/mix/rate", 20.0)]


class Door:
    """An endpoint with all around it, and somebody who knocks."""

    def __init__(self, access: AccessControl | None = None) -> None:
        self.clock, self.status_line, self.registry = (
            FakeClock(),
            StatusLine(),
            PerformanceRegistry(ParameterTree(["ada"])),
        )
        self.parameters = self.registry.parameters(MAIN)
        self.endpoint = UdpEndpoint(self.registry, self.status_line, self.clock, "127.0.0.1", 0, access=access)
        self.sink = self.endpoint.sink(MAIN)
        self.guest = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.guest.bind(("127.0.0.1", 0))

    @property
    def here(self) -> tuple[str, int]:
        host, port = self.guest.getsockname()
        return host, port

    def say(self, *messages: ToServer, to: str = MAIN) -> None:
        """Say this, and wait until it was taken in: what is sent from one socket arrives here in its order."""
        for message in (*messages, Ping(1)):
            self.guest.sendto(encode(message, self.parameters.tree, to), self.endpoint.address)
        while self.hear() != [Pong(1)]:
            pass

    def hear(self, seconds: float = PATIENCE) -> list[object]:
        self.guest.settimeout(seconds)
        return list(decode_to_front(self.guest.recv(65_536), self.parameters.tree).messages)


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.endpoint.close()
    door.guest.close()


def test_values_go_on_the_board_and_actions_into_its_queue(door: Door) -> None:
    door.say(Set("/mix/rate", 33.0), Step(), Rewind(2))
    assert door.parameters.values()["/mix/rate"] == 33.0
    assert door.parameters.take_requests() == [ActionRequest(Step(), door.here), ActionRequest(Rewind(2), door.here)]
    assert door.status_line.line(0.0) == ""


def test_an_address_without_a_value_is_answered_with_it_at_that_address(door: Door) -> None:
    door.parameters.put("/puck", (0.25, -0.5))
    door.guest.sendto(encode(Query("/puck")), door.endpoint.address)
    assert door.hear() == [Set("/puck", (0.25, -0.5))]
    door.registry.open("blue")
    door.guest.sendto(encode(Query("/mix/rate"), None, "blue"), door.endpoint.address)
    assert OscMessage(door.guest.recv(65_536)).address == "/performance/blue/mix/rate"


def test_who_follows_the_signals_gets_them_and_nothing_else(door: Door) -> None:
    assert not door.sink.followed
    door.say(Follow())
    assert (door.sink.followed, door.sink.heard) == (True, False)
    door.sink.broadcast(NEWS)
    door.sink.send_signals([Signal("/signal/entropy", (2.5,))])
    assert door.hear() == [Signal("/signal/entropy", (2.5,))]
    door.clock.advance(10.0)
    assert not door.sink.followed


def test_who_subscribes_is_a_newcomer_once_and_told_what_is_broadcast(door: Door) -> None:
    door.sink.broadcast(NEWS)
    door.say(Subscribe(), Subscribe())
    assert door.sink.new_subscribers() == [door.here]
    assert door.sink.new_subscribers() == []
    door.sink.broadcast(NEWS)
    assert door.hear() == NEWS


def test_who_subscribes_with_a_name_is_called_by_it_where_it_holds_a_control(door: Door) -> None:
    door.say(Set("/mix/alloy", 0.25))
    assert door.parameters.holders() == [ParameterHolder("/mix/alloy", "{}:{}".format(*door.here))]
    door.say(Subscribe(name="phone"), Set("/mix/rate", 20.0))
    assert door.parameters.holders() == [ParameterHolder("/mix/rate", "phone")]
    door.say(Subscribe(name="no such: name"))
    assert "a name of lower case" in door.status_line.line(0.0)
    assert door.parameters.holders(whole=True) == [
        ParameterHolder("/mix/alloy", "phone"),
        ParameterHolder("/mix/rate", "phone"),
    ]


def test_a_subscription_that_is_not_renewed_lapses(door: Door) -> None:
    door.say(Subscribe())
    assert door.sink.new_subscribers() == [door.here]
    door.clock.advance(9.9)
    door.sink.broadcast(NEWS)
    assert door.hear() == NEWS
    door.clock.advance(0.1)
    door.sink.broadcast(NEWS)
    with pytest.raises(TimeoutError):
        door.hear(seconds=0.2)
    door.say(Subscribe())
    assert door.sink.new_subscribers() == [door.here]


def test_one_listener_too_many_is_told_so(door: Door) -> None:
    door.say(*(Subscribe(port) for port in range(50_000, 50_000 + MOST_SUBSCRIBERS)))
    assert door.status_line.line(0.0) == ""
    door.say(Subscribe())
    assert f"{MOST_SUBSCRIBERS} front ends are listening already" in door.status_line.line(0.0)


def test_more_than_can_be_done_is_dropped_and_said(door: Door) -> None:
    for _ in range(MOST_QUEUED_ACTIONS // 32 + 1):  # few enough at a time for any system's buffer
        door.say(*[Step()] * 32)
    assert "dropped" in door.status_line.line(0.0)
    assert len(door.parameters.take_requests()) == MOST_QUEUED_ACTIONS


def test_a_complaint_names_its_sender(door: Door) -> None:
    door.guest.sendto(b"/nothing\0\0\0\0,f\0\0\0\0\0\0", door.endpoint.address)
    door.say()
    assert door.status_line.line(0.0).endswith(f"(from 127.0.0.1:{door.here[1]})")
    assert "/nothing" in door.status_line.line(0.0)


def test_what_the_wire_cannot_carry_is_a_complaint_and_no_end(door: Door) -> None:
    door.say(Subscribe())
    door.sink.broadcast([Status(2**40, 0, 0, 0.0, 0.0, 0, "")])
    assert "/server/status" in door.status_line.line(0.0)
    door.sink.broadcast(NEWS)
    assert door.hear() == NEWS


def test_a_fault_of_ours_does_not_end_the_receiver_and_its_traceback_is_logged(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(address: str, value: object, source: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(door.parameters, "put", fail)
    door.say(Set("/mix/rate", 33.0))
    assert "a fault" in door.status_line.line(0.0)
    assert "the log in" in door.status_line.line(door.clock.now())
    assert any(record.exc_info for record in caplog.records)


def test_a_listener_who_is_gone_troubles_nobody(door: Door) -> None:
    gone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    gone.bind(("127.0.0.1", 0))
    port = gone.getsockname()[1]
    gone.close()
    door.say(Subscribe(port), Subscribe())
    for _ in range(3):
        door.sink.broadcast(NEWS)
        assert door.hear() == NEWS


def test_each_performance_has_values_and_listeners_of_its_own(door: Door) -> None:
    door.say(Subscribe(), to="blue")
    door.say(Set("/mix/rate", 33.0), Step(), to="blue")
    blue = door.endpoint.sink("blue")
    assert (blue.heard, door.sink.heard) == (True, False)
    assert (blue.new_subscribers(), door.sink.new_subscribers()) == ([door.here], [])
    assert door.registry.parameters("blue").values()["/mix/rate"] == 33.0
    assert door.registry.parameters("blue").take_requests() == [ActionRequest(Step(), door.here)]
    assert (door.parameters.values()["/mix/rate"], door.parameters.take_requests()) == (15.0, [])
    door.sink.broadcast([Status(1, 1, 0, 0.0, 0.0, 0, "for main")])
    blue.broadcast(NEWS)
    assert door.hear() == NEWS


def test_a_port_follows_the_performance_that_it_named_last(door: Door) -> None:
    door.say(Subscribe())
    door.say(Subscribe(), to="blue")
    assert (door.sink.heard, door.endpoint.sink("blue").heard) == (False, True)
    door.say(Subscribe())
    assert door.sink.new_subscribers() == [door.here]


def test_a_performance_that_nobody_subscribed_to_is_not_there(door: Door) -> None:
    door.say(Set("/mix/rate", 33.0), to="green")
    assert "there is no performance green: subscribe to it" in door.status_line.line(0.0)
    assert door.registry.names() == (MAIN,)


def test_one_performance_too_many_finds_no_room(door: Door) -> None:
    for number in range(PERFORMANCES):
        door.say(Subscribe(), to=f"room-{number}")
    assert len(door.registry.names()) == PERFORMANCES
    assert f"there are {PERFORMANCES} performances already" in door.status_line.line(0.0)


# ---- from outside ------------------------------------------------------------------------------------------------

SECRET = b"a secret of a good length"


class Outside(AccessControl):
    """Doors before which everybody on loopback counts as somebody from another, allowed machine."""

    def controls(self, host: str) -> bool:
        return False


@pytest.fixture
def outside() -> Iterator[Door]:
    door = Door(Outside(["127.0.0.0/8"], SECRET))
    yield door
    door.endpoint.close()
    door.guest.close()


def let_in(door: Door, secret: bytes | None) -> object:
    """Ask as a front end does; what is granted."""
    door.guest.sendto(encode(AccessRequest()), door.endpoint.address)
    (challenge,) = door.hear()
    assert isinstance(challenge, AccessChallenge)
    proved = proof(secret, challenge.cookie, *door.here) if secret else b""
    door.guest.sendto(encode(AccessProof(challenge.cookie, proved)), door.endpoint.address)
    return door.hear()[0]


def test_from_outside_nothing_is_done_and_nothing_sent_before_a_cookie_came_back(outside: Door) -> None:
    asking = encode(Subscribe())
    outside.guest.sendto(asking, outside.endpoint.address)
    answer = outside.guest.recv(65_536)
    assert len(answer) <= 3 * len(asking), "nobody is flooded in another's name"
    assert isinstance(decode_to_front(answer, None).messages[0], AccessChallenge)
    outside.say(Set("/mix/rate", 33.0), Step())
    assert outside.parameters.values()["/mix/rate"] == 15.0 and outside.parameters.take_requests() == []
    assert "unless it proves the secret" in outside.status_line.line(0.0)
    assert (outside.sink.heard, outside.sink.new_subscribers()) == (False, [])


def test_with_its_cookie_it_watches_and_moves_nothing(outside: Door) -> None:
    assert let_in(outside, None) == AccessGranted(1, SESSION_S)
    outside.say(Subscribe(), Set("/mix/rate", 33.0), Step())
    assert outside.sink.new_subscribers() == [outside.here]
    assert outside.parameters.values()["/mix/rate"] == 15.0 and outside.parameters.take_requests() == []


def test_with_the_secret_it_plays(outside: Door) -> None:
    assert let_in(outside, SECRET) == AccessGranted(2, SESSION_S)
    outside.say(Subscribe(), Set("/mix/rate", 33.0), Step())
    assert outside.parameters.values()["/mix/rate"] == 33.0
    assert outside.parameters.take_requests() == [ActionRequest(Step(), outside.here)]
    outside.clock.advance(SESSION_S + 1.0)
    outside.say(Set("/mix/rate", 44.0))
    assert outside.parameters.values()["/mix/rate"] == 33.0


def test_a_wrong_secret_watches_and_is_named(outside: Door) -> None:
    assert let_in(outside, b"another secret of a good length") == AccessGranted(1, SESSION_S)
    assert "it has another secret" in outside.status_line.line(0.0) and "127.0.0.1" in outside.status_line.line(0.0)


def test_to_another_machine_the_text_goes_to_the_port_that_asked(outside: Door) -> None:
    let_in(outside, SECRET)
    outside.say(Subscribe(50_000))
    assert outside.sink.new_subscribers() == []
    assert "any port but the one that asked" in outside.status_line.line(0.0)


def test_who_watches_begins_no_performance(outside: Door) -> None:
    let_in(outside, None)
    outside.say(Subscribe(), to="blue")
    assert outside.registry.names() == (MAIN,)
    let_in(outside, SECRET)
    outside.say(Subscribe(), to="blue")
    assert outside.registry.names() == (MAIN, "blue")


def test_listeners_from_outside_leave_places_for_this_machine() -> None:
    class Mixed(Outside):
        def controls(self, host: str) -> bool:
            return self.at_home

        at_home = True

    access = Mixed(["127.0.0.0/8"], SECRET)
    door = Door(access)
    door.say(*(Subscribe(port) for port in range(50_000, 50_000 + MOST_SUBSCRIBERS - RESERVED_SUBSCRIBERS)))
    access.at_home = False
    let_in(door, SECRET)
    door.say(Subscribe())
    assert "the last places are this machine's" in door.status_line.line(0.0)
    access.at_home = True
    door.say(Subscribe())
    assert door.here in door.sink._endpoint.listeners(MAIN)
    door.endpoint.close()
    door.guest.close()


def test_rubbish_from_outside_is_told_seldom(outside: Door) -> None:
    for _ in range(10):
        outside.guest.sendto(b"rubbish.", outside.endpoint.address)
    outside.say()
    assert outside.status_line.count == 1
    outside.clock.advance(REMARK_INTERVAL_S)
    outside.guest.sendto(b"rubbish.", outside.endpoint.address)
    outside.say()
    assert outside.status_line.count == 2


def test_closing_frees_the_port_at_once() -> None:
    door = Door()
    began = time.monotonic()
    door.endpoint.close()
    again = UdpEndpoint(door.registry, door.status_line, door.clock, *door.endpoint.address)
    again.close()
    door.guest.close()
    assert time.monotonic() - began < PATIENCE
