"""Two choirs: who sings in which, whose turn it is, and what of the mix is heard of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.antiphony import LONGEST_TURN_CHARS, Turns, leaning, next_turn
from protocol.mixing import choirs, circle, effective_weights, let_through
from protocol.puck import CROWD
from protocol.tree import ANTIPHONY, TURN, ParameterTree, Value, choir_address, on_address, weight_address

SLUGS = ("austen", "bible", "jung", "linux")
AUSTEN, BIBLE, JUNG, LINUX = range(4)
RIGHT, LEFT = (0.6, 0.0), (-0.6, 0.0)


def values(**others: Value) -> dict[str, Value]:
    """All four in play at full weight, in antiphony; on the circle Austen and the Bible stand on the right."""
    found = ParameterTree(SLUGS).defaults() | {ANTIPHONY: True}
    for slug in SLUGS:
        found |= {on_address(slug): True, weight_address(slug): 1.0}
    return found | {f"/{name.replace('__', '/')}": value for name, value in others.items()}


def leaned(place: tuple[float, float], **others: Value) -> dict[str, Value]:
    return values(puck__lifted=False, puck=place, **others)


def test_the_sides_of_the_circle_are_the_choirs_until_a_voice_is_given_to_one() -> None:
    assert choirs(values(), SLUGS) == ([JUNG, LINUX], [AUSTEN, BIBLE])
    given = values(style__bible__choir=1)
    assert choirs(given, SLUGS) == ([BIBLE, JUNG, LINUX], [AUSTEN])
    assert circle(given, SLUGS) == [AUSTEN, BIBLE, JUNG, LINUX]
    assert circle(values(style__austen__choir=1), SLUGS) == [BIBLE, AUSTEN, JUNG, LINUX]


def test_only_the_choir_whose_turn_it_is_is_heard_and_a_hand_may_blend_both() -> None:
    assert effective_weights(values(), SLUGS).tolist() == [0.0, 0.0, 0.5, 0.5]
    assert effective_weights(values(mix__turn=1.0), SLUGS).tolist() == [0.5, 0.5, 0.0, 0.0]
    assert effective_weights(values(mix__turn=0.25), SLUGS).tolist() == [0.125, 0.125, 0.375, 0.375]


def test_the_puck_leans_each_choir_within_itself() -> None:
    up = effective_weights(leaned((0.0, 0.9), mix__turn=1.0), SLUGS)
    assert up[AUSTEN] > 0.8 and up[JUNG] == up[LINUX] == 0.0


def test_a_choir_alone_is_heard_whosever_turn_it_is() -> None:
    alone = values(style__jung__weight=0.0, style__linux__weight=0.0)
    assert effective_weights(alone, SLUGS).tolist() == [0.5, 0.5, 0.0, 0.0]
    assert next_turn(alone, SLUGS) == 1.0


def test_what_is_below_zero_is_kept_away_from_in_any_turn() -> None:
    weights = effective_weights(values(style__austen__weight=-1.0), SLUGS)
    assert weights[AUSTEN] < 0.0 == weights[BIBLE]
    assert np.abs(weights).sum() == pytest.approx(1.0)


def test_without_antiphony_choirs_change_nothing() -> None:
    plain = values(mix__antiphony=False)
    other = values(mix__antiphony=False, mix__turn=1.0, style__bible__choir=1, style__austen__choir=1)
    assert effective_weights(plain, SLUGS).tolist() == effective_weights(other, SLUGS).tolist() == [0.25] * 4
    assert circle(plain, SLUGS) == circle(other, SLUGS)


def test_the_turn_passes_while_the_puck_is_lifted_or_between_and_stays_on_the_side_it_is_leaned_to() -> None:
    for turn in (0.0, 1.0):
        assert next_turn(values(mix__turn=turn), SLUGS) == 1.0 - turn
        assert next_turn(leaned((0.0, 0.0), mix__turn=turn), SLUGS) == 1.0 - turn
        assert next_turn(leaned(RIGHT, mix__turn=turn), SLUGS) == 1.0
        assert next_turn(leaned(LEFT, mix__turn=turn), SLUGS) == 0.0


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_leaning_is_between_minus_one_and_one_for_any_place(x: float, y: float) -> None:
    assert -1.0 <= leaning(leaned((x, y)), SLUGS) <= 1.0


def test_the_audience_moves_the_second_choir_and_neither_the_first_nor_the_turn() -> None:
    crowd: dict[str, Value] = {CROWD: (0.0, 1.0, 1.0), "/crowd/share": 1.0}
    for turn in (0.0, 1.0):
        theirs = values(mix__turn=turn) | crowd
        assert next_turn(theirs, SLUGS) == 1.0 - turn
    assert effective_weights(values() | crowd, SLUGS).tolist() == [0.0, 0.0, 0.5, 0.5]
    assert effective_weights(values(mix__turn=1.0) | crowd, SLUGS).tolist() == [1.0, 0.0, 0.0, 0.0]


def test_faders_of_the_choir_that_waits_let_nothing_through() -> None:
    assert let_through(values(), SLUGS) == {AUSTEN: 0.0, BIBLE: 0.0, JUNG: 1.0, LINUX: 1.0}


def turns_in(text: str, **others: Value) -> list[str]:
    """``text`` cut where the turn passes."""
    known, turns, parts, begun = values(**others), Turns(), [], 0
    for end in range(1, len(text) + 1):
        turn = turns.wrote(text[:end], known, SLUGS)
        if turn is not None:
            known[TURN] = turn
            parts.append(text[begun:end])
            begun = end
    return [*parts, text[begun:]]


def test_the_turn_passes_behind_each_sentence_and_once() -> None:
    text = "Mr. Adams came.\n\nAnd then? So be it. "
    assert turns_in(text) == ["Mr. Adams came.\n", "\nAnd then? ", "So be it. ", ""]
    assert turns_in(text, mix__antiphony=False) == [text]


def test_what_has_no_end_passes_at_a_blank_when_it_is_long() -> None:
    first, rest = turns_in("word " * 60)
    assert LONGEST_TURN_CHARS <= len(first.replace(" ", "")) < LONGEST_TURN_CHARS + 5
    assert rest


def test_a_choir_is_a_parameter_of_every_voice() -> None:
    parameter = ParameterTree(SLUGS)[choir_address("bible")]
    assert (parameter.default, parameter.accept([7])) == (0, 2)
