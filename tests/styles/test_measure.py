"""A sketch of a few hundred bytes tells how much of a text another one holds."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from styles.measure import SKETCH_HASHES, likeness, sketch

WORDS = ["".join(random.Random(number).choices("abcdefghij", k=5)) for number in range(3_000)]


def tale(seed: int, count: int = 20_000) -> list[str]:
    return random.Random(seed).choices(WORDS, k=count)


def test_layout_case_and_quotes_do_not_matter() -> None:
    words = tale(1)
    other = "\n".join(" ".join(words[start : start + 9]) for start in range(0, len(words), 9)).upper()
    assert likeness(sketch(" ".join(words)), f'"{other}"') == 1.0


def test_another_text_is_unlike() -> None:
    assert likeness(sketch(" ".join(tale(1))), " ".join(tale(2))) < 0.02


def test_the_share_that_is_there_is_told_within_its_error() -> None:
    words = tale(3)
    for share in (0.25, 0.5, 0.9):
        part = " ".join(words[: int(share * len(words))] + tale(4))
        assert abs(likeness(sketch(" ".join(words)), part) - share) < 4 * 0.05


def test_a_sketch_is_small_and_the_same_every_time() -> None:
    text = " ".join(tale(5))
    assert sketch(text) == sketch(text) == tuple(sorted(sketch(text)))
    assert len(sketch(text)) == SKETCH_HASHES
    assert sketch("one two three four five six") == (1821775985,)


@given(st.text())
def test_any_text_is_all_there_in_itself(text: str) -> None:
    assert likeness(sketch(text), text) in ({1.0} if sketch(text) else {0.0})
