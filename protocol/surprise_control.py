"""The surprise fader: a text held at so many bits a character, by feedback.

Mirostat 2 (Basu et al. 2021): what is more surprising than a threshold is not chosen, and with every character the
threshold moves against the error, the bits that the character had above those wanted. Leaving out can only make a text
less surprising; so where the threshold has risen to ``OPEN_BITS`` and beyond, the temperature rises with it.

The threshold belongs to a performance; both processes mix by it. Pure; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocol.messages import MAX_THRESHOLD_BITS
from protocol.mixing import Vector
from protocol.tree import SURPRISE, TEMPERATURE, Value, number_of

LEARNING_RATE = 0.1  # bits of the threshold a bit of error
FIRST_THRESHOLD_SHARE = 2.0  # of the bits wanted: where the threshold begins
OPEN_BITS = 8.0  # of the threshold: what is left out beyond is hardly ever drawn
MAX_TEMPERATURE = 2.0  # temperature, the fader's highest
HEAT_A_BIT = 0.25  # of the temperature, that it rises with each bit of the threshold beyond ``OPEN_BITS``


def wanted(values: Mapping[str, Value]) -> float:
    """The bits a character that are wanted; 0: as they come."""
    return max(0.0, number_of(values, SURPRISE))


def threshold(values: Mapping[str, Value], kept: float) -> float:
    """The bits that a character may have, where the last character left ``kept`` (0: none); 0: any."""
    bits = wanted(values)
    return 0.0 if bits == 0.0 else kept or FIRST_THRESHOLD_SHARE * bits


def heated(values: Mapping[str, Value], bits: float) -> Mapping[str, Value]:
    """``values`` with the temperature that a threshold of so many ``bits`` asks for."""
    if bits <= OPEN_BITS:
        return values
    temperature = number_of(values, TEMPERATURE)
    factor = 1.0 + HEAT_A_BIT * (bits - OPEN_BITS)
    return {**values, TEMPERATURE: max(temperature, min(MAX_TEMPERATURE, temperature * factor))}


def limited(p: Vector, bits: float) -> Vector:
    """``p`` (V,) without what has more than so many ``bits``, renormalised; the likeliest stays. 0 bits: all stays."""
    if bits == 0.0:
        return p
    left = np.where(p >= min(float(p.max()), 2.0**-bits), p, 0.0)
    return np.asarray(left / (left.sum() or 1.0))


def moved(values: Mapping[str, Value], bits: float, probability: float) -> float:
    """The threshold for the next character, where one of this ``probability`` came under a threshold of ``bits``.

    A character that nobody expected, since a hand chose it, moves nothing.
    """
    if bits == 0.0 or probability <= 0.0:
        return bits
    error = -float(np.log2(probability)) - wanted(values)
    return min(MAX_THRESHOLD_BITS, max(LEARNING_RATE, bits - LEARNING_RATE * error))
