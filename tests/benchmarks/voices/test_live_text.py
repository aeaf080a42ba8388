"""How a text reads: its blanks, its silences, its words; and that the plain vote is the vote without any aid."""

from __future__ import annotations

import pytest

from benchmarks.voices.live_report import QUICK, Compared, LiveFindings, circling, copied, page
from benchmarks.voices.live_text import (
    MIXES,
    Reading,
    live,
    longest_blank_run,
    longest_silence,
    measured,
    share_of_blanks,
)
from models.fake_voices import FakeVoices
from server.filters.filters import FilterSet
from styles.library import shipped


def test_blanks_and_line_ends_are_counted_together() -> None:
    assert longest_blank_run("a  b \n\n  c") == 5
    assert share_of_blanks("a b ") == 0.5


def test_a_silence_is_a_run_without_a_letter() -> None:
    assert longest_silence("one ... 1914 - two") == len(" ... 1914 - ")


def test_a_text_without_anything_is_silent_but_not_blank() -> None:
    assert (longest_blank_run(""), share_of_blanks(""), longest_silence("")) == (0, 0.0, 0)


def test_there_are_forty_mixes_of_two_to_seven_shipped_voices() -> None:
    slugs = {card.slug for card in shipped()}
    assert len(MIXES) == len(set(map(frozenset, MIXES))) == 40
    assert all(2 <= len(set(mix)) == len(mix) <= 7 for mix in MIXES)
    assert {slug for mix in MIXES for slug in mix} <= slugs


def test_the_plain_vote_writes_what_the_voices_want_and_the_default_keeps_blanks_short() -> None:
    voices = FakeVoices({"ada": "a" + " " * 30})
    (plain,) = live(voices, {"ada": 1.0}, 0.5, [1], 200, None)
    (after,) = live(voices, {"ada": 1.0}, 0.5, [1], 200, FilterSet())
    assert longest_blank_run(plain) >= 20
    assert longest_blank_run(after) <= 8


def test_figures_of_several_texts_are_the_worst_run_and_the_mean_share() -> None:
    found = measured(["the sea  x y", "a zzz the a"], frozenset({"the", "sea", "a", "x"}), lambda text: 0.5, len)
    assert found.longest_blank_run == 2
    assert found.repeated == 0.5
    assert found.copied == pytest.approx((12 + 11) / 2)


def test_copies_are_runs_that_stand_in_a_corpus() -> None:
    corpus = "it is a truth universally acknowledged that a single man in possession of a fortune"
    assert copied(corpus[3:43] + "x" * 40, [corpus]) == 0.5
    assert copied(" " * 80, [corpus]) == 0.0


def test_a_text_that_repeats_itself_circles() -> None:
    assert circling("and the king said to them that " * 20) > 0.5
    assert circling("short") == 0.0


def test_the_page_shows_before_and_after_and_a_sample() -> None:
    reading = Reading(141, 0.36, 12.0, 0.874, 0.1, 0.01)
    better = Reading(3, 0.19, 1.0, 0.987, 0.0, 0.01)
    compared = Compared(("austen", "bible"), 0.7, reading, better)
    made = page(LiveFindings(QUICK, (), (compared,), 9.0, 8.0, "and so\nit was"))
    assert "| austen, bible | 0.7 | 141 → **3** | 36% → **19%** | 12.0 → **1.0** | 87.4% → **98.7%** |" in made
    assert "and so\nit was" in made


def test_the_totals_tell_mixes_of_prose_from_all_and_say_how_many_pieces_were_placed() -> None:
    short, long = Reading(2, 0.18, 1.0, 1.0, 0.0, 0.0), Reading(8, 0.30, 1.0, 1.0, 0.0, 0.0)
    mixed = (Compared(("austen", "kant"), 0.7, short, short), Compared(("homer", "linux"), 0.7, long, long))
    alone = (Compared(("austen",), 0.7, short, short, 0.5, 0.75),)
    made = page(LiveFindings(QUICK, alone, mixed, 9.0, 8.0, "and so"))
    assert "| all mixes | 0.7 | 8 → **8** | 24% → **24%** |" in made
    assert "| mixes of prose | 0.7 | 2 → **2** | 18% → **18%** |" in made
    assert "| 50% → **75%** |" in made
