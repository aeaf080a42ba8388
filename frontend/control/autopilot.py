"""The puck moved by itself: thrown, or on a drawn path, a drift, an orbit, a figure; at a tempo, from where it is.

A figure is a function of its phase, which grows by one a round, so that a change of tempo bends no path. Setting out,
the puck goes from where it lies over to the figure within ``JOIN`` seconds. Pure: places and seconds in and out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from frontend.control.ease import in_out
from frontend.control.flight import Flight, Throw
from frontend.control.path import Recorder
from protocol.puck import clamp

Place = tuple[float, float]

JOIN = 1.0  # seconds
RESTING = Flight((0.0, 0.0), (0.0, 0.0))
TEMPO = (0.125, 8.0)  # the slowest and the fastest, as multiples
FIGURE_SIZE = 0.7  # radii, of each axis
LEAST_ORBIT = 0.25  # radii, where the puck lies in the middle


class Way(Enum):
    """What moves the puck when no hand does."""

    HAND = "hand"
    PATH = "path"
    DRIFT = "drift"
    ORBIT = "orbit"
    FIGURE = "figure"
    THROWN = "thrown"


FIGURES = (Way.DRIFT, Way.ORBIT, Way.FIGURE)
ROUND = {Way.DRIFT: 24.0, Way.ORBIT: 8.0, Way.FIGURE: 16.0}  # seconds a round at tempo 1

# A wandering that never repeats within a performance: (share, rounds, phase) of each sine, for x and for y.
_WANDERING = (
    ((0.36, 1.0, 0.00), (0.21, 1.0 + math.sqrt(2.0), 0.31), (0.13, 2.0 + math.sqrt(3.0), 0.77)),
    ((0.36, 0.5 + math.sqrt(5.0) / 4.0, 0.25), (0.21, math.sqrt(7.0), 0.09), (0.13, 1.0 + math.sqrt(8.0), 0.53)),
)


def place_at(way: Way, phase: float, radius: float = FIGURE_SIZE, angle: float = 0.0) -> Place:
    """Where a figure is at ``phase`` rounds. ``radius`` and ``angle`` (turns, from twelve clockwise) are an orbit's."""
    if way is Way.ORBIT:
        turn = math.tau * (phase + angle)
        return radius * math.sin(turn), radius * math.cos(turn)
    if way is Way.FIGURE:
        return (FIGURE_SIZE * math.sin(math.tau * 3.0 * phase), FIGURE_SIZE * math.sin(math.tau * 2.0 * phase))
    x, y = (
        sum(share * math.sin(math.tau * (rounds * phase + begin)) for share, rounds, begin in sines)
        for sines in _WANDERING
    )
    return clamp(x, y)


@dataclass
class Autopilot:
    """Which way the puck goes, and how fast. ``tempo`` may be set at any time."""

    tempo: float = 1.0
    recorder: Recorder = field(default_factory=Recorder)
    way: Way = Way.HAND
    _throw: Throw = field(default_factory=Throw)
    _flight: Flight = RESTING
    _phase: float = 0.0
    _joined: float = 0.0  # seconds since it set out
    _from: Place = (0.0, 0.0)
    _radius: float = FIGURE_SIZE
    _angle: float = 0.0
    _last: float | None = None

    @property
    def moving(self) -> bool:
        return self.way in FIGURES or self.way is Way.THROWN or self.recorder.looping

    @property
    def round(self) -> float:
        """Seconds for one time round."""
        return (self.recorder.path.lasts if self.way is Way.PATH else ROUND.get(self.way, 0.0)) / self.tempo

    def choose(self, way: Way, place: Place) -> None:
        """Set out on ``way`` from ``place``; the way it is on already is left, and so is any other."""
        leave = way is self.way
        self.stop()
        if leave:
            return
        self.way = way
        if way is Way.PATH:
            self.recorder.button()
        elif way in FIGURES:
            self._phase, self._joined, self._from, self._last = 0.0, 0.0, place, None
            distance = math.hypot(*place)
            self._radius = max(LEAST_ORBIT, min(1.0, distance))
            self._angle = math.atan2(place[0], place[1]) / math.tau if distance > 0.0 else 0.0

    def next_figure(self, place: Place) -> None:
        """Drift, orbit, figure, none: the one after the present."""
        order = (*FIGURES, Way.HAND)
        following = order[(order.index(self.way) + 1) % len(order)] if self.way in order else Way.DRIFT
        self.choose(following, place)

    def stop(self) -> None:
        if self.way is Way.PATH:
            self.recorder.forget()
        self.way = Way.HAND

    def held(self, place: Place, now: float) -> None:
        """A hand has the puck: what moves by itself ends, an armed recorder records."""
        self._throw.held(place, now)
        if self.way is Way.PATH:
            looping = self.recorder.looping
            self.recorder.held(place, now)
            if looping:
                self.stop()
        else:
            self.stop()

    def released(self, now: float, throwing: bool = False) -> None:
        """The hand lets go; a puck that was moving glides on, where ``throwing`` is wanted."""
        flight = self._throw.released(now)
        self._last = None
        if self.way is Way.PATH:
            self.recorder.released(now)
        elif flight is not None and throwing:
            self.way, self._flight, self._last = Way.THROWN, flight, now

    def place(self, now: float) -> Place | None:
        """Where it has the puck at ``now``; None where a hand has it."""
        passed = 0.0 if self._last is None else max(0.0, now - self._last)
        self._last = now
        if self.way is Way.PATH:
            return self.recorder.advance(passed * self.tempo)
        if self.way is Way.THROWN:
            self._flight = self._flight.after(passed)
            if self._flight.resting:
                self.stop()
            return self._flight.place
        if self.way not in FIGURES:
            return None
        self._phase += passed * self.tempo / ROUND[self.way]
        self._joined += passed
        x, y = place_at(self.way, self._phase, self._radius, self._angle)
        there = in_out(self._joined / JOIN)
        return clamp(self._from[0] + (x - self._from[0]) * there, self._from[1] + (y - self._from[1]) * there)
