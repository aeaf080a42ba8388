"""The rate follows a beat from outside: so many characters a beat, of a MIDI clock or of Ableton Link.

The rate is set when the tempo changes and when the beat begins; a hand that moves it in between has it, until the tempo
changes again. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from frontend.inputs.midi.clock import Tempo

RATE, RUN = "/mix/rate", "/transport/run"
MIN_TEMPO_CHANGE = 0.003  # share by which a tempo differs from the one that is followed before it is another
OFF, CLOCK, LINK = "off", "clock", "Link"
CHOICES = (OFF, CLOCK, LINK)


class LinkSession(Tempo, Protocol):
    def close(self) -> None: ...


def ableton_link() -> LinkSession:
    from frontend.inputs.ableton_link import AbletonLink

    return AbletonLink()


class TempoSync:
    """``clock`` is the MIDI clock's tempo; ``join`` opens a Link session when one is wanted."""

    def __init__(self, clock: Tempo, join: Callable[[], LinkSession] = ableton_link) -> None:
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
