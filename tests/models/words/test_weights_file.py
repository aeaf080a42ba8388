"""A word voice's file gives back the voice, or says in one line why it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models import tensor_file
from models.loading import load_voices
from models.words.load import expect
from models.words.reading import WordVoice
from models.words.weights_file import WordWeights
from protocol.errors import VoiceError
from tests.models.words.tiny import weights


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ada.safetensors"
    voice = weights().quantised()
    voice.save(path, expect(WordVoice(voice)))
    return path


def test_a_saved_voice_speaks_as_before(path: Path) -> None:
    loaded = WordWeights.load(path)
    assert loaded.slug == "ada" and loaded.vocabulary == weights().vocabulary
    assert expect(WordVoice(loaded)) == pytest.approx(loaded.golden, abs=1e-5)
    assert loaded.network().vectors.detach().numpy() == pytest.approx(weights().vectors.to_float().numpy(), abs=0.05)


def test_a_file_is_loaded_as_the_kind_that_it_names(path: Path) -> None:
    voices = load_voices([path])
    assert voices.slugs == ("ada",) and voices.distributions.sum() == pytest.approx(1.0)


def altered(path: Path, name: str, tensor: torch.Tensor | None = None, **record: object) -> Path:
    tensors, kept = tensor_file.read(path)
    tensors = {key: value.clone() for key, value in tensors.items()}
    if tensor is not None:
        tensors[name] = tensor
    elif name:
        del tensors[name]
    tensor_file.write(path, tensors, {**kept, **record})
    return path


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("words", None),
        ("gates", None),
        ("words", torch.zeros(5, dtype=torch.uint8)),
        ("words", torch.zeros(5)),
        ("spelled", torch.ones(3, dtype=torch.uint8)),
        ("vectors", torch.zeros(2, 6, dtype=torch.int8)),
        ("bias", torch.full((14,), torch.nan)),
    ],
)
def test_a_file_that_is_damaged_is_refused_in_one_line(path: Path, name: str, tensor: torch.Tensor | None) -> None:
    with pytest.raises(VoiceError, match="no word voice that Antiphon can speak with") as refused:
        WordWeights.load(altered(path, name, tensor))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("record", [{"shape": {"words": 14}}, {"shape": 3}, {"slug": "../x"}, {"golden": 7}])
def test_a_record_that_does_not_fit_is_refused(path: Path, record: dict[str, object]) -> None:
    with pytest.raises(VoiceError, match="no word voice"):
        WordWeights.load(altered(path, "", None, **record))


@pytest.mark.parametrize("record", [{"kind": "char-lstm"}, {"format": 2}])
def test_a_file_of_another_kind_or_format_is_refused(path: Path, record: dict[str, object]) -> None:
    with pytest.raises(VoiceError, match="no word voice of format 1"):
        WordWeights.load(altered(path, "", None, **record))


def test_a_voice_that_does_not_speak_as_it_was_saved_is_left_out(path: Path) -> None:
    complaints: list[str] = []
    golden = np.eye(128)[0].tolist()
    with pytest.raises(VoiceError, match=r"no word voice that can be read|at least one voice"):
        load_voices([altered(path, "", golden=golden)], complain=complaints.append)
    assert "does not speak as it was saved" in complaints[0]
