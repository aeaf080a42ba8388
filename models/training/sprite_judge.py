"""Training the judge of pictures: on six of seven of the real ones, tried on the seventh. On the caller's thread."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from models.sprites.judge import Judge

BATCH = 64
PEAK_RATE = 6e-3
WEIGHT_DECAY = 0.02
SMOOTHING = 0.05  # of labels
HELD_OUT_SHARE = 0.15
MOST_MOVED = 2  # pixels
BRIGHTER, SATURATION, CONTRAST = 0.6, 2.0, 1.0  # ranges of what is done to colours
SEED = 3


@dataclass(frozen=True)
class TrainedJudge:
    """A judge, and how often it is right about pictures that it has not seen."""

    judge: Judge
    held_out: float
    by_category: tuple[float, ...]  # on held-out pictures; nan where none is held out


def train_judge(pictures: Tensor, labels: Tensor, categories: int, epochs: int) -> TrainedJudge:
    """The judge of ``pictures``; the same ones give the same judge. Leaves torch's random state as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        held = torch.rand(len(labels), generator=torch.Generator().manual_seed(SEED)) < HELD_OUT_SHARE
        judge = Judge(categories)
        read, names = pictures[~held], labels[~held]
        steps = epochs * max(1, len(read) // BATCH)
        optimizer = torch.optim.AdamW(judge.parameters(), PEAK_RATE / 2, weight_decay=WEIGHT_DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, steps)
        rare = torch.bincount(names, minlength=categories).clamp(min=1).float().rsqrt()
        rare = rare / rare.mean()
        judge.train()
        for _ in range(steps):
            chosen = torch.randint(0, len(read), (BATCH,))
            logits = judge(_varied(read[chosen]))
            loss = F.cross_entropy(logits, names[chosen], weight=rare, label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        judge.eval()
        with torch.inference_mode():
            right = judge(pictures).argmax(1) == labels
        by_category = [float(right[held & (labels == each)].float().mean()) for each in range(categories)]
    return TrainedJudge(judge, float(right[held].float().mean()), tuple(by_category))


def _varied(pictures: Tensor) -> Tensor:
    """Mirrored, moved by a pixel or two, and in other colours."""
    count, side = len(pictures), pictures.shape[-1]
    x = torch.where(torch.rand(count, 1, 1, 1) < 0.5, pictures.flip(3), pictures)
    alpha, colours = x[:, 3:], x[:, :3]
    colours = colours + (torch.rand(count, 1, 1, 1) - 0.5) * BRIGHTER * alpha
    grey = colours.mean(1, keepdim=True)
    colours = (colours - grey) * (torch.rand(count, 1, 1, 1) * SATURATION) + grey
    mean = colours.sum((1, 2, 3), keepdim=True) / (3.0 * alpha.sum((1, 2, 3), keepdim=True) + 1.0) * alpha
    colours = (colours - mean) * (0.5 + torch.rand(count, 1, 1, 1) * CONTRAST) + mean
    padded = F.pad(torch.cat([colours, alpha], 1), [MOST_MOVED] * 4).permute(0, 2, 3, 1)
    along = torch.arange(side)
    rows = torch.randint(0, 2 * MOST_MOVED + 1, (count, 1)) + along
    columns = torch.randint(0, 2 * MOST_MOVED + 1, (count, 1)) + along
    moved = padded[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)
