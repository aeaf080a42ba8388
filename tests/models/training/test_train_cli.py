"""From a name to a voice on the shelf: what the workshop finds, says and leaves."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models import voice_folders
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.commands import app
from models.training.progress import PlainDisplay
from models.training.train_cli import TrainingSession
from models.training.train_voice import fingerprint
from protocol.errors import AntiphonError, TrainingError, VoiceError
from styles import library
from styles.library import find

TINY = Shape(1, 16)
TEXT = "".join(f"The {number}th fox jumps over the lazy dog, and then it sleeps.\n" for number in range(200))


@pytest.fixture
def notes(home: Path) -> Path:
    path = home / "notes.txt"
    path.write_text(TEXT)
    return path


def shop(said: list[str], from_scratch: bool = True, minutes: float = 0.01) -> TrainingSession:
    return TrainingSession(None, minutes, "cpu", TINY, from_scratch, PlainDisplay(said.append))


def test_a_users_text_becomes_a_style_and_a_voice_of_their_own(notes: Path) -> None:
    said: list[str] = []
    made = shop(said).make("my-notes", notes)
    assert made.kept and voice_folders.voices()["my-notes"] == made.path
    assert find("my-notes").name == "My Notes"
    assert VoiceWeights.load(made.path).shape == TINY
    assert said[0].startswith(f"{len(TEXT):,} characters read as") and str(made.path) in said[-2]
    assert made.path.with_suffix(".svg").read_text().startswith("<svg") and "my-notes.svg" in said[-1]


def test_a_voice_begins_from_the_base_and_has_its_shape(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(notes.parent))
    with pytest.raises(VoiceError, match=r"base network base\.safetensors is missing"):
        shop([], from_scratch=False).make("my-notes", notes)
    VoiceWeights.of(CharLSTM(Shape(1, 24)), "base", {}).save(
        voice_folders.shipped_folder() / "base.safetensors", exact=True
    )
    made = shop([], from_scratch=False).make("my-notes", notes)
    assert VoiceWeights.load(made.path).shape == Shape(1, 24)


def test_ctrl_c_keeps_the_best_so_far_and_where_the_run_stood(notes: Path) -> None:
    said: list[str] = []
    stopped = shop(said, minutes=60)
    with stopped.stoppable():
        os.kill(os.getpid(), signal.SIGINT)
        first = stopped.make("my-notes", notes)
    assert said[0].startswith("stopping") and first.path.exists()
    assert first.seconds < 60
    assert list((notes.parent / ".cache").rglob("my-notes.safetensors"))


def test_a_second_ctrl_c_ends_at_once(home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), shop([]).stoppable():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_a_style_that_cannot_be_made_does_not_keep_the_others_from_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def make(self: TrainingSession, slug: str) -> None:
        tried.append(slug)
        if slug == "bible":
            raise AntiphonError("its text is not here")

    monkeypatch.setattr(TrainingSession, "make", make)
    said: list[str] = []
    with pytest.raises(TrainingError, match="not made: bible"):
        shop(said).make_all()
    assert len(tried) == 24 and said == ["bible: its text is not here"]
    tried.clear()
    with pytest.raises(TrainingError, match="not made: bible"):
        shop([]).make_all()
    assert tried == ["bible"]  # the others were done
    tried.clear()
    with pytest.raises(TrainingError, match="not made: bible"):
        shop([], minutes=0.02).make_all()
    assert len(tried) == 24  # other minutes are another round


@pytest.fixture
def corpora(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Texts of two shipped styles, and no others."""
    folder = home / "corpora"
    folder.mkdir()
    for slug, line in (("austen", "It is a truth universally acknowledged. "), ("linux", "static int i = 42;\n")):
        (folder / f"{slug}.txt").write_text(line * 300)
    monkeypatch.setattr(library, "corpus_folders", lambda data=None: (folder,))
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(home / "weights"))
    return folder


def test_the_run_of_days_goes_on_at_the_next_command_and_makes_the_base_in_a_branch(corpora: Path) -> None:
    said: list[str] = []
    state = corpora.parent / "state.safetensors"
    for _ in range(2):
        shop(said).hold_base(0.005, state)
    assert any(line.startswith("base: 0.0 of 300 million") for line in said) and state.exists()
    assert "bits held out" in next(line for line in reversed(said) if "of 300 million" in line)
    made = shop(said).decay_base(8_192, state)
    assert made is not None and voice_folders.base() == made.path
    assert VoiceWeights.load(made.path).record["texts"].keys() == {"austen", "linux"}


def test_base_and_voices_are_made_within_the_minutes_on_one_device(corpora: Path) -> None:
    said: list[str] = []
    shop(said).make_all_on_card(0.1, corpora.parent / "state.safetensors")
    assert set(voice_folders.voices()) == {"austen", "linux"}
    parent = VoiceWeights.load(voice_folders.base())
    for path in voice_folders.voices().values():
        assert VoiceWeights.load(path).record["base"] == fingerprint(parent)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["austen", "--days"], "--days or --decay goes with --base"),
        (["--base", "--days", "--decay", "3"], "--days or --decay goes with --base"),
        (["--all", "--state", "x"], "--state goes with"),
    ],
)
def test_options_of_the_run_of_days_are_refused_where_they_mean_nothing(words: list[str], line: str) -> None:
    result = CliRunner().invoke(app, ["train", *words])
    assert result.exit_code == 2 and line in " ".join(result.output.replace("│", "").split())
