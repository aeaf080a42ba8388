"""Voices of any kind are loaded by the loader that their record names."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from models import tensor_file
from models.fake_voices import FakeVoices
from models.interface import Voices
from models.loading import LOADERS, load_voices
from protocol.errors import VoiceError
from tests.models.char_lstm.test_choir import voices


def reciters(paths: list[Path], device: str, complain: Callable[[str], None]) -> Voices:
    """A kind of voice whose file holds the text that it recites."""
    texts = {path.stem: bytes(tensor_file.read(path)[0]["text"].tolist()).decode() for path in paths}
    return FakeVoices(texts)


def reciter(path: Path, text: str) -> Path:
    tensor_file.write(path, {"text": torch.tensor(list(text.encode()))}, {"kind": "reciter"})
    return path


def test_another_kind_of_voice_is_loaded_by_its_own_loader(tmp_path: Path) -> None:
    path = reciter(tmp_path / "ada.safetensors", "hello")
    loaded = load_voices([path], loaders={**LOADERS, "reciter": reciters})
    assert loaded.slugs == ("ada",) and chr(int(loaded.distributions[0].argmax())) == "h"


def test_of_several_kinds_the_one_with_most_voices_speaks(tmp_path: Path) -> None:
    paths = [reciter(tmp_path / "ada.safetensors", "hello")]
    for voice in voices(2):
        voice.save(tmp_path / f"{voice.slug}.safetensors")
        paths.append(tmp_path / f"{voice.slug}.safetensors")
    complaints: list[str] = []
    loaded = load_voices(paths, complain=complaints.append, loaders={**LOADERS, "reciter": reciters})
    assert loaded.slugs == ("voice00", "voice01")
    assert len(complaints) == 1 and "ada.safetensors is a voice of the kind 'reciter'" in complaints[0]


def test_a_kind_that_nobody_knows_is_left_out_with_a_line(tmp_path: Path) -> None:
    complaints: list[str] = []
    with pytest.raises(VoiceError, match="at least one voice"):
        load_voices([reciter(tmp_path / "ada.safetensors", "hello")], complain=complaints.append)
    assert "'reciter'" in complaints[0]
