"""Many texts at once are mixed, drawn and written as the stage does one."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.voices.writing import chances, draw, mix, write
from models.char_lstm.network import CharLSTM
from models.char_lstm.weights_file import VoiceWeights
from protocol import mixing
from protocol.alphabet import VOCABULARY

SEEDS = st.integers(0, 2**32 - 1)


def network(folder: Path, slug: str) -> CharLSTM:
    return VoiceWeights.load(folder / f"{slug}.safetensors").network()


@given(SEEDS, st.floats(0.1, 2.0), st.floats(0.02, 5.0))
def test_each_row_is_mixed_as_the_stage_mixes_it(seed: int, temperature: float, evenness: float) -> None:
    random = np.random.default_rng(seed)
    expected = random.dirichlet(np.full(VOCABULARY, evenness), (2, 3)).astype(np.float32)  # (S, B, V)
    weights, temperatures = random.random((3, 2)) + 1e-3, np.array([1.0, temperature, 0.7])
    mixed = mix(expected, weights, temperatures)
    for text in range(3):
        stage = mixing.mix(expected[:, text], weights[text], {"/mix/temperature": float(temperatures[text])})
        np.testing.assert_allclose(mixed[text], stage, atol=1e-12)


@given(
    SEEDS,
    st.lists(st.sampled_from([0.0, 0.5, 1.0 - 2**-53]) | st.floats(0.0, 1.0, exclude_max=True), min_size=3, max_size=3),
)
def test_each_row_is_drawn_from_as_the_stage_draws(seed: int, chance: list[float]) -> None:
    random = np.random.default_rng(seed)
    p = np.maximum(0.0, random.random((3, VOCABULARY)) - 0.7) + np.eye(3, VOCABULARY)  # most cannot be drawn
    assert draw(p, np.array(chance)).tolist() == [mixing.draw(row, u) for row, u in zip(p, chance, strict=True)]


def test_a_text_is_the_same_whoever_is_written_beside_it(spelling_voices: Path) -> None:
    two = [network(spelling_voices, "bible"), network(spelling_voices, "linux")]
    weights, temperatures = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]), np.array([1.0, 0.7, 1.0])
    together = write(two, weights, temperatures, chances(3, 60, seed=4))
    assert [
        write(two, weights[i : i + 1], temperatures[i : i + 1], chances(3, 60, seed=4)[i : i + 1])[0] for i in range(3)
    ] == together
    assert [set(text) for text in together] == [{"b", " "}, {"b", "l", " "}, {"l", " "}]


def test_a_text_s_chances_are_its_own_however_many_texts_there_are() -> None:
    np.testing.assert_array_equal(chances(2, 9, seed=4), chances(5, 9, seed=4)[:2])
    assert not np.array_equal(chances(1, 9, seed=4), chances(1, 9, seed=5))
