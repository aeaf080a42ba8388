"""Addresses as they are typed, and who is near: this machine itself, and the networks named with ``--allow``.

Both processes listen by this rule: to this machine alone by default, and to nobody from outside who
was not named (docs/security.md). Pure; no thread of its own, and any may ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from protocol.errors import LinkError
from protocol.messages import DEFAULT_PORT

EXAMPLE = "192.168.1.0/24"
HIGHEST_PORT = 65_535
SERVER_TAKES = f"--server takes HOST:PORT, for example 127.0.0.1:{DEFAULT_PORT}"
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # listening on all addresses, and where this machine reaches it


class Networks:
    """The networks written in ``allowed`` ("192.168.1.0/24", a single address, IPv6 alike).

    ``own`` is the address that is listened on: who sends from it sits at this machine. Raises ``LinkError`` for what is
    no network.
    """

    def __init__(self, allowed: Iterable[str] = (), own: str = "") -> None:
        try:
            self._allowed = tuple(ip_network(each.strip(), strict=False) for each in allowed)
        except ValueError as error:
            raise LinkError(f"--allow takes a network such as {EXAMPLE}: {error}") from None
        self._own = "" if own in ANYWHERE else own

    def __bool__(self) -> bool:
        """Whether anybody from outside is allowed."""
        return bool(self._allowed)

    def has(self, host: str) -> bool:
        """Whether the address ``host`` is this machine or in an allowed network; what is no address is not."""
        address = _address(host)
        if address is None:
            return False
        return self.is_here(host) or any(address in network for network in self._allowed)

    def is_here(self, host: str) -> bool:
        """Whether whoever speaks from ``host`` sits at this machine."""
        return is_loopback(host) or host == self._own

    def check_host(self, host: str) -> None:
        """Raises ``LinkError`` if listening on the address ``host`` lets others in and nobody said whom."""
        if not is_loopback(host) and not self:
            raise LinkError(f"listening on {host} lets other machines in: say which, for example --allow {EXAMPLE}")


def host_and_port(words: str, takes: str = SERVER_TAKES) -> tuple[str, int]:
    """The two halves of "127.0.0.1:7424", "stage.local:7424" or "[::1]:7424".

    Raises ``LinkError``, which says what the option ``takes``.
    """
    host, _, port = words.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else 0
    if not host or set("[]") & set(host) or not 0 < number <= HIGHEST_PORT:
        raise LinkError(f"{takes}, not {words[:80]!r}")
    return host, number


def is_loopback(host: str) -> bool:
    """Whether the address ``host`` can be reached, and spoken from, by this machine alone."""
    address = _address(host)
    return address is not None and address.is_loopback


def reachable(host: str) -> str:
    """Where this machine itself reaches what listens on ``host``."""
    return ANYWHERE.get(host, host)


def plain(host: str) -> str:
    """``host`` as its owner writes it: an IPv4 address that came through an IPv6 socket is an IPv4 address."""
    address = _address(host)
    return host if address is None else str(address)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address  # ::ffff:127.0.0.1 is 127.0.0.1
