"""Ableton Link: the tempo that programs on one network share, by the optional package ``aalink``.

Link announces itself to the whole network, so it is joined only when somebody asks to follow it. Where the package is
not installed, ``trouble`` says how to get it. aalink lives in an asyncio loop on a thread of its own, which reads tempo
and state twenty times a second; the rest belongs to the UI thread.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections import deque
from typing import Any

MISSING = "Ableton Link needs the package aalink: pip install 'antiphon[link]'"
SESSION_POLL_S = 0.05  # seconds between two looks at the session
FIRST_BPM = 120.0  # of a session that nobody else has begun


class AbletonLink:
    """A place in the session on this network, until ``close``."""

    def __init__(self) -> None:
        self.trouble = ""
        self._bpm: float | None = None
        self._turns: deque[bool] = deque(maxlen=16)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        try:
            self._package: Any = importlib.import_module("aalink")
        except ImportError:
            self.trouble = MISSING
            return
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow()), name="ableton link", daemon=True)
        self._thread.start()

    def bpm(self, now: float) -> float | None:
        return self._bpm

    def turns(self) -> list[bool]:
        return [self._turns.popleft() for _ in range(len(self._turns))]

    def close(self) -> None:
        """Leave the session."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    async def _follow(self) -> None:
        """On the thread: join, look, leave. A tempo counts only while somebody else is there."""
        link = self._package.Link(FIRST_BPM)
        link.start_stop_sync_enabled = True
        link.enabled = True
        playing = bool(link.playing)
        try:
            while not self._closing.is_set():
                self._bpm = float(link.tempo) if link.num_peers else None
                if bool(link.playing) != playing:
                    playing = not playing
                    self._turns.append(playing)
                await asyncio.sleep(SESSION_POLL_S)
        finally:
            link.enabled = False
