"""`antiphon remote`, and what `play` and `front` are asked about phones: a part of the command line.

What is heavy is imported inside the functions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocol.command_line import SecretFile, complain
from protocol.errors import LinkError
from protocol.heartbeat import LOOPBACK
from protocol.messages import MAIN

if TYPE_CHECKING:
    from frontend.remote.host import PhoneServerProcess, PhoneSwitch
    from protocol.networks import Networks


Remote = Annotated[bool, typer.Option("--remote", help="Let phones play: a page, and its code in the window.")]
RemoteHost = Annotated[
    str, typer.Option(help="Address where phones find it; by default only this machine. 0.0.0.0: all who are near.")
]
RemotePort = Annotated[int | None, typer.Option(min=0, max=65_535, help="TCP; by default 7425 if it is free.")]
RemoteLinks = Annotated[Path | None, typer.Option(help="File that keeps the phones' links: printed codes stay valid.")]
RemoteAllow = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK", help="Which phones are let in, such as 192.168.1.0/24; repeat for more."),
]


@dataclass(frozen=True, kw_only=True)
class PhoneOptions:
    """The part of a command line that is about phones. ``secret_file`` holds the server's secret."""

    remote: Remote = False
    remote_host: RemoteHost = LOOPBACK
    remote_port: RemotePort = None
    remote_allow: RemoteAllow = None
    remote_links: RemoteLinks = None
    secret_file: SecretFile = None


NEAR_BITS = 24  # of an address, that phones in the same network have in common
app = typer.Typer()

Invite = Callable[[tuple[str, int], str], "PhoneServerProcess"]  # from a server's place and the name of its performance


@app.command()
def remote(
    server: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where an `antiphon serve` runs.")],
    performance: Annotated[str, typer.Option(metavar="NAME", help="Which of the server's performances.")] = MAIN,
    host: RemoteHost = LOOPBACK,
    port: RemotePort = None,
    allow: RemoteAllow = None,
    links: RemoteLinks = None,
    secret_file: Annotated[Path | None, typer.Option(help="The server's secret, where it wants one.")] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Let phones play a server that runs elsewhere: serve them a page, and print its links and codes."""
    from frontend.client.link import Link
    from frontend.inputs.last_touch import PHONE
    from frontend.remote.links import AccessTokens, keys_of
    from frontend.remote.running import TerminalReport, run, tell_parent
    from protocol.networks import host_and_port
    from protocol.sessions import secret_of

    place, networks = host_and_port(server), _networks(host, allow)
    secret = secret_of(secret_file, os.environ)
    keys = AccessTokens.of_json(sys.stdin.readline(4_096)) if with_parent else keys_of(links)
    tell = tell_parent if with_parent else TerminalReport(keys, host)
    with closing(Link(*place, performance, secret, name=PHONE)) as link:
        run(link, keys, host, port, tell, with_parent, networks.has)


def invitation(front_door: str, options: PhoneOptions) -> Invite:
    """How phones are let in, once it is known what they are to play. The links go to standard error.

    ``front_door`` is the program with the commands. As ``options`` say, where they let phones in; else, when somebody
    asks for it, those of the network that this machine is in. Raises ``LinkError`` for a host that lets others in
    where nobody said whom, and for a broken file of links.
    """
    if options.remote:
        from frontend.remote.links import keys_of

        _networks(options.remote_host, options.remote_allow)
        keys_of(options.remote_links)

    def invite(server: tuple[str, int], performance: str) -> PhoneServerProcess:
        from frontend.remote.host import PhoneServerProcess
        from frontend.remote.links import keys_of

        links = options.remote_links
        host, allow = (options.remote_host, options.remote_allow or []) if options.remote else _near()
        given = {"--host": host, "--port": options.remote_port, "--secret-file": options.secret_file}
        words = ["remote", "--with-parent", "--server", f"{server[0]}:{server[1]}", "--performance", performance]
        words += [str(word) for option, value in given.items() if value is not None for word in (option, value)]
        words += [word for network in allow for word in ("--allow", network)]
        command = [sys.executable, front_door, *words]
        return PhoneServerProcess(command, host, keys_of(links), links is not None, complain)

    return invite


def _near() -> tuple[str, list[str]]:
    """The address by which this machine's network knows it, and that network. Raises ``LinkError`` without one."""
    from frontend.remote.links import known_as
    from protocol.networks import is_loopback

    address = known_as("0.0.0.0")
    if is_loopback(address):
        raise LinkError("this machine is in no network: join one that phones are in, or open a hotspot, and try again")
    return address, [f"{address}/{NEAR_BITS}"]


def settled(options: PhoneOptions) -> PhoneOptions:
    """The same for all front ends of one run: port and keys are chosen here, so that codes stay valid when a front end
    is replaced. The keys go by the environment.

    Raises ``LinkError`` as ``invitation`` does.
    """
    if not options.remote:
        return PhoneOptions(secret_file=options.secret_file)
    from frontend.remote.http_server import free_port
    from frontend.remote.links import VARIABLE, keys_of
    from frontend.remote.serving import DEFAULT_PORT

    _networks(options.remote_host, options.remote_allow)
    os.environ[VARIABLE] = keys_of(options.remote_links).as_json()
    port = options.remote_port
    return replace(options, remote_port=free_port(options.remote_host, DEFAULT_PORT) if port is None else port)


@contextmanager
def let_in(invite: Invite, server: tuple[str, int], performance: str, on: bool) -> Iterator[PhoneSwitch]:
    """Phones, for as long as the context lasts: let in at once with ``on``, else when somebody asks for it."""
    from frontend.remote.host import PhoneSwitch
    from protocol.networks import reachable

    with closing(PhoneSwitch(lambda: invite((reachable(server[0]), server[1]), performance), on)) as phones:
        yield phones


def _networks(host: str, allow: list[str] | None) -> Networks:
    """Who is let in. Raises ``LinkError`` where ``host`` lets others in and nobody said whom."""
    from protocol.networks import Networks

    networks = Networks(allow or (), host)
    networks.check_host(host)
    return networks
