"""`antiphon front`: a front end for a server that runs, in windows where there is a screen, else in the terminal.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from frontend.options import FrontOptions
from frontend.remote import commands as phones
from frontend.remote.options import PhoneOptions
from protocol.command_line import complain, copied, stoppable
from protocol.errors import DisplayError
from protocol.heartbeat import Heartbeat
from protocol.networks import host_and_port, reachable

if TYPE_CHECKING:
    from frontend.stage.staging import StageState


def run(options: FrontOptions, program: str) -> None:
    """Play as ``options`` say until the user ends it; ``program`` is by which phones are let in.

    With ``spare`` it begins only when the watcher calls, and is ready for that. Raises ``AntiphonError``.
    """
    from protocol.logs import start_logging
    from protocol.sessions import secret_of

    start_logging("front", unexpected=complain)
    host, port = host_and_port(options.server)
    staging = None if options.no_stage else _staging([] if options.safe else options.stage or [])
    secret = secret_of(options.secret_file, os.environ, (lambda line: None) if options.pulse else complain)
    invite = phones.invitation(program, copied(PhoneOptions, options))
    with stoppable():
        watcher = Heartbeat(options.pulse) if options.pulse else None
        why = "" if options.terminal else why_no_window()  # a wish needs no reason
        if why is None:
            import frontend.app  # noqa: F401  # while the server still reads its voices
        if watcher and options.spare:
            watcher.wait()
        seconds = options.seconds if options.until is None else max(0.0, options.until - time.monotonic())

        from frontend.client.link import Link

        link = Link(reachable(host), port, options.performance, secret, watcher.beat if watcher else lambda: None)
        with closing(link), phones.let_in(invite, (host, port), options.performance) as guests:
            ending = watcher.ending if watcher else lambda: None
            if why is None:
                from frontend.app import run as run_windows

                pictures = options.picture, options.stage_picture
                try:
                    run_windows(link, staging, None, seconds, *pictures, None, ending, guests, options.session)
                    return
                except DisplayError as error:
                    why = str(error)
            from frontend.terminal.player import run as run_terminal

            guests.wait(5.0)  # until the links are told: after that the screen is the player's
            run_terminal(link, seconds, why, options.session)
            ending()


def why_no_window() -> str | None:
    """A reason known beforehand; whether a window really opens only trying it tells."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        return "no window opens, for DISPLAY names no screen: start it in a desktop session, or under `xvfb-run -a`"
    return None


def _staging(words: list[str]) -> StageState:
    """The stage as its file has it, and as ``words`` (NAME=VALUE) will have it for this run."""
    from frontend.stage.settings import settings_of_words
    from frontend.stage.staging import StageState, default_path

    return StageState(default_path(), settings_of_words(words))
