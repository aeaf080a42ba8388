"""A performance that tells, call by call, what it does: enough to do it again to the letter.

What was decided by time is told as what came of it: how many slices of reading and fusing there were, and between which
calls. A call that repeats the one before changes nothing and is left out, so a text that stands still makes no lines.
Belongs to the engine's thread; telling costs it some microseconds a character.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.interface import Voices
from protocol.measures import surprise_level
from protocol.messages import Finish, Panic, Step, Word
from protocol.mixing import Vector
from protocol.tree import Value
from server import performance
from server.board import Deed
from server.manners.keeping import Manners
from server.takes.events import (
    Asked,
    Begun,
    Coming,
    Controls,
    Event,
    Family,
    Identity,
    Joined,
    Listened,
    Primed,
    Read,
    Reseeded,
    Rewound,
    Settled,
    Unheard,
    Written,
    difference,
)


@dataclass(frozen=True)
class RecordState:
    """How far the take has told what a performance did: the values it has, and whether settling is told."""

    told: Mapping[str, Value]
    coming: Mapping[str, Value] | None
    settled: bool
    family: Mapping[str, float]


class RecordedPerformance(performance.Performance):
    """A performance whose events are handed to ``tell``, which must not wait; ``now`` gives seconds since it began."""

    def __init__(
        self,
        voices: Voices,
        seed: int,
        tell: Callable[[Event], None],
        now: Callable[[], float],
        manners: Manners | None = None,
    ) -> None:
        super().__init__(voices, seed, manners=manners)
        self._tell_on, self._now = tell, now
        self._told: Mapping[str, Value] = {}  # the values that the take has
        self._told_coming: Mapping[str, Value] | None = None
        self._settled = False  # whether settling by the same values again would change nothing
        self._writing = False
        self._unheard = False  # a character was told and nothing since: the voices' reading it need not be told
        self._overtaken = False  # something was told between a character and the voices' reading it
        self._family: dict[str, float] = {}

    def foresee(self, values: Mapping[str, Value] | None) -> None:
        if values != self._told_coming:
            self._told_coming = values
            change = None if values is None else difference(values, self._told)
            self._tell(Coming(self._next, self._t, change))
        super().foresee(values)

    def settle(self, values: Mapping[str, Value]) -> None:
        if values != self._told:
            change, self._told = difference(values, self._told), dict(values)
            self._tell(Controls(self._next, self._t, change))
        elif not (self._settled or self._writing):
            self._tell(Settled())
        self._settled = True
        super().settle(values)

    def write(self, values: Mapping[str, Value], letter: str | None = None) -> performance.Written:
        self._writing = True
        try:
            written = super().write(values, letter)
        finally:
            self._writing = False
        family = _by_slug(written.family, self._voices.slugs)
        if family != self._family:
            self._family = family
            self._tell(Family(family))
        level = surprise_level(written.joint[ord(written.character)])
        self._tell(Written(written.sequence, self._t, written.character, written.tint, level))
        self._unheard = True
        return written

    def listen(self) -> None:
        if self._unheard:
            self._unheard, self._settled = False, False
        elif self._overtaken:
            self._tell(Listened())
        self._overtaken = False
        super().listen()

    def catch_up(self, goes_on: Callable[[], bool]) -> bool:
        slices = 0

        def counted() -> bool:
            nonlocal slices
            goes = goes_on()
            slices += goes
            return goes

        done = super().catch_up(counted)
        if slices:
            self._tell(Read(slices))
        return done

    def prime(self, text: str) -> None:
        self._tell(Primed(self._next, self._t, text))
        super().prime(text)

    def rewind(self, chars: int) -> None:
        self._tell(Rewound(self._next, self._t, chars))
        super().rewind(chars)

    def reset(self, seed: int | None = None) -> None:
        self._tell(Begun(self._next, self._t, seed))
        super().reset(seed)

    def reseed(self, seed: int) -> None:
        self._tell(Reseeded(self._next, self._t, seed))
        super().reseed(seed)

    def take_in(self, voices: Voices, kept: Sequence[int]) -> None:
        newcomers = tuple(Identity(slug, "", "", "#000000") for slug in voices.slugs)
        self._tell(Joined(self._next, self._t, newcomers, tuple(kept)))
        super().take_in(voices, kept)

    def asked(self, deed: Deed) -> None:
        """Something was asked for that the engine does: it is kept for whoever reads the take."""
        match deed:
            case Step(count):
                self._tell(Asked(self._next, self._t, "step", count))
            case Word() | Finish() | Panic():
                self._tell(Asked(self._next, self._t, type(deed).__name__.lower()))

    def keep_record(self) -> RecordState:
        """What goes with ``keep``, so that the take can be gone on with. Asked where the voices have read all."""
        return RecordState(self._told, self._told_coming, self._settled, self._family)

    def restore_record(self, state: RecordState) -> None:
        self._told, self._told_coming = state.told, state.coming
        self._settled, self._family = state.settled, dict(state.family)

    @property
    def _next(self) -> int:
        return self.page.sequence + 1

    @property
    def _t(self) -> float:
        return round(self._now(), 4)

    def _tell(self, event: Event) -> None:
        if self._unheard:
            self._unheard, self._overtaken = False, True
            self._tell_on(Unheard())
        self._settled = False
        self._tell_on(event)


def _by_slug(weights: Vector, slugs: Sequence[str]) -> dict[str, float]:
    return {slugs[voice]: round(float(weights[voice]), 4) for voice in np.flatnonzero(weights).tolist()}
