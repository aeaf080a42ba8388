"""Transformers keep the promises of voices, and of those that are slow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import tensor_file
from models.evaluation import bits_per_char
from models.interface import Unhurried
from models.loading import load_voices
from models.transformer import load as transformer
from models.transformer.adapters import Adapter
from models.transformer.network import ADAPTED
from models.transformer.stepping import Stepper
from models.transformer.voices import TransformerVoices
from models.transformer.weights_file import TransformerWeights
from protocol.errors import VoiceError
from tests.models.transformer.tiny import GPT2, weights

TEXT = b"the abc he 77\n\nabca"


def voices(*adapters: Adapter, seed: int = 1) -> TransformerVoices:
    return TransformerVoices([Stepper(weights(seed))], adapters)


def finish(of: TransformerVoices, voice: int = 0) -> int:
    slices = 0
    while of.begun(voice):
        of.work(voice)
        slices += 1
    return slices


def read(of: TransformerVoices, text: bytes = TEXT, fresh: bool = True) -> np.ndarray:
    if fresh:
        of.reset([0])
        finish(of)
    for code in text:
        of.step(code, [0])
        finish(of)
    return np.array(of.distributions[0])


def adapter(slug: str, seed: int, rank: int = 2) -> Adapter:
    made, generator = weights(), torch.Generator().manual_seed(seed)
    pairs = {
        f"{place}.{name}": (
            torch.randn(rank, made.shape.sizes[name][1], generator=generator) * 0.2,
            torch.randn(made.shape.sizes[name][0], rank, generator=generator) * 0.2,
        )
        for place in range(made.shape.layers)
        for name in ADAPTED
    }
    return Adapter(slug, made.digest(), pairs, {"minutes": 1.0})


def saved(path: Path, made: TransformerWeights) -> Path:
    made.save(path, transformer.expect(Stepper(made)))
    return path


def test_a_letter_is_read_in_slices_and_nothing_is_said_before_the_last() -> None:
    one = voices()
    assert isinstance(one, Unhurried)
    before = read(one)
    one.step(ord("t"), [0])
    assert one.begun(0) and np.array_equal(one.distributions[0], before)
    assert finish(one) >= 1 and one.distributions.sum() == pytest.approx(1.0, abs=1e-5)
    assert not np.array_equal(one.distributions[0], before)


def test_the_same_text_gives_the_same_to_the_last_bit_and_after_a_reset_again() -> None:
    one, other = voices(), voices()
    first = read(one)
    read(other, b"something else")
    assert np.array_equal(read(other), first) and np.array_equal(read(one), first)


def test_where_learnt_positions_end_it_begins_again_and_reads_the_last_letters() -> None:
    one, other = (TransformerVoices([Stepper(weights(shape=GPT2))]) for _ in range(2))
    text = b"he 7 a c t " * 12
    finish(one)
    after = [read(one, bytes([code]), fresh=False) for code in text]
    assert np.isfinite(after).all() and all(row.sum() == pytest.approx(1.0) for row in after)
    last = GPT2.positions // 2
    again = [
        bool(np.array_equal(after[at], read(other, text[at + 1 - last : at + 1]))) for at in range(last, len(text))
    ]
    assert 1 <= sum(again) < 5  # where it began again it knows these letters and no others


def test_a_trail_takes_it_back_to_what_it_knew() -> None:
    one = voices()
    read(one)
    trail = one.trail(10)
    trail.push(19, [0])
    wanted = read(one, b"abc", fresh=False)
    read(one, b" the", fresh=False)
    one.step(ord("x"), [0])
    assert trail.restore(19) == (0,) and not one.begun(0)
    assert np.allclose(read(one, b"abc", fresh=False), wanted, atol=1e-6)  # other tokens lie between in the ring


def test_what_the_ring_does_not_hold_any_more_is_not_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.transformer.key_values.KeyValues.holds", lambda held, path: False)
    one = voices()
    read(one)
    trail = one.trail(10)
    trail.push(19, [0])
    assert trail.restore(19) == ()


def test_a_snapshot_has_what_it_expects_and_the_voice_has_to_read_again() -> None:
    one, other = voices(), voices()
    expected = read(one)
    other.load_state(one.save_state())
    assert np.array_equal(other.distributions[0], expected) and other.forgets(0)
    assert np.array_equal(read(other), expected)
    with pytest.raises(VoiceError, match="others"):
        other.load_state({"expected": np.zeros((3, 128), np.float32)})


def test_another_of_the_same_takes_over_what_was_read_and_another_text_does_not() -> None:
    one, other = voices(), voices()
    read(one)
    apart = one.for_new_text()
    other.copy_state(one, [0])
    assert np.array_equal(read(other, b"abc", fresh=False), read(voices(), TEXT + b"abc"))
    assert np.array_equal(read(apart, b"abc"), read(voices(), b"abc"))


def test_an_adapter_leans_it_by_its_share_of_the_weights_and_none_leaves_it_as_it_is() -> None:
    one, plain = voices(adapter("ada", 1), adapter("bob", 2)), read(voices())

    def leaning(**weights: float) -> np.ndarray:
        one.lean(weights)
        return read(one)

    assert np.array_equal(leaning(), plain) and np.array_equal(leaning(cy=1.0), plain)
    alone = leaning(ada=0.2)
    assert not np.allclose(alone, plain, atol=1e-4) and np.array_equal(leaning(ada=0.9), alone)
    assert np.array_equal(leaning(ada=0.5, bob=-0.5), alone)
    assert not np.allclose(leaning(ada=0.5, cy=0.5), alone, atol=1e-5)


def test_adapters_together_are_the_network_with_the_mean_of_what_they_add() -> None:
    made, ada, bob = weights(), adapter("ada", 1), adapter("bob", 2)
    one = voices(ada, bob)
    one.lean({"ada": 0.75, "bob": 0.25})
    network = made.network()
    with torch.no_grad():
        for share, each in ((0.75, ada), (0.25, bob)):
            for name, (down, up) in each.pairs.items():
                place, matrix = name.split(".")
                getattr(network.layers[int(place)], matrix).add_(share * (up @ down))
    merged = TransformerVoices([Stepper(TransformerWeights.of(network, "tiny", made.subwords, {}))])
    assert np.allclose(read(one), read(merged), atol=1e-5)


def test_the_files_of_a_network_and_its_adapters_are_loaded_together(tmp_path: Path) -> None:
    path, style = saved(tmp_path / "tiny.safetensors", weights()), tmp_path / "ada.safetensors"
    adapter("ada", 1).save(style)
    loaded = transformer.load([path, style], "cpu", pytest.fail)
    assert loaded.slugs == ("tiny",) and loaded.adapted == ("ada",)
    assert bits_per_char(loaded, np.frombuffer(TEXT, np.uint8)) > 0.0


def test_an_adapter_of_another_network_is_left_out_with_a_line(tmp_path: Path) -> None:
    path, style = saved(tmp_path / "tiny.safetensors", weights(2)), tmp_path / "ada.safetensors"
    adapter("ada", 1).save(style)
    lines: list[str] = []
    assert transformer.load([path, style], "cpu", lines.append).adapted == ()
    assert len(lines) == 1 and "another narrator" in lines[0]


def test_a_network_that_does_not_speak_as_it_was_saved_is_refused(tmp_path: Path) -> None:
    weights().save(tmp_path / "tiny.safetensors", (1.0, *[0.0] * 127))
    with pytest.raises(VoiceError, match="no transformer"):
        transformer.load([tmp_path / "tiny.safetensors"], "cpu", lambda line: None)


@pytest.mark.parametrize(
    "damage",
    [
        lambda made: made | {"shape": made["shape"] | {"tokens": 5}},
        lambda made: made | {"shape": made["shape"] | {"heads": 3}},
        lambda made: made | {"format": 99},
        lambda made: made | {"single_digits": None, "shape": 3},
    ],
)
def test_a_file_that_does_not_fit_together_is_refused(
    tmp_path: Path, damage: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    path = saved(tmp_path / "tiny.safetensors", weights())
    tensors, record = tensor_file.read(path)
    tensor_file.write(path, tensors, damage(record))
    with pytest.raises(VoiceError, match="no transformer"):
        TransformerWeights.load(path)


def test_as_a_voice_of_its_own_it_is_too_slow(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(VoiceError, match="at least one voice"):
        load_voices([saved(tmp_path / "tiny.safetensors", weights())], complain=lines.append)
    assert "too slow" in lines[0]
