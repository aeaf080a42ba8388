"""The guard's benchmark: it wants every spelling, finds what comes through, and nothing does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import guard
from benchmarks.guard import SPELLINGS, measure, spelled
from server.filters.blocklist import parse, pattern
from server.filters.filters import NextCharacterRules, PerformanceFilters


def test_no_forbidden_word_comes_through(home: Path) -> None:
    figures = measure(chars=2_000)
    assert figures["found"] == []
    assert figures["withheld"] > 100
    assert set(figures["spellings"]) == set(SPELLINGS)


def test_a_word_in_whose_middle_a_passage_ends_is_not_one_that_came_through(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SEARCH_CHARS", 4)  # the end of a passage is nearly everywhere
    assert measure(chars=1_500)["found"] == []


def test_without_the_guard_they_do_and_are_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PerformanceFilters, "advise", lambda self: NextCharacterRules())
    figures = measure(chars=2_000)
    assert len(figures["found"]) > 50
    assert figures["withheld"] == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_one_that_is_forbidden(spelling: str) -> None:
    random = np.random.default_rng(2)
    search = pattern(parse("duck*\nwild goose*")[0]).search
    for letters in ("duck", "wild goose") * 10:
        assert search(guard.spelled(letters, spelling, random)), spelled(letters, spelling, random)
