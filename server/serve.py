"""`antiphon serve`: from its options to a server that writes, and sends the text to subscribers by OSC.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from threading import Event

from protocol.command_line import complain, stoppable
from protocol.heartbeat import Heartbeat
from server.commands import choir_of, seed_or_new
from server.options import ServeOptions


def run(options: ServeOptions, program: str) -> None:
    """Serve as ``options`` say until it is ended; ``program`` is by which the controls are shown to those that ask.

    With ``spare`` it begins only when the watcher calls, and is ready for that. Raises ``AntiphonError``.
    """
    from models import voice_folders
    from models.interface import Voices
    from models.loading import pick_device
    from protocol.atomic_file import sweep
    from protocol.logs import start_logging
    from protocol.sessions import secret_of
    from server.engine.clock import MonotonicClock
    from server.engine.hot_reload import hot_reload_for
    from server.engine.signal_sender import parse_signal_destination
    from server.engine.status_line import StatusLine
    from server.filters.load import load_filters
    from server.net.access_control import AccessControl
    from server.oscquery.on_demand import OnDemandProcess, command_for
    from server.recording.reader import takes_folder
    from server.server import ServerConfig, in_order, serve, wanted
    from server.supervisor.child_process import READY, end_with_parent
    from server.voice_cards import introduce_all

    def tell(line: str) -> None:
        """A line for whoever starts the server, or, once it listens, for whoever plays. On any thread."""
        if listening.is_set():
            status_line.complain(line, MonotonicClock().now())
        else:
            complain(line)

    def load() -> Voices:
        return choir_of(None, device, tell, *wanted(resume, safe), deferred=True)

    def ready(host: str, port: int) -> None:
        listening.set()
        print(f"antiphon: {READY}{host}:{port}", flush=True)
        if options.oscquery or options.announce:
            show = command_for(program, (host, port), options.allow or (), options.announce)
            after.enter_context(closing(OnDemandProcess(show, host, port, options.announce, complain)))

    for folder in (takes_folder().parent, options.resume):
        if folder is not None:
            sweep(folder)
    status_line, listening = StatusLine(), Event()
    start_logging("server", options.verbose, lambda line: status_line.set_condition("unexpected", line))
    places = [parse_signal_destination(words) for words in options.signals or ()]
    with stoppable(), ExitStack() as after:
        if options.with_parent:
            end_with_parent()
        secret = secret_of(options.secret_file, os.environ, (lambda line: None) if options.with_parent else complain)
        access = AccessControl(options.allow or (), secret)
        device, resume, safe = pick_device(options.device), options.resume, options.safe
        watcher = Heartbeat(options.pulse) if options.pulse else None
        stamps, choir, word = voice_folders.stamps(), load(), ""
        if watcher and options.spare:
            word = watcher.wait()
            if (stamps, choir.slugs) != (voice_folders.stamps(), in_order(wanted(resume, safe)[0], choir.slugs)):
                stamps, choir = voice_folders.stamps(), load()
        coming = None if safe else hot_reload_for(choir, stamps, device)  # what comes from now on is new
        config = ServerConfig(
            options.host,
            options.port,
            seed_or_new(options.seed),
            performances=options.performance or (),
            access=access,
            signals=places,
            filters=load_filters(),
            precedence=options.precedence,
            takes=None if options.no_take else takes_folder(),
            device=device,
            keep=resume,
            figures=options.figures,
            word=word,
            safe=safe,
        )
        beat = watcher.beat if watcher else lambda: None
        serve(
            choir,
            introduce_all(choir),
            config,
            ready,
            hot_reload=coming,
            stamps=voice_folders.stamps,
            beat=beat,
            status_line=status_line,
        )
