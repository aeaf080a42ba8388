"""The choir steps all its voices as each would step alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import tensor_file
from models.char_lstm.choir import Choir
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.packed_weights import PackedWeights
from models.char_lstm.weights_file import VoiceWeights
from models.interface import INITIAL_CODE
from models.loading import load_voices, pick_device
from protocol.errors import VoiceError

SMALL = Shape(2, 32)
TEXT = "static unsigned love, and it came to pass"


def voices(count: int, shape: Shape = SMALL) -> list[VoiceWeights]:
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        network = CharLSTM(shape)
        with torch.no_grad():
            network.output.weight.mul_(8)  # untrained voices would all say the same
        made.append(VoiceWeights.of(network, f"voice{seed:02}", {}))
    return made


def choir_of(made: list[VoiceWeights], exact: bool = False) -> Choir:
    return Choir(PackedWeights(made, exact=exact))


def read(choir: Choir, text: str, chosen: list[int]) -> np.ndarray:
    for code in text.encode():
        choir.step(code, chosen)
    return choir.distributions[chosen].copy()


@pytest.mark.parametrize("shape", [Shape(1, 32), Shape(2, 32), Shape(3, 16)])
def test_twenty_four_batched_equal_twenty_four_networks_apart(shape: Shape) -> None:
    made = voices(24, shape)
    batched = read(choir_of(made, exact=True), TEXT, list(range(24)))
    codes = torch.tensor([INITIAL_CODE, *TEXT.encode()]).view(-1, 1)
    for row, voice in zip(batched, made, strict=True):
        network = voice.network()
        with torch.inference_mode():
            logits, _ = network(codes, network.zero_state(1))
        np.testing.assert_allclose(row, logits[-1, 0].softmax(0), atol=1e-5)


def test_int8_says_nearly_what_float_says() -> None:
    made = voices(6)
    quick = read(choir_of(made), TEXT, list(range(6)))
    exact = read(choir_of(made, exact=True), TEXT, list(range(6)))
    assert 0.5 * np.abs(quick - exact).sum(axis=1).mean() < 0.02


@pytest.mark.parametrize("exact", [False, True])
def test_a_voice_answers_the_same_to_the_bit_alone_and_in_company(exact: bool) -> None:
    made = voices(5)
    together = choir_of(made, exact=exact)
    for code in TEXT.encode():
        together.step(code, [1, 3])
    alone = read(choir_of([made[3]], exact=exact), TEXT, [0])
    if exact:
        np.testing.assert_allclose(together.distributions[3], alone[0], atol=1e-6)
    else:
        assert np.array_equal(together.distributions[3], alone[0])


def test_feeding_ab_equals_feeding_a_then_b() -> None:
    choir = choir_of(voices(2))
    first = read(choir, "ab", [0, 1])
    choir.reset([0, 1])
    read(choir, "a", [0, 1])
    assert np.array_equal(read(choir, "b", [0, 1]), first)


def test_a_voice_that_does_not_step_keeps_its_row_and_its_state() -> None:
    choir = choir_of(voices(3))
    before = choir.distributions[1].copy()
    read(choir, "abc", [0, 2])
    assert np.array_equal(choir.distributions[1], before)
    read(choir, "x", [1])
    fresh = choir_of(voices(3))
    assert np.array_equal(read(fresh, "x", [1])[0], choir.distributions[1])


def test_reset_forgets_all_that_was_read_and_only_for_the_voices_named() -> None:
    choir = choir_of(voices(2))
    fresh = choir.distributions.copy()
    read(choir, TEXT, [0, 1])
    kept = choir.distributions[1].copy()
    choir.reset([0])
    assert np.array_equal(choir.distributions[0], fresh[0])
    assert np.array_equal(choir.distributions[1], kept)


@settings(max_examples=15, deadline=None)
@given(before=st.text("abc \n", max_size=8), after=st.text("abc \n", min_size=1, max_size=8))
def test_a_saved_state_is_untouched_by_what_follows_and_brings_all_back(before: str, after: str) -> None:
    choir = choir_of(voices(2, Shape(2, 8)))
    read(choir, before, [0, 1])
    state = choir.save_state()
    once = read(choir, after, [0, 1])
    choir.load_state(state)
    assert np.array_equal(read(choir, after, [0, 1]), once)


def test_distributions_are_probabilities() -> None:
    rows = read(choir_of(voices(4)), TEXT, [0, 1, 2, 3])
    assert (rows > 0).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-5)


def test_one_broken_file_does_not_keep_the_others_from_speaking(tmp_path: Path) -> None:
    for voice in voices(3):
        voice.save(tmp_path / f"{voice.slug}.safetensors")
    (tmp_path / "voice01.safetensors").write_bytes(b"not a voice at all")
    lines: list[str] = []
    choir = load_voices(sorted(tmp_path.glob("*.safetensors")), complain=lines.append)
    assert choir.slugs == ("voice00", "voice02")
    assert len(lines) == 1 and "voice01.safetensors" in lines[0]


def test_a_file_whose_weights_were_changed_is_found_by_its_golden_vector(tmp_path: Path) -> None:
    for voice in voices(2):
        voice.save(tmp_path / f"{voice.slug}.safetensors")
    path = tmp_path / "voice00.safetensors"
    tensors, record = tensor_file.read(path)
    tensor_file.write(path, {**tensors, "output.weight": -tensors["output.weight"]}, record)
    lines: list[str] = []
    assert load_voices(sorted(tmp_path.glob("*.safetensors")), complain=lines.append).slugs == ("voice01",)
    assert "golden vector" in lines[0]


def test_a_voice_of_another_shape_is_left_out(tmp_path: Path) -> None:
    for voice in [*voices(2), VoiceWeights.of(CharLSTM(Shape(1, 16)), "odd", {})]:
        voice.save(tmp_path / f"{voice.slug}.safetensors")
    lines: list[str] = []
    assert load_voices(sorted(tmp_path.glob("*.safetensors")), complain=lines.append).slugs == ("voice00", "voice01")
    assert "odd is 1x16" in lines[0]


def test_no_voice_at_all_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="antiphon train"):
        load_voices([tmp_path / "nobody.safetensors"])


def test_a_device_that_is_not_there_is_refused() -> None:
    assert pick_device("cpu") == "cpu"
    with pytest.raises(VoiceError, match="no device tpu"):
        pick_device("tpu")


def test_two_choirs_of_one_ensemble_speak_apart() -> None:
    ensemble = PackedWeights(voices(2))
    one, other = Choir(ensemble), Choir(ensemble)
    kept = one.distributions.copy()
    other.step(ord("b"), [0])
    assert np.array_equal(one.distributions, kept)
