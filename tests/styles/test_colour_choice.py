"""A new voice's colour is as far as can be from all others, for three kinds of eyes; distances are look.md's."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from styles.colour_choice import VISIONS, distance, farthest_colour
from styles.library import shipped


@pytest.mark.parametrize(
    ("vision", "closest", "neighbours"),
    [
        ("normal", (0.090, "Ju", "Nz"), (0.194, "Be", "Bi")),
        ("protanopia", (0.054, "Ap", "Ba"), (0.124, "Tx", "Lc")),
        ("deuteranopia", (0.051, "Ho", "Lo"), (0.120, "Lx", "Lo")),
    ],
)
def test_the_closest_pairs_of_the_24_are_those_that_the_designer_measured(
    vision: str, closest: tuple[float, str, str], neighbours: tuple[float, str, str]
) -> None:
    cards = shipped()

    def nearest(pairs: list[tuple[int, int]]) -> tuple[float, str, str]:
        apart, one, other = min((distance(cards[i].colour, cards[j].colour, vision), i, j) for i, j in pairs)
        return round(apart, 3), cards[one].monogram, cards[other].monogram

    assert nearest(list(combinations(range(24), 2))) == closest
    assert nearest(list(pairwise(range(24)))) == neighbours


def test_a_free_colour_is_farther_from_all_24_than_the_closest_of_them_are_from_each_other() -> None:
    used = [card.colour for card in shipped()]
    chosen = farthest_colour(used)
    for vision in VISIONS:
        closest = min(distance(one, other, vision) for one, other in combinations(used, 2))
        assert min(distance(chosen, colour, vision) for colour in used) > min(closest, 0.0514)


def test_three_new_voices_in_a_row_all_differ() -> None:
    used = [card.colour for card in shipped()]
    for _ in range(3):
        used.append(farthest_colour(used))
    assert len(set(used)) == 27


def test_the_first_colour_of_all_is_a_colour_too() -> None:
    assert len(farthest_colour([])) == 7
    assert distance(farthest_colour(["#000000"]), "#000000") > 0.9  # the lightest there is
