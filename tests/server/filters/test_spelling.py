"""Which characters may come next inside a word, by what the voices in play have read."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.fake_voices import FakeVoices
from models.lexicon import Lexicon
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.engine.performance import Performance
from server.filters import load
from server.filters.filters import FilterSet
from server.filters.spelling import SpellingFilter

SEA = Lexicon.of({"sea": ["whale", "Ahab", "a"], "code": ["int", "usb"]})


def following(text: str, playing: set[str], wanted: str = "") -> str | None:
    """The characters that may follow, of a few; None where all may."""
    mask = SpellingFilter([SEA]).known(text, playing, wanted)
    return None if mask is None else "".join(letter for letter in "aAbehnstN ,5" if mask[ord(letter)])


@pytest.mark.parametrize(
    ("text", "playing", "more"),
    [
        ("the wha", {"sea"}, ""),
        ("the w", {"sea"}, "h"),
        ("the whal", {"sea"}, "e"),
        ("the whale", {"sea"}, " ,5"),
        ("the a", {"sea"}, " ,5"),
        ("the A", {"sea"}, "h ,5"),
        ("Wh", {"sea"}, "a"),
        ("WH", {"sea"}, "A"),
        ("int i", {"code"}, "n"),
        ("int i", {"sea", "code"}, "n"),
    ],
)
def test_a_word_goes_on_in_words_of_those_in_play(text: str, playing: set[str], more: str) -> None:
    assert following(text, playing) == more


@pytest.mark.parametrize("text", ["", "the ", "12", "the q", "x5a", "0xin"])
def test_between_words_in_numbers_and_inside_an_unknown_word_all_may_come(text: str) -> None:
    assert following(text, {"sea", "code"}) is None


def test_a_style_without_words_of_its_own_is_free_and_so_is_all_that_it_mixes_with() -> None:
    assert following("the w", {"sea", "mine"}) is None
    assert following("the w", set()) is None


def test_words_that_the_text_is_drawn_to_are_known() -> None:
    assert following("the ant", {"sea"}, "Anthem") == "h"
    assert following("the anthem", {"sea"}, "anthem") == " ,5"


def written(spelling: float, certainty: float) -> str:
    """What a voice writes of "wizard whale" that knows only "whale"."""
    lexicon = SpellingFilter([Lexicon.of({"sea": ["whale", "wi"]})])
    performance = Performance(FakeVoices({"sea": "wizard "}, certainty), 3, filters=FilterSet(lexicon=lexicon))
    values: dict[str, Value] = ParameterTree(["sea"]).defaults() | {on_address("sea"): True, weight_address("sea"): 1.0}
    values |= {"/mix/spelling": spelling, "/mix/temperature": 0.3}
    text = ""
    for _ in range(8):
        performance.settle(values)
        performance.catch_up(lambda: True)
        text += performance.write(values).character
        performance.listen()
    return text


def test_a_performance_spells_by_the_lexicon_and_a_certain_voice_invents() -> None:
    assert written(0.0, 0.5).startswith("wizard ")
    assert not written(1.0, 0.5).startswith("wiz") and written(1.0, 0.5).startswith("wi")
    assert written(1.0, 0.99).startswith("wizard ")


def test_a_broken_lexicon_is_told_in_a_line_and_the_text_goes_on(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "lexicons"
    folder.mkdir()
    (folder / "mine.safetensors").write_bytes(b"kein Wort")
    monkeypatch.setattr(load, "lexicons_folder", lambda: folder)
    loaded = load.load_filters()
    assert "mine.safetensors" in loaded.complaint and "\n" not in loaded.complaint
    assert loaded.files["lexicon"] == load.SHIPPED_LEXICON
    mask = loaded.filter_set.spelling.known("It was smipp", {"austen", "bible"})
    assert mask is None or not mask[ord("l")]


def test_the_shipped_lexicon_knows_every_shipped_style() -> None:
    from styles.library import shipped

    assert set(Lexicon.load(load.SHIPPED_LEXICON).slugs) == {card.slug for card in shipped()}
