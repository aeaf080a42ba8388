"""The rate follows a beat from outside: so many characters a beat, of a MIDI clock or of Ableton Link.

The rate is set when the tempo changes and when the beat begins; a hand that moves it in between has it, until the tempo
changes again. UI thread only, but for the thread inside ``AbletonLink``.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from frontend.inputs.midi.clock import Tempo

# ---- Ableton Link ----------------------------------------------------------------------------------------------------

MISSING = "Ableton Link needs the package aalink: pip install 'antiphon[link]'"
SESSION_POLL_S = 0.05  # seconds between two looks at the session
FIRST_BPM = 120.0  # of a session that nobody else has begun


class AbletonLink:
    """A place in the session on this network, by the optional package ``aalink``, until ``close``.

    Link announces itself to the whole network, so it is joined only when somebody asks to follow it. Without the
    package ``trouble`` says how to get it. A thread of its own looks at the session twenty times a second.
    """

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


RATE, RUN = "/mix/rate", "/transport/run"
MIN_TEMPO_CHANGE = 0.003  # share by which a tempo differs from the one that is followed before it is another
OFF, CLOCK, LINK = "off", "clock", "Link"


class LinkSession(Tempo, Protocol):
    def close(self) -> None: ...


class TempoSync:
    """``clock`` is the MIDI clock's tempo; ``join`` opens a Link session when one is wanted."""

    def __init__(self, clock: Tempo, join: Callable[[], LinkSession] = AbletonLink) -> None:
        self._clock, self._join = clock, join
        self._session: LinkSession | None = None
        self._followed: tuple[float, float] | None = None  # beats a minute and characters a beat
        self.bpm: float | None = None  # of whom is followed; None while nobody beats

    @property
    def trouble(self) -> str:
        return self._session.trouble if self._session is not None else ""

    def follow(self, whom: str, characters: float, starts: bool, now: float) -> dict[str, float | bool]:
        """Once a frame: what is to be set. ``characters`` a beat; ``starts``: starting and stopping too."""
        if whom != LINK:
            self.close()
        elif self._session is None:
            self._session = self._join()
        tempo = {CLOCK: self._clock, LINK: self._session}.get(whom)
        turns = self._clock.turns()
        if tempo is None:
            self.bpm = self._followed = None
            return {}
        turns = turns if tempo is self._clock else tempo.turns()
        self.bpm = tempo.bpm(now)
        found: dict[str, float | bool] = {}
        if True in turns:
            self._followed = None
        if turns and starts:
            found[RUN] = turns[-1]
        if self.bpm is not None and self._is_news(self.bpm, characters):
            self._followed = self.bpm, characters
            found[RATE] = round(self.bpm / 60.0 * characters, 2)
        return found

    def _is_news(self, bpm: float, characters: float) -> bool:
        if self._followed is None or self._followed[1] != characters:
            return True
        return abs(bpm / self._followed[0] - 1.0) > MIN_TEMPO_CHANGE

    def close(self) -> None:
        """Leave a Link session that was joined."""
        if self._session is not None:
            self._session.close()
            self._session = None
