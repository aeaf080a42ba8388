"""Where the categories lie in the latent space, and which point of it a few weights and some noise mean.

Noise alone does not find the pictures: what the encoder made of them fills only a part of the space. So a category has
a mean and a covariance of the points that its pictures have, a mix of categories has their mix, and the point that
noise gives there is drawn towards the pictures' points that are near it (one step of mean shift). Everything is
continuous in weights and noise: small steps of both are small steps of the picture. No thread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

SPREAD = 1.0  # of the covariance's root: how far from the middle points are drawn
PULL = 0.75  # of the way to the pictures' points nearby
NEARNESS = 0.03  # of the points' usual squared distance: over what a picture's pull falls off
SHRINKAGE_PICTURES = 30.0  # a category of fewer takes its covariance mostly along the axes
JITTER = 1e-4  # on a covariance's diagonal, so that it has a root
LEAST_WEIGHT = 1e-6  # of a category: below it has none


@dataclass(frozen=True)
class Latents:
    """The pictures' points [count, latent], their categories, and what each category's points are like."""

    points: Tensor
    labels: Tensor
    centres: Tensor  # [categories, latent]
    roots: Tensor  # [categories, latent, latent]: lower triangles
    scale: Tensor  # the usual squared distance between two points of a category, a number
    spread: float = SPREAD
    pull: float = PULL
    nearness: float = NEARNESS

    @staticmethod
    def of(points: Tensor, variances: Tensor, labels: Tensor, categories: int) -> Latents:
        """From the means and variances that the encoder gives each picture."""
        centres, roots = [], []
        for category in range(categories):
            mine = points[labels == category]
            covariance = torch.cov(mine.T) + torch.diag(variances[labels == category].mean(0))
            along = min(1.0, SHRINKAGE_PICTURES / len(mine))
            covariance = (1.0 - along) * covariance + along * torch.diag(torch.diag(covariance))
            centres.append(mine.mean(0))
            roots.append(torch.linalg.cholesky(covariance + JITTER * torch.eye(points.shape[1])))
        return Latents.from_parts(points, labels, torch.stack(centres), torch.stack(roots))

    @staticmethod
    def from_parts(points: Tensor, labels: Tensor, centres: Tensor, roots: Tensor) -> Latents:
        """From what a file holds."""
        away = (points - centres[labels]).square().sum(1)
        return Latents(points, labels, centres, roots, 2.0 * away.mean())

    def sampled(self, spread: float, pull: float, nearness: float) -> Latents:
        """The same, drawn from in another way."""
        return replace(self, spread=spread, pull=pull, nearness=nearness)

    def place(self, weights: Tensor, noise: Tensor) -> Tensor:
        """The latents [batch, latent] of category ``weights`` [batch, categories] and ``noise`` [batch, latent]."""
        z = weights @ self.centres
        z = z + self.spread * torch.einsum("bk,kij,bj->bi", weights, self.roots, noise)
        if self.pull:
            shares = weights.clamp(min=LEAST_WEIGHT).log()[:, self.labels] - self._counts()[self.labels].log()
            away = torch.cdist(z, self.points).square()
            near = torch.softmax(shares - away / (self.nearness * self.scale), 1)
            z = z + self.pull * (near @ self.points - z)
        return z

    def _counts(self) -> Tensor:
        return torch.bincount(self.labels, minlength=len(self.centres)).clamp(min=1).float()
