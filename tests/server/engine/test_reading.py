"""Whatever is done to a performance, who speaks has read what stands: random play by voices that keep diaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from models.interface import Voices
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.engine.catch_up import WAKING_CHARS
from server.engine.performance import Performance

SLUGS = tuple("abcdef")


class Diarists:
    """Voices that expect any letter and remember all that they have read since they were reset.

    They can be fused, but for the last; a network takes three slices.
    """

    fusible = (*[True] * (len(SLUGS) - 1), False)

    def __init__(self) -> None:
        self.slugs = SLUGS
        self.diaries = [""] * (len(SLUGS) + 1)
        self.networks = 0
        self._left = 0
        self._distributions = np.zeros((len(SLUGS) + 1, 128), np.float32)
        self._distributions[:, ord("a") : ord("p")] = 1 / 15

    def request_fusion(self, weights: NDArray[np.floating[Any]]) -> None:
        assert weights.shape == (len(SLUGS),) and weights[-1] == 0.0 < weights.sum()
        self._left = 3

    def continue_fusion(self, goes_on: Callable[[], bool]) -> bool:
        while self._left and goes_on():
            self._left -= 1
            self.networks += not self._left
        return not self._left

    @property
    def distributions(self) -> NDArray[np.float32]:
        return self._distributions

    def step(self, code: int, voices: Sequence[int]) -> None:
        for voice in voices:
            self.diaries[voice] += chr(code)

    def reset(self, voices: Sequence[int]) -> None:
        for voice in voices:
            self.diaries[voice] = ""

    def save_state(self) -> Any:
        return list(self.diaries)

    def load_state(self, state: Any) -> None:
        self.diaries = list(state)

    def for_new_text(self) -> Diarists:
        return Diarists()

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        assert isinstance(others, Diarists)
        for voice in voices:
            self.diaries[voice] = others.diaries[voice]

    def trail(self, places: int) -> DiaryTrail:
        return DiaryTrail(self, places)


class DiaryTrail:
    """The diaries as they stood at each of the last places."""

    def __init__(self, diarists: Diarists, places: int) -> None:
        self.diarists, self.places = diarists, places
        self.kept: dict[int, dict[int, str]] = {}

    def push(self, place: int, voices: Sequence[int]) -> None:
        self.kept.setdefault(place, {}).update({voice: self.diarists.diaries[voice] for voice in voices})
        while len(self.kept) > self.places:
            del self.kept[min(self.kept)]

    def restore(self, place: int) -> tuple[int, ...]:
        self.kept = {at: diaries for at, diaries in self.kept.items() if at <= place}
        for voice, diary in self.kept.get(place, {}).items():
            self.diarists.diaries[voice] = diary
        return tuple(sorted(self.kept.get(place, {})))

    def clear(self) -> None:
        self.kept.clear()


class Reading(RuleBasedStateMachine):
    """One performance, played at random."""

    def __init__(self) -> None:
        super().__init__()
        self.voices = Diarists()
        self.performance = Performance(self.voices, 1)
        self.values = ParameterTree(SLUGS).defaults()
        self.text = ""

    @rule(
        weights=st.lists(st.sampled_from([-1.0, 0.0, 0.01, 0.5, 1.0]), min_size=len(SLUGS), max_size=len(SLUGS)),
        fusion=st.sampled_from([0.0, 0.0, 0.5, 1.0]),
    )
    def move_faders(self, weights: list[float], fusion: float) -> None:
        for slug, weight in zip(SLUGS, weights, strict=True):
            self.values |= {on_address(slug): weight != 0.0, weight_address(slug): weight}
        self.values["/mix/fusion"] = fusion
        self.performance.settle(self.values)

    @rule(weights=st.none() | st.lists(st.floats(-1, 1), min_size=len(SLUGS), max_size=len(SLUGS)))
    def set_upcoming(self, weights: list[float] | None) -> None:
        coming: dict[str, Value] = {"/mix/fusion": 1.0}
        for slug, weight in zip(SLUGS, weights or (), strict=False):
            coming |= {on_address(slug): True, weight_address(slug): weight}
        self.performance.set_upcoming(coming if weights else None)

    @rule(chars=st.integers(1, 60), slices=st.integers(0, 30))
    def write(self, chars: int, slices: int) -> None:
        for _ in range(chars):
            self.performance.settle(self.values)
            self.performance.catch_up(self._slices_and_until_ready(slices))
            assert self.performance.ready
            written = self.performance.write(self.values)
            assert written.joint.sum() == pytest.approx(1.0) and written.shares.sum() == pytest.approx(1.0)
            assert set(np.flatnonzero(written.weights)) <= set(self.performance.awake)
            self.text += written.character
            self.performance.listen()

    def _slices_and_until_ready(self, slices: int) -> Callable[[], bool]:
        left = iter([True] * slices)
        return lambda: next(left, not self.performance.ready)

    @rule(text=st.text("qrstuvwxyz", max_size=30), times=st.integers(1, 30))
    def prime(self, text: str, times: int) -> None:
        self.performance.prime(text * times)
        self.text += text * times

    @rule(chars=st.integers(0, 300))
    def rewind(self, chars: int) -> None:
        self.performance.rewind(chars)
        self.text = self.text[: max(0, len(self.text) - chars)]

    @rule()
    def reset(self) -> None:
        self.performance.reset()
        self.text = ""

    @rule(slices=st.integers(0, 100))
    def catch_up(self, slices: int) -> None:
        left = iter([True] * slices)
        self.performance.catch_up(lambda: next(left, False))

    @invariant()
    def the_page_is_the_text(self) -> None:
        assert self.performance.buffer.tail(10_000).text == self.text[-10_000:]
        assert self.performance.buffer.length == len(self.text)

    @invariant()
    def whoever_speaks_has_read_the_last_eighty_characters_in_their_order(self) -> None:
        if self.performance.ready:
            for voice in self.performance.awake:
                assert self.voices.diaries[voice].endswith(self.text[-WAKING_CHARS:])

    @invariant()
    def the_fused_network_is_only_awake_when_there_is_one(self) -> None:
        assert len(SLUGS) not in self.performance.awake or self.voices.networks

    @invariant()
    def nobody_wakes_and_is_awake(self) -> None:
        assert not set(self.performance.awake) & set(self.performance.waking)


Reading.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestReading = Reading.TestCase
