"""A tempo from outside: what it is to whoever follows it, and how it is told from the pulses of a MIDI clock.

A MIDI clock sends 24 pulses a beat. Each comes a little early or late; the tempo is the slope of a straight line
through the last pulses, which evens that out, and is begun anew when the last of them have clearly another slope.
``MidiClock.hear`` runs on the thread that hears MIDI, all else on the UI thread; times are monotonic seconds.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Protocol

PULSES_PER_BEAT = 24  # a beat
TEMPO_PULSES = 2 * PULSES_PER_BEAT + 1  # pulses that the tempo is told from
MIN_PULSES = 13  # half a beat, before which nothing is told
TEMPO_CHANGE_SHARE = 0.03  # share by which the last half beat differs when the tempo has changed
CLOCK_STOPPED_S = 0.5  # seconds without a pulse, after which the clock has stopped
MIN_BPM, MAX_BPM = 20.0, 400.0  # beats a minute; beyond them it is no tempo


class Tempo(Protocol):
    """Somebody else's beat."""

    def bpm(self, now: float) -> float | None:
        """Beats a minute, None where nobody beats."""

    def turns(self) -> list[bool]:
        """Starts (True) and stops since the last call, oldest first."""

    @property
    def trouble(self) -> str:
        """One line about why there is no tempo, or nothing."""


class MidiClock:
    """The tempo of the first device that sends a clock, until it stops."""

    trouble = ""

    def __init__(self) -> None:
        self._pulses: deque[float] = deque(maxlen=TEMPO_PULSES)
        self._turns: deque[bool] = deque(maxlen=16)
        self._port = ""
        self._lock = threading.Lock()

    def hear(self, kind: str, port: str, now: float) -> None:
        """A message of a clock: a pulse, a start, a continuation or a stop."""
        with self._lock:
            self._hear(kind, port, now)

    def bpm(self, now: float) -> float | None:
        with self._lock:
            return self._bpm(now)

    def turns(self) -> list[bool]:
        with self._lock:
            return [self._turns.popleft() for _ in range(len(self._turns))]

    def _hear(self, kind: str, port: str, now: float) -> None:
        if port != self._port:
            if self._beats(now):
                return  # another device leads
            self._port = port
            self._pulses.clear()
        if kind == "pulse":
            if not self._beats(now):
                self._pulses.clear()
            self._pulses.append(now)
        else:
            self._turns.append(kind != "stop")

    def _bpm(self, now: float) -> float | None:
        pulses = list(self._pulses)
        if len(pulses) < MIN_PULSES or now - pulses[-1] > CLOCK_STOPPED_S:
            return None
        period, late = slope(pulses), slope(pulses[-MIN_PULSES:])
        if period <= 0.0 or late <= 0.0:
            return None
        if abs(late / period - 1.0) > TEMPO_CHANGE_SHARE and len(pulses) > MIN_PULSES:
            period = late
            for _ in range(len(pulses) - MIN_PULSES):
                self._pulses.popleft()
        bpm = 60.0 / (PULSES_PER_BEAT * period)
        return bpm if MIN_BPM <= bpm <= MAX_BPM else None

    def _beats(self, now: float) -> bool:
        return bool(self._pulses) and now - self._pulses[-1] <= CLOCK_STOPPED_S


def slope(times: Sequence[float]) -> float:
    """Seconds from one of ``times`` to the next, by least squares; at least two are needed."""
    count = len(times)
    middle = (count - 1) / 2
    return sum((place - middle) * time for place, time in enumerate(times)) * 12 / (count * (count**2 - 1))
