"""Where weights and noise lead to: near the pictures of the categories, in small steps."""

import torch

from models.sprites.latents import Latents
from models.sprites.network import one_hot
from models.sprites.weights_file import SpriteWeights


def test_a_category_alone_leads_to_its_own_pictures(weights: SpriteWeights) -> None:
    latents = weights.latents
    mix = one_hot(torch.full((50,), 1), 3)
    places = latents.place(mix, torch.randn(50, 6, generator=torch.Generator().manual_seed(1)))
    nearest = torch.cdist(places, latents.points).argmin(1)
    assert (latents.labels[nearest] == 1).all()


def test_without_noise_and_pull_a_mix_is_the_mean_of_the_centres(weights: SpriteWeights) -> None:
    latents = weights.latents.sampled(1.0, 0.0, 0.03)
    half = torch.tensor([[0.5, 0.5, 0.0]])
    assert torch.allclose(latents.place(half, torch.zeros(1, 6))[0], latents.centres[:2].mean(0))


def test_a_small_step_of_weights_and_noise_is_a_small_step_of_the_place(weights: SpriteWeights) -> None:
    noise = torch.randn(1, 6, generator=torch.Generator().manual_seed(2))
    before = None
    for share in torch.linspace(0.0, 1.0, 400):
        place = weights.latents.place(torch.tensor([[1.0 - share, share, 0.0]]), noise)
        assert before is None or float((place - before).norm()) < 1.0
        before = place


def test_a_category_of_few_pictures_has_a_covariance_all_the_same() -> None:
    labels = torch.tensor([0, 0, 0, 0])
    latents = Latents.of(torch.randn(4, 10), torch.full((4, 10), 0.1), labels, 1)
    assert torch.isfinite(latents.place(torch.ones(1, 1), torch.randn(1, 10))).all()
