"""Spelling: letters that leave every known word are weighed down in the mix, unless a voice is nearly certain of one.

Both processes weigh with this; which characters are known the server works out and sends. Pure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.alphabet import VOCABULARY

Mask = NDArray[np.bool_]  # (V,)
Vector = NDArray[np.float64]

CERTAIN_PROBABILITY = 0.95  # a voice that gives a character this much may invent


def spelled(mean: Vector, p: NDArray[np.floating], w: ArrayLike, known: Mask, spelling: float) -> Vector:
    """(V,) ``mean`` with what is not ``known`` times (1 - ``spelling``)^2, summing to what it did.

    Squared, because a word has many letters at which it may go wrong: real words need 99 % of it held back, and the
    knob is to have its ways spread over all of its travel.

    Characters that a voice with a weight ``w`` (S,) above 0 gives at least ``CERTAIN_PROBABILITY`` of its row of ``p``
    (S, V) stay, and so does everything where nothing known has a chance.
    """
    speaking = np.asarray(w, np.float64) > 0.0
    certain = (np.asarray(p)[speaking] >= CERTAIN_PROBABILITY).any(0)
    kept = np.where(known | certain, mean, mean * (1.0 - spelling) ** 2)
    total = kept.sum()
    return np.asarray(kept * (mean.sum() / total)) if total > 0.0 else mean


def pack_known(known: Mask | None) -> bytes:
    """The characters as one bit each, 16 bytes; nothing where all are."""
    return b"" if known is None else np.packbits(known).tobytes()


def unpack_known(bits: bytes) -> Mask | None:
    """The inverse."""
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=VOCABULARY).astype(np.bool_) if bits else None
