"""Stretches read side by side cost what one plain reading of each costs; voices of one base have a middle."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.voices.reading import STRETCH_CHARS, WARM_UP_CHARS, average, examination, read
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.interface import Codes
from protocol.errors import VoiceError

CHILD = {"base": "one"}


def place(chars: int, seed: int) -> Codes:
    return np.random.default_rng(seed).integers(32, 127, chars).astype(np.uint8)


def voice(seed: int, shape: Shape | None = None) -> VoiceWeights:
    torch.manual_seed(seed)
    return VoiceWeights.of(CharLSTM(shape or Shape(2, 16)), f"voice{seed}", CHILD)


def plain(network: CharLSTM, text: Codes, begin: int) -> list[float]:
    """-log2 p of the characters of ``text`` from ``begin`` on, each foreseen from those before it."""
    codes = torch.from_numpy(text.astype(np.int64)).view(-1, 1)
    with torch.inference_mode():
        logits, _ = network(codes, network.zero_state(1))
    bits = -torch.log2(logits[:, 0].softmax(1))
    return [bits[i - 1, text[i]].item() for i in range(begin, len(text))]


def test_a_text_costs_what_its_stretches_cost_one_by_one() -> None:
    network, long, short = voice(1).network(), place(WARM_UP_CHARS + 2 * STRETCH_CHARS + 7, 1), place(60, 2)
    expected = [
        plain(network, long[start : start + WARM_UP_CHARS + STRETCH_CHARS], WARM_UP_CHARS)
        for start in (0, STRETCH_CHARS)
    ]
    of_short = plain(network, short, 30)  # the second half
    found = read(network, [examination([long, short], most=4), examination([short], most=4)])
    assert found == pytest.approx([np.mean([*expected[0], *expected[1], *of_short]), np.mean(of_short)], abs=1e-4)


def test_at_most_so_many_stretches_are_taken_of_a_place() -> None:
    assert len(examination([place(5_000, 1), place(5_000, 2)], most=3).codes) == 6


def test_between_two_networks_lies_their_weighted_mean() -> None:
    one, other = voice(1), voice(2)
    between = average([one, other], [3.0, 1.0])
    torch.testing.assert_close(between.output.values, 0.75 * one.output.values + 0.25 * other.output.values)
    torch.testing.assert_close(between.biases[1], 0.75 * one.biases[1] + 0.25 * other.biases[1])
    torch.testing.assert_close(average([one, other], [1.0, 0.0]).expect(), one.expect())


@pytest.mark.parametrize(
    "stranger", [voice(3, Shape(1, 16)), replace(voice(3), record={"base": "two"})], ids=["shape", "base"]
)
def test_voices_of_different_families_have_no_middle(stranger: VoiceWeights) -> None:
    with pytest.raises(VoiceError, match="voice1, voice3 are not children of one base"):
        average([voice(1), stranger], [1.0, 1.0])
