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

PULSES = 24  # a beat
WINDOW = 2 * PULSES + 1  # pulses that the tempo is told from
FEWEST = 13  # half a beat, before which nothing is told
ELSEWHERE = 0.03  # share by which the last half beat differs when the tempo has changed
SILENT = 0.5  # seconds without a pulse, after which the clock has stopped
SLOWEST, FASTEST = 20.0, 400.0  # beats a minute; beyond them it is no tempo


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
        self._pulses: deque[float] = deque(maxlen=WINDOW)
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
        if len(pulses) < FEWEST or now - pulses[-1] > SILENT:
            return None
        period, late = slope(pulses), slope(pulses[-FEWEST:])
        if period <= 0.0 or late <= 0.0:
            return None
        if abs(late / period - 1.0) > ELSEWHERE and len(pulses) > FEWEST:
            period = late
            for _ in range(len(pulses) - FEWEST):
                self._pulses.popleft()
        bpm = 60.0 / (PULSES * period)
        return bpm if SLOWEST <= bpm <= FASTEST else None

    def _beats(self, now: float) -> bool:
        return bool(self._pulses) and now - self._pulses[-1] <= SILENT


def slope(times: Sequence[float]) -> float:
    """Seconds from one of ``times`` to the next, by least squares; at least two are needed."""
    count = len(times)
    middle = (count - 1) / 2
    return sum((place - middle) * time for place, time in enumerate(times)) * 12 / (count * (count**2 - 1))
