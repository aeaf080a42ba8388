"""What a mix can be said to be like, as numbers: entropy, agreement, surprise.

Both processes measure with these functions. Pure numpy, float64 inside; no thread of its own. S voices, V = 128
characters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.mixing import normalised

LEVELS_A_BIT = 16  # levels of surprise a bit
NO_SURPRISE = 255  # the level of a character that nobody wrote, such as a primed one
GREATEST_LEVEL = 254  # the level of all surprises from 15.9 bits upwards


def entropy(p: ArrayLike) -> float:
    """Bits: how open the choice from ``p`` (V,) is, from 0 (certain) to 7 (all 128 as likely)."""
    shares = normalised(p)
    shares = shares[shares > 0.0]
    return max(0.0, -float(shares @ np.log2(shares))) if len(shares) else 0.0


@dataclass(frozen=True)
class Rows:
    """What the agreement of voices needs to know of their rows, whatever their weights."""

    p: NDArray[np.float64]  # (S, V), each summing to 1
    entropies: NDArray[np.float64]  # (S,) bits

    @classmethod
    def of(cls, p: NDArray[np.floating]) -> Rows:
        """``p`` (S, V); what is no probability counts as 0 or 1."""
        rows = np.nan_to_num(np.asarray(p, np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(0.0, 1.0)
        rows /= np.maximum(rows.sum(1, keepdims=True), 1e-300)
        with np.errstate(divide="ignore", invalid="ignore"):
            return cls(rows, -np.where(rows > 0.0, rows * np.log2(rows), 0.0).sum(1))


def agreement(p: NDArray[np.floating] | Rows, w: ArrayLike) -> float:
    """0..1: how little a character tells about which of the voices, rows of ``p`` (S, V) with weights ``w``, wrote it.

    1 - I(voice; character) / H(voice), the mutual information of the arithmetic mix (Lin 1991 calls it the
    Jensen-Shannon divergence of the rows). 1 where all want the same, or one voice has all the weight; 0 where no
    character is wanted by two. Negative weights count as none. Where only the weights move ``Rows`` are made once.
    """
    shares = normalised(w)
    speaking = np.flatnonzero(shares)
    possible = entropy(shares)
    if len(speaking) < 2 or possible <= 0.0:
        return 1.0
    rows = p if isinstance(p, Rows) else Rows.of(p)
    information = entropy(shares[speaking] @ rows.p[speaking]) - float(shares[speaking] @ rows.entropies[speaking])
    return min(1.0, max(0.0, 1.0 - information / possible))


def surprise(probability: float) -> float:
    """Bits: minus the binary logarithm of the ``probability`` that a written character had; inf for 0."""
    return -math.log2(min(1.0, probability)) if probability > 0.0 else math.inf


def surprise_level(probability: float) -> int:
    """``surprise`` as the byte that crosses the wire: 16 levels a bit, at most GREATEST."""
    bits = surprise(probability)
    return GREATEST_LEVEL if bits * LEVELS_A_BIT >= GREATEST_LEVEL else round(bits * LEVELS_A_BIT)


def bits_of_level(level: int) -> float | None:
    """The bits that the byte ``level`` stands for; None where nobody wrote the character."""
    return None if level == NO_SURPRISE else level / LEVELS_A_BIT
