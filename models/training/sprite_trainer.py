"""Training a generator of pictures: first as a variational autoencoder, then jointly against a discriminator.

The warm-up gives shapes (Kingma & Welling 2014); the joint part gives edges and texture without forgetting them (Larsen
et al. 2016): half of what the discriminator judges are pictures redrawn, half are drawn from the latent space as they
will be on stage. Updates, not seconds, drive the schedule, so a seed gives the same network again on the same machine.
Runs on the caller's thread.
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from annotated_types import Ge, Interval
from torch import Tensor, nn

from models import tensor_file
from models.sprites.latents import Latents
from models.sprites.network import NORM_MOMENTUM, Generator, SpriteShape, one_hot
from models.training.learner import autocast_bfloat16, moments_of, restore_moments
from models.training.sprite_networks import Discriminator, Encoder
from protocol.errors import TrainingError

Count = Annotated[int, Ge(0)]
Positive = Annotated[float, Interval(ge=0.0, le=1e6)]

SCALES = (1, 2, 4)  # pixels a side, over which redrawn pictures are compared
PENALTY_EVERY = 16  # updates between two gradient penalties
PLACED_EVERY = 200  # updates between two looks where the pictures lie
MIXED_SHARE = 0.2  # of the drawn pictures are of two categories
ENCODED_AT_ONCE = 128  # pictures
NORM_BATCHES, NORM_BATCH = 16, 64  # drawn, to measure batch norm's statistics anew
SLOWEST_RATE = 0.02  # the last learning rate, as a share of the first


@dataclass(frozen=True)
class SpriteTrainingConfig:
    """How to train; the defaults suit two CPU cores."""

    warm_updates: Count = 6000  # as an autoencoder
    joint_updates: Count = 5000  # against the discriminator
    alone_updates: Count = 100  # at the joint part's beginning, of the discriminator alone
    batch: Annotated[int, Interval(ge=16, le=1024)] = 32
    encoder_channels: Annotated[int, Interval(ge=4, le=512)] = 48
    discriminator_channels: Annotated[int, Interval(ge=4, le=512)] = 48
    warm_rate: Positive = 2e-3
    generator_rate: Positive = 2e-4
    discriminator_rate: Positive = 6e-4
    divergence: Positive = 6e-4  # weight of the KL divergence
    joint_divergence: Positive = 2.5e-4  # the same in the joint part
    redrawing: Positive = 5.0  # weight of how well a picture is redrawn, beside the game
    feeling: Positive = 2.0  # weight of how alike the discriminator finds it
    penalty: Positive = 1.0  # of the discriminator's gradient on real pictures (R1)
    averaging: Annotated[float, Interval(ge=0.0, lt=1.0)] = 0.995  # of the weights that are kept
    balance: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.5  # 0: each picture as often, 1: each category
    shift: Count = 2  # pixels that what the discriminator sees may be moved
    seed: Count = 1

    @property
    def updates(self) -> int:
        return self.warm_updates + self.joint_updates


class SpriteTrainer:
    """One run: the pictures, the three networks, and the average of the generator, which is what is kept."""

    def __init__(self, pictures: Tensor, labels: Tensor, shape: SpriteShape, config: SpriteTrainingConfig) -> None:
        torch.manual_seed(config.seed)
        self.shape, self.config = shape, config
        self._pictures, self._labels = pictures, labels
        layout = torch.channels_last
        self.generator = Generator(shape).to(memory_format=layout)  # type: ignore[call-overload]
        self._encoder = Encoder(shape, config.encoder_channels).to(memory_format=layout)  # type: ignore[call-overload]
        self._discriminator = Discriminator(shape, config.discriminator_channels).to(memory_format=layout)  # type: ignore[call-overload]
        self._average = copy.deepcopy(self.generator)
        drawing = [*self.generator.parameters(), *self._encoder.parameters()]
        self._redraws = torch.optim.Adam(drawing, config.warm_rate, betas=(0.9, 0.99), foreach=True)
        self._draws = torch.optim.Adam(drawing, config.generator_rate, betas=(0.0, 0.99), foreach=True)
        self._judges = torch.optim.Adam(
            self._discriminator.parameters(), config.discriminator_rate, betas=(0.0, 0.99), foreach=True
        )
        counts = torch.bincount(labels, minlength=shape.categories).float().clamp(min=1.0)
        self._chances = (1.0 / counts**config.balance)[labels]
        self._latents: Latents | None = None
        self.updates = 0
        self.losses: dict[str, float] = {}  # running means

    @property
    def share(self) -> float:
        """How much of the run is done, 0-1."""
        return min(1.0, self.updates / max(1, self.config.updates))

    def advance(self) -> None:
        """Make one update."""
        self.generator.train()
        self._encoder.train()
        if self.updates < self.config.warm_updates:
            self._warm_up()
        else:
            self._play()
        self.updates += 1

    def latents(self) -> Latents:
        """Where the pictures lie by now."""
        self._encoder.eval()
        means, variances = [], []
        with torch.inference_mode(), autocast_bfloat16("cpu"):
            for part in torch.split(self._pictures, ENCODED_AT_ONCE):
                mean, log_variance = self._encoder(part.contiguous(memory_format=torch.channels_last))
                means.append(mean)
                variances.append(log_variance.exp())
        self._encoder.train()
        points = torch.cat(means).clone()
        return Latents.of(points, torch.cat(variances).clone(), self._labels, self.shape.categories)

    def kept(self, latents: Latents) -> Generator:
        """The network as it would be shipped now: the average, its norms measured on what is drawn with it."""
        network: Generator = copy.deepcopy(
            self.generator if self.updates <= self.config.warm_updates else self._average
        )
        measure_norms(network, latents)
        return network

    def save(self, path: Path, record: dict[str, Any]) -> None:
        """Write everything that the rest of the run depends on, and ``record`` (plain JSON) with it."""
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors |= {f"{name}.{key}": value for key, value in module.state_dict().items()}
        for name, optimizer in self._optimizers().items():
            tensors |= {f"{name}.{key}": value for key, value in moments_of(optimizer).items()}
        tensors["random"] = torch.get_rng_state()
        state = {"config": asdict(self.config), "shape": asdict(self.shape), "updates": self.updates}
        tensor_file.write(path, tensors, record | state | {"losses": self.losses})

    def restore(self, path: Path) -> dict[str, Any]:
        """Go on from a file that ``save`` wrote; gives back its record."""
        tensors, record = tensor_file.read(path)
        if (record.get("config"), record.get("shape")) != (asdict(self.config), asdict(self.shape)):
            raise TrainingError(f"{path} belongs to a run of other settings: delete it to begin anew")
        for name, module in self._modules().items():
            module.load_state_dict(tensor_file.under(f"{name}.", tensors))
        for name, optimizer in self._optimizers().items():
            restore_moments(optimizer, tensor_file.under(f"{name}.", tensors))
        self.updates, self.losses = int(record["updates"]), dict(record["losses"])
        torch.set_rng_state(tensors["random"])
        return record

    def _modules(self) -> dict[str, nn.Module]:
        return {
            "generator": self.generator,
            "encoder": self._encoder,
            "discriminator": self._discriminator,
            "average": self._average,
        }

    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"redraws": self._redraws, "draws": self._draws, "judges": self._judges}

    def _warm_up(self) -> None:
        """Redraw pictures."""
        config, done = self.config, self.updates / self.config.warm_updates
        rise = min(1.0, (self.updates + 1) / 50)
        self._redraws.param_groups[0]["lr"] = config.warm_rate * rise * min(1.0, 2.0 * (1.0 - done) + SLOWEST_RATE)
        pictures, weights = self._some(config.batch)
        with autocast_bfloat16("cpu"):
            latents, divergence = self._encoded(pictures)
            redrawn = self.generator(latents, weights)
        away = self._away(redrawn, pictures)
        loss = away + config.divergence * min(1.0, 2.0 * done) * divergence
        self._redraws.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._redraws.step()
        self._note(redrawn=away, divergence=divergence)

    def _play(self) -> None:
        """One move of the discriminator and one of the generator."""
        config = self.config
        played = self.updates - config.warm_updates
        if not played:
            self._average.load_state_dict(self.generator.state_dict())
        if self._latents is None or played % PLACED_EVERY == 0:
            self._latents = self.latents()
        fall = min(1.0, max(SLOWEST_RATE, 2.0 * (1.0 - played / config.joint_updates)))
        self._draws.param_groups[0]["lr"] = config.generator_rate * fall
        self._judges.param_groups[0]["lr"] = config.discriminator_rate * fall
        half = config.batch // 2
        pictures, weights = self._some(config.batch)
        drawn_weights = self._some_weights(half)
        with autocast_bfloat16("cpu"):
            latents, divergence = self._encoded(pictures[:half])
            drawn_latents = self._latents.place(drawn_weights, torch.randn(half, self.shape.latent))
            both = torch.cat([weights[:half], drawn_weights])
            made = self.generator(torch.cat([latents, drawn_latents]), both)
        self._judge(pictures, weights, made.detach(), both, played % PENALTY_EVERY == 0)
        if played < config.alone_updates:
            return
        for parameter in self._discriminator.parameters():
            parameter.requires_grad_(False)
        with autocast_bfloat16("cpu"):
            moves = self._moves(len(made))
            whole, patches, felt = self._discriminator(self._moved(made, moves), both)
            with torch.no_grad():
                real_felt = self._discriminator(self._moved(pictures[:half], moves[:half]), weights[:half])[2]
        for parameter in self._discriminator.parameters():
            parameter.requires_grad_(True)
        game = F.softplus(-whole).mean() + F.softplus(-patches).mean()
        away = self._away(made[:half], pictures[:half])
        alike = sum(
            ((a[:half].float() - b.float()).abs().mean() / b.float().abs().mean()).clamp(max=10.0)
            for a, b in zip(felt, real_felt, strict=True)
        ) / len(felt)
        loss = game + config.redrawing * (away + config.joint_divergence * divergence) + config.feeling * alike
        self._draws.zero_grad(set_to_none=True)
        loss.backward()
        self._draws.step()
        decay = min(config.averaging, (1 + played) / (10 + played))
        with torch.no_grad():
            torch._foreach_lerp_(list(self._average.parameters()), list(self.generator.parameters()), 1.0 - decay)
        self._note(redrawn=away, divergence=divergence, game=game, alike=alike)

    def _judge(self, real: Tensor, weights: Tensor, made: Tensor, made_weights: Tensor, penalised: bool) -> None:
        real, made = self._moved(real, self._moves(len(real))), self._moved(made, self._moves(len(made)))
        with autocast_bfloat16("cpu"):
            whole, patches, _ = self._discriminator(torch.cat([real, made]), torch.cat([weights, made_weights]))
        right, wrong = torch.split(whole, [len(real), len(made)])
        right_patches, wrong_patches = torch.split(patches, [len(real), len(made)])
        loss = F.softplus(-right).mean() + F.softplus(wrong).mean()
        loss = loss + F.softplus(-right_patches).mean() + F.softplus(wrong_patches).mean()
        if penalised and self.config.penalty:
            seen = real.detach().requires_grad_(True)
            whole, patches, _ = self._discriminator(seen, weights)
            (slope,) = torch.autograd.grad(whole.sum() + patches.mean(1).sum(), seen, create_graph=True)
            loss = loss + self.config.penalty / 2.0 * PENALTY_EVERY * slope.square().sum((1, 2, 3)).mean()
        self._judges.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._judges.step()
        self._note(real=torch.sigmoid(right).mean(), made=torch.sigmoid(wrong).mean())

    def _some(self, count: int) -> tuple[Tensor, Tensor]:
        """So many pictures, half of them mirrored, and their category weights."""
        chosen = torch.multinomial(self._chances, count, replacement=True)
        pictures = self._pictures[chosen]
        pictures = torch.where(torch.rand(count, 1, 1, 1) < 0.5, pictures.flip(3), pictures)
        weights = one_hot(self._labels[chosen], self.shape.categories)
        return pictures.contiguous(memory_format=torch.channels_last), weights

    def _some_weights(self, count: int) -> Tensor:
        """Category weights to draw by: of one category mostly, of two now and then."""
        chosen = torch.multinomial(self._chances, 2 * count, replacement=True)
        one, other = one_hot(self._labels[chosen], self.shape.categories).chunk(2)
        part = torch.rand(count, 1) * (torch.rand(count, 1) < MIXED_SHARE)
        return one + part * (other - one)

    def _encoded(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Latents of ``pictures`` with their noise, and how far they are from plain noise."""
        mean, log_variance = self._encoder(pictures)
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1.0).sum(1).mean()
        return mean + torch.randn_like(mean) * (0.5 * log_variance).exp(), divergence

    @staticmethod
    def _away(made: Tensor, pictures: Tensor) -> Tensor:
        """How unlike two batches are, pixel by pixel and in the large."""
        parts = [
            (F.avg_pool2d(made, scale) - F.avg_pool2d(pictures, scale)).abs().mean() * scale**0.5 for scale in SCALES
        ]
        return torch.stack(parts).sum()

    def _moves(self, count: int) -> Tensor:
        return torch.randint(0, 2 * self.config.shift + 1, (count, 2))

    def _moved(self, pictures: Tensor, moves: Tensor) -> Tensor:
        """Each picture moved by up to ``shift`` pixels."""
        if not self.config.shift:
            return pictures
        side, batch = torch.arange(self.shape.pixels), torch.arange(len(pictures))
        padded = F.pad(pictures, [self.config.shift] * 4).permute(0, 2, 3, 1)
        rows, columns = (moves[:, :1] + side)[:, :, None], (moves[:, 1:] + side)[:, None, :]
        return padded[batch[:, None, None], rows, columns].permute(0, 3, 1, 2)

    def _note(self, **values: Tensor | float) -> None:
        for name, value in values.items():
            new = float(value.detach()) if isinstance(value, Tensor) else value
            self.losses[name] = self.losses.get(name, new) + 0.02 * (new - self.losses.get(name, new))


def measure_norms(network: Generator, latents: Latents) -> None:
    """Measure batch norm's statistics on what is drawn from ``latents``; the network then is ready to draw."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean of all batches
    categories, source = network.shape.categories, torch.Generator().manual_seed(0)
    network.train()
    with torch.no_grad():
        for _ in range(NORM_BATCHES):
            weights = one_hot(torch.randint(0, categories, (NORM_BATCH,), generator=source), categories)
            noise = torch.randn(NORM_BATCH, network.shape.latent, generator=source)
            network(latents.place(weights, noise), weights)
    network.eval()
    for norm in norms:
        norm.momentum = NORM_MOMENTUM
