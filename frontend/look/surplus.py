"""Whose a letter is, for the eye: by what each voice adds over the mix, gathered over about a word.

Voices mostly agree on the next letter, and then each is responsible by its weight: the mean of their colours is grey,
letter after letter. What tells them apart is the surplus, how much more a voice foresaw a letter than all together did.
Its logarithm is summed over the last letters, older ones counting less, and weighs what each is responsible for: as
Bayes has it, the probability that this voice alone wrote them. So words come in the colour of one voice, and a turn of
style is seen where it happens.

The weights of the past are not known here; their mean over some forty letters is: a voice is responsible, on average,
for as much as it weighs. A letter's colour depends on some hundred letters before it and on none behind it, so that it
never changes once it stands. Pure numpy; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from protocol.messages import Tint

Floats = NDArray[np.float64]

CONTEXT_CHARS = 100  # letters before the first that is asked for
BLOCK_CHARS = 256  # letters that are worked out at once
WEIGHT_KEPT = 0.5 ** (1 / 40)  # of the mean that stands for the weights, from one letter to the next: half in forty
SURPLUS_DECAY = 0.8  # of the surplus that was gathered, from one letter to the next
SURPLUS_FLOOR = 0.02  # added to both sides of a surplus: what a tint leaves out is not known to be nothing


def shares_of_tints(tints: Sequence[Tint], voices: int) -> Floats:
    """Who wrote each character: (n, voices), rows of sum 1, or of zeros where no voice did (primed text)."""
    shares = np.zeros((len(tints), voices))
    told = [(row, *part) for row, tint in enumerate(tints) for part in tint if part[0] < voices]
    if told:
        rows, who, levels = zip(*told, strict=True)
        np.add.at(shares, (rows, who), levels)
    return divided(shares, shares.sum(axis=1, keepdims=True))


def leads(tints: Sequence[Tint], voices: int, start: int = 0, stop: int | None = None) -> Floats:
    """(stop - start, voices) how far each voice leads in ``tints[start:stop]``, rows of sum 1, zeros for primed text.

    ``tints`` before ``start`` are what the letters follow.
    """
    stop = len(tints) if stop is None else stop
    found = np.zeros((max(0, stop - start), voices))
    for begin in range(start, stop, BLOCK_CHARS):
        end, first = min(begin + BLOCK_CHARS, stop), max(0, begin - CONTEXT_CHARS)
        shares = shares_of_tints(tints[first:end], voices)
        there = shares.any(axis=0)  # mostly a few
        found[begin - start : end - start, there] = _leads(shares[:, there])[begin - first :]
    return found


def _leads(shares: Floats) -> Floats:
    spoken = shares.any(axis=1, keepdims=True)
    known = _before(spoken.astype(float), WEIGHT_KEPT)
    weights = np.where(known > 0.0, divided(_before(shares, WEIGHT_KEPT), known), shares)
    surplus = np.where(spoken, np.log((shares + SURPLUS_FLOOR) / (weights + SURPLUS_FLOOR)), 0.0)
    gathered = surplus + SURPLUS_DECAY * _before(surplus, SURPLUS_DECAY)
    found = np.where(spoken, (weights + shares) * np.exp(gathered), 0.0)
    return divided(found, found.sum(axis=1, keepdims=True))


def _before(rows: Floats, kept: float) -> Floats:
    """For each of ``rows`` (n, S) the sum of those before it, of which each letter keeps so much of what was."""
    grown = kept ** -np.arange(len(rows), dtype=float)[:, None]  # .8^-356 is 3e34: far from what a float can hold
    sums = np.cumsum(rows * grown, axis=0)
    return np.concatenate([np.zeros((1, rows.shape[1])), (sums / grown)[:-1]])


def divided(rows: Floats, total: Floats) -> Floats:
    """``rows`` by their ``total`` (n, 1), zeros where that is 0."""
    return np.asarray(rows / np.where(total > 0.0, total, 1.0))
