"""What is examined is never trained on, and a mixture keeps its proportions."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.streams import Streams, cut, held_out_spans, training_spans


@given(st.integers(2_000, 3_000_000))
def test_training_and_held_out_text_never_overlap_and_leave_nothing_over(chars: int) -> None:
    spans = sorted([*held_out_spans(chars), *training_spans(chars)], key=lambda span: span.start)
    assert spans[0].start == 0 and spans[-1].stop == chars
    assert all(a.stop == b.start for a, b in pairwise(spans))


@given(st.integers(2_000, 3_000_000))
def test_held_out_text_comes_from_eight_places_and_is_a_tenth_at_most(chars: int) -> None:
    spans = held_out_spans(chars)
    assert len(spans) == 8
    assert 0 < sum(len(span) for span in spans) <= chars / 10


def counted(length: int, first: int) -> np.ndarray:
    return (np.arange(length) % 50 + first).astype(np.uint8)


def test_a_reader_goes_on_where_it_stopped_until_it_jumps() -> None:
    streams = Streams([[counted(5_000, 10)]], [1.0], texts=3, steps=7, stay=70)
    before, fresh = streams.batch()
    assert fresh.all()
    for _ in range(30):
        codes, fresh = streams.batch()
        assert np.array_equal(codes[0, ~fresh], before[-1, ~fresh])
        before = codes


def test_only_the_given_pieces_are_read() -> None:
    text = np.concatenate([counted(900, 0), np.full(200, 99, np.uint8), counted(900, 0)])
    streams = Streams([cut(text, [s for s in training_spans(2_000) if not 700 < s.start < 1_200])], [1.0], 4, 8, 64)
    pieces = cut(text, [s for s in training_spans(2_000) if not 700 < s.start < 1_200])
    seen = {int(code) for _ in range(50) for code in streams.batch()[0].ravel()}
    assert seen <= {int(code) for piece in pieces for code in piece}


def test_corpora_are_read_by_their_shares_whatever_their_sizes() -> None:
    streams = Streams([[np.zeros(100_000, np.uint8)], [np.ones(2_000, np.uint8)]], [1.0, 3.0], 16, 16, 64)
    read = np.mean([streams.batch()[0].mean() for _ in range(400)])
    assert 0.68 < read < 0.82


def test_a_restored_reader_reads_on_as_if_never_stopped() -> None:
    corpora = [[counted(3_000, 0)], [counted(4_000, 60)]]
    one, other = (Streams(corpora, [1, 1], 5, 16, 128, seed=seed) for seed in (4, 9))
    for _ in range(20):
        one.batch()
    other.restore(json.loads(json.dumps(one.state())))
    for _ in range(40):
        ours, theirs = one.batch(), other.batch()
        assert np.array_equal(ours[0], theirs[0]) and np.array_equal(ours[1], theirs[1])


def test_pieces_too_short_for_one_step_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 65"):
        Streams([[np.zeros(60, np.uint8)]], [1.0], 2, 64)
