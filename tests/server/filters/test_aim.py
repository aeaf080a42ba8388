"""Aiming: what draws the text, what never comes, what the lines' first letters spell; and that nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fake_voices import FakeVoices
from protocol.mixing import WRITABLE, Vector
from protocol.tree import ACROSTIC, ATTRACT, ATTRACTION, AVOID, ParameterTree, Value, on_address, weight_address
from server.engine.performance import Performance
from server.filters.aim import Aim, acrostic_place, avoided

EVEN: Vector = WRITABLE / WRITABLE.sum()
SENTENCE = "the sea was grey and the ship went down to the sea again and no one saw it go "


def aim(attract: str = "", strength: float = 1.0, avoid: str = "", acrostic: str = "") -> Aim:
    return Aim.of({ATTRACT: attract, ATTRACTION: strength, AVOID: avoid, ACROSTIC: acrostic})


def written(values: dict[str, Value], chars: int, seed: int = 1) -> str:
    performance = Performance(FakeVoices({"parrot": SENTENCE}), seed)
    everything = ParameterTree(["parrot"]).defaults() | {on_address("parrot"): True, weight_address("parrot"): 1.0}
    everything |= values
    for _ in range(chars):
        performance.settle(everything)
        performance.catch_up(lambda: True)
        performance.write(everything)
        performance.listen()
    return performance.buffer.tail(chars).text


@given(st.text(max_size=60), st.floats(0, 1), st.text(max_size=30), st.text(max_size=8), st.text("abc \n", max_size=60))
def test_whatever_is_aimed_at_the_result_is_a_distribution(
    attract: str, strength: float, avoid: str, acrostic: str, text: str
) -> None:
    p = aim(attract, strength, avoid, acrostic).aimed(EVEN, text)
    assert p.sum() == pytest.approx(1.0)
    assert (p >= 0.0).all()
    assert not p[~WRITABLE].any()


def test_without_an_aim_the_distribution_is_the_very_same() -> None:
    assert aim("sea", strength=0.0).aimed(EVEN, "the ") is EVEN


def test_a_word_pulls_its_first_letter_and_once_begun_the_next_one_harder() -> None:
    first, second = aim("sea").pulls("the "), aim("sea").pulls("the se")
    assert first[ord("s")] == first[ord("S")] == pytest.approx(np.exp(2.0))
    assert second[ord("a")] == pytest.approx(np.exp(6.0))
    assert second[ord("t")] == 1.0


def test_a_word_that_is_written_wants_to_end() -> None:
    pulls = aim("sea").pulls("the sea")
    assert pulls[ord(" ")] > 1.0
    assert pulls[ord("s")] == 1.0


def test_a_word_that_has_just_come_pulls_less() -> None:
    assert aim("sea").pulls("the sea was ")[ord("s")] < aim("sea").pulls("the ship was ")[ord("s")]


def test_what_no_voice_finds_possible_stays_impossible() -> None:
    p = np.zeros(128)
    p[ord("x")] = 1.0
    assert aim("sea").aimed(p, "the ")[ord("s")] == 0.0


def test_an_avoided_letter_never_comes_in_either_case() -> None:
    text = written({AVOID: "e"}, 300)
    assert "e" not in text.lower()
    assert sum(c.isalpha() for c in text) > 100


def test_the_first_letters_of_the_lines_spell_the_acrostic_again_and_again() -> None:
    lines = written({ACROSTIC: "SEA"}, 400).split("\n")
    initials = [next(c.lower() for c in line if c.isalpha()) for line in lines if any(map(str.isalpha, line))]
    assert len(initials) > 6
    assert "".join(initials) == ("sea" * 30)[: len(initials)]


@pytest.mark.parametrize(
    ("text", "place"),
    [("", 0), ("xyz\n", 0), ("so it\n", 1), ("so\n  End\n", 2), ("so\nend\nall\n", 0), ("sss\ns\n", 1)],
)
def test_where_the_acrostic_stands_follows_from_the_text(text: str, place: int) -> None:
    assert acrostic_place(text, "sea") == place


def test_an_acrostic_that_needs_an_avoided_letter_leaves_it_out_and_says_so() -> None:
    contradiction = aim(avoid="e", acrostic="sea")
    assert contradiction.acrostic == "sa"
    assert contradiction.complaint == "the acrostic needs e, which never comes: these letters are left out of it"


def test_a_word_with_an_avoided_letter_is_not_drawn_to_and_the_performer_hears_of_it() -> None:
    contradiction = aim("sea fish", avoid="e")
    assert contradiction.words == ("fish",)
    assert contradiction.complaint == "'sea' cannot come while its letters are avoided"


def test_avoiding_every_letter_avoids_none() -> None:
    everything = aim(avoid="abcdefghijklmnopqrstuvwxyz")
    assert everything.idle
    assert "none is" in everything.complaint


def test_avoided_letters_are_masked_in_both_cases() -> None:
    assert set(np.flatnonzero(avoided("ae")).tolist()) == {ord(c) for c in "aAeE"}


def test_signs_and_digits_are_no_aims() -> None:
    assert aim("12 ;", avoid="!", acrostic="4-2").idle
