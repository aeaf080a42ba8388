"""The instrument where no window opens: in the terminal, or as plain text where output is no terminal.

Runs on the caller's thread, the main one, until it is ended.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from frontend.client.link import AnyLink
from frontend.client.session_state import SessionState


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
    from frontend.config.scenes import FILE_NAME, FOLLOWED, Scenes
    from frontend.config.user_files import data_folder
    from frontend.control.state.controller import Controller
    from frontend.control.state.handover import HandoverFile
    from frontend.input_registry import ways_in
    from frontend.terminal.app import TerminalApp

    hub, midi, teacher = ways_in(link)
    folder = data_folder() / FOLLOWED if link.leader is not None else data_folder()
    controller = Controller(link, midi, Scenes.load(folder / FILE_NAME), hub=hub, teacher=teacher)
    keeping = HandoverFile(session)
    keeping.restore(controller)
    with FrameEndCollector() as collector:
        notice = reason or midi.complaint or hub.complaint
        player = TerminalApp(controller, seconds, notice, keep=keeping.keep, collect_if_due=collector.collect_if_due)
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


# ---- plain text, for a pipe, a file or a log -------------------------------------------------------------------------

POLL_PERIOD_S = 1 / 60  # seconds between two looks
CONNECT_TIMEOUT_S = 2.0  # seconds that the stream waits for a piece that is missing
SERVER_LOST_AFTER_S = 5.0  # seconds without a word from the server, after which the complaint is made


class TextStream:
    """What of a session's text is still to be printed. What was printed stays: a rewind only begins a new line."""

    def __init__(self) -> None:
        self._printed: int | None = None
        self._epoch = 0
        self._waits_since: float | None = None

    def fresh(self, session: SessionState, now: float) -> str:
        """The characters that came since the last call; those after a gap wait for it to be filled, for a while."""
        if self._printed is None:
            if not session.text:
                return ""
            self._printed, self._epoch = session.dropped, session.epoch
        cut = ""
        if session.epoch != self._epoch or session.length < self._printed:
            self._printed, self._epoch, cut = min(self._printed, session.length), session.epoch, "\n"
        self._printed = max(self._printed, session.dropped)
        end = self._safe_end(session, now)
        text = session.text[self._printed - session.dropped : end - session.dropped]
        self._printed = max(self._printed, end)
        return cut + text

    def _safe_end(self, session: SessionState, now: float) -> int:
        missing = session.missing()
        assert self._printed is not None
        if missing is None or not self._printed <= missing < session.length:
            self._waits_since = None
            return session.length
        self._waits_since = now if self._waits_since is None else self._waits_since
        return session.length if now - self._waits_since >= CONNECT_TIMEOUT_S else missing


def stream(link: AnyLink, seconds: float | None, out: TextIO, err: TextIO) -> None:
    """Write to ``out`` until ``seconds`` are over, for ever without; a reader that leaves ends it.

    Raises ``BrokenPipeError`` when the reader has left.
    """
    began = time.monotonic()
    telling, has_complained, ends_line, followed = TextStream(), False, True, ""
    while seconds is None or time.monotonic() - began < seconds:
        now = time.monotonic()
        link.pump(now)
        fresh = telling.fresh(link.session, now)
        if fresh:
            out.write(fresh)
            out.flush()
            ends_line = fresh.endswith("\n")
        if link.leader is not None and link.leader.line != followed:
            followed = link.leader.line
            print(f"antiphon: {followed}", file=err, flush=True)
        if not has_complained and now - max(began, link.session.heard_at) > SERVER_LOST_AFTER_S:
            print(f"antiphon: no server answers at {link.where}; still asking", file=err, flush=True)
            has_complained = True
        time.sleep(POLL_PERIOD_S)
    if not ends_line:
        out.write("\n")
        out.flush()
