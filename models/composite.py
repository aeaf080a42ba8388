"""Voices of several kinds that speak one text together: choirs, word voices, n-grams and what packages bring.

A ``Part`` is voices of one kind. The composite's voices are those of all its parts, in an order of its own, and behind
them the fused one of the part that is ``Fusible``. ``tongues`` are further voices of the same styles, a composite too,
which a performance mixes into the styles' rows (``models.interface.Tongued``).

A part that raises an error, whatever it is, costs one line in the log. Its voices then expect NaN, by which whoever
plays them sets them aside until a ``reset`` that goes well. The other parts go on. Belongs to one thread at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import tensor_file
from models.interface import Adaptable, Deferred, Fusible, Readings, Rollout, RollsOut, State, Trail, Unhurried, Voices
from protocol.alphabet import VOCABULARY

LOG = logging.getLogger("antiphon")

Rows = list[tuple[int, list[int], list[int]]]  # a part, and of some voices the rows there and the indices here


@dataclass(frozen=True)
class Part:
    """Voices of one kind: what they are called in a log and in a snapshot, and their slugs in the composite."""

    name: str
    voices: Voices
    slugs: tuple[str, ...]

    @property
    def fuses(self) -> bool:
        """Whether there is a fused voice, behind the others."""
        return isinstance(self.voices, Fusible) and any(self.voices.fusible)


class Composite:
    """The voices of ``parts`` in the order of ``slugs``; ``tongues`` are called ROLE/SLUG, by whose tongue they are."""

    def __init__(self, parts: Sequence[Part], slugs: Sequence[str], tongues: Composite | None = None) -> None:
        self.slugs = tuple(slugs)
        self.tongues = tongues
        self._parts = tuple(parts)
        self._places = [[self.slugs.index(slug) for slug in part.slugs] for part in parts]  # by part, by row there
        fusing = next((i for i, part in enumerate(parts) if part.fuses), None)
        if fusing is not None:
            self._places[fusing] = [*self._places[fusing], len(self.slugs)]
        self._unhurried = {  # found once: what a protocol asks of an object is too much to be asked at each letter
            i: part.voices for i, part in enumerate(parts) if isinstance(part.voices, Unhurried)
        }
        self._deferred = {i: part.voices for i, part in enumerate(parts) if isinstance(part.voices, Deferred)}
        self._where = {index: (part, row) for part, rows in enumerate(self._places) for row, index in enumerate(rows)}
        self._failed: set[int] = set()  # parts that raised an error since their last reset
        self._split = lru_cache(maxsize=32)(self._rows_of)
        self._distributions = np.full((len(self._where), VOCABULARY), 1 / VOCABULARY, np.float32)
        self._take_all()

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, code: int, voices: Sequence[int]) -> None:
        for part, rows, indices in self._split(tuple(voices)):
            with self._guarded(part):
                self._parts[part].voices.step(code, rows)
                self._take(part, rows, indices)

    def reset(self, voices: Sequence[int]) -> None:
        for part, rows, indices in self._split(tuple(voices)):
            self._failed.discard(part)
            with self._guarded(part):
                self._parts[part].voices.reset(rows)
                self._take(part, rows, indices)

    def save_state(self) -> State:
        state: dict[str, NDArray[Any]] = {}
        for number, part in enumerate(self._parts):
            with self._guarded(number):
                state |= {f"{part.name}/{name}": array for name, array in part.voices.save_state().items()}
        return state

    def load_state(self, state: State) -> None:
        for part in self._parts:
            part.voices.load_state(tensor_file.under(f"{part.name}/", state))
        self._take_all()

    def for_new_text(self) -> Composite:
        parts = [replace(part, voices=part.voices.for_new_text()) for part in self._parts]
        return type(self)(parts, self.slugs, None if self.tongues is None else self.tongues.for_new_text())

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        hand_over(others, self, {voice: voice for voice in voices})

    def trail(self, places: int) -> CompositeTrail:
        return CompositeTrail(self, places)

    def begun(self, voice: int) -> bool:
        part, row = self._where[voice]
        return part in self._unhurried and part not in self._failed and self._unhurried[part].begun(row)

    def work(self, voice: int) -> None:
        part, row = self._where[voice]
        with self._guarded(part):
            self._unhurried[part].work(row)
            self._take(part, [row], [voice])

    def absent(self, voice: int) -> bool:
        part, row = self._where[voice]
        deferred = self._deferred.get(part)
        return deferred is not None and part not in self._failed and deferred.absent(row)

    def fetch(self) -> None:
        for part in self._deferred.values():
            part.fetch()

    def lean(self, weights: Mapping[str, float]) -> None:
        for number, part in enumerate(self._parts):
            if isinstance(part.voices, Adaptable):
                with self._guarded(number):
                    part.voices.lean(weights)

    def forgets(self, voice: int) -> bool:
        part, row = self._where[voice]
        return part in self._unhurried and self._unhurried[part].forgets(row)

    @property
    def rolling(self) -> tuple[bool, ...]:
        rolls: list[tuple[bool, ...]] = [
            part.voices.rolling if isinstance(part.voices, RollsOut) else (False,) * len(part.slugs)
            for part in self._parts
        ]
        return tuple(rolls[part][row] for part, row in map(self._where.__getitem__, range(len(self.slugs))))

    def rollout(self, voices: Sequence[int], copies: int) -> CompositeRollout:
        places = {index: place for place, index in enumerate(voices)}
        rollouts: list[tuple[Rollout, list[int]]] = []
        for part, rows, indices in self._split(tuple(voices)):
            rolling = self._parts[part].voices
            assert isinstance(rolling, RollsOut), "only voices that are rolling are rolled out"
            rollouts.append((rolling.rollout(rows, copies), [places[index] for index in indices]))
        return CompositeRollout(rollouts, copies)

    def read_apart(self, voices: Sequence[int]) -> CompositeReadings:
        places = {index: place for place, index in enumerate(voices)}
        readings: list[tuple[Readings, list[int]]] = []
        for part, rows, indices in self._split(tuple(voices)):
            rolling = self._parts[part].voices
            assert isinstance(rolling, RollsOut), "only voices that are rolling read apart"
            readings.append((rolling.read_apart(rows), [places[index] for index in indices]))
        return CompositeReadings(readings)

    # ---- the parts -------------------------------------------------------------------------------------------------

    def parts(self) -> Iterator[tuple[Voices, list[int]]]:
        """Each part's voices, and which of these they are."""
        for part, places in zip(self._parts, self._places, strict=True):
            yield part.voices, places

    def take_rows(self, voices: Sequence[int]) -> None:
        """What these voices expect was changed in the parts."""
        for part, rows, indices in self._split(tuple(voices)):
            self._take(part, rows, indices)

    def by_part(self, voices: Sequence[int]) -> Rows:
        """Of these voices, those of each part."""
        return self._split(tuple(voices))

    @contextmanager
    def _guarded(self, part: int) -> Iterator[None]:
        """Let a part fail alone."""
        try:
            yield
        except Exception as error:  # whoever wrote the part
            slugs = ", ".join(self._parts[part].slugs)
            LOG.error("%s set aside, for its kind, %s, raised %r", slugs, self._parts[part].name, error)
            self._distributions[self._places[part]] = np.nan
            self._failed.add(part)

    def _take(self, part: int, rows: list[int], indices: list[int]) -> None:
        self._distributions[indices] = self._parts[part].voices.distributions[rows]

    def _take_all(self) -> None:
        self.take_rows(range(len(self._distributions)))

    def _rows_of(self, voices: tuple[int, ...]) -> Rows:
        found: dict[int, tuple[list[int], list[int]]] = {}
        for index in voices:
            part, row = self._where[index]
            rows, indices = found.setdefault(part, ([], []))
            rows.append(row)
            indices.append(index)
        return [(part, rows, indices) for part, (rows, indices) in sorted(found.items())]


