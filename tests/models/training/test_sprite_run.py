"""A run of a few updates: it makes a file, goes on where it was stopped, and is the same by its seed."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.sprites.network import SpriteShape
from models.sprites.pictures import PictureSet
from models.sprites.weights_file import SpriteWeights
from models.training import sprite_run, sprite_trainer
from models.training.sprite_run import SpriteProgress, SpriteResult, make_sprites
from models.training.sprite_trainer import SpriteTrainingConfig
from protocol.errors import TrainingError

SHAPE = SpriteShape(categories=2, latent=6, embedding=4, channels=16)


@pytest.fixture
def pictures() -> PictureSet:
    random = np.random.default_rng(3)
    pixels = np.zeros((24, 64, 64, 4), np.uint8)
    labels = np.repeat(np.arange(2), 12)
    for picture, label in zip(pixels, labels, strict=True):
        side = random.integers(20, 50)
        picture[64 - side :, :side] = (220, 40 + 160 * label, 60, 255)
    return PictureSet(("low", "high"), pixels, labels)


def config(**changes: float) -> SpriteTrainingConfig:
    small = {"warm_updates": 3, "joint_updates": 3, "alone_updates": 1, "batch": 16}
    channels = {"encoder_channels": 4, "discriminator_channels": 4}
    return SpriteTrainingConfig(**{**small, **channels, **changes})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sprite_run, "EXAMINE_EVERY", 2)
    monkeypatch.setattr(sprite_run, "EXAMINED", 4)
    monkeypatch.setattr(sprite_run, "JUDGE_EPOCHS", 1)
    monkeypatch.setattr(sprite_trainer, "NORM_BATCHES", 1)


def made(
    pictures: PictureSet, folder: Path, said: list[SpriteProgress], stop_after: int = 99, **changes: float
) -> SpriteResult:
    folder.mkdir(exist_ok=True)
    stop = lambda: bool(said) and said[-1].updates >= stop_after  # noqa: E731
    paths = folder / "out.safetensors", folder / "run.safetensors"
    return make_sprites("out", pictures, *paths, SHAPE, config(**changes), said.append, stop)


def test_a_run_makes_a_file_that_draws_and_a_grid_at_each_examination(pictures: PictureSet, tmp_path: Path) -> None:
    said: list[SpriteProgress] = []
    result = made(pictures, tmp_path, said)
    assert (result.updates, result.finished) == (6, True)
    assert [each.updates for each in said] == [2, 4, 6]
    assert all(each.grid.exists() for each in said)
    assert SpriteWeights.load(result.path).categories == ("low", "high")
    assert not (tmp_path / "run.safetensors").exists()


def test_a_run_that_is_stopped_keeps_the_best_and_goes_on_as_if_it_had_not_been(
    pictures: PictureSet, tmp_path: Path
) -> None:
    whole, other = (made(pictures, tmp_path / f"whole{seed}", [], seed=seed) for seed in (1, 2))
    first = made(pictures, tmp_path / "parts", [], stop_after=2)
    assert (first.updates, first.finished, first.path.exists()) == (2, False, True)
    second = made(pictures, tmp_path / "parts", [])
    assert second.finished
    one, same, another = (SpriteWeights.load(each.path).generator.state_dict() for each in (whole, second, other))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["embedding.weight"], another["embedding.weight"])  # that is the seed's doing


def test_a_checkpoint_of_other_pictures_or_settings_is_told(pictures: PictureSet, tmp_path: Path) -> None:
    made(pictures, tmp_path, [], stop_after=2)
    with pytest.raises(TrainingError, match="of other settings"):
        made(pictures, tmp_path, [], seed=5)
    others = PictureSet(pictures.categories, pictures.pixels[::-1].copy(), pictures.labels)
    with pytest.raises(TrainingError, match="belongs to other pictures"):
        made(others, tmp_path, [])
