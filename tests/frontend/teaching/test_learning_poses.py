"""From three poses to all between them: exact where it was shown, smooth and monotone on the way."""

from __future__ import annotations

import math
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from frontend.teaching.lesson import METHODS, Lesson, Method, aim_of_voice
from frontend.teaching.mapping import MISSING, TrainingResult, learn, on_simplex
from protocol.errors import ParameterError

VOICES = ("bible", "linux", "lovesongs")
CENTRES = {"bible": (0.2, 0.2, 0.5), "linux": (0.8, 0.3, 0.5), "lovesongs": (0.5, 0.9, 0.5)}
TREMOR = 0.01


def pose(*levels: float) -> dict[str, float]:
    return {f"leap/hand/{axis}": level for axis, level in zip(("x", "height", "grip"), levels, strict=True)}


def lesson(method: Method, times: int = 3, voices: tuple[str, ...] = VOICES) -> Lesson:
    """Each voice's pose, shown ``times`` times by a hand that trembles."""
    tremor = np.random.default_rng(7)
    shown = Lesson(method=method)
    for _ in range(times):
        for voice in voices:
            levels = (level + TREMOR * tremor.normal() for level in CENTRES[voice][:2])
            shown = shown.shown(voice, aim_of_voice(voice, voice), pose(*levels, 0.5))
    return shown


def parts(learnt: TrainingResult, features: dict[str, float]) -> np.ndarray:
    return learnt.meaning.meant(learnt.meaning.scaling.row(features))


@pytest.mark.parametrize("method", METHODS)
def test_at_a_pose_its_voice_is_meant_and_between_two_each_gives_way_to_the_other(method: Method) -> None:
    learnt = learn(lesson(method))
    for place, voice in enumerate(VOICES):
        assert parts(learnt, pose(*CENTRES[voice]))[place] > 0.9
    way = np.linspace(CENTRES["bible"], CENTRES["linux"], 41)
    on_the_way = np.array([parts(learnt, pose(*at)) for at in way.tolist()])  # (41, 3)
    assert np.diff(on_the_way[:, 0]).max() < 0.005
    assert np.diff(on_the_way[:, 1]).min() > -0.005
    assert np.abs(np.diff(on_the_way, axis=0)).max() < 0.1


@pytest.mark.parametrize("method", METHODS)
def test_how_far_off_it_is_is_known_from_what_was_left_out(method: Method) -> None:
    learnt = learn(lesson(method), patience=math.inf)
    assert learnt.off is not None
    assert learnt.off < 0.1
    assert set(learnt.off_by_aim) == set(VOICES)
    assert learn(lesson(method, times=1)).off is None
    assert learn(lesson(method), patience=0.0).off is None


def test_poses_that_cannot_be_told_apart_are_seen_to_be() -> None:
    confused = lesson("nearest")
    for levels in ((0.21, 0.2), (0.19, 0.21), (0.2, 0.19)):
        confused = confused.shown("kant", aim_of_voice("kant", "kant"), pose(*levels, 0.5))
    learnt = learn(confused, patience=math.inf)
    assert learnt.off_by_aim["kant"] > 0.3 > learnt.off_by_aim["linux"]


def test_what_never_changed_says_nothing_and_what_is_missing_is_the_mean() -> None:
    learnt = learn(lesson("nearest"))
    assert learnt.meaning.scaling.names == ("leap/hand/height", "leap/hand/x")
    assert learnt.meaning.scaling.row({}).tolist() == [0.0, 0.0]
    assert not learnt.meaning.scaling.present({"leap/hand/grip": 0.5})


def test_one_pose_or_poses_that_are_all_the_same_are_too_little() -> None:
    with pytest.raises(ParameterError, match="at least two"):
        learn(lesson("network", voices=("bible",)))
    same = Lesson().shown("a", aim_of_voice("a", "a"), pose(0.5, 0.5, 0.5))
    with pytest.raises(ParameterError, match="all the same"):
        learn(same.shown("b", aim_of_voice("b", "b"), pose(0.5, 0.5, 0.5)))


def test_without_scikit_learn_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.neural_network", None)
    with pytest.raises(ParameterError, match="scikit-learn") as told:
        learn(lesson("network"))
    assert str(told.value) == MISSING


@given(arrays(np.float64, st.integers(1, 32), elements=st.floats(-1e6, 1e6)))
def test_the_simplex_is_where_every_answer_lies(point: np.ndarray) -> None:
    found = on_simplex(point)
    assert found.min() >= 0.0
    assert found.sum() == pytest.approx(1.0)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8).filter(lambda raw: sum(raw) > 0.01))
def test_what_lies_on_the_simplex_stays_where_it_is(raw: list[float]) -> None:
    point = np.array(raw) / sum(raw)
    assert on_simplex(point) == pytest.approx(point, abs=1e-9)


coordinates = st.floats(-1e3, 1e3)


@cache
def learnt_by(method: Method) -> TrainingResult:
    return learn(lesson(method))


@given(coordinates, coordinates)
def test_wherever_the_hand_goes_the_answer_is_a_mix(x: float, height: float) -> None:
    for method in METHODS:
        found = parts(learnt_by(method), pose(x, height, 0.5))
        assert found.min() >= 0.0
        assert found.sum() == pytest.approx(1.0)
