"""The performance as plain text: characters as they are written, for a pipe, a file or a log.

What cannot be taken back stays: after a rewind or a reset the text goes on in a new line. Runs on the caller's thread.
"""

from __future__ import annotations

import time
from typing import TextIO

from frontend.client.link import AnyLink
from frontend.client.session_state import SessionState

POLL_PERIOD_S = 1 / 60  # seconds between two looks
CONNECT_TIMEOUT_S = 2.0  # seconds that the stream waits for a piece that is missing
SERVER_LOST_AFTER_S = 5.0  # seconds without a word from the server, after which the complaint is made


class TextStream:
    """What of a session's text is still to be told. Pure."""

    def __init__(self) -> None:
        self._told: int | None = None
        self._epoch = 0
        self._waits_since: float | None = None

    def fresh(self, session: SessionState, now: float) -> str:
        """The characters that came since the last call; those after a gap wait for it to be filled, for a while."""
        if self._told is None:
            if not session.text:
                return ""
            self._told, self._epoch = session.dropped, session.epoch
        cut = ""
        if session.epoch != self._epoch or session.length < self._told:
            self._told, self._epoch, cut = min(self._told, session.length), session.epoch, "\n"
        self._told = max(self._told, session.dropped)
        end = self._safe_end(session, now)
        text = session.text[self._told - session.dropped : end - session.dropped]
        self._told = max(self._told, end)
        return cut + text

    def _safe_end(self, session: SessionState, now: float) -> int:
        missing = session.missing()
        assert self._told is not None
        if missing is None or not self._told <= missing < session.length:
            self._waits_since = None
            return session.length
        self._waits_since = now if self._waits_since is None else self._waits_since
        return session.length if now - self._waits_since >= CONNECT_TIMEOUT_S else missing


def stream(link: AnyLink, seconds: float | None, out: TextIO, err: TextIO) -> None:
    """Write to ``out`` until ``seconds`` are over, for ever without; a reader that leaves ends it.

    Raises ``BrokenPipeError`` when the reader has left.
    """
    began = time.monotonic()
    telling, has_complained, ends_line = TextStream(), False, True
    while seconds is None or time.monotonic() - began < seconds:
        now = time.monotonic()
        link.pump(now)
        fresh = telling.fresh(link.session, now)
        if fresh:
            out.write(fresh)
            out.flush()
            ends_line = fresh.endswith("\n")
        if not has_complained and now - max(began, link.session.heard_at) > SERVER_LOST_AFTER_S:
            print(f"antiphon: no server answers at {link.where}; still asking", file=err, flush=True)
            has_complained = True
        time.sleep(POLL_PERIOD_S)
    if not ends_line:
        out.write("\n")
        out.flush()
