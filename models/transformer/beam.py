"""From tokens to letters, exactly: a text heard in all the ways in which it may be cut into tokens.

A *hypothesis* is one way: tokens that were read, and the letters of a token that is begun. What comes next is the mean
of what the hypotheses expect, by their weights. Where the letters of a hypothesis are a whole token, it is two from
then on: one in which the token is read, and one in which it goes on. All of them together give each letter exactly the
probability that the network gives to all tokens' ways of writing the text so (Vieira et al. 2025, arXiv 2412.03719);
``Closeness`` says how many are followed. A letter that no followed hypothesis can go on with, for others drew it, has
the begun token cut anew, its last part left open (*healed*).

Everything is a generator, of which each ``next`` is one slice of work. Pure but for the stepper; belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.token_tree import Node
from models.transformer.key_values import KeyValues, Path
from models.transformer.stepping import MOST_TOGETHER, Leaning, Stepper, Sums
from protocol.alphabet import VOCABULARY, WRITABLE_CODES

BLANK = ord(" ")
LEAST_MASS = 1e-200  # of all hypotheses together, below which their numbers say nothing

WRITABLE = np.array([code in WRITABLE_CODES for code in range(VOCABULARY)])


@dataclass(frozen=True)
class Closeness:
    """How closely the exact answer is followed."""

    hypotheses: int = 3  # that are followed at the most
    read_from: float = 0.005  # share of all that a whole token has to have to be read
    kept_from: float = 1e-4  # share of all that a hypothesis has to have that goes on
    doubt: float = 1e-5  # share of the answer that is given to all characters alike: nothing is quite impossible


@dataclass(frozen=True)
class Hypothesis:
    """One way of cutting the text. ``weight`` times the sums' mass of ``node`` is how likely it is, among all."""

    path: Path
    hidden: Tensor  # (D,) what the network knows behind the last token
    sums: Sums | None  # (T + 1,) what it expects there; None where that is to be found again
    node: Node
    weight: float

    def between(self, low: int, high: int) -> float:
        """The weight of its next token being one of these."""
        assert self.sums is not None
        return self.weight * float(self.sums[high] - self.sums[low])


class Beam:
    """One text as it is read. Nothing is known before ``begin`` has come to its end."""

    def __init__(self, stepper: Stepper, held: KeyValues, closeness: Closeness | None = None) -> None:
        self._stepper, self._held, self._closeness = stepper, held, closeness or Closeness()
        self._tree = stepper.subwords.tree
        self.hypotheses: tuple[Hypothesis, ...] = ()
        self.leaning: Leaning | None = None  # what is added to the matrices for the tokens that are read from now on

    def begin(self) -> Generator[None, None, None]:
        """Forget all, and read what a text begins with."""
        self.hypotheses = ()
        (first,) = yield from self._read([(Path(), None, 1.0)])
        self.hypotheses = (first,)

    def read(self, code: int) -> Generator[None, None, None]:
        """Read one character; one that may not be written is read as a blank."""
        code = code if code in WRITABLE_CODES else BLANK
        moved = [(each, self._tree.child(each.node, code)) for each in self.hypotheses]
        going = [replace(each, node=node) for each, node in moved if node.depth]
        total = sum(each.between(each.node.low, each.node.high) for each in going)
        if not total > LEAST_MASS:
            yield from self._heal(code)
            return
        close, choices = self._closeness, list[tuple[float, Hypothesis, int | None]]()
        for each in going:
            whole, at = self._tree.whole(each.node), self._tree.boundaries(each.node)
            on = each.between(int(at[0]), int(at[-1]))
            if on > close.kept_from * total:
                choices.append((on, each, None))
            if whole is not None and (over := each.between(whole, whole + 1)) > close.read_from * total:
                choices.append((over, each, whole))
        choices = sorted(choices, key=lambda choice: -choice[0])[: close.hypotheses]
        yield from self._follow(choices)

    def expected(self) -> NDArray[np.float64]:
        """(128,) what comes next."""
        found = np.zeros(VOCABULARY)
        for each in self.hypotheses:
            assert each.sums is not None
            found += each.weight * np.diff(each.sums[self._tree.boundaries(each.node)])
        whole, doubt = float(found.sum()), self._closeness.doubt
        alike = WRITABLE / WRITABLE.sum()
        if whole == 0.0:
            return np.asarray(alike)
        return np.asarray((1.0 - doubt) * found / whole + doubt * alike)

    def go_to(self, hypotheses: Sequence[Hypothesis]) -> None:
        """Know what was known before, all at once; what the hypotheses expect is found again where it was let go."""
        lost = [each for each in hypotheses if each.sums is None]
        found = iter(_all_of(self._stepper.expect(torch.stack([each.hidden for each in lost]))) if lost else ())
        self.hypotheses = tuple(replace(each, sums=next(found)) if each.sums is None else each for each in hypotheses)

    # ---- the ways on -------------------------------------------------------------------------------------------------

    def _follow(self, choices: Sequence[tuple[float, Hypothesis, int | None]]) -> Generator[None, None, None]:
        """Go on with these: each a hypothesis whose begun token goes on, or the whole token that it reads."""
        staying = [each for _, each, whole in choices if whole is None]
        over = [(each.path, whole, weight) for weight, each, whole in choices if whole is not None]
        read = (yield from self._read(over)) if over else []
        found = [*staying, *read]
        masses = [self._mass(each) for each in found]
        total = sum(masses)
        self.hypotheses = tuple(replace(each, weight=each.weight / total) for each in found)

    def _mass(self, each: Hypothesis) -> float:
        at = self._tree.boundaries(each.node)
        return each.between(int(at[0]), int(at[-1]))

    def _read(self, tokens: Sequence[tuple[Path, int | None, float]]) -> Generator[None, None, list[Hypothesis]]:
        """Read each token behind its path; the hypotheses that come of it, of these weights."""
        found: list[Hypothesis] = []
        for start in range(0, len(tokens), MOST_TOGETHER):
            paths, numbers, weights = zip(*tokens[start : start + MOST_TOGETHER], strict=True)
            known = yield from self._stepper.read(self._held, numbers, paths, self.leaning)
            sums = yield from self._stepper.expect(known.hidden)
            found += [
                Hypothesis(path, hidden, each, self._tree.root, weight)
                for path, hidden, each, weight in zip(known.paths, known.hidden, sums, weights, strict=True)
            ]
        return found

    def _heal(self, code: int) -> Generator[None, None, None]:
        """Nobody can go on: the letters of the heaviest hypothesis' begun token, and the new one, are cut anew."""
        best = max(self.hypotheses, key=lambda each: each.weight)
        tokens = self._stepper.subwords.tokens
        letters = tokens[best.node.low][: best.node.depth] + bytes([code])
        *over, last = self._stepper.subwords.encode(letters)
        for token in over:
            (best,) = yield from self._read([(best.path, token, 1.0)])
        open_ = replace(best, node=self._tree.find(tokens[last]), weight=1.0)
        choices: list[tuple[float, Hypothesis, int | None]] = [(open_.between(last, last + 1), open_, last)]
        if self._mass(open_) > LEAST_MASS:
            choices.append((self._mass(open_), open_, None))
        if choices[0][0] <= LEAST_MASS:
            choices[0] = (1.0, open_, last)
        yield from self._follow(choices)


def _all_of(slices: Generator[None, None, list[Sums]]) -> list[Sums]:
    """What all slices come to."""
    while True:
        try:
            next(slices)
        except StopIteration as stop:
            found: list[Sums] = stop.value
            return found
