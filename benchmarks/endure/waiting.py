"""Waiting before a server with links in hand, so that nobody waits for ever. The caller's thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from frontend.client.link import Link
from protocol.errors import LinkError
from protocol.messages import Step

PATIENCE = 120.0  # seconds that nothing on loopback takes, however busy the machine is


def pump_until(done: Callable[[], bool], trouble: str, *links: Link) -> None:
    """Let ``links`` take in what comes until ``done()``. Raises ``LinkError`` with the ``trouble`` if it never is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        for link in links:
            link.pump(time.monotonic())
        if done():
            return
        if time.monotonic() > deadline:
            raise LinkError(f"{trouble} within {PATIENCE:.0f} s: the run ends here")
        time.sleep(0.002)


def welcome(link: Link) -> None:
    """Until the server has said who speaks and how it does."""
    pump_until(lambda: bool(link.session.slugs) and link.session.status is not None, "the server was not heard", link)


def write_on(link: Link, chars: int) -> None:
    """Have so many characters written at once, and wait for them."""
    until = link.session.sequence + chars
    link.send(Step(chars))
    pump_until(lambda: link.session.sequence >= until, "the text stood still", link)
