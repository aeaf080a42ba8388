"""How a text is cut into what a voice may read and what it is examined on, and how a batch of streams reads it.

Pure numpy, no thread of its own. Everything random comes from one generator whose state can be saved and restored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.interface import Codes

HELD_OUT_SHARE = 0.03  # of the characters of a text
HELD_OUT_PLACES = 8  # cut in this many places, so that no single chapter decides
HELD_OUT_LEAST = 1_000  # characters a place, while a tenth of the text suffices for it


@dataclass(frozen=True)
class Span:
    """Characters ``start`` (included) to ``stop`` (excluded) of a text."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


def held_out_spans(chars: int) -> list[Span]:
    """The places of a text of ``chars`` characters that no voice ever trains on: equal, evenly spread, in order."""
    total = min(chars // 10, max(int(chars * HELD_OUT_SHARE), HELD_OUT_PLACES * HELD_OUT_LEAST))
    length = total // HELD_OUT_PLACES
    stride = chars / HELD_OUT_PLACES
    starts = [int(stride * (place + 0.5) - length / 2) for place in range(HELD_OUT_PLACES)]
    return [Span(start, start + length) for start in starts if length]


def training_spans(chars: int) -> list[Span]:
    """What is left between the held-out places, in order."""
    edges = [0, *(edge for span in held_out_spans(chars) for edge in (span.start, span.stop)), chars]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [Span(start, stop) for start, stop in pairs if stop - start > 1]


@dataclass(frozen=True)
class Split:
    """Which places of a text a voice reads, and which it is examined on."""

    training: tuple[Span, ...]
    held_out: tuple[Span, ...]


def spread_split(chars: int) -> Split:
    """The house's way: held-out places all over the text."""
    return Split(tuple(training_spans(chars)), tuple(held_out_spans(chars)))


def tail_split(chars: int, share: float) -> Split:
    """The last ``share`` (0-1) of a text held out, as benchmarks do; 0: all of it is read, and examined on."""
    edge = chars - int(chars * share)
    if edge == chars:
        return Split((Span(0, chars),), (Span(0, chars),))
    return Split((Span(0, edge),), (Span(edge, chars),))


def cut(text: Codes, spans: Sequence[Span]) -> list[Codes]:
    """The pieces of ``text`` that ``spans`` name (views, not copies)."""
    return [text[span.start : span.stop] for span in spans]


class Streams:
    """``texts`` readers that each run through a text for ``stay`` characters, then jump to another place.

    A place is drawn from the pieces of a corpus drawn with its share, so that a mixture keeps its proportions
    whatever the corpora's sizes. Between jumps the LSTM state is carried over; ``batch`` says which readers jumped.
    """

    def __init__(
        self,
        corpora: Sequence[Sequence[Codes]],
        shares: Sequence[float],
        texts: int,
        steps: int,
        stay: int = 8192,
        seed: int = 0,
    ) -> None:
        """``corpora``: the pieces of each corpus; ``shares``: how often each is read, any positive scale."""
        self._pieces = [[piece for piece in corpus if len(piece) > steps + 1] for corpus in corpora]
        if not all(self._pieces):
            raise ValueError(f"every corpus needs a piece of more than {steps + 1} characters")
        self._shares = np.asarray(shares, float) / np.sum(shares)
        self._inside = [np.array([len(p) for p in ps], float) / sum(len(p) for p in ps) for ps in self._pieces]
        self._steps, self._stay = steps, stay
        self._random = np.random.default_rng(seed)
        self._where = [self._jump() for _ in range(texts)]  # (corpus, piece, offset, characters left here)
        for reader, (corpus, piece, offset, left) in enumerate(self._where):  # so that they do not all jump at once
            self._where[reader] = (corpus, piece, offset, int(left * (reader + 1) / texts))
        self._fresh = np.ones(texts, bool)

    def _jump(self) -> tuple[int, int, int, int]:
        corpus = int(self._random.choice(len(self._pieces), p=self._shares))
        piece = int(self._random.choice(len(self._pieces[corpus]), p=self._inside[corpus]))
        length = len(self._pieces[corpus][piece])
        offset = int(self._random.integers(0, max(1, length - max(self._steps + 1, min(self._stay, length // 2)))))
        return corpus, piece, offset, self._stay

    def batch(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The next (steps + 1, texts) codes, and which of the texts begin anew (their state is to be zeroed)."""
        texts = len(self._where)
        codes = np.empty((self._steps + 1, texts), np.int64)
        for reader in range(texts):
            corpus, piece, offset, left = self._where[reader]
            if left < self._steps or offset + self._steps + 1 > len(self._pieces[corpus][piece]):
                corpus, piece, offset, left = self._jump()
                self._fresh[reader] = True
            codes[:, reader] = self._pieces[corpus][piece][offset : offset + self._steps + 1]
            self._where[reader] = (corpus, piece, offset + self._steps, left - self._steps)
        fresh, self._fresh = self._fresh, np.zeros(texts, bool)
        return codes, fresh

    def state(self) -> dict[str, Any]:
        """Everything that decides the batches to come, as plain JSON values."""
        return {"where": self._where, "fresh": self._fresh.tolist(), "random": self._random.bit_generator.state}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where ``state`` was taken."""
        self._where = [tuple(where) for where in state["where"]]
        self._fresh = np.asarray(state["fresh"], bool)
        self._random.bit_generator.state = state["random"]
