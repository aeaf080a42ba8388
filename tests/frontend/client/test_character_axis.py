"""The common character axis, and who is responsible for which letter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from frontend.client.character_axis import OTHER, SLOTS, responsibilities_of_all, slot_of, slots
from protocol.mixing import WRITABLE, responsibilities

distributions = arrays(np.float64, (3, 128), elements=st.floats(0.0, 1.0) | st.just(0.0))
weights = arrays(np.float64, 3, elements=st.floats(0.0, 1.0) | st.just(0.0))


def test_every_character_that_can_be_written_has_a_slot_of_its_own() -> None:
    writable = {chr(code) for code in np.flatnonzero(WRITABLE)}
    assert set(SLOTS) == writable
    assert len(SLOTS) == len(set(SLOTS)) == OTHER == 97


def test_the_axis_begins_with_space_newline_tab_and_the_alphabet() -> None:
    assert SLOTS.startswith(" \n\tabcdefghijklmnopqrstuvwxyzABC")
    assert SLOTS.endswith("^~`")


@given(arrays(np.float64, 128, elements=st.floats(0.0, 1.0)))
def test_no_mass_is_lost_on_the_axis(p: np.ndarray) -> None:
    assert slots(p).sum() == pytest.approx(p.sum())


def test_a_code_without_a_slot_joins_the_last_one() -> None:
    p = np.zeros(128)
    p[7] = 0.25
    assert slots(p)[OTHER] == 0.25
    assert slot_of("\x07") == OTHER and slot_of("e") == SLOTS.index("e")


@given(distributions, weights, st.sampled_from([1.0, 0.0, 0.5, 2.0, -1.5, float("inf"), float("-inf")]))
def test_parts_of_all_letters_are_the_mixing_rules_responsibilities_of_each(
    p: np.ndarray, w: np.ndarray, a: float
) -> None:
    responsibility = responsibilities_of_all(p, w, a)
    for code in (0, 32, 101, 127):
        assert responsibility[:, code] == pytest.approx(responsibilities(p[:, code], w, a), abs=1e-9)


def test_nobody_speaking_is_owed_nothing() -> None:
    assert responsibilities_of_all(np.zeros((0, 128)), np.zeros(0), 1.0).shape == (0, 128)
