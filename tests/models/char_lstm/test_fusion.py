"""Voices of one family are averaged into one network, in slices, while the old one speaks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.char_lstm.fusion import FusibleChoir, FusionSources
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.weights_file import VoiceWeights
from models.interface import Fusible

SHAPE = Shape(2, 16)
TEXT = b"a hen said no"
FUSED = 3


def kin(count: int, family: str | None = "base") -> list[VoiceWeights]:
    torch.manual_seed(count)
    return [VoiceWeights.of(CharLSTM(SHAPE), f"voice{i}", {"base": family}) for i in range(count)]


def choir(voices: list[VoiceWeights], exact: bool = False) -> FusibleChoir:
    return FusibleChoir(FusionSources(voices, PackedWeights(voices, exact=exact)))


def averaged(voices: list[VoiceWeights], weights: list[float]) -> NDArray[np.float32]:
    """What the mean network expects after a line's end and TEXT, in plain torch."""
    networks = [voice.network().state_dict() for voice in voices]
    mean = CharLSTM(SHAPE)
    total = sum(weights)
    mean.load_state_dict(
        {
            name: sum(w / total * network[name] for w, network in zip(weights, networks, strict=True))
            for name in networks[0]
        }
    )
    codes = torch.tensor([10, *TEXT]).view(-1, 1)
    with torch.inference_mode():
        logits: torch.Tensor = mean.eval()(codes, mean.zero_state(1))[0]
    return np.asarray(logits[-1, 0].softmax(0).numpy())


def heard(choir: FusibleChoir, voice: int = FUSED) -> NDArray[np.float32]:
    choir.reset([voice])
    for code in TEXT:
        choir.step(code, [voice])
    return np.array(choir.distributions[voice])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).filter(lambda weights: sum(weights) > 0.1))
def test_the_fused_voice_is_the_network_of_averaged_parameters(weights: list[float]) -> None:
    voices = kin(3)
    exact = choir(voices, exact=True)
    exact.request_fusion(np.array(weights))
    assert exact.continue_fusion(lambda: True)
    np.testing.assert_allclose(heard(exact), averaged(voices, weights), atol=1e-5)


def test_int8_rows_are_averaged_as_they_stand_in_their_files() -> None:
    voices = kin(3)
    rows = choir(voices)
    rows.request_fusion(np.array([0.5, 0.25, 0.25]))
    rows.continue_fusion(lambda: True)
    distance = 0.5 * np.abs(heard(rows) - averaged(voices, [0.5, 0.25, 0.25])).sum()
    assert distance < 0.005  # what rounding to int8 makes of random weights


def test_fused_of_one_voice_alone_it_says_what_that_voice_says() -> None:
    one = choir(kin(3))
    one.request_fusion(np.array([0.0, 1.0, 0.0]))
    one.continue_fusion(lambda: True)
    np.testing.assert_allclose(heard(one), heard(one, 1), atol=1e-5)


def test_the_old_network_speaks_until_the_new_one_is_whole() -> None:
    two = choir(kin(3))
    assert np.ptp(heard(two)) == 0.0  # none yet: every character alike
    two.request_fusion(np.array([1.0, 0.0, 0.0]))
    two.continue_fusion(lambda: True)
    before = heard(two)
    two.request_fusion(np.array([0.0, 0.0, 1.0]))
    turns = iter([True, False] * 100)  # a slice each time
    slices = 0
    while not two.continue_fusion(turns.__next__):
        np.testing.assert_array_equal(heard(two), before)
        slices += 1
    assert slices >= 4
    assert np.abs(heard(two) - before).max() > 1e-3


def test_its_state_goes_on_when_its_parameters_move() -> None:
    moving, still = choir(kin(3)), choir(kin(3))
    for one in (moving, still):
        one.request_fusion(np.array([1.0, 1.0, 0.0]))
        one.continue_fusion(lambda: True)
        heard(one)
    moving.request_fusion(np.array([1.0, 1.0, 1e-6]))
    moving.continue_fusion(lambda: True)
    for one in (moving, still):
        one.step(ord("!"), [FUSED])
    np.testing.assert_allclose(moving.distributions[FUSED], still.distributions[FUSED], atol=1e-4)


def test_voices_of_another_base_are_mixed_only() -> None:
    voices = [*kin(3), *(replace(voice, slug=f"far{i}") for i, voice in enumerate(kin(1, "another base")))]
    mixed = choir(voices)
    assert isinstance(mixed, Fusible) and mixed.fusible == (True, True, True, False)
    mixed.request_fusion(np.array([0.0, 0.5, 0.0, 0.5]))
    mixed.continue_fusion(lambda: True)
    np.testing.assert_allclose(heard(mixed, 4), heard(mixed, 1), atol=1e-5)


@pytest.mark.parametrize("weights", [[0.0, 0.0, 0.0], [-1.0, 0.0, -0.5]])
def test_a_wish_without_a_positive_weight_is_none(weights: list[float]) -> None:
    one = choir(kin(3))
    one.request_fusion(np.array(weights))
    assert one.continue_fusion(lambda: False)  # nothing to be done


def test_the_others_are_not_disturbed_and_all_step_together() -> None:
    alone, together = choir(kin(3)), choir(kin(3))
    together.request_fusion(np.ones(3))
    together.continue_fusion(lambda: True)
    for code in TEXT:
        alone.step(code, range(3))
        together.step(code, range(4))
    np.testing.assert_array_equal(alone.distributions[:3], together.distributions[:3])


def test_each_text_has_a_fused_voice_of_its_own_weights() -> None:
    here = choir(kin(3))
    there = here.for_new_text()
    here.request_fusion(np.array([1.0, 0.0, 0.0]))
    there.request_fusion(np.array([0.0, 1.0, 0.0]))
    here.continue_fusion(lambda: True)
    there.continue_fusion(lambda: True)
    np.testing.assert_allclose(heard(here), heard(here, 0), atol=1e-5)
    np.testing.assert_allclose(heard(there), heard(there, 1), atol=1e-5)


def test_a_network_takes_as_many_slices_the_first_time_as_the_second() -> None:
    def slices(singing: FusibleChoir) -> int:
        singing.request_fusion(np.array([0.5, 0.25, 0.25]))
        count = 1
        while not singing.continue_fusion(iter([True, False]).__next__):
            count += 1
        return count

    first = choir(kin(3))
    assert slices(first) == slices(first.for_new_text()) == slices(first)