class FusibleComposite(Composite):
    """A composite of which one part is ``Fusible``: the fused voice is number S."""

    def __init__(self, parts: Sequence[Part], slugs: Sequence[str], tongues: Composite | None = None) -> None:
        super().__init__(parts, slugs, tongues)
        self._fusing, self._members = next(
            (part, places)
            for part, places in self.parts()
            if isinstance(part, Fusible) and places[-1] == len(self.slugs)
        )

    @property
    def fusible(self) -> tuple[bool, ...]:
        members = dict(zip(self._members, self._fusing.fusible, strict=False))
        return tuple(members.get(index, False) for index in range(len(self.slugs)))

    def request_fusion(self, weights: NDArray[np.floating[Any]]) -> None:
        self._fusing.request_fusion(np.asarray(weights)[self._members[:-1]])

    def continue_fusion(self, goes_on: Callable[[], bool]) -> bool:
        return self._fusing.continue_fusion(goes_on)


def compose(parts: Sequence[Part], slugs: Sequence[str], tongues: Composite | None = None) -> Voices:
    """``parts`` as one, in the order of ``slugs``; a single part without ``tongues`` is given as it is."""
    if len(parts) == 1 and tongues is None and parts[0].slugs == tuple(slugs):
        return parts[0].voices
    return (FusibleComposite if any(part.fuses for part in parts) else Composite)(parts, slugs, tongues)


