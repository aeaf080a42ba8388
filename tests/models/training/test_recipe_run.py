"""A recipe is carried out: rounds counted, samples written when they are due, the loss told in nats."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.evaluation import bits_per_char
from models.training.progress import PlainDisplay
from models.training.recipe_run import prime_of, run_recipe, speaker
from models.training.recipes import Goal, Recipe, SampleSpec
from models.training.sampling import sample
from models.training.trainer import TrainingConfig
from protocol.errors import TrainingError
from styles.cleaning import prepare_user_text

TEXT = "".join(f"The {number}th Fox jumps over the lazy dog, and then it sleeps.\n" for number in range(200))
TRAINING = TrainingConfig(texts=4, steps=16, peak=1e-2)
EXERCISE = Recipe(
    "a trial", "none", 2.0, True, goal=Goal(9.0, "anybody's"), name="mine", shape=Shape(1, 16), training=TRAINING
)
FILM = """INT. KITCHEN - NIGHT

          ALICE
     (quietly)
     It was the rabbit.

          HATTER
     It was not.

          ALICE
     Then who?

FADE OUT.
"""


def carried_out(folder: Path, exercise: Recipe, text: str = TEXT) -> list[str]:
    said: list[str] = []
    run_recipe(exercise, "fox", text, folder / "fox.safetensors", folder / "run", "cpu", PlainDisplay(said.append))
    return said


def test_the_loss_told_is_that_of_the_voice_as_it_is_saved_on_all_it_read(tmp_path: Path) -> None:
    said = carried_out(tmp_path, EXERCISE)
    read = np.frombuffer(TEXT.lower().encode(), np.uint8)
    nats = bits_per_char(VoiceWeights.load(tmp_path / "fox.safetensors"), read) * math.log(2)
    (verdict,) = [line for line in said if line.startswith("training loss")]
    assert verdict.startswith(f"training loss {nats:.4f} nats per character on all {len(TEXT):,} characters read")
    assert "after 2.0 rounds" in verdict and verdict.endswith("(anybody's) is met")


def test_what_is_held_out_is_the_end_and_is_not_read(tmp_path: Path) -> None:
    said = carried_out(tmp_path, replace(EXERCISE, held_out=0.1, goal=Goal(0.1, "nobody's")))
    (verdict,) = [line for line in said if line.startswith("validation loss")]
    assert f"on the last 10%, {len(TEXT) // 10:,} characters held out" in verdict and verdict.endswith("is not met")
    record = VoiceWeights.load(tmp_path / "fox.safetensors").record
    assert record["held_out"] == [[len(TEXT) - len(TEXT) // 10, len(TEXT)]]


def test_two_runs_give_the_same_voice(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        carried_out(tmp_path / name, EXERCISE)
    one, other = (VoiceWeights.load(tmp_path / name / "fox.safetensors") for name in ("one", "other"))
    assert one.output.values.equal(other.output.values) and one.characters.values.equal(other.characters.values)


def test_samples_are_written_after_their_rounds_and_at_the_end(tmp_path: Path) -> None:
    wanted = (
        SampleSpec(20, 0.7, after=1.5),
        SampleSpec(10, 0.0, seed=30),
        SampleSpec(20, 0.7, after=0.5, prime="The "),
    )
    said = carried_out(tmp_path, replace(EXERCISE, samples=wanted))
    order = [line for line in said if line.startswith(("after ", "training loss", "seed: "))]
    assert [line.split()[1] for line in order[:2]] == ["0.5", "1.5"]
    assert order[2].startswith("training loss")
    assert order[3] == f'seed: "{prime_of(wanted[1], TEXT.lower())}"'


def test_the_likeliest_character_is_always_the_same_one() -> None:
    network = CharLSTM(Shape(1, 16))
    assert sample(network, 40, 0.0, seed=1) == sample(network, 40, 0.0, seed=2)
    assert sample(network, 40, 1.0, seed=1) != sample(network, 40, 1.0, seed=2)


def test_a_text_too_short_for_its_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="too short for the recipe mine"):
        carried_out(tmp_path, replace(EXERCISE, held_out=0.001))
    with pytest.raises(TrainingError, match="fewer than the 99999 characters"):
        carried_out(tmp_path, replace(EXERCISE, samples=(SampleSpec(5, 0.0, seed=99_999),)))


def test_a_plays_layout_is_kept_and_its_first_speaker_found() -> None:
    cleaned = prepare_user_text((FILM + "\n" + TEXT).encode())
    assert cleaned.text.startswith(FILM)
    assert speaker(FILM) == "          ALICE\n"
    assert speaker("First Citizen:\nSpeak.\n\nAll:\nSpeak, speak.\n\nFirst Citizen:\nYou are\n") == "First Citizen:\n"
    assert speaker("No one speaks here.\nNot a word.\n") == "\n"
