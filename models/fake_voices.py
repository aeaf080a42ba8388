"""Voices that each recite one line for ever: the fake that ships beside the choir, for tests and trying a front end.

Voice i, having read anything, expects the next character of its own text with probability ``certainty`` and shares the
rest evenly. After the n-th character read it stands at place n of its text, whatever the character was. Pure numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.interface import INITIAL_CODE, State, Voices, check_state
from protocol.alphabet import VOCABULARY


class FakeVoices:
    """``texts`` by slug; every text is 7-bit and not empty."""

    def __init__(self, texts: Mapping[str, str], certainty: float = 0.9) -> None:
        self.slugs = tuple(texts)
        self._codes = [np.frombuffer(text.encode("ascii"), np.uint8) for text in texts.values()]
        self._certainty = certainty
        self._begin(len(self.slugs))

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, code: int, voices: Sequence[int]) -> None:
        for voice in voices:
            self._distributions[voice] = self._expected(voice, int(self._read[voice]))
            self._read[voice] += 1

    def reset(self, voices: Sequence[int]) -> None:
        for voice in voices:
            self._read[voice] = 0
        self.step(INITIAL_CODE, voices)

    def save_state(self) -> State:
        return {"read": self._read.copy(), "expected": self._distributions.copy()}

    def load_state(self, state: State) -> None:
        check_state(state, ("read", self._read), ("expected", self._distributions))
        self._read[:], self._distributions[:] = state["read"], state["expected"]

    def for_new_text(self) -> Self:
        other = copy(self)
        other._begin(len(self._read))
        return other

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, FakeVoices)
        chosen = list(voices)
        self._read[chosen], self._distributions[chosen] = others._read[chosen], others.distributions[chosen]

    def trail(self, places: int) -> FakeTrail:
        return FakeTrail(self, places)

    @property
    def rolling(self) -> tuple[bool, ...]:
        return (True,) * len(self.slugs)

    def rollout(self, voices: Sequence[int], copies: int) -> FakeRollout:
        return FakeRollout(self, voices, copies)

    def read_apart(self, voices: Sequence[int]) -> FakeReadings:
        return FakeReadings(self, voices)

    def copied(self) -> Self:
        """These once more, with what they have read."""
        other = copy(self)
        other._read, other._distributions = self._read.copy(), self._distributions.copy()
        return other

    def _begin(self, count: int) -> None:
        self._read = np.zeros(count, np.int64)
        self._distributions = np.full((count, VOCABULARY), 1 / VOCABULARY, np.float32)
        self.reset(range(count))

    def _expected(self, voice: int, place: int) -> NDArray[np.float32]:
        text = self._codes[voice]
        row = np.full(VOCABULARY, (1 - self._certainty) / (VOCABULARY - 1), np.float32)
        row[text[place % len(text)]] = self._certainty
        return row


class FakeRollout:
    """Copies of a text that fake voices recite."""

    def __init__(self, original: FakeVoices, voices: Sequence[int], copies: int) -> None:
        self._voices = list(voices)
        self._copies = [original.copied() for _ in range(copies)]
        self._marked: list[State] = []

    @property
    def distributions(self) -> NDArray[np.float32]:
        return np.stack([each.distributions[self._voices] for each in self._copies])

    def step(self, codes: Sequence[int]) -> None:
        for each, code in zip(self._copies, codes, strict=True):
            if code >= 0:
                each.step(code, self._voices)

    def select(self, copies: Sequence[int]) -> None:
        states = [self._copies[index].save_state() for index in copies]
        for each, state in zip(self._copies, states, strict=True):
            each.load_state(state)

    def mark(self) -> None:
        self._marked = [each.save_state() for each in self._copies]

    def back(self) -> None:
        for each, state in zip(self._copies, self._marked, strict=True):
            each.load_state(state)


class FakeReadings:
    """Fake voices that recite apart."""

    def __init__(self, original: FakeVoices, voices: Sequence[int]) -> None:
        self._original, self._own, self._voices = original, original.copied(), list(voices)

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._own.distributions[self._voices]

    def step(self, codes: Sequence[int]) -> None:
        for voice, code in zip(self._voices, codes, strict=True):
            if code >= 0:
                self._own.step(code, [voice])

    def restart(self, places: Sequence[int]) -> None:
        self._own.copy_state(self._original, [self._voices[place] for place in places])


class FusibleFakeVoices(FakeVoices):
    """Fake voices of one family, without ``strangers``. The fused one recites the heaviest voice's text in capitals.

    So what it says is its parents', and yet nobody else says it. A fusion takes ``slices`` slices.
    """

    def __init__(
        self, texts: Mapping[str, str], certainty: float = 0.9, strangers: Sequence[str] = (), slices: int = 1
    ) -> None:
        self._strangers = frozenset(strangers)
        self._slices, self._left = slices, 0
        self._requested = -1  # the voice whose text is asked for, and the one whose text is recited; -1 for none
        self._fused = -1
        super().__init__(texts, certainty)
        self._begin(len(self.slugs) + 1)

    @property
    def fusible(self) -> tuple[bool, ...]:
        return tuple(slug not in self._strangers for slug in self.slugs)

    def request_fusion(self, weights: NDArray[np.floating[Any]]) -> None:
        counted = np.where(self.fusible, weights, 0.0)
        if counted.max(initial=0.0) > 0.0:
            self._requested, self._left = int(counted.argmax()), self._slices

    def continue_fusion(self, goes_on: Callable[[], bool]) -> bool:
        while self._left and goes_on():
            self._left -= 1
            if not self._left:
                self._fused = self._requested
        return not self._left

    def _expected(self, voice: int, place: int) -> NDArray[np.float32]:
        if voice < len(self.slugs):
            return super()._expected(voice, place)
        if self._fused < 0:
            return np.full(VOCABULARY, 1 / VOCABULARY, np.float32)
        row = super()._expected(self._fused, place)
        capitals = row.copy()
        capitals[ord("A") : ord("Z") + 1] = row[ord("a") : ord("z") + 1]
        capitals[ord("a") : ord("z") + 1] = row[ord("A") : ord("Z") + 1]
        return capitals


class FakeTrail:
    """The places in their texts where fake voices stood."""

    def __init__(self, voices: FakeVoices, places: int) -> None:
        self._voices, self._places = voices, places
        self._kept: dict[int, dict[int, tuple[int, NDArray[np.float32]]]] = {}  # by place, by voice

    def push(self, place: int, voices: Sequence[int]) -> None:
        kept = self._kept.setdefault(place, {})
        for voice in voices:
            kept[voice] = int(self._voices._read[voice]), self._voices.distributions[voice].copy()
        while len(self._kept) > self._places:
            del self._kept[min(self._kept)]

    def restore(self, place: int) -> tuple[int, ...]:
        self._kept = {at: kept for at, kept in self._kept.items() if at <= place}
        held = self._kept.get(place, {})
        for voice, (read, row) in held.items():
            self._voices._read[voice], self._voices.distributions[voice] = read, row
        return tuple(sorted(held))

    def clear(self) -> None:
        self._kept.clear()
