"""A generator as a file: it comes back, and what is no such file is told in a line."""

from pathlib import Path

import pytest
import torch

from models import tensor_file
from models.sprites.network import one_hot
from models.sprites.weights_file import SpriteWeights
from protocol.errors import VoiceError


def test_a_generator_comes_back_and_draws_nearly_the_same(weights: SpriteWeights, file: Path) -> None:
    again = SpriteWeights.load(file)
    assert again.categories == weights.categories
    mix, noise = one_hot(torch.arange(3), 3), torch.randn(3, 6)
    drawn, redrawn = (each.generator(each.latents.place(mix, noise), mix) for each in (weights, again))
    assert torch.allclose(drawn, redrawn, atol=0.03)


def test_a_file_is_a_small_one(file: Path) -> None:
    assert file.stat().st_size < 60_000


@pytest.mark.parametrize("name", ["generator.embedding.weight", "points", "labels", "centres", "roots"])
def test_a_file_that_lacks_a_part_is_told(file: Path, name: str) -> None:
    tensors, record = tensor_file.read(file)
    del tensors[name]
    tensor_file.write(file, tensors, record)
    with pytest.raises(VoiceError, match="of another shape than it says"):
        SpriteWeights.load(file)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shape", {"categories": 3, "latent": 7, "channels": 16}),
        ("shape", {"categories": 3, "latent": 6, "pixels": 48}),
        ("shape", {"categories": 3, "latent": 10**9}),
        ("shape", 7),
        ("categories", ["one"]),
        ("nearness", 0.0),
        ("pull", "much"),
    ],
)
def test_a_file_that_says_what_cannot_be_is_told(file: Path, key: str, value: object) -> None:
    tensors, record = tensor_file.read(file)
    tensor_file.write(file, tensors, {**record, key: value})
    with pytest.raises(VoiceError, match="of another shape than it says"):
        SpriteWeights.load(file)


def test_a_file_of_another_kind_is_told(file: Path) -> None:
    tensors, record = tensor_file.read(file)
    tensor_file.write(file, tensors, {**record, "kind": "char"})
    with pytest.raises(VoiceError, match="holds no generator of pictures"):
        SpriteWeights.load(file)


def test_numbers_that_are_none_are_told(file: Path) -> None:
    tensors, record = tensor_file.read(file)
    tensors["centres"][0, 0] = torch.nan
    tensor_file.write(file, tensors, record)
    with pytest.raises(VoiceError, match="numbers that are none"):
        SpriteWeights.load(file)
