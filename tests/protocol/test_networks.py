"""Who is near: addresses in, yes or no out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import LinkError
from protocol.networks import Networks, host_and_port, is_loopback, plain, reachable

HOME = Networks(["192.168.1.7/24", "fd00::/8", "10.0.0.3"])


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("192.168.1.200", True),
        ("192.168.2.200", False),
        ("10.0.0.3", True),
        ("10.0.0.4", False),
        ("fd12::1", True),
        ("fe80::1%eth0", False),
        ("::ffff:192.168.1.9", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.1.300", False),
        ("", False),
    ],
)
def test_an_address_is_in_a_network_or_is_not(host: str, inside: bool) -> None:
    assert HOME.has(host) is inside


@given(st.text(max_size=50).filter(lambda text: not set(text) <= set("0123456789abcdefABCDEF:.%")))
def test_what_is_no_address_is_nowhere(host: str) -> None:
    assert not is_loopback(host) and not HOME.has(host)


def test_nobody_is_allowed_who_was_not_named() -> None:
    nobody = Networks()
    assert not nobody and nobody.has("127.0.0.1") and not nobody.has("192.168.1.7")


def test_who_speaks_from_the_address_listened_on_is_here() -> None:
    assert Networks([], "192.168.1.5").is_here("192.168.1.5")
    assert not Networks([], "192.168.1.5").is_here("192.168.1.6")
    assert not Networks([], "0.0.0.0").is_here("0.0.0.0")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
def test_listening_wider_says_to_whom(host: str) -> None:
    with pytest.raises(LinkError, match=r"lets other machines in: say which, for example --allow 192.168.1.0/24"):
        Networks().check_host(host)
    HOME.check_host(host)
    Networks().check_host("127.0.0.1")


@pytest.mark.parametrize("network", ["", "home", "192.168.1.0/33", "192.168.1.0-9", "*"])
def test_what_is_no_network_is_one_line(network: str) -> None:
    with pytest.raises(LinkError, match="--allow takes a network such as"):
        Networks([network])


def test_listening_everywhere_is_reached_here() -> None:
    assert [reachable(host) for host in ("0.0.0.0", "::", "192.168.1.5")] == ["127.0.0.1", "::1", "192.168.1.5"]
    assert plain("::ffff:10.0.0.3") == "10.0.0.3" and plain("localhost") == "localhost"


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("127.0.0.1:7424", ("127.0.0.1", 7424)),
        ("stage.local:65535", ("stage.local", 65_535)),
        ("[::1]:7424", ("::1", 7424)),
    ],
)
def test_a_place_is_a_host_and_a_port(words: str, place: tuple[str, int]) -> None:
    assert host_and_port(words) == place


@pytest.mark.parametrize("words", ["", "7424", ":7424", "host:", "host:0", "host:65536", "host:x", "[]:1", "[::1:7424"])
def test_what_is_no_place_is_told_what_one_is(words: str) -> None:
    with pytest.raises(LinkError, match=r"^--server takes HOST:PORT, for example 127\.0\.0\.1:7424, not "):
        host_and_port(words)
