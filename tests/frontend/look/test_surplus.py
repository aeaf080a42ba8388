"""Whose a letter is, for the eye: who adds something over the mix leads, and where all agree nobody gains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.look.colour import Palette
from frontend.look.surplus import BLOCK_CHARS, CONTEXT_CHARS, leads, shares_of_tints
from protocol.messages import Tint

tints = st.lists(st.tuples(st.integers(0, 23), st.integers(1, 255)), max_size=3, unique_by=lambda pair: pair[0]).map(
    tuple
)
AGREED: Tint = ((0, 102), (1, 102), (2, 51))  # as their weights are: nobody adds anything


@given(st.lists(tints, max_size=12))
def test_shares_sum_to_one_for_every_character_that_a_voice_wrote(line: list[Tint]) -> None:
    sums = shares_of_tints(line, 24).sum(axis=1)
    assert sums == pytest.approx(np.array([1.0 if tint else 0.0 for tint in line]))


@given(st.lists(tints, max_size=40))
def test_leads_sum_to_one_and_go_only_to_those_who_have_written(line: list[Tint]) -> None:
    found = leads(line, 24)
    assert found.sum(axis=1) == pytest.approx(np.array([1.0 if tint else 0.0 for tint in line]))
    wrote = {voice for tint in line for voice, _ in tint}
    assert set(np.flatnonzero(found.any(axis=0)).tolist()) <= wrote


@given(st.lists(tints, min_size=1, max_size=40), st.integers(0, 40))
def test_what_stands_keeps_its_colour_whatever_follows(line: list[Tint], cut: int) -> None:
    assert leads(line, 24)[:cut] == pytest.approx(leads(line[:cut], 24))


def test_a_part_of_a_long_text_has_the_leads_that_it_has_in_the_whole() -> None:
    line: list[Tint] = [((n * n % 3, 200), (3, 55)) for n in range(2 * BLOCK_CHARS + 100)]
    whole = leads(line, 4)
    assert len(whole) == len(line)
    assert leads(line, 4, 300, 340) == pytest.approx(whole[300:340], abs=0.05)
    assert leads(line[300 - CONTEXT_CHARS :], 4, CONTEXT_CHARS, CONTEXT_CHARS + 40) == pytest.approx(
        leads(line, 4, 300, 340)
    )


def test_where_all_agree_each_leads_by_its_weight() -> None:
    assert leads([AGREED] * 60, 3)[-1] == pytest.approx(np.array([0.4, 0.4, 0.2]), abs=1e-9)


def test_a_voice_that_foresaw_a_word_a_little_better_each_letter_takes_its_colour() -> None:
    line: list[Tint] = [AGREED] * 60 + [((1, 140), (0, 76), (2, 39))] * 5
    found = leads(line, 3)
    assert found[59].argmax() in (0, 1) and found[59].max() < 0.45
    assert found[64].argmax() == 1 and found[64][1] > 0.7


def test_a_text_of_near_agreement_is_coloured_and_not_grey() -> None:
    """The mean of each letter's colours has little chroma there; that of those who lead has a quarter more."""
    voices = ["#50ABFF", "#EFBC3A", "#99DA74"]
    palette = Palette(voices)
    rng = np.random.default_rng(1)
    line: list[Tint] = []
    for n in range(300):
        better = n // 6 % 3
        shares = 85 + rng.integers(-8, 9, 3) + 20 * (np.arange(3) == better)
        line.append(tuple((int(voice), int(shares[voice])) for voice in np.argsort(-shares)))
    means = shares_of_tints(line, 3)[100:] @ palette.oklab
    led = leads(line, 3)[100:] ** 2
    led = led / led.sum(axis=1, keepdims=True) @ palette.oklab
    chroma = [np.hypot(lab[:, 1], lab[:, 2]).mean() for lab in (means, led)]
    assert chroma[1] > 1.25 * chroma[0]