def hand_over(old: Voices, new: Voices, moves: Mapping[int, int]) -> None:
    """Let the voices of these indices in ``new`` take over what those in ``old`` have read, who have learnt the same.

    The two may be made of other parts. Where a voice has another row in its part than it had, states go row by row.
    """
    before = {index: (part, row) for part, places in _parts(old) for row, index in enumerate(places)}
    for part, places in _parts(new):
        moved: dict[int, tuple[Voices, list[int], list[int]]] = {}  # by the part that they were in: rows there and here
        for row, index in enumerate(places):
            if index in moves:
                other, was = before[moves[index]]
                _, there, here = moved.setdefault(id(other), (other, [], []))
                there.append(was)
                here.append(row)
        for other, there, here in moved.values():
            if there == here:
                part.copy_state(other, here)
            else:
                mine, theirs = {name: array.copy() for name, array in part.save_state().items()}, other.save_state()
                for name, array in mine.items():
                    array[here] = theirs[name][there]
                part.load_state(mine)
    if isinstance(new, Composite):
        new.take_rows(list(moves))


def _parts(voices: Voices) -> list[tuple[Voices, list[int]]]:
    if isinstance(voices, Composite):
        return list(voices.parts())
    return [(voices, list(range(len(voices.distributions))))]


class CompositeTrail:
    """What a composite's parts knew; implements ``models.interface.Trail``."""

    def __init__(self, voices: Composite, places: int) -> None:
        self._voices = voices
        self._trails: list[tuple[Trail, list[int]]] = [(part.trail(places), where) for part, where in voices.parts()]

    def push(self, place: int, voices: Sequence[int]) -> None:
        for part, rows, _ in self._voices.by_part(voices):
            self._trails[part][0].push(place, rows)

    def restore(self, place: int) -> tuple[int, ...]:
        held = sorted(where[row] for trail, where in self._trails for row in trail.restore(place))
        self._voices.take_rows(held)
        return tuple(held)

    def clear(self) -> None:
        for trail, _ in self._trails:
            trail.clear()


class CompositeRollout:
    """The rollouts of a composite's parts side by side, each with the places of its voices among all that are asked."""

    def __init__(self, rollouts: Sequence[tuple[Rollout, list[int]]], copies: int) -> None:
        self._rollouts = list(rollouts)
        self._rows = np.empty((copies, sum(len(places) for _, places in rollouts), VOCABULARY), np.float32)

    @property
    def distributions(self) -> NDArray[np.float32]:
        for rollout, places in self._rollouts:
            self._rows[:, places] = rollout.distributions
        return self._rows

    def step(self, codes: Sequence[int]) -> None:
        for rollout, _ in self._rollouts:
            rollout.step(codes)

    def select(self, copies: Sequence[int]) -> None:
        for rollout, _ in self._rollouts:
            rollout.select(copies)

    def mark(self) -> None:
        for rollout, _ in self._rollouts:
            rollout.mark()

    def back(self) -> None:
        for rollout, _ in self._rollouts:
            rollout.back()


class CompositeReadings:
    """The readings of a composite's parts, each with the places of its voices among all that are asked."""

    def __init__(self, readings: Sequence[tuple[Readings, list[int]]]) -> None:
        self._readings = list(readings)
        self._rows = np.empty((sum(len(places) for _, places in readings), VOCABULARY), np.float32)

    @property
    def distributions(self) -> NDArray[np.float32]:
        for readings, places in self._readings:
            self._rows[places] = readings.distributions
        return self._rows

    def step(self, codes: Sequence[int]) -> None:
        for readings, places in self._readings:
            readings.step([codes[place] for place in places])

    def restart(self, places: Sequence[int]) -> None:
        for readings, here in self._readings:
            readings.restart([row for row, place in enumerate(here) if place in places])
