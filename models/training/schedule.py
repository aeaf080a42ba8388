"""The schedule of a run whose end is not known: warm up, hold the rate, and lower it only in a branch at the end.

Warmup-stable-decay (Hu et al. 2024, MiniCPM; Haegele et al. 2024). While the rate is held, the network is noisy and its
held-out loss stands above what it has learnt; the average of its weights (Polyak & Juditsky 1992) shows that. A decay
branch takes a copy of the state and lowers the rate; the held run goes on from where it was. Pure functions.
"""

from __future__ import annotations

import math


def held_rate(peak: float, update: int, warmup_updates: int) -> float:
    """The learning rate of update number ``update`` (from 0): a straight rise to ``peak``, then ``peak`` for ever."""
    return peak * min(1.0, (update + 1) / max(1, warmup_updates))


def decayed_rate(peak: float, share: float) -> float:
    """The learning rate when ``share`` (0-1) of a decay branch is done: one minus the square root, which leads to 0."""
    return peak * (1.0 - math.sqrt(min(1.0, max(0.0, share))))


def average_decay(updates: int, every: int, half_life_updates: int) -> float:
    """What an average taken every ``every`` updates keeps of itself each time, after ``updates`` updates.

    A young average forgets faster, so that it does not hang on where the run began: it looks back over a quarter of it.
    """
    half_life = min(half_life_updates, max(every, updates // 4))
    return math.pow(0.5, every / half_life)
