"""The creatures on the command line: `antiphon sprites train`, `grid`, `sample`, `morph`.

A part of the command line, hung into it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.sprites.shelf import SHIPPED
from models.training.threads import limit_openmp_spinning
from protocol.errors import TrainingError

if TYPE_CHECKING:
    from models.sprites.drawing import CreatureArtist

app = typer.Typer(no_args_is_help=True, help="Make creatures that the voices' weights shape, and look at them.")


class SpriteRecipe(StrEnum):
    """What kind of network is made."""

    SPRITES32 = "sprites32"
    DCGAN64 = "dcgan64"


TrainedName = Annotated[str, typer.Argument(metavar="[NAME]", help="How the set is called; yours needs --pictures.")]
Name = Annotated[str, typer.Option("--set", metavar="NAME", help="Whose creatures.")]
Pictures = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Pictures of yours; each sub-folder is a category.")
]
Recipe = Annotated[SpriteRecipe, typer.Option(help="dcgan64: at 64x64, with the exercise's layers; slow.")]
Updates = Annotated[int | None, typer.Option(min=2, help="In all; by default 11,000.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31, help="The same one makes the same creatures.")]
Into = Annotated[Path | None, typer.Option(help="Folder for the result; by default your own.")]
Runs = Annotated[Path | None, typer.Option(help="Folder for unfinished runs and their grids.")]
File = Annotated[Path, typer.Argument(metavar="FILE.png", help="Where the picture goes.")]
Mix = Annotated[str, typer.Argument(metavar="MIX", help='Categories and weights, such as "undead 0.8 slimes 0.2".')]
Scale = Annotated[int, typer.Option(min=1, max=32, help="Pixels a side of each pixel.")]
Count = Annotated[int, typer.Option(min=1, max=200, help="How many.")]


@app.command()
def train(
    name: TrainedName = SHIPPED,
    pictures: Pictures = None,
    recipe: Recipe = SpriteRecipe.SPRITES32,
    updates: Updates = None,
    seed: Seed = 1,
    into: Into = None,
    runs: Runs = None,
) -> None:
    """Make a generator of creatures. Ctrl-C keeps the best so far; the same command again goes on from there."""
    limit_openmp_spinning()
    from models.training.sprite_cli import SpriteSession

    if name != SHIPPED and pictures is None:
        raise TrainingError(f"{name} needs pictures: antiphon sprites train {name} --pictures FOLDER")
    session = SpriteSession(into, runs, print)
    session.make(name, pictures, recipe.value, updates, seed)


@app.command()
def grid(file: File, name: Name = SHIPPED, count: Count = 12, scale: Scale = 2, seed: Seed = 100) -> None:
    """Draw some creatures of every category, a row each."""
    from models.sprites.grid import category_grid, save_picture
    from models.sprites.shelf import generator
    from models.sprites.weights_file import SpriteWeights

    weights = SpriteWeights.load(generator(name))
    save_picture(file, category_grid(weights, count, seed, scale))
    print(f"{file}: from above {', '.join(weights.categories)}")


@app.command()
def sample(mix: Mix, file: File, name: Name = SHIPPED, seed: Seed = 1, count: Count = 1, scale: Scale = 12) -> None:
    """Draw a creature of a mix of categories, or some beside one another."""
    from models.sprites.grid import normal_noise, save_picture, tiled

    artist, weights = _artist(name), _mix(mix, name)
    drawn = [artist.draw(weights, each) for each in normal_noise(seed, count, artist.latent)]
    save_picture(file, tiled([[sprite.rgba for sprite in drawn if sprite]], scale))
    print(f"{file}: seed {seed}")


@app.command()
def morph(
    first: Mix, second: Mix, file: File, name: Name = SHIPPED, seed: Seed = 1, count: Count = 12, scale: Scale = 4
) -> None:
    """Draw the way from one mix to another, in small steps."""
    import numpy as np

    from models.sprites.grid import normal_noise, save_picture, tiled

    artist, one, other = _artist(name), _mix(first, name), _mix(second, name)
    noise = normal_noise(seed, 1, artist.latent)[0]
    drawn = []
    for share in np.linspace(0.0, 1.0, count):
        here = {key: (1.0 - share) * one.get(key, 0.0) + share * other.get(key, 0.0) for key in {**one, **other}}
        drawn.append(artist.draw(here, noise))
    save_picture(file, tiled([[sprite.rgba for sprite in drawn if sprite]], scale))
    print(f"{file}: {count} steps, seed {seed}")


def _artist(name: str) -> CreatureArtist:
    from models.sprites.drawing import CreatureArtist
    from models.sprites.shelf import generator
    from models.sprites.weights_file import SpriteWeights

    return CreatureArtist(SpriteWeights.load(generator(name)))


def _mix(words: str, name: str) -> dict[str, float]:
    """``undead 0.8 slimes 0.2`` as weights; raises ``BadParameter`` for what the set does not know."""
    parts = words.replace(",", " ").replace("=", " ").split()
    known = _artist(name).categories
    if len(parts) == 1:
        parts.append("1")
    try:
        weights = {key: float(weight) for key, weight in zip(parts[::2], parts[1::2], strict=True)}
    except ValueError:
        raise typer.BadParameter('a mix is categories and weights, such as "undead 0.8 slimes 0.2"') from None
    strange = [key for key in weights if key not in known]
    if strange or not weights or not all(0.0 <= weight <= 1e6 for weight in weights.values()):
        raise typer.BadParameter(f"categories are {', '.join(known)}, weights 0 or more")
    if not any(weights.values()):
        raise typer.BadParameter("a mix needs a weight above 0")
    return weights
