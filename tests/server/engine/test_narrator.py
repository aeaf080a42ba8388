"""The narrator speaks in every style's row, by one control, and is leaned to the styles by their weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.composite import Composite, Part, compose
from models.fake_voices import FusibleFakeVoices
from models.interface import Voices
from protocol.messages import Distributions, Narrator
from protocol.tree import ParameterTree, Value
from server.engine.clock import FakeClock
from server.engine.performance import Performance
from tests.server.conftest import LINES, Stage, mixed
from tests.server.engine.test_tongues import Slow, performed

TALE = {"teller": "zyxwvutsrqponmlkjihgfedcba"}


class Teller(Slow):
    """A slow fake that forgets what it read where it is kept, as a transformer does, and notes how it is leaned."""

    def __init__(self, slices: int = 1, clock: FakeClock | None = None, certainty: float = 1.0) -> None:
        super().__init__(TALE, slices, clock, 0.002)
        self.leaned: list[Mapping[str, float]] = []

    def forgets(self, voice: int) -> bool:
        return True

    def lean(self, weights: Mapping[str, float]) -> None:
        self.leaned.append(dict(weights))


def choir(narrator: Slow | None = None, certainty: float = 1.0) -> Voices:
    own = FusibleFakeVoices(LINES, certainty)
    part = Part("sense/fake", narrator or Teller(), ("sense/teller",))
    return compose([Part("fake", own, own.slugs)], own.slugs, Composite([part], part.slugs))


def values(sense: float, **weights: float) -> dict[str, Value]:
    return mixed(weights or {"ada": 1.0}, mix_sense=sense)


def test_at_nought_the_text_is_to_the_letter_what_it_is_without_a_narrator() -> None:
    now = values(0.0, ada=0.7, bob=0.5, cy=-0.3) | {"/mix/fusion": 0.3}
    own = FusibleFakeVoices(LINES, 0.4)
    alone = Performance(compose([Part("fake", own, own.slugs)], own.slugs), 3)
    assert performed(Performance(choir(certainty=0.4), 3), now, 200) == performed(alone, now, 200)
    assert ParameterTree(["ada"]).defaults()["/mix/sense"] == 0.0


def test_at_one_every_row_is_the_narrators_and_each_styles_part_is_its_weight() -> None:
    performance = Performance(choir(), 1)
    now = values(1.0, ada=0.75, bob=0.25)
    assert performed(performance, now, 5) == "zyxwv"
    performance.catch_up(lambda: True)
    assert performance.write(now).shares.tolist() == pytest.approx([0.75, 0.25, 0.0])


@given(sense=st.floats(0.01, 0.99))
def test_between_them_a_row_is_the_geometric_mean_of_its_own_and_the_narrators(sense: float) -> None:
    performance = Performance(choir(certainty=0.6), 1)

    def row(share: float) -> np.ndarray:
        performance.settle(values(share))
        performance.catch_up(lambda: True)
        return np.array(performance.distributions[0], np.float64)

    own, mine = row(0.0), row(1.0)
    wanted = np.maximum(own, 1e-12) ** (1 - sense) * np.maximum(mine, 1e-12) ** sense
    assert row(sense) == pytest.approx(wanted / wanted.sum(), abs=1e-6)


def test_the_narrator_is_leaned_to_the_styles_that_are_above_nought() -> None:
    teller = Teller()
    performance = Performance(choir(teller), 1)
    performed(performance, values(0.5, ada=0.6, bob=0.2, cy=-0.2), 3)
    assert teller.leaned[-1] == pytest.approx({"ada": 0.6, "bob": 0.2})


def test_without_a_share_it_does_not_read() -> None:
    teller = Teller()
    performed(Performance(choir(teller), 1), values(0.0), 10)
    assert teller.leaned == [] and not teller.begun(0)


@pytest.mark.parametrize(("slices", "speaks"), [(10, True), (200, False)])
def test_nobody_waits_for_the_narrator_and_listeners_know_how_often_it_was_in_time(slices: int, speaks: bool) -> None:
    teller = Teller(slices)
    stage = Stage({"ada": 1.0}, voices=choir(teller))  # ten characters a second
    teller.clock = stage.clock
    stage.parameters.put("/mix/sense", 1.0)
    stage.play(12.0)
    told = [message for message in stage.sink.broadcasts if isinstance(message, Narrator)][-1]
    assert stage.engine.timing.late == 0 and len(stage.text) == 120
    assert told.name == "teller" and (told.part > 0.9 if speaks else told.part < 0.1)
    assert set(stage.text[-20:]) <= set(TALE["teller"] if speaks else LINES["ada"])


def test_listeners_are_told_the_rows_before_it_is_done_and_again_behind() -> None:
    teller = Teller(10)
    stage = Stage({"ada": 1.0}, voices=choir(teller))
    teller.clock = stage.clock
    stage.parameters.put("/mix/sense", 1.0)
    stage.play(2.05)
    told = [message.sequence for message in stage.sink.broadcasts if isinstance(message, Distributions)]
    assert told[-6:] == [20, 20, 21, 21, 22, 22]


def test_one_that_answers_nan_in_the_middle_of_a_show_is_set_aside_and_the_styles_go_on() -> None:
    class Broken(Teller):
        def work(self, voice: int) -> None:
            super().work(voice)
            self.distributions[voice] *= np.nan

    performance = Performance(choir(Broken()), 1)
    assert performed(performance, values(1.0), 5) == "abcde" and performance.silenced == ("sense/teller",)


def test_a_performance_that_was_kept_goes_on_and_the_narrator_reads_again() -> None:
    performance, now = Performance(choir(), 1), values(1.0)
    performed(performance, now, 6)
    performance.catch_up(lambda: True)
    state, known = performance.snapshot()
    again = Performance(choir(), 1)
    again.restore(state, known)
    again.settle(now)
    assert again.distributions[0].argmax() == ord("g")  # the style alone
    again.catch_up(lambda: True)
    assert again.distributions[0].argmax() == ord("t")


def test_a_rewind_takes_the_narrator_back() -> None:
    performance, now = Performance(choir(), 1), values(1.0)
    performed(performance, now, 6)
    performance.catch_up(lambda: True)
    performance.rewind(3)
    assert performed(performance, now, 2, slices=0) == "we"  # what it had known there, and then it had no time
