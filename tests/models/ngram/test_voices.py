"""N-grams are voices like others, made in an instant of a text, and kept as that text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models import tensor_file
from models.loading import load_voices
from models.ngram.text_file import RememberedText
from models.ngram.voices import NgramVoices, instant
from protocol.errors import VoiceError

TEXT = np.frombuffer(b"Sing, goddess, of the anger of Achilles. Sing of a sea.\n" * 20, np.uint8)


def read(voices: NgramVoices, text: bytes) -> NgramVoices:
    for code in text:
        voices.step(code, [0])
    return voices


def test_a_text_is_a_voice_at_once_and_says_what_it_said() -> None:
    voices, written = instant("muse", TEXT), b""
    for _ in range(28):
        written += bytes([int(voices.distributions[0].argmax())])
        read(voices, written[-1:])
    assert written == b"Sing, goddess, of the anger "


def test_an_empty_text_is_no_voice() -> None:
    with pytest.raises(VoiceError, match="no text for muse"):
        instant("muse", TEXT[:0])


def test_a_trail_leads_back() -> None:
    voices = instant("muse", TEXT)
    trail = voices.trail(9)
    trail.push(0, [0])
    fresh = voices.distributions.copy()
    read(voices, b"Sing of")
    assert trail.restore(0) == (0,) and np.array_equal(voices.distributions, fresh)


def test_a_state_goes_on_and_one_that_is_damaged_is_refused() -> None:
    voices = read(instant("muse", TEXT), b"Sing of a ")
    other = voices.for_new_text()
    other.load_state(voices.save_state())
    assert np.array_equal(read(other, b"s").distributions, read(voices, b"s").distributions)
    with pytest.raises(VoiceError, match="damaged"):
        other.load_state({**voices.save_state(), "read": np.full((1, 16), 200, np.uint8)})
    with pytest.raises(VoiceError, match="of others"):
        other.load_state({"read": np.zeros(3)})


def test_another_text_begins_afresh_and_takes_over_what_was_read() -> None:
    voices = read(instant("muse", TEXT), b"Sing of a ")
    other = voices.for_new_text()
    assert np.array_equal(other.distributions, instant("muse", TEXT).distributions)
    other.copy_state(voices, [0])
    assert np.array_equal(other.distributions, voices.distributions)
    voices.reset([0])
    assert np.array_equal(voices.distributions, instant("muse", TEXT).distributions)


def test_a_file_holds_the_text_and_the_voice_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "muse.safetensors"
    RememberedText("muse", TEXT, 8).save(path)
    loaded = load_voices([path])
    assert loaded.slugs == ("muse",) and np.array_equal(loaded.distributions, instant("muse", TEXT).distributions)


@pytest.mark.parametrize(
    ("text", "record"),
    [
        (torch.zeros(0, dtype=torch.uint8), {}),
        (torch.zeros(3), {}),
        (torch.full((3,), 200, dtype=torch.uint8), {}),
        (torch.ones(3, dtype=torch.uint8), {"order": 17}),
        (torch.ones(3, dtype=torch.uint8), {"order": "all"}),
        (torch.ones(3, dtype=torch.uint8), {"slug": "A B"}),
        (torch.ones(3, dtype=torch.uint8), {"format": 2}),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(
    tmp_path: Path, text: torch.Tensor, record: dict[str, object]
) -> None:
    path = tmp_path / "muse.safetensors"
    tensor_file.write(path, {"text": text}, {"kind": "ngram", "format": 1, "slug": "muse", "order": 8, **record})
    complaints: list[str] = []
    with pytest.raises(VoiceError, match=r"no n-gram that can be read|at least one voice"):
        load_voices([path], complain=complaints.append)
    assert len(complaints) >= 1 and str(path) in complaints[0] and "\n" not in complaints[0]
