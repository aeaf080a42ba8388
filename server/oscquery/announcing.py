"""OSCQuery made known to the network (zeroconf, `_oscjson._tcp`), so that clients find it without an address.

Only when asked for, and never from a server that listens on its own machine alone: an announcement goes to everybody on
the network. On the asyncio loop's thread.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ipaddress import ip_address

from protocol.errors import LinkError
from protocol.networks import ANYWHERE, is_loopback

KIND = "_oscjson._tcp.local."


async def announce(name: str, host: str, port: int) -> None:
    """Make ``name`` at ``host``:``port`` known until cancelled, and say goodbye then.

    Raises ``LinkError`` where nobody outside could come, and ``ModuleNotFoundError`` without the package zeroconf.
    """
    if is_loopback(host):
        raise LinkError(f"listening on {host}, nobody outside can come: --announce needs a --host of the network")
    from zeroconf import InterfaceChoice, NonUniqueNameException, ServiceInfo
    from zeroconf.asyncio import AsyncZeroconf

    addresses = own_addresses() if host in ANYWHERE else [host]
    service = ServiceInfo(KIND, f"{name}.{KIND}", port, parsed_addresses=addresses)
    try:
        zeroconf = AsyncZeroconf(interfaces=InterfaceChoice.All if host in ANYWHERE else [host])
    except OSError as error:
        raise LinkError(f"nothing can be announced from {host}: {error}") from None
    try:
        with suppress(NonUniqueNameException):
            await zeroconf.async_register_service(service, allow_name_change=True)
            await asyncio.Event().wait()
    finally:
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


def own_addresses() -> list[str]:
    """The addresses at which other machines reach this one."""
    import ifaddr

    found = (ip.ip if isinstance(ip.ip, str) else ip.ip[0] for adapter in ifaddr.get_adapters() for ip in adapter.ips)
    return [each for each in found if not (ip_address(each).is_loopback or ip_address(each).is_link_local)]
