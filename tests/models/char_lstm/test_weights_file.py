"""A voice file gives back what was trained, and says clearly when it cannot."""

from pathlib import Path

import pytest
import torch

from models import tensor_file
from models.char_lstm.network import CharLSTM, Shape
from models.char_lstm.weights_file import GOLDEN_TEXT, VoiceWeights
from models.int8_rows import Matrix
from protocol.errors import VoiceError


@pytest.fixture
def voice() -> VoiceWeights:
    torch.manual_seed(3)
    return VoiceWeights.of(CharLSTM(Shape(2, 16)), "tiny", {"chars": 12})


def test_a_network_survives_the_way_into_weights_and_back(voice: VoiceWeights) -> None:
    torch.manual_seed(3)
    original = CharLSTM(Shape(2, 16)).eval()
    codes = torch.randint(128, (9, 2))
    with torch.inference_mode():
        there, _ = original(codes, original.zero_state(2))
        back, _ = voice.network()(codes, original.zero_state(2))
    torch.testing.assert_close(there, back)


def test_a_file_gives_back_exactly_what_save_returned(voice: VoiceWeights, tmp_path: Path) -> None:
    saved = voice.save(tmp_path / "tiny.safetensors")
    loaded = VoiceWeights.load(tmp_path / "tiny.safetensors")
    assert torch.equal(loaded.layers[1].values, saved.layers[1].values)
    assert (loaded.slug, loaded.shape, loaded.record) == ("tiny", Shape(2, 16), {"chars": 12})
    torch.testing.assert_close(loaded.expect(GOLDEN_TEXT), torch.tensor(loaded.golden), atol=1e-6, rtol=0)


def test_saving_again_what_was_loaded_loses_nothing_more(voice: VoiceWeights, tmp_path: Path) -> None:
    once = voice.save(tmp_path / "a.safetensors")
    twice = once.save(tmp_path / "b.safetensors")
    torch.testing.assert_close(once.output.to_float(), twice.output.to_float(), rtol=1e-6, atol=0)


def test_a_row_is_quantised_to_within_half_a_step() -> None:
    matrix = torch.randn(5, 64)
    rows = Matrix.of(matrix).quantised()
    assert rows.values.dtype == torch.int8
    assert ((rows.to_float() - matrix).abs() <= rows.scale[:, None] * 0.5001).all()


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="is not there"):
        VoiceWeights.load(tmp_path / "nobody.safetensors")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.6, 0.99])
def test_a_truncated_file_is_refused(voice: VoiceWeights, tmp_path: Path, share: float) -> None:
    path = tmp_path / "tiny.safetensors"
    voice.save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(VoiceError, match=r"tiny\.safetensors"):
        VoiceWeights.load(path)


def test_a_foreign_safetensors_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    tensor_file.write(path, {"weight": torch.zeros(3)}, {"format": 1, "slug": "x", "layers": 2, "hidden": 16})
    with pytest.raises(VoiceError, match="no voice that Antiphon can speak with"):
        VoiceWeights.load(path)


def test_a_file_of_a_later_format_says_so(voice: VoiceWeights, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    voice.save(path)
    tensors, record = tensor_file.read(path)
    tensor_file.write(path, tensors, {**record, "format": 9})
    with pytest.raises(VoiceError, match="format 9"):
        VoiceWeights.load(path)


def test_weights_that_are_not_finite_are_refused(voice: VoiceWeights, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    voice.save(path)
    tensors, record = tensor_file.read(path)
    tensor_file.write(path, {**tensors, "output.bias": torch.full((128,), torch.inf)}, record)
    with pytest.raises(VoiceError, match="not finite"):
        VoiceWeights.load(path)


@pytest.fixture
def path(voice: VoiceWeights, tmp_path: Path) -> Path:
    voice.save(tmp_path / "tiny.safetensors")
    return tmp_path / "tiny.safetensors"


def test_a_file_of_bfloat16_is_read_as_floats_and_can_be_rounded_to_int8(path: Path) -> None:
    VoiceWeights.load(path).save(path, exact=True)
    voice = VoiceWeights.load(path)
    rows = voice.quantised().output
    assert (voice.output.values.dtype, rows.values.dtype) == (torch.float32, torch.int8)
    torch.testing.assert_close(rows.to_float(), voice.output.to_float(), atol=2e-3, rtol=0)


def test_another_distribution_does_not_pass_for_the_golden_vector(path: Path) -> None:
    stored = VoiceWeights.load(path)
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
        VoiceWeights.load(path)


@pytest.mark.parametrize("record", [{"format": 9}, {"layers": 0}, {"hidden": "many"}, {"golden": 3}, {"training": 4}])
def test_a_record_that_is_not_a_voices_is_refused(path: Path, record: dict[str, object]) -> None:
    tensors, old = tensor_file.read(path)
    tensor_file.write(path, tensors, {**old, **record})
    with pytest.raises(VoiceError, match=r"tiny\.safetensors"):
        VoiceWeights.load(path)


@pytest.mark.parametrize("slug", ["../../elsewhere", "", "a/b", "x" * 65, 7])
def test_a_name_that_is_none_is_refused(path: Path, slug: object) -> None:
    tensors, record = tensor_file.read(path)
    tensor_file.write(path, tensors, record | {"slug": slug})
    with pytest.raises(VoiceError, match="is no name for a voice"):
        VoiceWeights.load(path)
