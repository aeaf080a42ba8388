"""The doors: sources and times in, verdicts out. No socket, no clock."""

from __future__ import annotations

import pytest

from protocol.errors import LinkError, MessageError
from protocol.messages import AccessProof, AccessRequest, Ping, Prime, ResendText, Set, Subscribe
from protocol.sessions import COOKIE_BYTES, SESSION_S, proof
from server.engine.subscribers import Address
from server.net.access_control import (
    COOKIE_LIFETIME_S,
    HERE,
    MOST_PLAYERS,
    MOST_SENDERS,
    MOST_WATCHERS,
    MOST_WATCHERS_A_HOST,
    PLAYER,
    REMARK_INTERVAL_S,
    STRANGER,
    STRANGERS,
    AccessControl,
    Rights,
    needed,
)

SECRET = b"a secret of a good length"
HERE_I_AM, GUEST, STRANGE = ("127.0.0.1", 5_000), ("192.168.1.7", 6_000), ("203.0.113.9", 7_000)


def access(secret: bytes | None = SECRET) -> AccessControl:
    return AccessControl(["192.168.1.0/24"], secret)


def let_in(open_doors: AccessControl, source: Address, secret: bytes | None = SECRET, now: float = 0.0) -> Rights:
    """What is granted to somebody who does all as it should be."""
    cookie = open_doors.cookie(source, now)
    grant = open_doors.prove(source, cookie, proof(secret, cookie, *source) if secret else b"", now)
    assert grant is not None
    return grant.rights


def rights(open_doors: AccessControl, source: Address, now: float = 0.0) -> Rights | None:
    return open_doors.check(source, 40, now).rights


def test_at_first_this_machine_plays_a_guest_may_ask_and_a_stranger_is_turned_away() -> None:
    open_doors = access()
    assert [rights(open_doors, each) for each in (HERE_I_AM, GUEST, STRANGE)] == [Rights.CONTROL, Rights.NOTHING, None]
    assert [open_doors.admits(each[0]) for each in (HERE_I_AM, GUEST, STRANGE)] == [True, True, False]
    assert [open_doors.controls(each[0]) for each in (HERE_I_AM, GUEST, STRANGE)] == [True, False, False]


def test_without_networks_nobody_from_outside_is_heard() -> None:
    assert [rights(AccessControl(), each) for each in (HERE_I_AM, GUEST)] == [Rights.CONTROL, None]
    with pytest.raises(LinkError, match="--allow"):
        AccessControl().listen_on("0.0.0.0")


def test_a_cookie_sent_back_is_watching_and_a_proof_is_playing() -> None:
    open_doors = access()
    assert let_in(open_doors, GUEST, None) == rights(open_doors, GUEST) == Rights.WATCH
    assert let_in(open_doors, GUEST) == rights(open_doors, GUEST) == Rights.CONTROL


def test_a_session_belongs_to_its_port_and_lapses_unless_it_is_renewed() -> None:
    open_doors = access()
    let_in(open_doors, GUEST)
    assert rights(open_doors, (GUEST[0], GUEST[1] + 1)) == Rights.NOTHING
    let_in(open_doors, GUEST, now=SESSION_S - 1.0)
    assert rights(open_doors, GUEST, SESSION_S + 1.0) == Rights.CONTROL
    assert rights(open_doors, GUEST, 2 * SESSION_S) == Rights.NOTHING


def test_a_cookie_is_good_for_its_owner_and_a_short_while() -> None:
    open_doors = access()
    cookie = open_doors.cookie(GUEST, 5.0)
    assert len(cookie) == COOKIE_BYTES
    assert open_doors.prove((GUEST[0], 6_001), cookie, b"", 5.0) is None
    assert open_doors.prove(GUEST, cookie[:-1] + bytes([cookie[-1] ^ 1]), b"", 5.0) is None
    assert access().prove(GUEST, cookie, b"", 5.0) is None, "another server, or this one started again"
    assert open_doors.prove(GUEST, cookie, b"", 5.0 + COOKIE_LIFETIME_S) is not None
    assert open_doors.prove(GUEST, cookie, b"", 5.0 + 2 * COOKIE_LIFETIME_S) is None
    assert rights(open_doors, (GUEST[0], 6_001)) == Rights.NOTHING


