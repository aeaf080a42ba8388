"""What moves the puck by itself: a throw, a recorded path, a drift, an orbit, a figure of eight; at a tempo.

A thrown puck slows down and bounces off the circle until it rests; its place is worked out from bounce to bounce, so it
does not depend on how often it is asked for. A figure is a function of its phase, which grows by one a round, so a
change of tempo bends no path. From where the puck lies it joins a figure within ``JOIN_S`` seconds. Pure: places (in
radii, x to the right, y up) and seconds in and out.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from frontend.look.easing import in_out
from protocol.puck import clamp

# ---- a throw ---------------------------------------------------------------------------------------------------------

Place = tuple[float, float]


SPEED_HALF_LIFE_S = 0.5
BOUNCE_LOSS = 0.25  # share of the speed that a bounce takes
MIN_THROW_SPEED = 0.5  # radii a second; a slower hand has laid the puck down
REST_SPEED = 0.02  # radii a second, from which it lies still
MAX_SPEED = 8.0  # radii a second
THROW_WINDOW_S = 0.08  # seconds before letting go that decide the throw
MAX_BOUNCES = 64  # in one look

_DECAY = SPEED_HALF_LIFE_S / math.log(2.0)  # seconds; speed is v0 exp(-t / _DECAY)


@dataclass(frozen=True)
class ThrownMotion:
    """Where the puck is and where it goes, in radii and radii a second."""

    place: Place
    velocity: Place

    @property
    def speed(self) -> float:
        return math.hypot(*self.velocity)

    @property
    def resting(self) -> bool:
        return self.speed < REST_SPEED

    def after(self, seconds: float) -> ThrownMotion:
        """The flight ``seconds`` later; never outside the circle."""
        (x, y), (vx, vy) = clamp(*self.place), self.velocity
        for _ in range(MAX_BOUNCES):
            speed = math.hypot(vx, vy)
            if speed < REST_SPEED:
                return ThrownMotion((x, y), (0.0, 0.0))
            ux, uy = vx / speed, vy / speed
            whole = speed * _DECAY * (1.0 - math.exp(-seconds / _DECAY))  # radii it goes without a bounce
            edge = _way_to_edge(x, y, ux, uy)
            if whole <= edge:
                left = math.exp(-seconds / _DECAY)
                return ThrownMotion(clamp(x + ux * whole, y + uy * whole), (vx * left, vy * left))
            passed = -_DECAY * math.log1p(-edge / (speed * _DECAY))  # seconds
            seconds -= passed
            x, y = clamp(x + ux * edge, y + uy * edge)
            left = math.exp(-passed / _DECAY) * (1.0 - BOUNCE_LOSS)
            across = ux * x + uy * y  # of the direction, straight out of the circle
            vx, vy = speed * left * (ux - 2.0 * across * x), speed * left * (uy - 2.0 * across * y)
        return ThrownMotion((x, y), (0.0, 0.0))


def _way_to_edge(x: float, y: float, ux: float, uy: float) -> float:
    """How far it is from (x, y) to the circle in the direction (ux, uy), a unit vector."""
    along = x * ux + y * uy
    return max(0.0, -along + math.sqrt(max(0.0, along * along + 1.0 - x * x - y * y)))


@dataclass
class ThrowTracker:
    """Watches a hand that holds the puck, and says how it was let go."""

    _seen: deque[tuple[float, Place]] = field(default_factory=lambda: deque(maxlen=64))

    def held(self, place: Place, now: float) -> None:
        self._seen.append((now, place))

    def released(self, now: float) -> ThrownMotion | None:
        """The flight that begins, or None for a puck that was laid down."""
        seen = [(at, place) for at, place in self._seen if now - at <= THROW_WINDOW_S]
        self._seen.clear()
        if len(seen) < 2 or seen[-1][0] <= seen[0][0]:
            return None
        (began, (x0, y0)), (ended, (x1, y1)) = seen[0], seen[-1]
        vx, vy = (x1 - x0) / (ended - began), (y1 - y0) / (ended - began)
        speed = math.hypot(vx, vy)
        if speed < MIN_THROW_SPEED:
            return None
        slower = min(1.0, MAX_SPEED / speed)
        return ThrownMotion((x1, y1), (vx * slower, vy * slower))


# ---- a recorded path -------------------------------------------------------------------------------------------------

LOOP_CLOSING_S = 0.25  # seconds from the end of a path back to its start
MIN_PATH_S = 0.2  # seconds; less is a click and no path


@dataclass
class RecordedPath:
    """Places with the seconds since the first of them."""

    places: list[Place] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @property
    def lasts(self) -> float:
        """Seconds for one time round."""
        return self.times[-1] + LOOP_CLOSING_S if self.times else 0.0

    def add(self, place: Place, time: float) -> None:
        """The puck was here at ``time``; where it rested, only the last moment is kept."""
        if len(self.places) > 1 and self.places[-1] == self.places[-2] == place:
            self.times[-1] = time
        else:
            self.places.append(place)
            self.times.append(time)

    def at(self, time: float) -> Place:
        """Where the path is after ``time`` seconds, round and round; the end glides back to the start."""
        time %= self.lasts
        after = bisect_right(self.times, time)
        if after == len(self.times):
            (x0, y0), (x1, y1), share = self.places[-1], self.places[0], (time - self.times[-1]) / LOOP_CLOSING_S
        else:
            (x0, y0), (x1, y1) = self.places[after - 1], self.places[after]
            share = (time - self.times[after - 1]) / (self.times[after] - self.times[after - 1])
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share


@dataclass
class PathRecorder:
    """A path's recording: idle, armed, recording, looping."""

    path: RecordedPath = field(default_factory=RecordedPath)
    armed: bool = False
    _began: float | None = None
    _passed: float | None = None  # seconds into the loop

    @property
    def recording(self) -> bool:
        return self._began is not None

    @property
    def looping(self) -> bool:
        return self._passed is not None

    def button(self) -> None:
        """Idle: arm. Otherwise: stop and forget."""
        idle = not (self.armed or self.recording or self.looping)
        self.forget()
        self.armed = idle

    def forget(self) -> None:
        self.path, self.armed, self._began, self._passed = RecordedPath(), False, None, None

    def held(self, place: Place, now: float) -> None:
        """The hand holds the puck: an armed recorder records, a loop gives way."""
        if self.looping:
            self.forget()
        if self.armed:
            self.armed, self._began, self.path = False, now, RecordedPath()
        if self._began is not None:
            self.path.add(place, now - self._began)

    def released(self, now: float) -> None:
        """The hand lets go: what was recorded loops, unless it was but a click."""
        if self._began is not None:
            self._began = None
            if self.path.times and self.path.times[-1] >= MIN_PATH_S:
                self._passed = self.path.times[-1]
            else:
                self.path, self.armed = RecordedPath(), True

    def advance(self, seconds: float) -> Place | None:
        """Where a looping path has the puck ``seconds`` after the last call, None when there is none."""
        if self._passed is None:
            return None
        self._passed = (self._passed + seconds) % self.path.lasts
        return self.path.at(self._passed)


