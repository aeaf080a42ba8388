"""Recipes are read from readable files, and a file that is wrong says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.char_lstm.network import Shape
from models.training.recipes import SampleSpec, load, names, read, user_folder
from protocol.errors import TrainingError
from styles.library import extra_texts, find

PLAIN = """
about = "mine"
text = "alice"
rounds = 2
layers = 1
hidden = 16
"""


def recipe(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["alice", "alice-small", "play", "tinyshakespeare"])
def test_the_shipped_recipes_can_be_read_and_their_texts_fetched(home: Path, name: str) -> None:
    exercise = load(name)
    assert exercise.samples and exercise.about
    assert find(exercise.text).sources


def test_alice_is_the_exercise_it_is_called_after(home: Path) -> None:
    alice, small = load("alice"), load("alice-small")
    assert (alice.shape, small.shape, alice.lower, alice.held_out) == (Shape(2, 256), Shape(1, 256), True, 0.0)
    assert alice.goal is not None and alice.goal.nats == 1.2219
    assert alice.samples[0] == SampleSpec(chars=1000, temperature=0.0, seed=100)


def test_a_play_is_sampled_after_10_30_and_50_rounds(home: Path) -> None:
    play = load("play")
    assert [wanted.after or play.rounds for wanted in play.samples] == [10, 30, 50]


def test_tinyshakespeare_holds_out_its_last_tenth(home: Path) -> None:
    exercise = load("tinyshakespeare")
    assert exercise.held_out == 0.1 and exercise.goal is not None and exercise.goal.nats == 1.5


def test_a_users_recipe_stands_beside_the_shipped_ones_and_before_one_of_the_same_name(home: Path) -> None:
    recipe(user_folder(), PLAIN)
    assert "mine" in names() and load("mine").shape == Shape(1, 16)
    (user_folder() / "alice.toml").write_text(PLAIN)
    assert load("alice").about == "mine"


def test_an_unknown_recipe_costs_one_line_with_those_there_are(home: Path) -> None:
    with pytest.raises(TrainingError, match="no recipe 'carol': there are alice, alice-small, play, tinyshakespeare"):
        load("carol")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("rounds = 2", ""), "rounds is missing: a number from 0.01 to 10000"),
        (("rounds = 2", "rounds = 0"), "rounds is to be a number from 0.01 to 10000, not '0'"),
        (("layers = 1", "layers = 1.5"), "layers is to be a whole number of 0 or more, not '1.5'"),
        (("hidden = 16", "hidden = 2"), "8-4096 units"),
        (("rounds = 2", "rounds = 2\nturns = 3"), "there is no 'turns'; there are about, "),
        (("hidden = 16", "hidden = 16\n[training]\nminutes = 3"), "training: there is no 'minutes'; there are "),
        (("hidden = 16", "hidden = 16\n[training]\ntexts = 0"), "training: texts is to be a whole number of 1 or"),
        (("hidden = 16", "hidden = 16\n[training]\npeak = true"), "training: peak is to be a number from 0 to 1000"),
        (("hidden = 16", "hidden = 16\n[[sample]]\nchars = 9"), "sample 1: temperature is missing"),
        (
            ("hidden = 16", "hidden = 16\n[goal]\nnats = 'low'\nwhose = 'mine'"),
            "goal: nats is to be a number from 0 to 10, not",
        ),
        (("about", "about ="), "cannot be read"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_told_with_its_file(tmp_path: Path, change: tuple[str, str], line: str) -> None:
    with pytest.raises(TrainingError, match=line) as raised:
        read(recipe(tmp_path, PLAIN.replace(*change)))
    assert "mine.toml" in str(raised.value)


def test_a_text_for_recipes_is_no_style_but_can_be_fetched(home: Path) -> None:
    assert {card.slug for card in extra_texts()} == {"alice", "tinyshakespeare"}
    assert find("alice").works[0].author == "Lewis Carroll"
