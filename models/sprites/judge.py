"""What says how good a generator of pictures is: a small judge of the real ones, and figures of drawn ones by it.

Agreement is how often the judge finds a drawn picture of the category that was asked for. The Frechet distance
compares means and covariances of 32 features that the judge reads pictures by (Heusel et al. 2017, there of another
network). Diversity is the mean distance of two drawn pictures over that of two real ones; nearest, how far a drawn
picture is from the nearest real one. No thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sprites.network import CHANNELS

FEATURES = 32
WIDTHS = (24, 48, 96)  # channels
GROUP_CHANNELS = 8  # of the grouped convolutions
DROPOUT = 0.15
COMPARED_AT_ONCE = 256  # pictures

Draw = Callable[[int, int], Tensor]  # (category, count) -> so many drawn pictures [count, 4, side, side]


class Judge(nn.Module):
    """Pictures to features to categories."""

    def __init__(self, categories: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = CHANNELS
        for width in WIDTHS:
            layers += [nn.Conv2d(before, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            grouped = nn.Conv2d(width, width, 3, 1, 1, groups=width // GROUP_CHANNELS, bias=False)
            layers += [grouped, nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.body = nn.Sequential(*layers)
        self.reading = nn.Linear(2 * before, FEATURES)
        self.naming = nn.Linear(FEATURES, categories)

    def features(self, pictures: Tensor) -> Tensor:
        """What pictures are compared by: [count, 32]."""
        x = self.body(pictures * 2.0 - 1.0)
        pooled = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)
        read: Tensor = self.reading(F.dropout(pooled, DROPOUT, self.training))
        return read

    def forward(self, pictures: Tensor) -> Tensor:
        return self.named(self.features(pictures))

    def named(self, features: Tensor) -> Tensor:
        """Logits of the categories."""
        logits: Tensor = self.naming(F.relu(features))
        return logits


@dataclass(frozen=True)
class Figures:
    """How good pictures of one category, or of all, are."""

    agreement: float  # share that the judge puts where it was asked for
    distance: float  # Frechet, from all real ones
    distance_real: float  # between two halves of the real ones
    diversity: float  # 1: as unlike one another as real ones
    nearest: float  # distance to the nearest real picture
    nearest_real: float  # of a real one to the nearest other


def frechet(one: Tensor, other: Tensor) -> float:
    """The Frechet distance of two samples of features, taken as Gaussians."""
    one, other = one.double(), other.double()
    means = (one.mean(0) - other.mean(0)).square().sum()
    first, second = torch.cov(one.T), torch.cov(other.T)
    root = torch.linalg.eigvals(first @ second).real.clamp(min=0.0).sqrt().sum()
    return float(means + first.trace() + second.trace() - 2.0 * root)


def spread(pictures: Tensor) -> float:
    """The mean distance between two of ``pictures``."""
    return float(F.pdist(pictures.flatten(1)).mean())


def nearest(pictures: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """How far the nearest of ``real``, mirrored or not, is from each picture, and which it is."""
    both = torch.cat([real, real.flip(3)]).flatten(1)
    found = [torch.cdist(part.flatten(1), both).min(1) for part in torch.split(pictures, COMPARED_AT_ONCE)]
    return torch.cat([each.values for each in found]), torch.cat([each.indices for each in found]) % len(real)


def figures(
    judge: Judge, real: Tensor, labels: Tensor, draw: Draw, categories: Sequence[str], count: int = 150
) -> dict[str, Figures]:
    """By category, and under "all": means, and the distance of all drawn from as many real ones of each category."""
    judge.eval()
    by_name: dict[str, Figures] = {}
    all_drawn, all_real = [], []
    source = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        for index, name in enumerate(categories):
            own = real[labels == index]
            own = own[torch.randperm(len(own), generator=source)]
            drawn = draw(index, count)
            felt, felt_real = judge.features(drawn), judge.features(own)
            all_drawn.append(felt)
            all_real.append(felt_real)
            by_name[name] = Figures(
                float((judge.named(felt).argmax(1) == index).float().mean()),
                frechet(felt, felt_real),
                frechet(felt_real[::2], felt_real[1::2]),
                spread(drawn) / spread(own),
                float(nearest(drawn, real)[0].mean()),
                _nearest_among(own),
            )
    least = min(map(len, all_real))
    drawn_features = torch.cat([each[: max(least, 2)] for each in all_drawn])
    real_features = torch.cat([each[:least] for each in all_real])
    every = list(by_name.values())
    by_name["all"] = Figures(
        _mean([each.agreement for each in every]),
        frechet(torch.cat(all_drawn), real_features) if least > 1 else frechet(drawn_features, real_features),
        frechet(real_features[::2], real_features[1::2]),
        _mean([each.diversity for each in every]),
        _mean([each.nearest for each in every]),
        _mean([each.nearest_real for each in every]),
    )
    return by_name


def _nearest_among(pictures: Tensor) -> float:
    """The mean distance of each picture to the nearest other one of them, mirrored or not."""
    flat, mirrored = pictures.flatten(1), pictures.flip(3).flatten(1)
    away = torch.minimum(torch.cdist(flat, flat), torch.cdist(flat, mirrored))
    away.fill_diagonal_(torch.inf)
    return float(away.min(1).values.mean())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
