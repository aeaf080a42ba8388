"""The creature's process at work beside something that is measured: asked without a pause, each time for another.

The asking runs on a thread of its own; ``CreatureLoad`` says how many pictures came, and how long each was waited for.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from benchmarks.machine import FRONT_DOOR, percentile
from frontend.creature.artist import ArtistProcess
from protocol.sprites import Noise, SpriteRequest, noise_of, stepped

START_TIMEOUT_S = 120.0  # seconds to the first picture, busy machines allowed for
LOOK_S = 0.002  # seconds between two looks whether a picture has come
MIX = {"undead": 0.5, "dragons": 0.3, "beasts": 0.2}
TINTS = ((0.6, "#CC7203"), (0.4, "#50ABFF"))


@dataclass
class CreatureLoad:
    """What came so far."""

    waited_s: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0

    def figures(self) -> dict[str, float]:
        """Pictures a second, and how long they took from the question on."""
        seconds = max(1e-9, (self.ended or time.monotonic()) - self.began)
        rate = round(len(self.waited_s) / seconds, 1)
        return {"a_second": rate, "p50_ms": percentile(self.waited_s, 0.5), "p99_ms": percentile(self.waited_s, 0.99)}


@contextmanager
def creature_drawing(wanted: bool) -> Iterator[CreatureLoad | None]:
    """While the context lasts creatures are drawn, from the first picture on; None where that is not ``wanted``."""
    if not wanted:
        yield None
        return
    load, ending = CreatureLoad(), threading.Event()
    with closing(ArtistProcess([sys.executable, str(FRONT_DOOR), "sprites", "draw"])) as artist:
        artist.drawn(SpriteRequest.of(0, MIX, noise_of("begin"), TINTS), START_TIMEOUT_S)
        load.began = time.monotonic()
        asking = threading.Thread(target=_ask, args=(artist, load, ending), daemon=True)
        asking.start()
        try:
            yield load
        finally:
            ending.set()
            asking.join()
            load.ended = time.monotonic()


def _ask(artist: ArtistProcess, load: CreatureLoad, ending: threading.Event) -> None:
    number, asked_at, noise = 0, 0.0, noise_of("begin")
    while not ending.wait(LOOK_S):
        now = time.monotonic()
        answer = artist.take(now)
        if answer is not None and answer[0] == number:
            load.waited_s.append(now - asked_at)
        if artist.may_ask(now):
            number, asked_at, noise = number + 1, now, _next(noise, number)
            artist.ask(SpriteRequest.of(number, MIX, noise, TINTS), now)


def _next(noise: Noise, number: int) -> Noise:
    return stepped(noise, str(number))
