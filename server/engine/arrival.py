"""Arriving at a phrase: many continuations are rolled out side by side, and the one that leads to it best is written.

The beam search that the work of 2016 wished for, done as a sampler: it keeps the voices' own variety, and the phrase's
probability decides at the end (compare sequential Monte Carlo steering, Lew et al. 2023).

    asked -> a trunk is drawn, and written while -> branches are rolled out from its end, to the end of a word each
          -> every branch is asked how likely the phrase is there -> the best one and the phrase are the next letters

Nothing is decided by a branch but which letters come next: they are *chosen* letters, which a take holds, so that a
replay needs no planning. A fader that moves makes the plan void, and another is made from where the text then stands.

``Arrival`` does its work in slices on the engine's thread, in the time that no character needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.interface import Rollout
from protocol.mixing import WRITABLE, Vector

Codes = NDArray[np.int64]  # (n,) one a branch
Rows = NDArray[np.float64]  # (n, V)

BRANCHES = 48  # n, rolled out side by side
LOOKS = 3  # lengths at which every branch is asked for the phrase
TRUNK_CHARS = 12  # drawn ahead and written while branches are rolled out
LEAST_CHARS = 8  # before the phrase, below which it is written at the next word's beginning
WORD_CHARS = 6  # that a branch needs beyond its length, in the mean, to end a word
LONGEST_WORD_CHARS = 24  # a branch that finds no end of a word within so many is given up
RESAMPLING = 4.0  # how much more offspring a branch has for each nat a letter that the phrase is likelier there
LEAST_PROBABILITY = 1e-12
SAME_WEIGHT = 0.01  # a share that moved less leaves a plan standing
MARGIN_NATS = 60.0  # a letter that a branch finds impossible counts as that unlikely

_BLANKS: NDArray[np.bool_] = np.array([chr(code) in " \n\t" for code in range(len(WRITABLE))])


@dataclass(frozen=True)
class Mixing:
    """How branches are mixed: ``weights`` (v,) of the voices in the rollout, none below 0, and the temperature."""

    weights: Vector
    temperature: float
    geometric: bool = False  # the alloy's side: the product of what the voices want, not the sum

    def like(self, other: Mixing | None) -> bool:
        """Whether ``other`` is the same mix."""
        return (
            other is not None
            and (self.temperature, self.geometric) == (other.temperature, other.geometric)
            and self.weights.shape == other.weights.shape
            and bool(np.abs(self.weights - other.weights).max(initial=0.0) < SAME_WEIGHT)
        )

    def mixed(self, distributions: NDArray[np.float32]) -> Rows:
        """(n, V) what each copy draws from, sums 1: the mix, writable characters only, tempered."""
        p = np.asarray(distributions, np.float64)
        if self.geometric:
            mean = np.exp(np.einsum("nvc,v->nc", np.log(p.clip(LEAST_PROBABILITY)), self.weights))
        else:
            mean = np.einsum("nvc,v->nc", p, self.weights)
        mean = np.where(WRITABLE, mean, 0.0) + LEAST_PROBABILITY * WRITABLE  # never nothing to draw from
        powers = (mean / mean.max(axis=1, keepdims=True)) ** (1.0 / self.temperature)
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Plan:
    """The letters that lead to the phrase and the phrase itself, and how likely the phrase is behind them."""

    letters: str
    nats: float  # the phrase's logarithmic probability, 0 at best


class Planner:
    """Looks for letters that lead from the present text to ``phrase`` within ``chars`` characters, phrase included.

    ``work`` goes on slice by slice; a slice is one step of one or of all branches. ``trunk`` may be written as soon as
    it is there; ``plan`` is what to write behind it.
    """

    def __init__(
        self,
        phrase: str,
        chars: int,
        rollout: Callable[[int], Rollout],
        mixing: Mixing,
        end: str,
        random: np.random.Generator,
        trunk_chars: int = TRUNK_CHARS,
    ) -> None:
        """``rollout`` gives so many copies of the present text, which ends with ``end``."""
        self.phrase = phrase
        self.trunk: str | None = None
        self.plan: Plan | None = None
        self._chars, self._trunk_chars, self._mixing, self._random = chars, trunk_chars, mixing, random
        self._slices = self._planned(rollout(BRANCHES), end)

    @property
    def done(self) -> bool:
        return self.plan is not None

    def work(self, goes_on: Callable[[], bool]) -> bool:
        """Plan on while ``goes_on()``; whether the plan is made."""
        while self.plan is None and goes_on():
            next(self._slices, None)
        return self.plan is not None

    def _planned(self, branches: Rollout, end: str) -> Iterator[None]:
        room = max(0, self._chars - len(self.phrase) - WORD_CHARS)  # characters before the phrase
        length = min(self._trunk_chars, room)
        text = end
        for _ in range(length):
            code = int(self._draw(self._constrained(self._mixing.mixed(branches.distributions[:1]), [text]))[0])
            branches.step([code] + [-1] * (BRANCHES - 1))  # one copy goes ahead
            text += chr(code)
            yield
        self.trunk = text[len(end) :]
        branches.select([0] * BRANCHES)
        texts = [text] * BRANCHES
        best = Plan(_joined(text, self.phrase), -math.inf)
        for look in range(LOOKS):
            yield from self._grow(branches, texts, len(text) + (room - length) * look // LOOKS)
            branches.mark()
            nats = np.zeros(len(texts))
            wanted = [_joined(each, self.phrase) for each in texts]
            for place in range(max(map(len, wanted))):
                p = self._mixing.mixed(branches.distributions)
                codes = [ord(each[place]) if place < len(each) else ord(" ") for each in wanted]
                said = np.log(p[np.arange(len(codes)), codes].clip(math.exp(-MARGIN_NATS)))
                nats += np.where([place < len(each) for each in wanted], said, 0.0)
                branches.step(codes)
                yield
            branches.back()
            leader = int(nats.argmax())
            if nats[leader] > best.nats:
                best = Plan(texts[leader][len(text) :] + wanted[leader], float(nats[leader]))
            if look + 1 < LOOKS:  # branches that lead to the phrase have more offspring, none of them all
                weights = np.exp((nats - nats.max()) / len(self.phrase) * RESAMPLING)
                chosen = self._random.choice(len(texts), len(texts), p=weights / weights.sum())
                branches.select(chosen.tolist())
                texts = [texts[i] for i in chosen]
        self.plan = best
        yield

    def _grow(self, branches: Rollout, texts: list[str], chars: int) -> Iterator[None]:
        """Let every branch write on until it has ``chars`` characters at least and a word has just ended.

        One that is there waits for the others.
        """
        growing = [len(text) < chars or not _between_words(text) for text in texts]
        for _ in range(chars - min(map(len, texts)) + LONGEST_WORD_CHARS):
            if not any(growing):
                return
            codes = self._draw(self._constrained(self._mixing.mixed(branches.distributions), texts))
            branches.step([int(code) if grows else -1 for code, grows in zip(codes, growing, strict=True)])
            for i, grows in enumerate(growing):
                if grows:
                    texts[i] += chr(codes[i])
                    growing[i] = len(texts[i]) < chars or not _between_words(texts[i])
            yield

    def _constrained(self, p: Rows, texts: Sequence[str]) -> Rows:
        """No blank behind a blank: a branch is to lead somewhere."""
        blank = np.array([text[-1:].isspace() for text in texts])
        kept = np.where(blank[:, None] & _BLANKS, 0.0, p)
        total = kept.sum(axis=1, keepdims=True)
        return np.where(total > 0.0, kept / np.maximum(total, LEAST_PROBABILITY), p)

    def _draw(self, p: Rows) -> Codes:
        reached = np.cumsum(p, axis=1)
        u = self._random.random((len(p), 1)) * reached[:, -1:]
        return np.asarray((reached < u).sum(axis=1), np.int64)


def _between_words(text: str) -> bool:
    """Whether a new word may begin behind ``text``."""
    return not text or text[-1].isspace()


def _joined(text: str, phrase: str) -> str:
    """``phrase`` with the blank that has to stand before it behind ``text``."""
    return phrase if _between_words(text) else " " + phrase


@dataclass(frozen=True)
class Coming:
    """What the performer sees of an arrival: ``chars`` until the phrase begins, None while nobody knows."""

    phrase: str = ""
    chars: int | None = None
    bits_a_letter: float = 0.0  # how surprising the phrase will be where it stands


class Stage(Protocol):
    """The performance, as an arrival knows it: ``server.engine.engine`` has the real one."""

    @property
    def chosen(self) -> str:
        """The letters that come next."""

    @property
    def ready(self) -> bool: ...

    @property
    def sequence(self) -> int:
        """How many characters were ever written."""

    @property
    def end(self) -> str:
        """The last line or so of the text."""

    def mixing(self) -> Mixing | None:
        """What the next character would be drawn from, for branches; None where voices cannot be rolled out."""

    def rollout(self, copies: int) -> Rollout:
        """``copies`` of the text as the awake voices know it now."""

    def choose(self, letters: str) -> None: ...


class Arrival:
    """Leads ``stage`` to ``phrase`` before character number ``due``. For the engine's thread."""

    def __init__(self, stage: Stage, phrase: str, due: int) -> None:
        self.phrase, self.due = phrase, due
        self._stage = stage
        self._planner: Planner | None = None
        self._mixing: Mixing | None = None  # that the plan was made for
        self._begun = 0  # characters that were written when planning began
        self._trunk_chars = TRUNK_CHARS
        self._planned = False  # whether the letters that are chosen lead to the phrase
        self._nats = 0.0

    @property
    def over(self) -> bool:
        """Whether the phrase stands."""
        return self._planned and not self._stage.chosen

    @property
    def coming(self) -> Coming:
        if not self._planned:
            return Coming(self.phrase)
        bits = -self._nats / len(self.phrase) / math.log(2.0)
        return Coming(self.phrase, max(0, len(self._stage.chosen) - len(self.phrase)), bits)

    def drop(self) -> None:
        """The plan is void: the next letters are the voices' own again."""
        if self._planner is not None or self._planned:
            self._stage.choose("")
        self._planner, self._planned = None, False

    def work(self, goes_on: Callable[[], bool]) -> None:
        """Plan while ``goes_on()``; drop a plan whose mix has moved, or whose text took another way."""
        mixing = self._stage.mixing()
        if mixing is None or not mixing.like(self._mixing):
            self.drop()
        if self._planned or not self._stage.ready:
            return
        if mixing is None:
            self._take(Plan(_joined(self._stage.end, self.phrase), -MARGIN_NATS))
            return
        if self._planner is None:
            self._begin(mixing)
        assert self._planner is not None
        had_trunk = self._planner.trunk is not None
        finished = self._planner.work(goes_on)
        if not had_trunk and self._planner.trunk is not None:
            self._stage.choose(self._planner.trunk)
        if self._planner.trunk is not None and not self._follows(self._planner.trunk):
            self._trunk_chars = min(4 * TRUNK_CHARS, 2 * self._trunk_chars)  # this machine needs more time
            self.drop()
        elif finished:
            assert self._planner.plan is not None
            self._take(self._planner.plan)

    def _begin(self, mixing: Mixing) -> None:
        self._mixing, self._begun = mixing, self._stage.sequence
        left = self.due - self._begun
        seed = np.random.SeedSequence((self._begun, len(self.phrase)))
        self._planner = Planner(
            self.phrase,
            left,
            self._stage.rollout,
            mixing,
            self._stage.end,
            np.random.default_rng(seed),
            self._trunk_chars,
        )

    def _follows(self, trunk: str) -> bool:
        """Whether the text still is on its way along the trunk."""
        written = self._stage.sequence - self._begun
        return self._stage.chosen == trunk[written:] and (written < len(trunk) or not trunk)

    def _take(self, plan: Plan) -> None:
        self._stage.choose(self._stage.chosen + plan.letters)
        self._planner, self._planned, self._nats = None, True, plan.nats