def test_a_wrong_secret_or_none_on_this_side_may_watch_and_is_told() -> None:
    for secret, line in ((SECRET, "it has another secret"), (None, "this server has none")):
        open_doors = access(secret)
        cookie = open_doors.cookie(GUEST, 0.0)
        grant = open_doors.prove(GUEST, cookie, proof(b"the wrong one, but long", cookie, *GUEST), 0.0)
        assert grant is not None and grant.rights == Rights.WATCH and line in grant.complaint


def test_what_a_false_server_was_told_is_worth_nothing_to_it() -> None:
    open_doors, false_server = access(), ("192.168.1.66", 7_424)
    cookie = open_doors.cookie(false_server, 0.0)  # it hands this on to a player, who proves it from GUEST
    grant = open_doors.prove(false_server, cookie, proof(SECRET, cookie, *GUEST), 0.0)
    assert grant is not None and grant.rights == Rights.WATCH


def test_places_are_limited_and_become_free() -> None:
    open_doors = access()
    for port in range(MOST_PLAYERS):
        let_in(open_doors, (GUEST[0], 1_000 + port))
    with pytest.raises(MessageError, match=f"{MOST_PLAYERS} from outside are here already"):
        let_in(open_doors, GUEST)
    for number in range(MOST_WATCHERS):
        let_in(open_doors, (f"192.168.1.{10 + number}", 1), None)
    with pytest.raises(MessageError, match=f"{MOST_WATCHERS} from outside"):
        let_in(open_doors, ("192.168.1.9", 1), None)
    assert let_in(open_doors, GUEST, now=SESSION_S + 1.0) == Rights.CONTROL


def test_one_machine_does_not_take_all_places_to_watch() -> None:
    open_doors = access()
    for port in range(MOST_WATCHERS_A_HOST):
        let_in(open_doors, (GUEST[0], 1_000 + port), None)
    with pytest.raises(MessageError, match="programs of that machine"):
        let_in(open_doors, GUEST, None)
    let_in(open_doors, (GUEST[0], 1_000), None)


def passed(open_doors: AccessControl, sources: list[Address], size: int, now: float) -> int:
    return sum(open_doors.check(source, size, now).rights is not None for source in sources)


def test_each_may_send_so_much_and_no_more() -> None:
    open_doors = access()
    let_in(open_doors, GUEST)
    assert passed(open_doors, [HERE_I_AM] * 30_000, 40, 0.0) == HERE.most
    assert passed(open_doors, [GUEST] * 30_000, 40, 0.0) == PLAYER.most
    assert passed(open_doors, [("192.168.1.8", 1)] * 1_000, 40, 0.0) == STRANGER.most
    assert passed(open_doors, [("127.0.0.1", 5_001)] * 9, 40, 0.0) == 9, "another program here is not held up"
    assert passed(open_doors, [HERE_I_AM] * 30_000, 40, 0.5) == HERE.rate / 2


def test_long_datagrams_cost_more() -> None:
    assert passed(access(), [HERE_I_AM] * 1_000, 16_384, 0.0) == HERE.most // 129


def test_many_addresses_together_are_still_strangers_and_take_no_memory() -> None:
    open_doors = AccessControl(["10.0.0.0/8"])
    crowd = [(f"10.0.{n // 250}.{1 + n % 250}", 1) for n in range(10 * MOST_SENDERS)]
    assert passed(open_doors, crowd, 40, 0.0) == STRANGERS.most
    assert len(open_doors._strangers) == MOST_SENDERS


def test_strangers_cannot_fill_the_performers_view() -> None:
    open_doors = access()
    lines = [open_doors.check(STRANGE, 40, n / 10).complaint for n in range(10 * int(REMARK_INTERVAL_S))]
    assert [line for line in lines if line] == ["203.0.113.9 was turned away: it is in no network of --allow"]
    assert open_doors.check(STRANGE, 40, REMARK_INTERVAL_S).complaint


def test_asking_to_be_let_in_needs_nothing_watching_a_cookie_and_all_else_the_secret() -> None:
    for message in (AccessRequest(), AccessProof(b"c" * COOKIE_BYTES), Ping(1)):
        assert needed(message) == Rights.NOTHING
    assert needed(Subscribe()) == needed(ResendText(1)) == Rights.WATCH
    assert needed(Set("/mix/rate", 1.0)) == needed(Prime("x")) == Rights.CONTROL
