"""What is too long for a datagram goes in few parts and comes together again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.fragments import ROWS_A_PART, distribution_messages, distribution_rows, evidence_rows, past_messages
from protocol.messages import DATAGRAM_BYTES, Distributions, TextExcerpt
from protocol.mixing import quantise
from protocol.osc import encode

tints = st.sampled_from([(), ((3, 255),), ((3, 200), (1, 55)), ((9, 100), (2, 80), (0, 75))])


def rows(n: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(n).dirichlet(np.full(128, 0.1), n).astype(np.float32)


@given(st.lists(st.integers(0, 255), min_size=1, max_size=60, unique=True), st.randoms())
def test_distributions_come_together_from_parts_in_any_order(voices: list[int], order: object) -> None:
    p = rows(len(voices))
    parts = distribution_messages(5, voices, p)
    assert all(len(encode(part)) <= DATAGRAM_BYTES for part in parts)
    order.shuffle(parts)  # type: ignore[attr-defined]
    found = distribution_rows(parts)
    assert found is not None
    assert sorted(found) == sorted(voices)
    for voice, row in zip(voices, p, strict=True):
        assert quantise(found[voice]).tolist() == quantise(row).tolist()


@pytest.mark.parametrize(("voices", "sizes"), [(1, [1]), (10, [10]), (11, [5, 6]), (24, [8, 8, 8]), (31, [7, 8, 8, 8])])
def test_there_are_as_few_parts_as_fit_and_they_are_even(voices: int, sizes: list[int]) -> None:
    assert [len(part.voices) for part in distribution_messages(0, range(voices), rows(voices))] == sizes


def test_a_part_could_not_hold_one_row_more() -> None:
    full = Distributions(0, 0, 1, tuple(range(ROWS_A_PART)), bytes(128 * ROWS_A_PART))
    assert DATAGRAM_BYTES - 128 < len(encode(full)) <= DATAGRAM_BYTES


def test_what_voices_foresaw_comes_with_their_rows_and_still_fits() -> None:
    told = -np.arange(24) / 4.0
    parts = distribution_messages(5, range(24), rows(24), told)
    assert all(len(encode(part)) <= DATAGRAM_BYTES for part in parts)
    assert evidence_rows(reversed(parts)) == dict(enumerate(told.tolist()))
    assert evidence_rows(distribution_messages(5, range(24), rows(24))) == {}
    full = distribution_messages(5, range(ROWS_A_PART), rows(ROWS_A_PART), np.full(ROWS_A_PART, -1e9))
    assert len(full) == 1 and len(encode(full[0])) <= DATAGRAM_BYTES
    assert set(evidence_rows(full).values()) == {-65_535 / 256}


def test_while_a_part_is_missing_there_is_no_set() -> None:
    first, second, third = distribution_messages(0, range(24), rows(24))
    assert distribution_rows([first, third]) is None
    assert distribution_rows([first, first, third]) is None
    assert distribution_rows([]) is None
    assert len(distribution_rows([third, second, first]) or {}) == 24


def test_nobody_awake_is_no_message() -> None:
    assert distribution_messages(0, (), rows(0)) == []


@given(st.lists(tints, min_size=1, max_size=700), st.integers(0, 10**6))
def test_the_past_comes_together_from_its_parts(several: list[tuple[tuple[int, int], ...]], position: int) -> None:
    text = ("the quick brown fox\n" * 35)[: len(several)]
    surprises = bytes(place % 256 for place in range(len(text)))
    parts = list(past_messages(2, position, text, several, surprises))
    assert all(len(encode(part)) <= DATAGRAM_BYTES for part in parts)
    assert "".join(part.text for part in parts) == text
    assert [tint for part in parts for tint in part.tints] == several
    assert b"".join(part.surprises for part in parts) == surprises
    assert all(len(part.surprises) == len(part.text) for part in parts)
    assert {part.surprises for part in past_messages(2, position, text, several)} == {b""}
    places = [position + len("".join(before.text for before in parts[:i])) for i in range(len(parts))]
    assert [part.position for part in parts] == places


def test_the_past_of_nothing_says_so() -> None:
    (only,) = past_messages(2, 7, "", ())
    assert only == TextExcerpt(2, 7, "", ())
    assert len(encode(only)) <= DATAGRAM_BYTES
