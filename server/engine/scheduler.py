"""The main loop: all performances of a server, one engine each, in turn on one thread and by one clock.

Characters that are due are written before any voice reads on. Work that can wait is only started if it will end before
the next character of any performance is due, so that a character waits for other performances at most while their
voices read one or two. A performance without listeners rests; ``main`` never does. Python's garbage is collected here
too, where there is spare time. All of it runs on the engine's thread.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Mapping
from typing import Self

from protocol.messages import MAIN
from protocol.process import ManualCollection
from server.engine.clock import Clock
from server.engine.engine import IDLE_SLEEP_S, READING_MARGIN_S, Engine
from server.engine.parameter_store import ParameterStore, PerformanceRegistry

# ---- garbage collection ----------------------------------------------------------------------------------------------
# What lives when the show begins (the weights, the libraries) is frozen and never looked at again, so that a collection
# takes a moment. This holds for the whole process.

COLLECTION_INTERVAL_S = 10.0  # seconds between two collections, if there is room
LATEST_COLLECTION_S = 120.0  # seconds after which it is done in any case
COLLECTION_GUESS_S = 0.005  # seconds that a collection takes, before one was measured


class SpareTimeCollector(ManualCollection):
    """A context in which garbage is collected by ``collect_if_due`` alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now()
        self._cost = COLLECTION_GUESS_S  # seconds

    def __enter__(self) -> Self:
        self.hold()
        return self

    def collect_if_due(self, spare: float) -> bool:
        """Collect if it is time to and ``spare`` seconds are enough; whether it was done."""
        now = self._clock.now()
        waited = now - self._last
        if waited < COLLECTION_INTERVAL_S or (spare < 2.0 * self._cost and waited < LATEST_COLLECTION_S):
            return False
        gc.collect()
        self._last = self._clock.now()
        self._cost = self._last - now
        return True


RELOAD_MARGIN_S = 0.008  # seconds that a choir with new voices takes to be taken in, where there is one performance
START_MARGIN_S = 0.03  # seconds that a new performance's voices may take from the others
START_TIMEOUT_S = 1.0  # seconds after which it begins even where there is no such pause


class Scheduler:
    """Plays every performance of ``registry``; ``begin`` makes the engine of one. ``main`` begins at once."""

    def __init__(
        self,
        clock: Clock,
        registry: PerformanceRegistry,
        begin: Callable[[str, ParameterStore], Engine],
        reload_voices: Callable[[Mapping[str, Engine]], bool] = lambda engines: False,
        each_turn: Callable[[Mapping[str, Engine], float], object] = lambda engines, left: None,
    ) -> None:
        """``reload_voices`` gives the engines the voices that came, if any did; called where there is time for it.

        ``each_turn`` is called in every turn of the loop with the engines and the seconds until the next character.
        """
        self._clock, self._registry, self._begin, self._reload_voices, self._each_turn = (
            clock,
            registry,
            begin,
            reload_voices,
            each_turn,
        )
        self._engines: dict[str, Engine] = {MAIN: begin(MAIN, registry.parameters(MAIN))}
        self._waits_since: float | None = None  # a performance that was asked for

    @property
    def main(self) -> Engine:
        return self._engines[MAIN]

    def run(self, stop: Callable[[], bool]) -> None:
        """Play until ``stop()``."""
        with SpareTimeCollector(self._clock) as collector:
            while not stop():
                playing = self.turn()
                self._each_turn(self._engines, min(engine.due for engine in playing) - self._clock.now())
                collector.collect_if_due(min(engine.due for engine in playing) - self._clock.now() - READING_MARGIN_S)
                self._sleep(playing)

    def turn(self) -> list[Engine]:
        """Let all who play do what there is to do now; those who do."""
        self._start_or_reload()
        playing = [engine for name, engine in self._engines.items() if name == MAIN or engine.heard]
        for engine in playing:
            self._write(playing)
            engine.work_until(min((other.due for other in playing if other is not engine), default=math.inf))
        return playing

    def _write(self, playing: list[Engine]) -> None:
        """Whoever is due writes, the one that waits longest first."""
        for engine in sorted(playing, key=lambda engine: engine.due):
            engine.tick()

    def _sleep(self, playing: list[Engine]) -> None:
        """Until the next character, exactly, if it is soon; else for a moment, or not at all if voices have to read."""
        if any(engine.reading for engine in playing):
            return
        now, due = self._clock.now(), min((engine.due for engine in playing if engine.ready), default=math.inf)
        if due <= now + 2 * IDLE_SLEEP_S:
            self._clock.sleep_until(due)
        else:
            self._clock.nap_until(now + IDLE_SLEEP_S)

    def _start_or_reload(self) -> None:
        """Take voices in and begin a performance that was asked for, when the others can spare the time."""
        names = self._registry.names()
        now = self._clock.now()
        left = min(engine.due for engine in self._engines.values()) - now
        if left >= (RELOAD_MARGIN_S if len(self._engines) == 1 else START_MARGIN_S) and self._reload_voices(
            self._engines
        ):
            return
        if len(names) == len(self._engines):
            return
        if self._waits_since is None:
            self._waits_since = now
        if left < START_MARGIN_S and now < self._waits_since + START_TIMEOUT_S:
            return
        self._waits_since = None
        name = next(name for name in names if name not in self._engines)
        self._engines[name] = self._begin(name, self._registry.parameters(name))
