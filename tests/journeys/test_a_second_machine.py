"""A second machine: two real performances on two addresses of the loopback; the first one is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from frontend.client.link import Link
from protocol.tree import weight_address
from server.supervisor.child_process import ServerProcess, free_port
from tests.journeys.conftest import ANTIPHON, Witness, running
from tests.journeys.hands import wait_until

FIRST, SECOND = "127.0.0.2", "127.0.0.1"


def test_a_machine_that_follows_another_goes_on_in_the_middle_of_the_word_when_that_is_killed(home: Path) -> None:
    place = ["--host", FIRST, "--allow", "127.0.0.0/8", "--port", "0"]
    with ServerProcess([*ANTIPHON, "serve", "--with-parent", *place], print) as first:
        there, port = Witness(Link(*first.address())), free_port(SECOND, 0)
        there.sees("voices and a text", lambda session: bool(session.slugs) and session.length > 0)
        there.link.set(weight_address("bible"), 0.125)
        with running("play", "--follow", f"{FIRST}:{first.address()[1]}", "--port", str(port), "--lean"):
            here = Witness(Link(SECOND, port))
            here.sees("the other's weight", lambda session: session.values.get(weight_address("bible")) == 0.125)
            here.sees(
                "the other's text", lambda session: session.text[-9:] in there.session.text and session.length > 20
            )
            start = there.session.length
            wait_until(lambda: there.session.length > start + 20 and here.session.length > 20, "more text in both")
            os.kill(first.pid, signal.SIGKILL)
            known = there.session.text
            here.sees("what comes behind it", lambda session: session.length > 0 and known_goes_on(known, session.text))
            assert here.session.values["/transport/run"] is True
            here.link.close()
        there.link.close()


def known_goes_on(known: str, text: str) -> bool:
    """Whether ``text`` has the end of ``known``, but maybe its last two letters, and ten more."""
    end = known[-40:-2]
    return end in text and len(text) > text.rindex(end) + len(end) + 12
