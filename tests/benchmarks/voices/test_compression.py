"""PPMd is charged for the held-out text only, and the given yardstick is whole."""

from statistics import fmean

import numpy as np
import pytest

from benchmarks.voices.ngram import ppmd_bits_per_char, yardstick
from models.interface import Codes
from styles.library import shipped


def noise(chars: int, seed: int) -> Codes:
    return np.random.default_rng(seed).integers(0, 128, chars).astype(np.uint8)


def test_what_was_read_in_training_costs_next_to_nothing_and_noise_costs_its_seven_bits() -> None:
    training = [noise(20_000, 1)]
    assert ppmd_bits_per_char(training, [training[0][5_000:9_000]]) < 0.6
    assert ppmd_bits_per_char(training, [noise(4_000, 2)]) == pytest.approx(7.3, abs=0.4)


def test_the_given_yardstick_covers_every_shipped_style() -> None:
    assert list(yardstick()) == [card.slug for card in shipped()]
    assert fmean(yardstick().values()) == pytest.approx(1.58, abs=0.005)
