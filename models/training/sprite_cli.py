"""From a name on the command line to a generator of pictures on the shelf, shown while it goes.

Runs on the caller's thread, which has to be the main one for Ctrl-C to be heard.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from models.sprites import pictures
from models.sprites.network import CHANNELS, SpriteShape
from models.sprites.shelf import SUFFIX, checked_name, user_folder
from models.training.loss_curve import clock
from models.training.progress import stoppable
from models.training.sprite_run import SpriteProgress, SpriteResult, make_sprites
from models.training.sprite_trainer import SpriteTrainingConfig

WARM_SHARE = 6 / 11  # of the updates, as an autoencoder


class SpriteSession:
    """Makes generators into ``folder`` (None: the user's own); ``say`` gets a line now and then."""

    def __init__(self, folder: Path | None, runs: Path | None, say: Callable[[str], None]) -> None:
        self._folder = folder or user_folder()
        self._runs = runs or user_cache_path("antiphon", appauthor=False) / "runs" / "sprites"
        self._say = say
        self._stop = threading.Event()

    def make(self, name: str, folder: Path | None, recipe: str, updates: int | None, seed: int) -> SpriteResult:
        """One generator, of the shipped pictures or of a user's ``folder``."""
        checked_name(name)
        found = pictures.shipped() if folder is None else pictures.from_folder(folder, self._say)
        shape = shape_of(recipe, len(found.categories))
        config = SpriteTrainingConfig(seed=seed)
        if updates is not None:
            warm = round(updates * WARM_SHARE)
            config = SpriteTrainingConfig(warm_updates=warm, joint_updates=updates - warm, seed=seed)
        for line in layer_table(shape):
            self._say(line)
        self._say(f"{name}: {len(found)} pictures in {len(found.categories)} categories; a judge learns them first")
        checkpoint = self._runs / f"{name}{SUFFIX}"
        with stoppable(self._stop, self._say):
            made = make_sprites(
                name,
                found,
                self._folder / f"{name}{SUFFIX}",
                checkpoint,
                shape,
                config,
                self._report,
                self._stop.is_set,
            )
        rest = "" if made.finished else f"; the same command goes on from update {made.updates:,}"
        self._say(f"{made.path}: Frechet distance {made.distance:.1f}, agreement {made.agreement:.2f}{rest}")
        return made

    def _report(self, progress: SpriteProgress) -> None:
        losses = "  ".join(f"{name} {value:.3f}" for name, value in progress.losses.items())
        found = progress.found
        self._say(
            f"{progress.share:4.0%} {progress.updates:,} updates, {clock(progress.left)} left  "
            f"distance {found.distance:.1f} (best {progress.best:.1f})  agreement {found.agreement:.2f}  "
            f"diversity {found.diversity:.2f}  {losses}  {progress.grid}"
        )


def shape_of(recipe: str, categories: int) -> SpriteShape:
    """How large a recipe's generator is."""
    if recipe == "dcgan64":
        return SpriteShape(categories, pixels=64, channels=512, transposed=True)
    return SpriteShape(categories)


def layer_table(shape: SpriteShape) -> list[str]:
    """The generator's layers, a line each."""
    lines = [f"noise {shape.latent} and category {shape.embedding} -> {shape.channels} x 4 x 4"]
    channels = shape.channels
    how = "transposed convolution 4x4, stride 2" if shape.transposed else "doubled, convolution 3x3"
    for side in [*shape.sides()[1:], shape.pixels]:
        after = CHANNELS if side == shape.pixels else channels // 2
        end = "sigmoid" if side == shape.pixels else "conditional batch norm, leaky ReLU"
        lines.append(f"{how}: {channels} -> {after} x {side} x {side}, {end}")
        channels = after
    return lines
