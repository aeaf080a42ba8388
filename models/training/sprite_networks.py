"""The two networks that a generator of pictures learns with and leaves behind: an encoder and a discriminator.

The encoder says where in the latent space a picture lies. The discriminator says how real a picture is as a whole, as
one of its category and among those beside it, and how real each patch of it is. No thread of its own.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sprites.network import CHANNELS, LEAK, SpriteShape

MOST_LOG_VARIANCE, LEAST_LOG_VARIANCE = 2.0, -8.0
GROUP = 8  # pictures that are compared with one another
DEVIATION_FLOOR = 1e-6


class Encoder(nn.Module):
    """A picture's place in the latent space: a mean and a log variance for each number."""

    def __init__(self, shape: SpriteShape, channels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(CHANNELS, channels, 4, 2, 1), nn.LeakyReLU(LEAK)]
        side = shape.pixels // 2
        while side > 4:
            layers += [nn.Conv2d(channels, 2 * channels, 4, 2, 1), nn.BatchNorm2d(2 * channels), nn.LeakyReLU(LEAK)]
            side, channels = side // 2, 2 * channels
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(channels * side * side, 2 * shape.latent)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.head(self.body(pictures * 2.0 - 1.0).flatten(1)).float().chunk(2, 1)
        return mean, log_variance.clamp(LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE)


class Discriminator(nn.Module):
    """How real pictures are, as logits: of the whole [batch], and of patches [batch, patches]."""

    def __init__(self, shape: SpriteShape, channels: int) -> None:
        super().__init__()
        layers = [nn.Conv2d(CHANNELS, channels, 4, 2, 1)]
        side = shape.pixels // 2
        while side > 4:
            layers.append(nn.Conv2d(channels, 2 * channels, 4, 2, 1))
            side, channels = side // 2, 2 * channels
        self.layers = nn.ModuleList(layers)
        self.patch = nn.Conv2d(channels // 2, 1, 1)
        self.whole = nn.Conv2d(channels + 1, channels, 4)
        self.score = nn.Linear(channels, 1)
        self.of_category = nn.Linear(shape.categories, channels, bias=False)
        for module in (*layers, self.whole):
            nn.init.kaiming_normal_(module.weight, a=LEAK)
            nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        nn.init.normal_(self.of_category.weight, 0.0, channels**-0.5)

    def forward(self, pictures: Tensor, weights: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The two logits, and what the layers made of the pictures on the way."""
        x, felt = pictures * 2.0 - 1.0, []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), LEAK)
            felt.append(x)
        patches = self.patch(felt[-2]).flatten(1)
        x = torch.cat([x, self._deviation(x)], 1)
        x = F.leaky_relu(self.whole(x), LEAK)[:, :, 0, 0]
        whole = self.score(x)[:, 0] + (self.of_category(weights) * x).sum(1)
        return whole.float(), patches.float(), felt

    @staticmethod
    def _deviation(x: Tensor) -> Tensor:
        """How unlike one another the pictures of a group are: what makes a generator that draws one picture lose."""
        batch, channels, height, width = x.shape
        group = min(GROUP, batch)
        spread = x.view(batch // group, group, channels, height, width).float().var(1, unbiased=False)
        mean = (spread + DEVIATION_FLOOR).sqrt().mean((1, 2, 3)).repeat_interleave(group)
        return mean.to(x.dtype)[:, None, None, None].expand(batch, 1, height, width)
