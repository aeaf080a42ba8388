"""A voice is looked into as its file holds it, and refused as clearly as when it is read into float32."""

from pathlib import Path

import pytest
import torch

from models import tensor_file
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.stored_voice import StoredVoice
from models.char_lstm.weights_file import VoiceWeights
from protocol.errors import VoiceError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    torch.manual_seed(3)
    VoiceWeights.of(CharLSTM(Shape(2, 16)), "tiny", {"base": "b" * 64}).save(tmp_path / "tiny.safetensors")
    return tmp_path / "tiny.safetensors"


def test_what_is_stored_is_what_is_read_into_float32(path: Path) -> None:
    stored, voice = StoredVoice.read(path), VoiceWeights.load(path)
    for rows, matrix in [
        (stored.characters, voice.characters.t()),
        (stored.output, voice.output),
        *zip(stored.layers, (layer.weight for layer in voice.layers), strict=True),
    ]:
        assert rows.values.dtype == torch.int8
        assert torch.equal(rows.values * rows.scale[:, None], matrix)
    assert (stored.slug, stored.shape, stored.family, stored.golden) == ("tiny", Shape(2, 16), "b" * 64, voice.golden)


def test_a_file_of_bfloat16_is_rounded_to_int8(path: Path) -> None:
    voice = VoiceWeights.load(path).save(path, exact=True)
    stored = StoredVoice.read(path)
    torch.testing.assert_close(stored.output.values * stored.output.scale[:, None], voice.output, atol=2e-3, rtol=0)


def test_another_distribution_does_not_pass_for_the_golden_vector(path: Path) -> None:
    stored = StoredVoice.read(path)
    stored.check(VoiceWeights.load(path).expect())
    for wrong in (torch.eye(128)[5], torch.full((128,), torch.nan)):
        with pytest.raises(VoiceError, match="does not speak as it was saved"):
            stored.check(wrong)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("output.bias", torch.full((128,), torch.inf)),
        ("output.weight.scale", torch.full((128,), torch.nan)),
        ("output.weight", torch.zeros(128, 15, dtype=torch.int8)),
        ("layers.1.weight", torch.zeros(64, 32, dtype=torch.int32)),
        ("characters.scale", torch.zeros(3)),
    ],
)
def test_tensors_that_are_not_those_of_a_voice_are_refused(path: Path, name: str, tensor: torch.Tensor) -> None:
    tensors, record = tensor_file.read(path)
    tensor_file.write(path, {**tensors, name: tensor}, record)
    with pytest.raises(VoiceError, match="no voice that Antiphon can speak with"):
        StoredVoice.read(path)


@pytest.mark.parametrize("record", [{"format": 9}, {"layers": 0}, {"hidden": "many"}, {"golden": 3}, {"training": 4}])
def test_a_record_that_is_not_a_voices_is_refused(path: Path, record: dict[str, object]) -> None:
    tensors, old = tensor_file.read(path)
    tensor_file.write(path, tensors, {**old, **record})
    with pytest.raises(VoiceError, match=r"tiny\.safetensors"):
        StoredVoice.read(path)


@pytest.mark.parametrize("slug", ["../../elsewhere", "", "a/b", "x" * 65, 7])
def test_a_name_that_is_none_is_refused(path: Path, slug: object) -> None:
    tensors, record = tensor_file.read(path)
    tensor_file.write(path, tensors, record | {"slug": slug})
    with pytest.raises(VoiceError, match="is no name for a voice"):
        StoredVoice.read(path)
