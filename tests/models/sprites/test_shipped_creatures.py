"""The creatures that come along: small, whole, and of the categories that the voices' cards name."""

import numpy as np

from models.sprites.drawing import CreatureArtist
from models.sprites.grid import normal_noise
from models.sprites.pictures import CATEGORIES
from models.sprites.shelf import generator
from models.sprites.weights_file import SpriteWeights
from styles.library import shipped

MOST_BYTES = 4_000_000
SCRIPTURE = {"bible", "buddha", "quran"}


def test_the_shipped_generator_is_small_and_draws_every_category() -> None:
    path = generator()
    assert path.stat().st_size < MOST_BYTES
    artist = CreatureArtist(SpriteWeights.load(path))
    assert artist.categories == CATEGORIES
    noise = normal_noise(1, 1, artist.latent)[0]
    drawn = [artist.draw({name: 1.0}, noise) for name in CATEGORIES]
    sizes = [np.count_nonzero(sprite.places) for sprite in drawn if sprite]
    assert len(sizes) == len(CATEGORIES) and min(sizes) > 60


def test_the_cards_name_categories_that_there_are_and_scripture_has_none() -> None:
    named = {card.slug: {name for name, _ in card.sprite} for card in shipped()}
    assert set().union(*named.values()) <= set(CATEGORIES)
    assert {slug for slug, names in named.items() if not names} >= SCRIPTURE
