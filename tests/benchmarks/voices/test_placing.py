"""The judge learns to tell styles apart, and says the same every time."""

import numpy as np

from benchmarks.voices.placing import LinearJudge, attributions
from models.interface import Codes


def pieces(letters: str, count: int, seed: int) -> list[Codes]:
    """Pieces in which each of ``letters`` is as likely."""
    alphabet = np.frombuffer(letters.encode("ascii"), np.uint8)
    return list(np.random.default_rng(seed).choice(alphabet, (count, 200)))


def test_pieces_go_to_the_style_that_writes_as_they_do() -> None:
    judge = LinearJudge([pieces("abc ", 20, 1), pieces("abd ", 20, 2), pieces("xyz\n", 3, 3)])
    asked = [*pieces("abc ", 5, 4), *pieces("abd ", 5, 5), *pieces("xyz\n", 5, 6)]
    assert attributions(judge, asked) == [0] * 5 + [1] * 5 + [2] * 5


def test_the_same_lessons_make_the_same_judge() -> None:
    lessons, asked = [pieces("ab ", 9, 1), pieces("ac ", 9, 2)], pieces("abc ", 6, 3)
    np.testing.assert_array_equal(LinearJudge(lessons).opinions(asked), LinearJudge(lessons).opinions(asked))
