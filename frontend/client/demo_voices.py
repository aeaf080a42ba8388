"""The voices of the demo performance: each a back-off n-gram model of one paragraph (``demo_voices.toml``).

Small, untrained and always the same; they can be mixed and primed like real voices. Pure.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CONTEXT_CHARS = 5  # characters of context that a voice looks back on
CONTEXT_TRUST = 0.95  # how far a longer context overrules a shorter one

VOICES_FILE = Path(__file__).parent / "demo_voices.toml"


@cache
def voice_rows() -> tuple[dict[str, str], ...]:
    """Each voice's slug, name, monogram, colour, kind and text, in the order of the cards."""
    return tuple(tomllib.loads(VOICES_FILE.read_text("utf-8"))["voice"])


class NgramVoice:
    """What follows each context of up to ``CONTEXT_CHARS`` characters in ``text``, read as if it repeated for ever."""

    def __init__(self, text: str) -> None:
        self._followers: dict[str, Counter[str]] = defaultdict(Counter)
        ring = text[-CONTEXT_CHARS:] + text
        for place in range(CONTEXT_CHARS, len(ring)):
            for order in range(CONTEXT_CHARS + 1):
                self._followers[ring[place - order : place]][ring[place]] += 1

    def after(self, text: str) -> NDArray[np.float64]:
        """(128,) the distribution of the character after ``text``."""
        p = np.full(128, 1 / 128)
        for order in range(min(CONTEXT_CHARS, len(text)) + 1):
            followers = self._followers.get(text[len(text) - order :])
            if followers is None:
                break
            p *= 1 - CONTEXT_TRUST
            total = followers.total()
            for character, count in followers.items():
                p[ord(character)] += CONTEXT_TRUST * count / total
        return p


@cache
def demo_voices() -> tuple[NgramVoice, ...]:
    return tuple(NgramVoice(row["text"]) for row in voice_rows())


def fused_distribution(distributions: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(128,) in place of the fused network: the distributions' weighted geometric mean, smoothed a little."""
    mean = np.exp(weights @ np.log(distributions + 1e-4))
    return np.asarray(mean / mean.sum())
