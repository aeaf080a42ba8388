"""How good the creatures are: a judge of the real pictures, figures by category, and pictures beside their nearest.

Writes docs/voices/creatures.md and, beside it, a picture of each category: drawn ones above, the real pictures that are
nearest to them below. The judge is trained anew each time, from the same seed. Runs on the caller's thread.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.voices.markdown import table
from models.sprites import pictures
from models.sprites.drawing import CreatureArtist
from models.sprites.finish import finished
from models.sprites.grid import normal_noise, save_picture, tiled
from models.sprites.judge import Figures, figures, nearest
from models.sprites.pictures import prepared
from models.sprites.shelf import generator
from models.sprites.weights_file import SpriteWeights
from models.training.sprite_judge import TrainedJudge, train_judge
from models.training.sprite_run import JUDGE_EPOCHS, drawing, judged
from protocol.atomic_file import write_atomically

FOLDER = Path(__file__).parents[2] / "docs" / "voices"
COUNT = 150  # pictures drawn of each category
SHOWN = 12  # of them in a picture
SEED = 100

Show = Callable[[str, int, int], None]


def creatures_page(into: Path | None, show: Show) -> Path:
    """Measure the shipped creatures and write the page; where it is."""
    folder = into or FOLDER
    weights = SpriteWeights.load(generator())
    there = pictures.shipped()
    side = weights.generator.shape.pixels
    real, labels = judged(prepared(there.pixels, side)), torch.from_numpy(there.labels)
    show("the judge", 0, 1)
    trained = train_judge(real, labels, len(there.categories), JUDGE_EPOCHS)
    show("the judge", 1, 1)
    found = figures(trained.judge, real, labels, drawing(weights, SEED), there.categories, COUNT)
    for place, name in enumerate(there.categories):
        _picture(folder / "creatures" / f"{name}.png", weights, place, name, real)
        show("creatures", place + 1, len(there.categories))
    write_atomically(folder / "creatures.json", json.dumps({name: asdict(each) for name, each in found.items()}) + "\n")
    page = folder / "creatures.md"
    write_atomically(page, page_of(found, trained, there.categories, weights))
    return page


def page_of(
    found: Mapping[str, Figures], trained: TrainedJudge, categories: tuple[str, ...], weights: SpriteWeights
) -> str:
    """The page, Markdown."""
    whole = found["all"]
    right = dict(zip(categories, trained.by_category, strict=True)) | {"all": trained.held_out}
    rows = [
        (
            name,
            f"{each.agreement:.2f}",
            f"{right[name]:.2f}",
            f"{each.distance:.1f}",
            f"{each.distance_real:.1f}",
            f"{each.diversity:.2f}",
            f"{each.nearest:.1f}",
            f"{each.nearest_real:.1f}",
        )
        for name, each in found.items()
    ]
    heads = ("category", "agreement", "real, held out", "distance", "real halves", "diversity", "nearest", "among real")
    size = sum(value.numel() for value in weights.generator.parameters())
    text = io.StringIO()
    text.write(
        "# The creatures\n\n"
        "Written by `antiphon report --sprites`. What is drawn for each category, and how good a small judge finds it "
        f"that was trained on six of seven of the {len(weights.latents.labels):,} real pictures. The generator has "
        f"{size:,} weights and learnt for {int(weights.record.get('updates', 0)):,} updates of "
        "`antiphon sprites train`.\n\n"
        f"It puts {whole.agreement:.0%} of drawn pictures where they were asked for, and {trained.held_out:.0%} of the "
        f"real ones that it has not seen. The Frechet distance of its 32 features between drawn and real pictures is "
        f"{whole.distance:.1f}; between two halves of the real ones {whole.distance_real:.1f}. Two drawn pictures are "
        f"{whole.diversity:.2f} as far from each other as two real ones, and a drawn one is {whole.nearest:.1f} from "
        f"the nearest real one, where real ones are {whole.nearest_real:.1f} from the next.\n\n"
    )
    text.write(table(heads, rows, "lrrrrrrr"))
    text.write(
        "\nThe generator learnt from all pictures, those that the judge has not seen included. "
        f"{COUNT} pictures were drawn of each category.\n"
    )
    for name in categories:
        text.write(f"\n## {name.title()}\n\n![{name}: drawn above, the nearest real pictures below]")
        text.write(f"(creatures/{name}.png)\n")
    return text.getvalue()


def _picture(path: Path, weights: SpriteWeights, category: int, name: str, real: Tensor) -> None:
    """Drawn ones, finished and not, and the nearest real ones below them."""
    noise = normal_noise(SEED + category, SHOWN, weights.generator.shape.latent)
    artist = CreatureArtist(weights)
    sprites = [sprite.rgba for each in noise if (sprite := artist.draw({name: 1.0}, each))]
    drawn = drawing(weights, SEED)(category, SHOWN)
    _, which = nearest(drawn, real)
    below = [finished(real[place].numpy()).rgba for place in which.tolist()]
    path.parent.mkdir(parents=True, exist_ok=True)
    save_picture(path, tiled([sprites, [np.ascontiguousarray(each) for each in below]], 2))