JOIN_S = 1.0
AT_REST = ThrownMotion((0.0, 0.0), (0.0, 0.0))
TEMPO_RANGE = (0.125, 8.0)  # the slowest and the fastest, as multiples
FIGURE_SIZE = 0.7  # radii, of each axis
MIN_ORBIT_RADIUS = 0.25  # radii, where the puck lies in the middle


class AutopilotMode(Enum):
    """What moves the puck when no hand does."""

    HAND = "hand"
    PATH = "path"
    DRIFT = "drift"
    ORBIT = "orbit"
    FIGURE = "figure"
    THROWN = "thrown"


FIGURES = (AutopilotMode.DRIFT, AutopilotMode.ORBIT, AutopilotMode.FIGURE)
# seconds a round at tempo 1
ROUND_S = {AutopilotMode.DRIFT: 24.0, AutopilotMode.ORBIT: 8.0, AutopilotMode.FIGURE: 16.0}

# A wandering that never repeats within a performance: (share, rounds, phase) of each sine, for x and for y.
_WANDERING = (
    ((0.36, 1.0, 0.00), (0.21, 1.0 + math.sqrt(2.0), 0.31), (0.13, 2.0 + math.sqrt(3.0), 0.77)),
    ((0.36, 0.5 + math.sqrt(5.0) / 4.0, 0.25), (0.21, math.sqrt(7.0), 0.09), (0.13, 1.0 + math.sqrt(8.0), 0.53)),
)


