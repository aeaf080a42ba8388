"""Letters that lead to no word are weighed down, unless a voice is nearly certain of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.alphabet import VOCABULARY
from protocol.mixing import mix
from protocol.spelling import CERTAIN_PROBABILITY, pack_known, spelled, unpack_known
from protocol.tree import ParameterTree


def rows(*letters: tuple[str, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    p = np.zeros((len(letters), VOCABULARY))
    for row, (letter, chance) in zip(p, letters, strict=True):
        row[ord(letter)], row[ord("z")] = chance, 1.0 - chance
    return p


KNOWN = np.zeros(VOCABULARY, np.bool_)
KNOWN[ord("z")] = True


def test_what_is_not_known_is_weighed_down_and_the_rest_gains() -> None:
    p = rows(("q", 0.5))
    told = spelled(p[0], p, [1.0], KNOWN, 0.5)
    assert told[ord("q")] == pytest.approx(0.2) and told[ord("z")] == pytest.approx(0.8)


def test_a_voice_that_is_nearly_certain_may_invent_and_one_below_zero_may_not() -> None:
    p = rows(("q", CERTAIN_PROBABILITY))
    assert spelled(p[0], p, [1.0], KNOWN, 1.0).tolist() == pytest.approx(p[0].tolist())
    assert spelled(p[0], p, [-1.0], KNOWN, 1.0)[ord("q")] == 0.0


def test_where_nothing_known_has_a_chance_the_text_goes_on() -> None:
    p = rows(("q", 0.5), ("x", 0.5))
    mean = np.where(KNOWN, 0.0, p.mean(0))
    assert spelled(mean, p, [0.5, 0.5], KNOWN, 1.0).tolist() == mean.tolist()


def test_without_spelling_the_mix_is_the_same_bit_for_bit() -> None:
    p, values = rows(("q", 0.5), ("x", 0.3)), ParameterTree([]).defaults()
    none = {**values, "/mix/spelling": 0.0}
    assert mix(p, [0.5, 0.5], none, known=KNOWN).tolist() == mix(p, [0.5, 0.5], values).tolist()
    older = {address: value for address, value in values.items() if address != "/mix/spelling"}
    assert mix(p, [0.5, 0.5], older, known=KNOWN).tolist() == mix(p, [0.5, 0.5], values).tolist()


@pytest.mark.parametrize("others", [{"/mix/alloy": 0.5}, {"/mix/alloy": -1.0}, {"/mix/top_p": 0.5}])
def test_spelling_holds_whatever_the_alloy_and_below_zero(others: dict[str, float]) -> None:
    p = np.full((2, VOCABULARY), 1.0 / VOCABULARY)
    values = {**ParameterTree([]).defaults(), "/mix/spelling": 1.0, **others}
    for weights in ([0.6, 0.4], [0.6, -0.4]):
        told = mix(p, weights, values, known=KNOWN)
        assert told[ord("z")] == pytest.approx(1.0)


@given(st.lists(st.booleans(), min_size=VOCABULARY, max_size=VOCABULARY))
def test_what_is_known_crosses_the_wire(known: list[bool]) -> None:
    told = unpack_known(pack_known(np.array(known)))
    assert told is not None and told.tolist() == known
    assert unpack_known(pack_known(None)) is None
