"""Making a generator of pictures: from a set of pictures to a file, by way of checkpoints and examinations.

A judge is trained first. At every examination it compares what is drawn with the real pictures, a grid is saved, and
the best network so far is kept beside the checkpoint; a run that is stopped leaves that, and goes on when asked again.
Runs on the caller's thread; ``report`` and ``stop`` are the caller's.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.sprites.grid import category_grid, save_picture
from models.sprites.judge import Figures, figures
from models.sprites.network import SpriteShape, one_hot
from models.sprites.pictures import PictureSet, prepared
from models.sprites.weights_file import SpriteWeights
from models.training.sprite_judge import train_judge
from models.training.sprite_trainer import SpriteTrainer, SpriteTrainingConfig
from protocol.errors import TrainingError

EXAMINE_EVERY = 500  # updates
EXAMINED = 60  # pictures drawn of each category
JUDGE_EPOCHS = 50  # readings of all pictures, by the judge


@dataclass(frozen=True)
class SpriteProgress:
    """What a run can say of itself after an examination."""

    updates: int
    share: float  # of the run, 0-1
    seconds: float  # of this sitting
    left: float  # seconds, as it goes now
    losses: dict[str, float]
    found: Figures  # of all categories
    best: float  # the least distance so far
    grid: Path


@dataclass(frozen=True)
class SpriteResult:
    """Where the best network is, and how good."""

    path: Path
    distance: float
    agreement: float
    updates: int
    finished: bool


def make_sprites(
    name: str,
    pictures: PictureSet,
    path: Path,
    checkpoint: Path,
    shape: SpriteShape,
    config: SpriteTrainingConfig,
    report: Callable[[SpriteProgress], None],
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> SpriteResult:
    """One generator of ``pictures``; begins, or goes on from ``checkpoint`` if that is this run's."""
    if config.updates < 1:
        raise TrainingError("a run of no updates makes nothing: give it some")
    real = prepared(pictures.pixels, shape.pixels)
    labels = torch.from_numpy(pictures.labels)
    digest = hashlib.sha256(pictures.pixels.tobytes() + pictures.labels.tobytes()).hexdigest()
    trainer = SpriteTrainer(real, labels, shape, config)
    best = checkpoint.with_suffix(f".best{checkpoint.suffix}")
    record: dict[str, Any] = {"pictures": digest, "best": float("inf"), "agreement": 0.0, "curve": []}
    if checkpoint.exists():
        if tensor_file.read_record(checkpoint).get("pictures") != digest:
            raise TrainingError(f"{checkpoint} belongs to other pictures than {name}'s: delete it to begin anew")
        record = {key: value for key, value in trainer.restore(checkpoint).items() if key in record}
    judge = train_judge(judged(real), labels, shape.categories, JUDGE_EPOCHS).judge
    grids = checkpoint.with_suffix("")
    grids.mkdir(parents=True, exist_ok=True)
    began, first = clock(), trainer.updates

    def examine() -> None:
        with torch.random.fork_rng(devices=[]):
            latents = trainer.latents()
            network = trainer.kept(latents)
            made = SpriteWeights(pictures.categories, network, latents, {})
            found = figures(judge, judged(real), labels, drawing(made), pictures.categories, EXAMINED)["all"]
            grid = grids / f"{trainer.updates:06d}.png"
            save_picture(grid, category_grid(made))
        if found.distance < record["best"]:
            record.update(best=found.distance, agreement=found.agreement)
            how = {"name": name, "updates": trainer.updates, "seed": config.seed, "pictures": digest}
            replace(made, record=how).save(best)
        record["curve"].append((trainer.updates, round(found.distance, 3), round(found.agreement, 4)))
        spent, done = clock() - began, max(1, trainer.updates - first)
        left = spent / done * (config.updates - trainer.updates)
        report(
            SpriteProgress(
                trainer.updates, trainer.share, spent, left, dict(trainer.losses), found, record["best"], grid
            )
        )

    while trainer.share < 1.0 and not stop():
        trainer.advance()
        if trainer.updates % EXAMINE_EVERY == 0 or trainer.share >= 1.0:
            examine()
            trainer.save(checkpoint, record)
    if trainer.updates % EXAMINE_EVERY and trainer.share < 1.0:
        examine()
        trainer.save(checkpoint, record)
    made = SpriteWeights.load(best)
    made.save(path)
    finished = trainer.share >= 1.0
    if finished:
        for each in (checkpoint, best):
            each.unlink(missing_ok=True)
    return SpriteResult(path, float(record["best"]), float(record["agreement"]), trainer.updates, finished)


def judged(pictures: Tensor) -> Tensor:
    """Pictures at the size that judges see."""
    return torch.nn.functional.avg_pool2d(pictures, 2) if pictures.shape[-1] == 64 else pictures


def drawing(weights: SpriteWeights, seed: int = 100) -> Callable[[int, int], Tensor]:
    """What draws so many pictures of a category, at the size that judges see; the same ones each time."""

    def draw(category: int, count: int) -> Tensor:
        source = torch.Generator().manual_seed(seed + category)
        noise = torch.randn(count, weights.generator.shape.latent, generator=source)
        mix = one_hot(torch.full((count,), category), len(weights.categories))
        with torch.inference_mode():
            return judged(weights.generator(weights.latents.place(mix, noise), mix))

    return draw
