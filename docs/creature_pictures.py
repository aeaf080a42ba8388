"""The pictures of docs/creatures.md, of the creatures that come along: ``python docs/creature_pictures.py [FOLDER]``.

A grid of every category, ways from one to another, and the stage of a demo that plays in simulated time. The stage is
drawn without a window; needs OpenGL and Pillow (``pip install -e '.[docs]'``). One thread, and the creature's process.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from frontend.client.fake_link import FakeLink
from frontend.creature.artist import ArtistProcess, PatientArtist
from frontend.creature.creature import Creature
from frontend.look.png import save_png
from frontend.stage.film import FilmRenderer
from frontend.stage.staging import StageState
from models.sprites.drawing import CreatureArtist
from models.sprites.grid import category_grid, normal_noise, save_picture, tiled
from models.sprites.shelf import generator
from models.sprites.weights_file import SpriteWeights
from protocol.tree import on_address, weight_address

ROOT = Path(__file__).parents[1]
SIZE = (1280, 720)
FRAME_S = 1 / 15  # of simulated time
SCENES = (  # who speaks, one after the other, and for how many seconds
    ({"frankenstein": 0.8}, 14.0),
    ({"machiavelli": 0.8}, 12.0),
)
WAYS = (("undead", "dragons"), ("beasts", "machines"), ("plants", "folk"))
STEPS = 12


def stage(path: Path) -> None:
    """The stage at the end of a short performance."""
    now = 1_000.0
    link = FakeLink.demo(seed=7, clock=lambda: now)
    staging = StageState()
    staging.set("creature", True)
    link.pump(now)
    with closing(ArtistProcess([sys.executable, str(ROOT / "antiphon.py"), "sprites", "draw"])) as artist:
        creature = Creature(PatientArtist(artist))
        with FilmRenderer(link.session, staging, SIZE, creature) as studio:
            link.set("/mix/temperature", 0.5)
            for mix, seconds in SCENES:
                for slug in link.session.slugs:
                    link.set(on_address(slug), slug in mix)
                    link.set(weight_address(slug), mix.get(slug, 0.0))
                for _ in range(round(seconds / FRAME_S)):
                    now += FRAME_S
                    link.pump(now)
                    studio.follow(now)
            save_png(path, studio.picture(now))


def ways(weights: SpriteWeights, path: Path) -> None:
    """From one category to another, a row each."""
    artist, rows = CreatureArtist(weights), []
    for number, (first, second) in enumerate(WAYS):
        noise = normal_noise(number, 1, artist.latent)[0]
        mixes = ({first: 1.0 - share, second: share} for share in np.linspace(0.0, 1.0, STEPS))
        rows.append([sprite.rgba for mix in mixes if (sprite := artist.draw(mix, noise))])
    save_picture(path, tiled(rows, 2))


def main(folder: str = "") -> None:
    into = Path(folder or ROOT / "docs" / "pictures")
    weights = SpriteWeights.load(generator())
    save_picture(into / "creatures.png", category_grid(weights))
    ways(weights, into / "creature-ways.png")
    stage(into / "stage-creature.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
