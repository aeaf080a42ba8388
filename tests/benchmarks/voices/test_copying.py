"""Runs in common are exactly those that comparing all with all finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.voices.copying import Passages, longest_run, share_found
from models.interface import Codes

PIECES = st.lists(st.text(st.sampled_from("ab\n"), max_size=25), max_size=4)


def passages(pieces: list[str]) -> Passages:
    return Passages([codes(piece) for piece in pieces])


def codes(text: str) -> Codes:
    return np.frombuffer(text.encode("ascii"), np.uint8)


def parts(pieces: list[str], length: int) -> list[str]:
    return [piece[i : i + length] for piece in pieces for i in range(len(piece) - length + 1)]


@given(PIECES, PIECES)
def test_the_longest_run_is_as_long_as_the_longest_in_common(corpus: list[str], texts: list[str]) -> None:
    common = [part for length in range(1, 26) for part in parts(texts, length) if part in parts(corpus, length)]
    longest = max((len(part) for part in common), default=0)
    run = longest_run(passages(corpus), passages(texts))
    assert run == next((part for part in common if len(part) == longest), "")


@given(PIECES, PIECES, st.integers(1, 6))
def test_the_share_found_counts_every_window(corpus: list[str], texts: list[str], length: int) -> None:
    windows, there = parts(texts, length), set(parts(corpus, length))
    expected = sum(window in there for window in windows) / len(windows) if windows else 0.0
    assert share_found(passages(corpus), passages(texts), length) == expected


def test_no_run_reaches_from_one_piece_into_the_next() -> None:
    assert longest_run(passages(["it was the best", " of times"]), passages(["best of times"])) == " of times"
