"""Speaking without a stage: the same text for the same seed, the same mix as on stage, one line for what is wrong."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from models import voice_folders
from models.fake_voices import FusibleFakeVoices
from protocol.errors import ParameterError, StyleError
from server.commands import choir_of
from server.speak import speak


def spoken(*arguments: object, **options: object) -> str:
    return "".join(one.character for one in speak(*arguments, **options))  # type: ignore[arg-type]


def test_the_same_seed_and_weights_give_the_same_text(fakes) -> None:
    texts = [spoken(fakes(certainty=0.5), {"ada": 0.7, "bob": 0.3}, 300, seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert len(texts[0]) == 300


def test_only_the_proportion_of_the_weights_counts(fakes) -> None:
    small, large = ({"ada": 0.07 * n, "bob": 0.03 * n} for n in (1, 1000))
    assert spoken(fakes(certainty=0.5), small, 200, 1) == spoken(fakes(certainty=0.5), large, 200, 1)


def test_a_voice_with_no_weight_changes_nothing(fakes) -> None:
    alone, beside = {"ada": 1.0}, {"ada": 1.0, "bob": 0.0}
    assert spoken(fakes(certainty=0.5), alone, 200, 1) == spoken(fakes(certainty=0.5), beside, 200, 1)


def test_the_stage_writes_what_is_spoken(fakes, stage) -> None:
    on_stage = stage({"ada": 0.6, "bob": 0.4}, certainty=0.5, seed=11)
    on_stage.play(10.0)
    letters = {"/mix/grain": 0.0}  # as the stage has it
    expected = spoken(fakes(certainty=0.5), {"ada": 0.6, "bob": 0.4}, 100, 11, temperature=1.0, settings=letters)
    assert on_stage.text == expected


def test_primed_text_is_read_and_not_repeated(fakes) -> None:
    voices = fakes()
    assert spoken(voices, {"bob": 1.0}, 3, 1, prime="Café!") == "567"
    assert [character for character, _ in voices.steps][2:7] == list("Cafe!")


def test_each_character_comes_with_its_shares_and_its_surprise(fakes) -> None:
    one = next(speak(fakes({"ada": "a", "bob": "ab"}), {"ada": 0.5, "bob": 0.5}, 1, 1, temperature=1.0))
    assert (one.character, one.shares, one.surprise) == ("a", {"ada": 0.5, "bob": 0.5}, 0.0)


def test_further_settings_hold(fakes) -> None:
    """The intersection of two voices is what both want, though one wants it little."""
    texts = {"ada": "a", "bob": "b"}
    text = spoken(fakes(texts, certainty=0.9), {"ada": 1.0, "bob": 1.0}, 50, 1, settings={"/mix/alloy": 1.0})
    assert set(text) - {"a", "b"}


def test_less_of_a_voice_is_less_of_its_letters(fakes) -> None:
    texts = {"ada": "ab", "bob": "a"}
    plain, less = (
        spoken(fakes(texts, certainty=0.5), {"ada": 1.0, "bob": weight}, 400, 1, 1.0) for weight in (0.0, -1.0)
    )
    assert set(less) == {"a", "b"}
    assert len(set(plain)) > 50


def test_fused_voices_speak_with_one_voice(fakes) -> None:
    family = FusibleFakeVoices({"ada": "ab", "bob": "cd", "cy": "ef"}, 1.0, strangers=["cy"])
    assert spoken(family, {"ada": 0.6, "bob": 0.4}, 4, 1, settings={"/mix/fusion": 1.0}) == "ABAB"


@pytest.mark.parametrize("weights", [{"cy": 1.0}, {"cy": 1.0, "ada": -1.0}])
def test_voices_that_cannot_be_fused_are_not(fakes, weights: dict[str, float]) -> None:
    family = FusibleFakeVoices({"ada": "ab", "bob": "cd", "cy": "ef"}, 1.0, strangers=["cy"])
    for voices in (family, fakes()):
        with pytest.raises(ParameterError, match="cannot be fused"):
            speak(voices, weights, 10, 1, settings={"/mix/fusion": 0.5})


@pytest.mark.parametrize(
    ("weights", "error", "line"),
    [
        ({"eve": 1.0}, StyleError, "there is no voice 'eve'"),
        ({"ada": math.nan}, ParameterError, "the weight of ada"),
        ({"ada": math.inf}, ParameterError, "the weight of ada"),
        ({"ada": -0.1, "bob": 0.0}, ParameterError, "no voice has a weight above 0"),
        ({"ada": 0.0}, ParameterError, "no voice has a weight"),
        ({}, ParameterError, "no voice has a weight"),
    ],
)
def test_what_cannot_be_mixed_is_refused_before_anything_is_written(
    fakes, weights: dict[str, float], error: type[Exception], line: str
) -> None:
    with pytest.raises(error, match=line):
        speak(fakes(), weights, 10, 1)


def test_a_temperature_that_is_no_number_is_refused(fakes) -> None:
    with pytest.raises(ParameterError, match="temperature"):
        speak(fakes(), {"ada": 1.0}, 10, 1, temperature=math.nan)


def test_a_tongue_that_cannot_be_read_costs_a_line_and_its_style_speaks(home: Path) -> None:
    words = voice_folders.user_folder() / "words" / "bible.safetensors"
    words.parent.mkdir(parents=True)
    words.write_bytes(b"no tensors")
    complaints: list[str] = []
    choir = choir_of(["bible"], "cpu", complaints.append)
    assert {one.character for one in speak(choir, {"bible": 1.0}, 20, 1)} <= {"b", " "}
    assert len(complaints) == 1 and "words/bible.safetensors" in complaints[0]
