"""The scribe: writes down what a performance tells, on a thread of its own, so that no character waits for a disk.

Events go through a bounded queue. A line stands in the system's hands some milliseconds after it was told and outlives
this process; it is on the disk itself within ``SYNC`` seconds. While the disk takes nothing the events wait, the status
says so, and the scribe tries again each second; if they grow too many the newest are left out and counted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Event as Signal
from threading import Thread

from server.takes.events import Event, Header, Joined, Lost
from server.takes.lines import line_of
from server.takes.parts import Parts

WAITING = 50_000  # events that wait for the disk at most: some twenty minutes of text
AT_ONCE = 1_000  # events in one write at most
SYNC = 5.0  # seconds between two times that all is seen onto the disk
AGAIN = 1.0  # seconds after which a disk that took nothing is tried again
LAST = 0.1  # seconds, the same at the end
PATIENCE = 2.0  # seconds that a disk has to take the rest, at the end

Complete = Callable[[Joined], Joined]  # a change of voices with all that their files say of them


class Scribe:
    """Writes to ``parts`` from now until ``close``.

    ``header`` gives the take's first line, ``complete`` looks newcomers up; both are called on the scribe's thread and
    may take their time. ``stand`` is told what is wrong, and an empty line when it is mended (any thread).
    """

    def __init__(
        self,
        parts: Parts,
        header: Callable[[], Header],
        complete: Complete,
        stand: Callable[[str], None],
        told: int = 0,
        most: int = WAITING,
        again: float = AGAIN,
    ) -> None:
        """``told`` events stand in the take already, where it is gone on with."""
        self.name = parts.name
        self.told = told  # events ever told, those left out among them; belongs to whoever tells
        self._parts, self._header, self._complete, self._stand = parts, header, complete, stand
        self._most, self._again = most, again
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._left_out = 0
        self._begin: Header | None = None
        self.written = told  # events in the system's hands, but for the last write; any thread may look
        self._closing = Signal()
        self._ended = False  # whether the scribe's thread met the end of the queue
        self._give_up = math.inf
        self._thread = Thread(target=self._run, name=f"antiphon take {parts.name}", daemon=True)
        self._thread.start()

    def tell(self, event: Event) -> None:
        """Let ``event`` be written down. Never waits."""
        self.told += 1
        if self._queue.qsize() >= self._most:
            self._left_out += 1
            return
        if self._left_out:
            self._queue.put(Lost(self._left_out))
            self._left_out = 0
        self._queue.put(event)

    def close(self) -> None:
        """Write all down that was told, as far as the disk takes it, and end."""
        self._give_up = time.monotonic() + PATIENCE
        if self._left_out:
            self._queue.put(Lost(self._left_out))
        self._queue.put(None)
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        waiting, dirty, troubled = b"", False, False
        sync_at = time.monotonic() + SYNC
        while waiting or not self._ended:
            try:
                waiting = waiting or self._next(max(0.0, sync_at - time.monotonic()) if dirty else None)
                if waiting:
                    waiting = waiting[self._parts.write(waiting) :]
                    dirty = True
                if dirty and (self._ended or time.monotonic() >= sync_at):
                    self._parts.sync()
                    dirty, sync_at = False, time.monotonic() + SYNC
                if troubled and not waiting:
                    self._stand("")
                    troubled = False
            except OSError as error:
                self._stand(f"the take cannot be written: {error.strerror or error}; it is kept in memory meanwhile")
                troubled = True
                if time.monotonic() >= self._give_up:
                    break
                if self._closing.wait(self._again):
                    time.sleep(LAST)
        self._parts.close()

    def _next(self, seconds: float | None) -> bytes:
        """The lines of what waits, at least one event if any comes within ``seconds``."""
        self._begin = self._begin or self._header()
        events: list[Event | None] = []
        try:
            events.append(self._queue.get(timeout=seconds))
            while len(events) < AT_ONCE:
                events.append(self._queue.get_nowait())
        except Empty:
            pass
        self._ended = None in events
        told = [event for event in events if event is not None]
        if not told:
            return b""
        lines = [line_of(self._complete(event) if isinstance(event, Joined) else event) for event in told]
        if part := self._parts.fresh:
            lines.insert(0, line_of(replace(self._begin, part=part, first=self.written)))
        self.written += sum(event.events if isinstance(event, Lost) else 1 for event in told)
        return "".join(lines).encode("ascii")
