"""Drawing creatures: category weights by name and some noise become a finished sprite. No thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from models.sprites.finish import TINT_STRENGTH, Sprite, Tint, finished
from models.sprites.weights_file import SpriteWeights

SHARPENING = 2.2  # power of category weights: a mix of many would be a mean of all


class CreatureArtist:
    """Draws with one generator. ``categories`` are the names that it knows."""

    def __init__(self, weights: SpriteWeights) -> None:
        self._weights = weights
        self.categories = weights.categories
        self.latent = weights.generator.shape.latent

    def draw(
        self,
        mix: Mapping[str, float],
        noise: npt.NDArray[np.floating],
        tints: Sequence[Tint] = (),
        strength: float = TINT_STRENGTH,
    ) -> Sprite | None:
        """The sprite of a ``mix`` of categories; names that it does not know have no part. None: nothing is left.

        ``noise`` are numbers as if drawn from a normal distribution, as many as ``latent`` or more.
        """
        shares = np.array([max(0.0, mix.get(name, 0.0)) for name in self.categories])
        if not shares.sum() > 0.0:
            return None
        shares = (shares / shares.max()) ** SHARPENING
        weights = torch.from_numpy((shares / shares.sum()).astype(np.float32))[None]
        given = torch.from_numpy(np.asarray(noise, np.float32)[: self.latent].copy())[None]
        with torch.inference_mode():
            picture = self._weights.generator(self._weights.latents.place(weights, given), weights)[0]
        return finished(picture.numpy(), tints, strength)
