"""Phones let in and shut out while one plays: the switch never waits, and says in one line why it could not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from frontend.remote import commands
from frontend.remote.host import PhoneServerProcess, PhoneServerReport, PhoneSwitch
from frontend.remote.links import AccessTokens
from protocol.errors import LinkError
from tests.journeys.hands import wait_until

PAGE = f"""
import sys
sys.stdin.readline()
print('{PhoneServerReport(audience=3, port=7425).line()}', flush=True)
sys.stdin.read()
"""


def page() -> PhoneServerProcess:
    return PhoneServerProcess([sys.executable, "-c", PAGE], "192.168.1.5", AccessTokens("p" * 16, "a" * 16))


@pytest.fixture
def switch() -> Iterator[PhoneSwitch]:
    with closing(PhoneSwitch(page)) as made:
        yield made


def test_phones_are_let_in_when_somebody_asks_and_shut_out_again(switch: PhoneSwitch) -> None:
    assert (switch.on, switch.links, switch.audience) == (False, None, 0)
    switch.turn()
    wait_until(lambda: switch.links is not None, "the page")
    assert switch.on and switch.audience == 3
    assert switch.links is not None and switch.links.audience == f"http://192.168.1.5:7425/{'a' * 16}/"
    switch.turn()
    assert not (switch.on or switch.audience)


def test_where_there_is_no_network_the_switch_stays_off_and_says_so() -> None:
    def refuse() -> PhoneServerProcess:
        raise LinkError("this machine is in no network")

    with closing(PhoneSwitch(refuse)) as switch:
        switch.turn()
        assert not switch.on and switch.trouble == "phones: this machine is in no network"


def test_only_the_network_that_this_machine_is_in_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[list[str], str]] = []
    monkeypatch.setattr("frontend.remote.links.known_as", lambda host: "192.168.7.20")
    monkeypatch.setattr(
        "frontend.remote.host.PhoneServerProcess", lambda command, host, *rest: made.append((command, host))
    )
    commands.invitation("antiphon.py", commands.PhoneOptions())(("127.0.0.1", 7424), "main")
    ((command, host),) = made
    assert host == "192.168.7.20"
    assert command[command.index("--host") + 1] == "192.168.7.20"
    assert command[command.index("--allow") + 1] == "192.168.7.20/24"


def test_a_machine_without_a_network_is_told_to_join_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontend.remote.links.known_as", lambda host: "127.0.0.1")
    with pytest.raises(LinkError, match="in no network: join one"):
        commands.invitation("antiphon.py", commands.PhoneOptions())(("127.0.0.1", 7424), "main")
