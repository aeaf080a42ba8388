"""OSCQuery, put together: a process beside the server that subscribes to it, and answers by HTTP and websocket.

A process of its own, so that no character ever waits for it: it shares neither the interpreter nor a lock with the
engine, and gives way to it on the processor. One thread, asyncio's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address

import uvicorn

from protocol.errors import LinkError
from protocol.networks import ANYWHERE, Networks, is_loopback, reachable
from server.oscquery.client import ServerClient
from server.oscquery.namespace import host_info
from server.oscquery.on_demand import listening
from server.oscquery.web import LONGEST_MESSAGE_BYTES, Web

# ---- server ----------------------------------------------------------------------------------------------------------
# OSCQuery made known to the network (zeroconf, `_oscjson._tcp`), so that clients find it without an address. Only
# when asked for, and never from a server that listens on its own machine alone: an announcement goes to everybody on
# the network. On the asyncio loop's thread.

KIND = "_oscjson._tcp.local."


async def announce(name: str, host: str, port: int) -> None:
    """Make ``name`` at ``host``:``port`` known until cancelled, and withdraw it then.

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


NAME = "Antiphon"
CARDS_TIMEOUT_S = 20.0  # seconds within which the server must have introduced its voices
NICENESS = 10  # how far it stands back behind the server and the windows (Unix niceness)


def run(
    server: tuple[str, int],
    host: str,
    port: int | None,
    allowed: Sequence[str] = (),
    announced: bool = False,
    ready: Callable[[str, int], None] = lambda host, port: None,
    inherited: int | None = None,
) -> None:
    """Show the server at ``server`` on ``host``:``port`` until it is ended.

    ``port`` None: the server's number if it is free, else any. ``inherited`` is the descriptor of a socket that listens
    already. ``ready`` is told where it listens. Raises ``LinkError`` where it cannot listen, or would let in others
    than ``allowed``, and if the server does not answer.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    networks = Networks(allowed, host)
    networks.check_host(host)
    with socket.socket(fileno=inherited) if inherited is not None else listening(host, port, server[1]) as listener:
        asyncio.run(_serve(server, listener, networks, announced, ready))


async def _serve(
    server: tuple[str, int],
    listener: socket.socket,
    networks: Networks,
    announced: bool,
    ready: Callable[[str, int], None],
) -> None:
    loop = asyncio.get_running_loop()
    following = ServerClient()
    place = reachable(server[0]), server[1]
    transport, _ = await loop.create_datagram_endpoint(lambda: following, remote_addr=place)
    follow = asyncio.create_task(following.follow())
    try:
        try:
            await asyncio.wait_for(following.complete.wait(), CARDS_TIMEOUT_S)
        except TimeoutError:
            raise LinkError(f"no server answers on {server[0]}:{server[1]}; start `antiphon serve` first") from None
        host, port = listener.getsockname()[:2]
        web = Web(following, host_info(NAME, server[1], port), networks)
        config = uvicorn.Config(
            web.app,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=LONGEST_MESSAGE_BYTES,
            timeout_graceful_shutdown=1,
        )
        application = _Server(config)
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, application.stop)
        serving = asyncio.create_task(application.serve(sockets=[listener]))
        tasks = {serving}
        if announced:
            tasks.add(asyncio.create_task(announce(NAME, host, port)))
        ready(host, port)
        done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        application.stop()
        for task in others - {serving}:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for task in done:
            task.result()
    finally:
        follow.cancel()
        transport.close()


class _Server(uvicorn.Server):
    """uvicorn's, which leaves signals to whoever runs it."""

    def stop(self) -> None:
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield
