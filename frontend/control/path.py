"""A path that the hand drew with the puck and that is then repeated for ever. Pure: places and seconds in and out."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

CLOSING = 0.25  # seconds from the end of a path back to its start
LEAST = 0.2  # seconds; less is a click and no path

Place = tuple[float, float]


@dataclass
class Path:
    """Places with the seconds since the first of them."""

    places: list[Place] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @property
    def lasts(self) -> float:
        """Seconds for one time round."""
        return self.times[-1] + CLOSING if self.times else 0.0

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
            (x0, y0), (x1, y1), share = self.places[-1], self.places[0], (time - self.times[-1]) / CLOSING
        else:
            (x0, y0), (x1, y1) = self.places[after - 1], self.places[after]
            share = (time - self.times[after - 1]) / (self.times[after] - self.times[after - 1])
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share


@dataclass
class Recorder:
    """From the wish for a path to its endless repetition: idle, armed, recording, looping."""

    path: Path = field(default_factory=Path)
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
        self.path, self.armed, self._began, self._passed = Path(), False, None, None

    def held(self, place: Place, now: float) -> None:
        """The hand holds the puck: an armed recorder records, a loop gives way."""
        if self.looping:
            self.forget()
        if self.armed:
            self.armed, self._began, self.path = False, now, Path()
        if self._began is not None:
            self.path.add(place, now - self._began)

    def released(self, now: float) -> None:
        """The hand lets go: what was recorded loops, unless it was but a click."""
        if self._began is not None:
            self._began = None
            if self.path.times and self.path.times[-1] >= LEAST:
                self._passed = self.path.times[-1]
            else:
                self.path, self.armed = Path(), True

    def advance(self, seconds: float) -> Place | None:
        """Where a looping path has the puck ``seconds`` after the last call, None when there is none."""
        if self._passed is None:
            return None
        self._passed = (self._passed + seconds) % self.path.lasts
        return self.path.at(self._passed)