def place_at(way: AutopilotMode, phase: float, radius: float = FIGURE_SIZE, angle: float = 0.0) -> Place:
    """Where a figure is at ``phase`` rounds. ``radius`` and ``angle`` (turns, from twelve clockwise) are an orbit's."""
    if way is AutopilotMode.ORBIT:
        turn = math.tau * (phase + angle)
        return radius * math.sin(turn), radius * math.cos(turn)
    if way is AutopilotMode.FIGURE:
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
    recorder: PathRecorder = field(default_factory=PathRecorder)
    way: AutopilotMode = AutopilotMode.HAND
    _throw: ThrowTracker = field(default_factory=ThrowTracker)
    _flight: ThrownMotion = AT_REST
    _phase: float = 0.0
    _joined: float = 0.0  # seconds since it set out
    _from: Place = (0.0, 0.0)
    _radius: float = FIGURE_SIZE
    _angle: float = 0.0
    _last: float | None = None

    @property
    def moving(self) -> bool:
        return self.way in FIGURES or self.way is AutopilotMode.THROWN or self.recorder.looping

    @property
    def round(self) -> float:
        """Seconds for one time round."""
        return (self.recorder.path.lasts if self.way is AutopilotMode.PATH else ROUND_S.get(self.way, 0.0)) / self.tempo

    def choose(self, way: AutopilotMode, place: Place) -> None:
        """Set out on ``way`` from ``place``; the way it is on already is left, and so is any other."""
        leave = way is self.way
        self.stop()
        if leave:
            return
        self.way = way
        if way is AutopilotMode.PATH:
            self.recorder.button()
        elif way in FIGURES:
            self._phase, self._joined, self._from, self._last = 0.0, 0.0, place, None
            distance = math.hypot(*place)
            self._radius = max(MIN_ORBIT_RADIUS, min(1.0, distance))
            self._angle = math.atan2(place[0], place[1]) / math.tau if distance > 0.0 else 0.0

    def next_figure(self, place: Place) -> None:
        """Drift, orbit, figure, none: the one after the present."""
        order = (*FIGURES, AutopilotMode.HAND)
        following = order[(order.index(self.way) + 1) % len(order)] if self.way in order else AutopilotMode.DRIFT
        self.choose(following, place)

    def stop(self) -> None:
        if self.way is AutopilotMode.PATH:
            self.recorder.forget()
        self.way = AutopilotMode.HAND

    def held(self, place: Place, now: float) -> None:
        """A hand has the puck: what moves by itself ends, an armed recorder records."""
        self._throw.held(place, now)
        if self.way is AutopilotMode.PATH:
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
        if self.way is AutopilotMode.PATH:
            self.recorder.released(now)
        elif flight is not None and throwing:
            self.way, self._flight, self._last = AutopilotMode.THROWN, flight, now

    def place(self, now: float) -> Place | None:
        """Where it has the puck at ``now``; None where a hand has it."""
        passed = 0.0 if self._last is None else max(0.0, now - self._last)
        self._last = now
        if self.way is AutopilotMode.PATH:
            return self.recorder.advance(passed * self.tempo)
        if self.way is AutopilotMode.THROWN:
            self._flight = self._flight.after(passed)
            if self._flight.resting:
                self.stop()
            return self._flight.place
        if self.way not in FIGURES:
            return None
        self._phase += passed * self.tempo / ROUND_S[self.way]
        self._joined += passed
        x, y = place_at(self.way, self._phase, self._radius, self._angle)
        there = in_out(self._joined / JOIN_S)
        return clamp(self._from[0] + (x - self._from[0]) * there, self._from[1] + (y - self._from[1]) * there)
