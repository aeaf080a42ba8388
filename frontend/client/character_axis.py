"""The order of characters that all read-outs share, and who wants which letter. Pure numpy; no thread of its own.

Space, line break and tab first, then a-z, A-Z, 0-9 and the signs. Codes that have no slot of their own join one slot
"other" at the end.
"""

from __future__ import annotations

import math
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from protocol.mixing import normalised

Floats = NDArray[np.float64]

GROUPS = (" \n\t", ascii_lowercase, ascii_uppercase, digits, ".,;:!?'\"-_()[]{}<>=+*/\\|&%#@$^~`")
SLOTS = "".join(GROUPS)  # the character of each slot but "other"
OTHER = len(SLOTS)  # the index of that slot

CODES = np.array([ord(character) for character in SLOTS])  # (97,) the code of each slot
UNSLOTTED = np.setdiff1d(np.arange(128), CODES)
NAMED = {" ": "space", "\n": "newline", "\t": "tab"}


def slots(p: Floats) -> Floats:
    """Distributions (..., 128) in axis order, (..., 98): the last column is what has no slot of its own."""
    return np.concatenate([p.take(CODES, -1), p.take(UNSLOTTED, -1).sum(-1, keepdims=True)], axis=-1)


def slot_of(character: str) -> int:
    """Where a character stands on the axis."""
    found = SLOTS.find(character)
    return OTHER if found < 0 else found


def responsibilities_of_all(p: Floats, w: Floats, exponent: float) -> Floats:
    """(n, V) each of n voices' responsibility for each character, columns summing to 1.

    The same as ``protocol.mixing.responsibilities`` of every column of ``p`` (n, V), for all 128 at once.
    """
    shares = np.repeat(normalised(w)[:, None], p.shape[1], axis=1)  # (n, V)
    if exponent == 0.0 or not len(w):
        return shares
    if exponent == 1.0:  # as it mostly is: without the detour by logarithms
        spoken = np.where(shares > 0.0, p, 0.0)
        responsibility = shares * (
            spoken / np.maximum(1e-300, spoken.max(0))
        )  # before the products: so that none is lost
        total = responsibility.sum(0)
        return np.asarray(np.divide(responsibility, total, out=shares, where=total > 0.0))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs = np.log(p)
        speaking = np.where(w[:, None] > 0.0, logs, -math.inf if exponent > 0.0 else math.inf)
        extreme = speaking.max(0) if exponent > 0.0 else speaking.min(0)  # (V,)
        if math.isinf(exponent):
            responsibility = shares * (logs == extreme)
        else:
            responsibility = shares * np.exp(np.minimum(0.0, exponent * (logs - extreme)))
        responsibility = np.where(np.isneginf(extreme), shares * (logs == extreme), responsibility)
        total = responsibility.sum(0)
        return np.asarray(np.where(total > 0.0, responsibility / total, shares))
