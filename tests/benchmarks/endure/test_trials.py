"""The trials: judged by what they claim, kept one by one, and told on a page that people write around."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.endure import second_screen
from benchmarks.endure.long_text import Seen, judged, measure
from benchmarks.endure.trials import DOCS, TRIALS, Outcome, Result, Trial, carry_out, load, save
from protocol.errors import LinkError


def trial(name: str = "a", holds: bool = True) -> Trial:
    return Trial(name, "all is well", 10.0, lambda minutes, report: Outcome(holds, f"{minutes:g} minutes", {"n": 1}))


def seen(mb: float = 500.0, growth: float = 0.0, ms: float = 3.0, threads: int = 7) -> list[Seen]:
    """A run of 100,000 characters in which memory grows by ``growth`` MB and all else is as it is."""
    return [Seen(chars, mb + growth * chars / 100_000, 50.0, 6, threads, ms) for chars in range(1_000, 100_001, 1_000)]


def test_flat_memory_steady_steps_and_constant_counts_hold() -> None:
    assert judged(seen())["holds"]


def test_memory_that_grows_by_more_than_a_megabyte_an_hour_does_not_hold() -> None:
    figures = judged(seen(growth=2.0))  # in 100,000 characters, which are 1.39 hours
    assert figures["mb_an_hour"] == pytest.approx(1.44, abs=0.01)
    assert not figures["holds"]


@pytest.mark.parametrize("change", [{"ms": 4.0}, {"threads": 8}])
def test_a_slower_step_or_another_thread_at_the_end_does_not_hold(change: dict[str, int]) -> None:
    late = [one for one in seen(**change) if one.chars > 60_000]
    assert not judged([one for one in seen() if one.chars <= 60_000] + late)["holds"]


def test_what_fills_up_at_the_beginning_is_not_judged() -> None:
    begun = [Seen(one.chars, 100.0, 20.0, 5, 3, 9.0) if one.chars <= 20_000 else one for one in seen()]
    assert judged(begun)["holds"]


def test_a_real_server_is_looked_at_while_it_writes(spelling_voices: Path) -> None:
    figures = measure(2_000, weights=spelling_voices)
    assert figures["heard"] >= figures["characters"] == 2_000
    assert len(figures["rows"]) == 4
    assert figures["steady"]


def test_when_the_time_is_over_what_was_written_is_judged(spelling_voices: Path) -> None:
    figures = measure(1_000_000, weights=spelling_voices, seconds=0.0)
    assert figures["characters"] == 4 * 500
    assert len(figures["rows"]) == 4


def test_a_second_screen_goes_and_comes_and_the_stage_with_it() -> None:
    figures = second_screen.measure(2)
    assert figures["times"] == 2
    assert figures["trouble"] == ""


def test_an_error_is_an_outcome_that_does_not_hold() -> None:
    def breaks(minutes: float, report: object) -> Outcome:
        raise LinkError("the text stood still")

    result = carry_out(Trial("a", "all is well", 1.0, breaks), 0.1)
    assert (result.holds, result.words) == (False, "the text stood still")
    assert result.command == "antiphon endure --only a --minutes 0.1"


def test_one_result_is_written_and_the_others_stay(tmp_path: Path) -> None:
    trials = (trial("a"), trial("b", holds=False), trial("c"))
    for one in trials[:2]:
        save(tmp_path, {**load(tmp_path), one.name: carry_out(one, 2.0)}, trials)
    text = (tmp_path / "reliability.md").read_text()
    assert "### a\n\n*To hold:* all is well.\n\nHeld: 2 minutes." in text
    assert "**Did not hold**: 2 minutes." in text
    assert "Not run yet: `antiphon endure --only c`" in text
    assert "Shorter than the claim asks for: all of it takes 10 minutes." in text


def test_what_people_wrote_around_it_stays(tmp_path: Path) -> None:
    trials = (trial(),)
    written = save(tmp_path, {}, trials)
    written.write_text("# Mine\n\n" + written.read_text().split("\n\n", 2)[2] + "\nAfterwards.\n")
    save(tmp_path, {"a": carry_out(trials[0], 1.0)}, trials)
    assert written.read_text().startswith("# Mine\n")
    assert written.read_text().endswith("\nAfterwards.\n")
    assert "Held: 1 minutes." in written.read_text()


def test_results_that_make_no_sense_are_none(tmp_path: Path) -> None:
    (tmp_path / "reliability.json").write_text('[{"name": 1}]')
    assert load(tmp_path) == {}


def test_what_stands_in_the_documentation_is_of_trials_that_there_are() -> None:
    kept = load(DOCS)
    assert set(kept) <= {one.name for one in TRIALS}
    assert all(isinstance(result, Result) for result in kept.values())
