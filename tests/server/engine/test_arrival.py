"""Arriving: a plan ends with the phrase in time, and a mix that moves or a text that goes elsewhere makes it void."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models.interface import Rollout
from protocol.mixing import WRITABLE
from server.engine.arrival import BRANCHES, TRUNK_CHARS, WORD_CHARS, Arrival, Mixing, Planner

TEXT = "we went to the sea and the ship was there. all that we saw was the grey sea and a bird. "
ONE_VOICE = Mixing(np.ones(1), 0.7)


def pairs() -> NDArray[np.float64]:
    """(V, V) how often each character follows another in ``TEXT``, with a little of everything."""
    counts = np.full((128, 128), 0.01) * WRITABLE
    for before, after in zip(TEXT, TEXT[1:] + TEXT[:1], strict=True):
        counts[ord(before), ord(after)] += 1.0
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


class FakeRollout:
    """One voice that knows which character follows which; it counts what it is asked to read."""

    def __init__(self, end: str, copies: int) -> None:
        self._pairs = pairs()
        self._last = np.full(copies, ord(end[-1]))
        self._marked = self._last
        self.steps = 0

    @property
    def distributions(self) -> NDArray[np.float32]:
        return np.asarray(self._pairs[self._last][:, None, :], np.float32)

    def step(self, codes: Sequence[int]) -> None:
        self.steps += 1
        self._last = np.where(np.array(codes) < 0, self._last, codes)

    def select(self, copies: Sequence[int]) -> None:
        self._last = self._last[list(copies)]

    def mark(self) -> None:
        self._marked = self._last.copy()

    def back(self) -> None:
        self._last = self._marked.copy()


class FakeStage:
    """A text that only the chosen letters and single characters by hand lengthen."""

    def __init__(self, text: str = "so ") -> None:
        self.text, self.chosen, self.mix = text, "", ONE_VOICE
        self.ready = True

    @property
    def sequence(self) -> int:
        return len(self.text)

    @property
    def end(self) -> str:
        return self.text[-80:]

    def mixing(self) -> Mixing | None:
        return self.mix

    def rollout(self, copies: int) -> Rollout:
        return FakeRollout(self.text, copies)

    def choose(self, letters: str) -> None:
        self.chosen = letters

    def write(self, letter: str = "e") -> None:
        self.text += self.chosen[:1] or letter
        self.chosen = self.chosen[1:]


def planned(phrase: str, chars: int, seed: int = 1) -> Planner:
    planner = Planner(
        phrase, chars, lambda copies: FakeRollout("so ", copies), ONE_VOICE, "so ", np.random.default_rng(seed)
    )
    assert planner.work(lambda: True)
    return planner


@pytest.mark.parametrize("chars", [20, 40, 90])
def test_a_plan_ends_with_the_phrase_about_where_it_is_wanted(chars: int) -> None:
    planner = planned("the sea", chars)
    assert planner.plan is not None
    assert planner.trunk is not None
    letters = planner.trunk + planner.plan.letters
    assert letters.endswith("the sea")
    assert len(letters) <= chars + 24
    assert len(planner.trunk) == min(TRUNK_CHARS, chars - len("the sea") - WORD_CHARS)


def test_the_phrase_stands_as_a_word_of_its_own() -> None:
    for seed in range(5):
        planner = planned("the sea", 40, seed)
        assert planner.plan is not None
        assert ("so " + (planner.trunk or "") + planner.plan.letters).removesuffix("the sea")[-1].isspace()


def test_a_plan_chooses_where_the_phrase_is_likely() -> None:
    lucky = planned("sea", 60).plan
    assert lucky is not None
    p = pairs()
    begun = np.log(p[ord(" "), ord("s")]) + np.log(p[ord("s"), ord("e")]) + np.log(p[ord("e"), ord("a")])
    assert lucky.nats > begun / 0.7 - 2.0


def test_where_there_is_no_room_the_phrase_is_written_at_once() -> None:
    planner = planned("the sea", 3)
    assert planner.trunk == ""
    assert planner.plan is not None
    assert planner.plan.letters.endswith("the sea")


def test_the_same_seed_plans_the_same_letters() -> None:
    assert planned("the sea", 40, 7).plan == planned("the sea", 40, 7).plan


def test_branches_draw_from_a_distribution_whatever_the_mix() -> None:
    rows = np.random.default_rng(1).dirichlet(np.ones(128), (3, 2)).astype(np.float32)
    for geometric in (False, True):
        p = Mixing(np.array([0.3, 0.7]), 0.5, geometric).mixed(rows)
        assert p.sum(axis=1) == pytest.approx(1.0)
        assert not p[:, ~WRITABLE].any()


def test_the_text_writes_the_trunk_while_branches_grow_and_then_arrives() -> None:
    stage = FakeStage()
    arrival = Arrival(stage, "the sea", 60)
    while not arrival.over:
        left = iter(range(40))
        arrival.work(lambda left=left: next(left, None) is not None)  # type: ignore[misc]
        stage.write()
        assert stage.sequence < 100
    assert stage.text.endswith("the sea")


def test_a_mix_that_moves_makes_the_plan_void_and_another_is_made() -> None:
    stage = FakeStage()
    arrival = Arrival(stage, "the sea", 60)
    arrival.work(lambda: True)
    assert stage.chosen
    stage.mix = Mixing(np.ones(1), 1.0)
    arrival.work(lambda: False)
    assert stage.chosen == ""
    arrival.work(lambda: True)
    assert stage.chosen.endswith("the sea")


def test_text_that_goes_elsewhere_makes_the_plan_void() -> None:
    stage = FakeStage()
    arrival = Arrival(stage, "the sea", 60)
    left = iter(range(TRUNK_CHARS + 2))
    arrival.work(lambda: next(left, None) is not None)
    assert len(stage.chosen) == TRUNK_CHARS
    for _ in range(TRUNK_CHARS + 1):  # branches are not ready in time: the text goes on by itself
        stage.write()
    arrival.work(lambda: False)
    assert arrival.coming.chars is None


def test_the_performer_sees_how_far_the_phrase_is() -> None:
    stage = FakeStage()
    arrival = Arrival(stage, "the sea", 60)
    assert arrival.coming.chars is None
    arrival.work(lambda: True)
    before = arrival.coming.chars
    stage.write()
    assert before is not None
    assert arrival.coming.chars == before - 1
    assert arrival.coming.bits_a_letter > 0.0
    assert BRANCHES > 1
