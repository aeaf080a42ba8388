"""The instrument where no window opens: in the terminal, or as plain text where output is no terminal.

Runs on the caller's thread, the main one, until it is ended.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from frontend.client.link import AnyLink
from frontend.terminal.stream import stream


def run(link: AnyLink, seconds: float | None = None, reason: str = "", session: Path | None = None) -> int:
    """Play until a key or ``seconds`` end it. ``reason`` says in one line why no window opened. Returns 0.

    ``session`` is a file that another front end left, or finds (``frontend.control.state.handover``).
    """
    if reason:
        print(f"antiphon: {reason}", file=sys.stderr, flush=True)
    if is_terminal():
        _play(link, seconds, reason, session)
    else:
        _stream(link, seconds)
    return 0


def is_terminal() -> bool:
    """Whether keys can be read and a screenful be shown."""
    streams = (sys.stdin, sys.stdout, sys.stderr)  # textual draws on the last
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM", "") not in ("", "dumb")


def _play(link: AnyLink, seconds: float | None, reason: str, session: Path | None) -> None:
    from frontend.app import FrameEndCollector
    from frontend.config.scenes import Scenes, default_path
    from frontend.control.state.controller import Controller
    from frontend.control.state.handover import HandoverFile
    from frontend.input_registry import ways_in
    from frontend.terminal.app import TerminalApp

    hub, midi, teacher = ways_in(link)
    controller = Controller(link, midi, Scenes.load(default_path()), hub=hub, teacher=teacher)
    keeping = HandoverFile(session)
    keeping.restore(controller)
    with FrameEndCollector() as collector:
        told = reason or midi.complaint or hub.complaint
        player = TerminalApp(controller, seconds, told, keep=keeping.keep, tidy=collector.tidy)
        with _signals_call(player.end):
            player.run()
    controller.tempo_sync.close()
    hub.close()


@contextmanager
def _signals_call(end: Callable[[], None]) -> Iterator[None]:
    """Let signals end the player in order: an exception would leave the terminal in the state of playing.

    Not SIGHUP: then the terminal is gone, and textual would wait for ever to write to it.
    """
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in kept:
        signal.signal(number, lambda *_: end())
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _stream(link: AnyLink, seconds: float | None) -> None:
    try:
        stream(link, seconds, sys.stdout, sys.stderr)
    except BrokenPipeError:  # the reader has what it wanted; nothing more is to be flushed into its pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
