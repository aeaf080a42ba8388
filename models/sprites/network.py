"""The generator: from a point of the latent space and category weights to a picture, by resize-convolutions.

A picture is RGBA with the colours multiplied by alpha, values 0-1, laid out [batch, 4, height, width]. Category weights
are any numbers that sum to one: where two categories share the weight, both pull at the picture. A convolution follows
each doubling in size instead of a strided transposed one, which leaves a pattern of squares. No thread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Interval
from torch import Tensor, nn

CHANNELS = 4  # red, green, blue, alpha
LEAK = 0.2  # slope of the leaky ReLU below zero
INIT_STD = 0.02  # of convolutions, as in DCGAN
SQUARE = 4  # pixels a side of the first layer
NORM_MOMENTUM = 0.1  # of batch norm's running statistics, while it learns


@dataclass(frozen=True)
class SpriteShape:
    """How large a generator is."""

    categories: Annotated[int, Interval(ge=1, le=64)]
    pixels: Annotated[int, Interval(ge=8, le=64)] = 32  # a side
    latent: Annotated[int, Interval(ge=2, le=512)] = 100  # numbers of noise
    embedding: Annotated[int, Interval(ge=1, le=256)] = 32  # numbers that say the category
    channels: Annotated[int, Interval(ge=8, le=1024)] = 256  # of the first layer; each further one has half
    transposed: bool = False  # strided transposed convolutions, as in the exercise, instead of resized ones

    def __post_init__(self) -> None:
        if self.pixels & (self.pixels - 1):
            raise ValueError(f"{self.pixels} pixels a side is no power of two")
        if self.channels >> len(self.sides()) == 0:
            raise ValueError(f"{self.channels} channels are too few for {self.pixels} pixels")

    def sides(self) -> list[int]:
        """The pixels a side of each layer but the last, beginning with 4."""
        sides = [SQUARE]
        while sides[-1] * 2 < self.pixels:
            sides.append(sides[-1] * 2)
        return sides


class ConditionalNorm(nn.Module):
    """Batch norm whose gain and shift are linear in the category weights."""

    def __init__(self, channels: int, categories: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False, momentum=NORM_MOMENTUM)
        self.turn = nn.Linear(categories, 2 * channels, bias=False)
        with torch.no_grad():
            self.turn.weight.normal_(0.0, INIT_STD)
            self.turn.weight[:channels] += 1.0

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        gain, shift = self.turn(weights)[:, :, None, None].chunk(2, 1)
        turned: Tensor = self.norm(x) * gain + shift
        return turned


class Grow(nn.Module):
    """Twice the side: pixels are doubled, then convolved."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(before, after, 3, 1, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        grown: Tensor = self.convolution(F.interpolate(x, scale_factor=2, mode="nearest"))
        return grown


class Generator(nn.Module):
    """Draws pictures."""

    def __init__(self, shape: SpriteShape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Linear(shape.categories, shape.embedding, bias=False)
        nn.init.normal_(self.embedding.weight)
        channels = shape.channels
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(shape.latent + shape.embedding, channels, SQUARE, bias=False)  # one pixel becomes 4x4
        ]
        norms = [ConditionalNorm(channels, shape.categories)]
        for _ in shape.sides()[1:]:
            layers.append(self._grow(channels, channels // 2))
            channels //= 2
            norms.append(ConditionalNorm(channels, shape.categories))
        self.layers, self.norms = nn.ModuleList(layers), nn.ModuleList(norms)
        self.last = self._grow(channels, CHANNELS)
        self.bias = nn.Parameter(torch.zeros(CHANNELS, 1, 1))
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.normal_(module.weight, 0.0, INIT_STD)

    def _grow(self, before: int, after: int) -> nn.Module:
        return nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False) if self.shape.transposed else Grow(before, after)

    def forward(self, latents: Tensor, weights: Tensor) -> Tensor:
        """Pictures from ``latents`` [batch, latent] and category ``weights`` [batch, categories]."""
        x = torch.cat([latents, self.embedding(weights)], 1)[:, :, None, None]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.leaky_relu(norm(layer(x), weights), LEAK)
        x = torch.sigmoid(2.0 * (self.last(x).float() + self.bias))
        alpha = x[:, 3:]
        return torch.cat([x[:, :3] * alpha, alpha], 1)


def one_hot(categories: Tensor, count: int) -> Tensor:
    """Category weights of pictures that are of one category each."""
    return F.one_hot(categories, count).float()
