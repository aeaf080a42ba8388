"""Streams that lie on the device read true text, jump when they should, and can be gone on with."""

import json

import numpy as np
import pytest
import torch

from models.interface import Codes
from models.training.device_streams import DeviceStreams

TEXTS, STEPS, STAY = 6, 8, 64


def piece(first: int, length: int) -> Codes:
    """Codes that go up by one, so that a jump shows."""
    return (np.arange(length) % 50 + first).astype(np.uint8)


def streams(seed: int = 1, shares: tuple[float, ...] = (1.0, 3.0)) -> DeviceStreams:
    return DeviceStreams([[piece(0, 400), piece(0, 5)], [piece(60, 900)]], shares, TEXTS, STEPS, STAY, seed, "cpu")


def test_every_reader_reads_on_where_it_was_unless_it_is_said_to_be_fresh() -> None:
    reading = streams()
    codes, fresh = reading.batch()
    assert codes.shape == (STEPS + 1, TEXTS) and fresh.tolist() == [True] * TEXTS
    jumps = 0
    for _ in range(60):
        last = codes[-1]
        codes, fresh = reading.batch()
        assert torch.equal(codes[0][~fresh], last[~fresh])
        within = codes % 60  # both pieces go up by one, and start again after 50
        assert torch.equal((within[1:] - within[:-1]) % 50, torch.ones(STEPS, TEXTS, dtype=torch.int64))
        jumps += int(fresh.sum())
    assert jumps >= 60 * TEXTS * STEPS // STAY - TEXTS


def test_corpora_are_read_by_their_shares() -> None:
    reading = streams()
    second = torch.cat([reading.batch()[0][0] for _ in range(600)]) >= 60
    assert second.float().mean().item() == pytest.approx(0.75, abs=0.06)


def test_restored_streams_go_on_to_the_same_batches() -> None:
    reading = streams()
    for _ in range(20):
        reading.batch()
    state = json.loads(json.dumps(reading.state()))
    again = streams(seed=9)
    again.restore(state)
    for _ in range(30):
        for one, other in zip(reading.batch(), again.batch(), strict=True):
            assert torch.equal(one, other)


def test_a_corpus_without_a_long_enough_piece_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 9 characters"):
        DeviceStreams([[piece(0, 9)]], [1.0], TEXTS, STEPS, STAY, 1, "cpu")
