"""From a name to a voice on the shelf: what the workshop finds, says and leaves."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from models import voice_folders
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import VoiceWeights
from models.training.progress import PlainDisplay
from models.training.train_cli import TrainingSession
from protocol.errors import AntiphonError, TrainingError, VoiceError
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
