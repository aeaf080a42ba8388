"""The ribbon of who wrote: its stretches, its bands, and that only what is new is worked out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from frontend.look.ribbon import STRETCH_CHARS, Ribbon, bands
from protocol.messages import Tint

A: Tint = ((0, 255),)
B: Tint = ((1, 255),)
tints = st.lists(st.sampled_from([A, B, (), ((0, 128), (1, 127))]), max_size=150)


def test_each_stretch_belongs_to_who_wrote_it_and_the_last_one_stands_last() -> None:
    ribbon = Ribbon()
    rows = ribbon.follow([A] * 36 + [B] * 40, 0, 0, 2, 8)
    assert rows.shape == (8, 2)
    assert rows[:2].tolist() == [[0, 0], [0, 0]]  # nothing was written before
    assert rows[2:5] == pytest.approx(np.array([[1, 0]] * 3))
    assert rows[6:].argmax(axis=1).tolist() == [1, 1]
    assert ribbon.end == 72


@given(tints, tints, st.integers(0, 60))
def test_a_text_that_grows_has_the_ribbon_that_it_has_as_a_whole(one: list[Tint], more: list[Tint], lost: int) -> None:
    growing, whole = Ribbon(), Ribbon()
    growing.follow(one, 0, 0, 2, 6)
    text = one + more
    dropped = min(lost, len(text))
    found = growing.follow(text[dropped:], dropped, 0, 2, 6)
    assert found == pytest.approx(whole.follow(text[dropped:], dropped, 0, 2, 6), abs=0.25)
    assert found.shape == (6, 2) and growing.end == whole.end
    assert (found.sum(axis=1) <= 1.0 + 1e-9).all()


def test_what_was_taken_back_and_written_anew_is_worked_out_anew() -> None:
    ribbon = Ribbon()
    assert ribbon.follow([A] * STRETCH_CHARS * 2, 0, 0, 2, 2)[0].tolist() == [1.0, 0.0]
    assert ribbon.follow([B] * STRETCH_CHARS * 2, 0, 1, 2, 2)[0].tolist() == [0.0, 1.0]


@given(arrays(np.float64, (5, 3), elements=st.floats(0.0, 1.0)))
def test_bands_lie_on_one_another_around_the_middle(raw: np.ndarray) -> None:
    total = raw.sum(axis=1, keepdims=True)
    edges = bands(np.divide(raw, total, out=np.zeros_like(raw), where=total > 0.0), 2)
    assert edges.shape == (4, 10)
    assert (np.diff(edges, axis=0) >= -1e-12).all()
    assert edges[0] == pytest.approx(-edges[-1])
    assert abs(edges).max() <= 1.0 + 1e-9


def test_a_stretch_that_one_voice_leads_is_wider_than_one_of_all() -> None:
    alone, together = np.array([[1.0, 0.0]] * 3), np.array([[0.5, 0.5]] * 3)
    assert np.ptp(bands(alone, 1)[:, 1]) == 2.0
    assert np.ptp(bands(together, 1)[:, 1]) < 1.5


def test_a_ribbon_without_voices_has_no_bands() -> None:
    assert bands(Ribbon().follow([A], 0, 0, 0, 4), 2).shape == (1, 8)
