"""Phones, from link to page: what `antiphon remote` runs, beside an instrument or alone.

Runs on the main thread until it is interrupted. ``tell`` is given how things stand whenever that changed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from itertools import count

from frontend.client.link import AnyLink
from frontend.remote.guests import PhoneClients
from frontend.remote.host import PhoneServerReport
from frontend.remote.http_server import free_port
from frontend.remote.links import AccessTokens, InviteLinks, Role, code_of, terminal_lines
from frontend.remote.serving import DEFAULT_PORT, PhoneServer
from protocol.messages import CrowdPucks

REPORT_PERIOD_S = 0.25  # seconds between two words about how many there are


def run(
    link: AnyLink,
    keys: AccessTokens,
    host: str,
    port: int | None,
    tell: Callable[[PhoneServerReport], None],
    with_parent: bool,
    admits: Callable[[str], bool] = lambda host: True,
) -> None:
    """Serve phones on ``host``:``port`` until a signal; None: the usual port, or another one where that is taken.

    ``with_parent``: also until standard input ends, which the parent holds. ``admits`` says whose address is let in.
    Raises ``LinkError`` when that cannot be listened on.
    """
    numbers = count(1)
    guests = PhoneClients(link, lambda pucks: link.send(CrowdPucks(next(numbers), pucks)))
    server = PhoneServer(link, guests, keys, host, free_port(host, DEFAULT_PORT) if port is None else port, admits)
    said, due = None, 0.0

    def tick(now: float) -> None:
        nonlocal said, due
        if now < due:
            return
        due = now + REPORT_PERIOD_S
        report = PhoneServerReport(
            guests.count(Role.PERFORMER),
            guests.count(Role.AUDIENCE),
            guests.holding(now),
            guests.trouble(now),
            server.port,
        )
        if report != said:
            said = report
            tell(report)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.end())
    if with_parent:
        threading.Thread(target=_outlast_parent, args=(server.end,), name="parent's watch", daemon=True).start()
    server.run(tick)


def _outlast_parent(end: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4_096):
        pass
    end()


def tell_parent(report: PhoneServerReport) -> None:
    """How things stand, to the process that started this one."""
    print(report.line(), flush=True)


class TerminalReport:
    """The links and their codes once, then how many phones there are, in a terminal."""

    def __init__(self, keys: AccessTokens, host: str) -> None:
        self._keys, self._host = keys, host
        self._last: PhoneServerReport | None = None

    def __call__(self, report: PhoneServerReport) -> None:
        if self._last is None:
            links = InviteLinks.of(self._keys, self._host, report.port)
            for name, link in (("performer", links.performer), ("audience", links.audience)):
                print(f"{name}: {link}", *terminal_lines(code_of(link)), sep="\n", flush=True)
            if not links.wide:
                print("only this machine reaches it; --host 0.0.0.0 --allow NETWORK lets phones in", flush=True)
        before, self._last = self._last or PhoneServerReport(), report
        if (report.performers, report.audience) != (before.performers, before.audience):
            print(f"{report.performers} performing, {report.audience} in the audience", flush=True)
        if report.trouble and report.trouble != before.trouble:
            print(f"antiphon: {report.trouble}", file=sys.stderr, flush=True)
